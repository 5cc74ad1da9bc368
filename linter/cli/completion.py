"""Words that a shell may complete: names of rules and packs."""

from __future__ import annotations


def rules(incomplete: str) -> list[str]:
    """The ids of the shipped rules that begin so."""
    from linter.packs.catalog import load_catalog

    return [rule for rule in load_catalog().rules if rule.startswith(incomplete)]


def rules_and_packs(incomplete: str) -> list[str]:
    """The names of packs and, once a slash is typed, the ids of rules that begin so; of a list, its last word."""
    from linter.packs.catalog import load_catalog

    before, comma, word = incomplete.rpartition(",")
    catalog = load_catalog()
    words = list(catalog.rules) if "/" in word else ["ALL", *catalog.packs]
    return [f"{before}{comma}{name}" for name in words if name.startswith(word)]
