"""Which rules run: words on the command line and in the configuration."""

from __future__ import annotations

import json
from itertools import permutations

import pytest

from linter.errors import UsageError
from linter.packs.catalog import Catalog, load_catalog
from linter.packs.rule import Pack, Rule
from linter.packs.selection import rule_ids, select_rules


def rule(id: str, default: bool = False, **more) -> Rule:
    return Rule(id, id.partition("/")[0], id, "warning", default, "0.1.0", "Mend it.", ("kinds", ("*",)), **more)


CATALOG = Catalog([
    Pack("probes", "0.1.0", "", "", (
        rule("probes/liveness-missing", equivalents={"kube-linter": ("no-liveness-probe",)}),
        rule("probes/readiness-missing", equivalents={"kube-linter": ("no-readiness-probe",), "polaris": ("readiness",)}),
        rule("probes/on-init-container", True, aliases=("probes/init-probe",)),
    )),
    Pack("labels", "0.1.0", "", "", (rule("labels/invalid-syntax", True), rule("labels/recommended-missing"))),
])  # fmt: skip
ALL = sorted(CATALOG.rules)
RECOMMENDED = ["labels/invalid-syntax", "probes/on-init-container"]
LABELS = ["labels/invalid-syntax", "labels/recommended-missing"]
NAMED = ["probes/liveness-missing", "probes/readiness-missing"]
PROBES = ["probes/liveness-missing", "probes/on-init-container", "probes/readiness-missing"]


def chosen(*arguments, **more) -> list[str]:
    return sorted(rule.id for rule in select_rules(CATALOG, *arguments, **more))


@pytest.mark.parametrize(
    ("select", "ignore", "extend", "expected"),
    [
        pytest.param([], [], [], RECOMMENDED, id="the recommended set"),
        pytest.param(["ALL"], [], [], ALL, id="all"),
        pytest.param(["probes"], [], [], PROBES, id="a pack has all of its rules"),
        pytest.param(["probes/liveness-missing"], [], [], ["probes/liveness-missing"], id="a rule"),
        pytest.param(["probes/init-probe"], [], [], ["probes/on-init-container"], id="an earlier id"),
        pytest.param(["kube-linter:no-liveness-probe"], [], [], ["probes/liveness-missing"], id="another linter's id"),
        pytest.param([], [], ["probes/liveness-missing"], [*RECOMMENDED, "probes/liveness-missing"], id="recommended and more"),
        pytest.param([], ["labels"], [], ["probes/on-init-container"], id="recommended and less"),
        pytest.param([], ["ALL"], [], [], id="nothing"),
        pytest.param(["probes"], ["probes"], [], [], id="ignore wins a tie of packs"),
        pytest.param(["probes/liveness-missing"], ["probes/liveness-missing"], [], [], id="ignore wins a tie of rules"),
        pytest.param(["probes/liveness-missing"], ["probes"], [], ["probes/liveness-missing"], id="a rule beats its pack"),
        pytest.param(["probes"], ["ALL"], [], PROBES, id="a pack beats ALL"),
        pytest.param(["ALL"], ["probes"], [], LABELS, id="ALL but a pack"),
        pytest.param(["ALL"], ["probes"], NAMED[:1], [*LABELS, *NAMED[:1]], id="ALL, no pack, but a rule"),
        pytest.param([], ["probes/on-init-container"], ["probes"], ["labels/invalid-syntax", *NAMED], id="extended by a pack but a rule"),
    ],
)  # fmt: skip
def test_the_more_specific_word_wins(select, ignore, extend, expected):
    assert chosen(select, ignore, extend) == sorted(expected)


def test_the_order_of_words_does_not_matter():
    words = ("ALL", "probes", "probes/liveness-missing")
    for select in permutations(words):
        for ignore in permutations(("labels", "probes/readiness-missing")):
            assert chosen(select, ignore) == ["probes/liveness-missing", "probes/on-init-container"]


def test_a_choice_on_top_of_another():
    base = select_rules(CATALOG, ["probes"], ["probes/readiness-missing"])
    assert chosen(base=base) == ["probes/liveness-missing", "probes/on-init-container"]
    assert chosen(["labels/invalid-syntax"], base=base) == ["labels/invalid-syntax"]
    assert chosen([], ["probes/liveness-missing"], base=base) == ["probes/on-init-container"]
    assert chosen([], ["ALL"], base=base) == []
    assert chosen([], [], ["probes/readiness-missing"], base=base) == PROBES
    assert chosen(base=[]) == []


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("probs", "did you mean `probes`?"),
        ("probes/livenes-missing", "did you mean `probes/liveness-missing`?"),
        ("all", "`all` is no rule, pack, ALL"),
        ("kube-linter:no-such-check", "no rule corresponds to `no-such-check` of kube-linter"),
        ("kubelinter:no-liveness-probe", "`kubelinter` is not one of the known linters: kube-linter, polaris"),
        ("", "`` is no rule"),
    ],
)
def test_a_word_that_names_nothing_is_an_error(word, message):
    with pytest.raises(UsageError, match=r"^--select: ") as error:
        select_rules(CATALOG, [word], where=lambda word: "--select")
    assert message in str(error.value)
    assert rule_ids(CATALOG, word) == []


class TestARun:
    """The configuration chooses, and the command line has the last word."""

    BAD = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {on: yes, tier: -x-}}\n"
        'spec: {containers: [{name: web, image: "registry.example.com/web:1.4.2"}]}\n'
    )
    VALUE, SYNTAX, PROBE = "labels/value-not-a-string", "labels/invalid-syntax", "probes/liveness-missing"

    @pytest.mark.parametrize(
        ("config", "options", "expected"),
        [
            pytest.param({}, {}, {VALUE, SYNTAX}, id="recommended"),
            pytest.param({"select": [VALUE]}, {}, {VALUE}, id="the configuration selects"),
            pytest.param({"select": [VALUE]}, {"select": (SYNTAX,)}, {SYNTAX}, id="select replaces it"),
            pytest.param({"extend-select": [VALUE]}, {"select": (SYNTAX,)}, {SYNTAX}, id="with all it adds"),
            pytest.param({"ignore": [SYNTAX]}, {"select": (SYNTAX,)}, {SYNTAX}, id="and all it leaves out"),
            pytest.param({"extend-ignore": [SYNTAX]}, {"select": ("labels",)}, {VALUE, SYNTAX}, id="and leaves out in addition"),
            pytest.param({"ignore": [VALUE]}, {"ignore": (SYNTAX,)}, set(), id="ignore leaves out more"),
            pytest.param({"ignore": [VALUE]}, {"extend_select": (PROBE,)}, {SYNTAX, PROBE}, id="extend-select adds"),
            pytest.param({"ignore": [VALUE]}, {"extend_select": (VALUE,)}, {VALUE, SYNTAX}, id="also what the configuration leaves out"),
        ],
    )
    def test_layers(self, lint, config, options, expected):
        report = lint({"a.yaml": self.BAD, ".gitops-lint.yaml": json.dumps(config)}, **options)
        found = {finding.rule for finding in report.findings}
        assert found & {self.VALUE, self.SYNTAX, self.PROBE} == expected

    def test_severity_of_the_configuration_is_final(self, lint):
        config = {"select": [self.VALUE], "rules": {self.VALUE: {"severity": "info"}}}
        report = lint({"a.yaml": self.BAD, ".gitops-lint.yaml": json.dumps(config)})
        assert [finding.severity for finding in report.findings] == ["info"]
        assert (report.exit_code, report.summary.infos, report.summary.errors) == (0, 1, 0)

    @pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 0), ("info", 1), ("never", 0)])
    def test_fail_on_looks_at_the_severity_that_is_shown(self, lint, fail_on, code):
        config = {"select": [self.VALUE], "rules": {self.VALUE: {"severity": "info"}}}
        report = lint({"a.yaml": self.BAD, ".gitops-lint.yaml": json.dumps(config)}, fail_on=fail_on)
        assert report.exit_code == code

    @pytest.mark.parametrize(
        ("config", "options", "place"),
        [
            ("select:\n- labels\n- nope\n", {}, ".gitops-lint.yaml:3: `nope`"),
            ("extend-ignore: [nope]\n", {}, ".gitops-lint.yaml:1: `nope`"),
            ("select: [labels]\n", {"ignore": ("nope",)}, "--ignore: `nope`"),
            ("select: [labels]\n", {"extend_select": ("nope",)}, "--extend-select: `nope`"),
            ("ignores:\n- rules: [labels,\n    nope]\n", {}, ".gitops-lint.yaml:3: `nope`"),
        ],
    )
    def test_the_place_of_a_wrong_word(self, lint, config, options, place):
        with pytest.raises(UsageError) as error:
            lint({"a.yaml": self.BAD, ".gitops-lint.yaml": config}, **options)
        assert str(error.value).startswith(place)


def test_equivalents_of_the_shipped_rules_can_all_be_selected():
    catalog = load_catalog()
    for rule in catalog.rules.values():
        for peer, ids in rule.equivalents.items():
            for peer_id in ids:
                assert rule.id in rule_ids(catalog, f"{peer}:{peer_id}")
