"""Rule packs: reading and checking rule files, choosing rules, and binding them to options."""

from linter.packs.rule import Example, Match, Pack, Rule, RuleTexts

__all__ = ["Example", "Match", "Pack", "Rule", "RuleTexts"]
