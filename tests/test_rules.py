"""Every example of every shipped rule, executed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from linter.engine.examples import ExampleRunner
from linter.packs.catalog import Catalog, load_catalog
from linter.packs.rule import Rule

CATALOG = load_catalog()


@pytest.fixture(scope="module")
def runner() -> Iterator[ExampleRunner]:
    with ExampleRunner(CATALOG) as runner:
        yield runner


@pytest.mark.parametrize("rule", CATALOG.rules.values(), ids=lambda rule: rule.id)
def test_examples(rule: Rule, runner: ExampleRunner):
    problems = [f"example {result.name}: {problem}" for result in runner.run(rule) for problem in result.problems]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("rule", CATALOG.rules.values(), ids=lambda rule: rule.id)
def test_a_rule_explains_itself(rule: Rule):
    texts = CATALOG.texts(rule.id)
    assert len(texts.why.split()) >= 12, "say in two or three sentences what goes wrong in production"
    assert rule.fix.rstrip().endswith((".", "`.")), "a fix is a sentence"
    assert texts.references, "name the documentation the rule rests on"
    assert not rule.title.endswith(".")


def test_each_area_has_its_rules():
    assert_count = {"labels": 3, "probes": 3, "identity": 3, "rbac": 3, "scheduling": 3, "istio": 3, "dns": 3}
    for pack, least in assert_count.items():
        assert len(CATALOG.packs[pack].rules) >= least


def test_ids_are_unique_across_packs_and_aliases():
    ids = [*CATALOG.rules, *CATALOG.aliases]
    assert len(ids) == len(set(ids))


def test_the_recommended_set_is_smaller_than_the_whole():
    recommended = [rule for rule in CATALOG.rules.values() if rule.default]
    assert 0 < len(recommended) < len(CATALOG.rules)


def test_the_index_of_a_wheel_holds_the_same_rules(tmp_path):
    import json

    from linter import shipped
    from linter.packs.catalog import _unpack, compile_index

    index, texts = compile_index(shipped.path("rules"))
    unpacked = Catalog([_unpack(entry, shipped.path("rules")) for entry in json.loads(index)])
    assert unpacked.rules == CATALOG.rules
    assert set(json.loads(texts)) == set(CATALOG.rules)
