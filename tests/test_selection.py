"""Which rules run: words on the command line and in the configuration."""

from __future__ import annotations

import json
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.config import parse_config
from linter.engine.judging.choosing import chosen_rules
from linter.engine.options import LintOptions
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


class TestByPath:
    """`per-path:` decides in which files a rule counts."""

    BAD = TestARun.BAD
    VALUE, SYNTAX, PROBE = TestARun.VALUE, TestARun.SYNTAX, TestARun.PROBE
    FILES = {"apps/a.yaml": BAD, "sandbox/a.yaml": BAD}  # noqa: RUF012

    def found(self, lint, config, **options):
        report = lint({**self.FILES, ".gitops-lint.yaml": json.dumps(config)}, **options)
        kept = {self.VALUE, self.SYNTAX, self.PROBE}
        return {
            folder: {finding.rule for finding in report.findings if finding.location.path.startswith(folder)} & kept
            for folder in ("apps", "sandbox")
        }

    @pytest.mark.parametrize(
        ("config", "apps", "sandbox"),
        [
            pytest.param({}, {VALUE, SYNTAX}, {VALUE, SYNTAX}, id="no entry"),
            pytest.param({"per-path": [{"paths": ["sandbox"], "ignore": ["labels"]}]}, {VALUE, SYNTAX}, set(), id="ignore a pack"),
            pytest.param({"per-path": [{"paths": ["sandbox/*.yaml"], "ignore": [SYNTAX]}]}, {VALUE, SYNTAX}, {VALUE}, id="ignore a rule"),
            pytest.param({"per-path": [{"paths": ["sandbox"], "extend-select": [PROBE]}]}, {VALUE, SYNTAX}, {VALUE, SYNTAX, PROBE}, id="+"),
            pytest.param({"per-path": [{"paths": ["sandbox"], "select": [PROBE]}]}, {VALUE, SYNTAX}, {PROBE}, id="others"),
            pytest.param({"select": [PROBE], "per-path": [{"paths": ["sandbox"], "ignore": ["probes"]}]}, {PROBE}, set(), id="by its pack"),
            pytest.param(
                {"ignore": [SYNTAX], "per-path": [{"paths": ["sandbox"], "extend-select": [SYNTAX]}]}, {VALUE}, {VALUE, SYNTAX},
                id="what is ignored elsewhere",
            ),
            pytest.param(
                {"per-path": [{"paths": ["**"], "ignore": ["labels"]}, {"paths": ["sandbox"], "extend-select": [SYNTAX]}]}, set(), {SYNTAX},
                id="several in their order",
            ),
            pytest.param(
                {"per-path": [{"paths": ["sandbox"], "extend-select": [SYNTAX]}, {"paths": ["**"], "ignore": ["labels"]}]}, set(), set(),
                id="the last one wins",
            ),
            pytest.param({"per-path": [{"paths": ["elsewhere"], "select": ["ALL"]}]}, {VALUE, SYNTAX}, {VALUE, SYNTAX}, id="no file"),
        ],
    )  # fmt: skip
    def test_entries(self, lint, config, apps, sandbox):
        assert self.found(lint, config) == {"apps": apps, "sandbox": sandbox}

    @pytest.mark.parametrize(
        ("options", "apps", "sandbox"),
        [
            ({"select": (SYNTAX,)}, {SYNTAX}, {SYNTAX}),
            ({"ignore": (SYNTAX,)}, {VALUE}, {PROBE}),
            ({"extend_select": (VALUE,)}, {VALUE, SYNTAX}, {VALUE, PROBE}),
        ],
    )
    def test_the_command_line_wins(self, lint, options, apps, sandbox):
        config = {"per-path": [{"paths": ["sandbox"], "select": [self.PROBE]}]}
        assert self.found(lint, config, **options) == {"apps": apps, "sandbox": sandbox}

    def test_what_is_not_shown_keeps_the_fingerprints_of_the_rest(self, lint):
        files = {**self.FILES, ".gitops-lint.yaml": json.dumps({"per-path": [{"paths": ["sandbox"], "ignore": ["labels"]}]})}
        apart = {finding.fingerprint for finding in lint(files).findings}
        assert apart < {finding.fingerprint for finding in lint(self.FILES).findings}

    def test_a_key_that_nothing_uses_yet_is_a_hint(self, lint):
        [hint] = lint({**self.FILES, ".gitops-lint.yaml": "ignore: [ALL]\nnodes: [nodes.yaml]\n"}).hints
        assert hint == ".gitops-lint.yaml:2: `nodes` is checked and kept, but nothing in this version uses it yet"

    def test_the_exit_code_follows(self, lint):
        config = json.dumps({"select": [self.VALUE], "per-path": [{"paths": ["**"], "ignore": ["ALL"]}]})
        assert lint({**self.FILES, ".gitops-lint.yaml": config}).exit_code == 0

    def test_a_rule_that_is_not_chosen_there_has_not_run(self, lint):
        """A suppression is unused only where its rule would have been reported."""
        comment = self.BAD.replace("kind: Pod", f"kind: Pod  # gitops-lint: ignore-file[{self.PROBE}] later").replace("on: yes, ", "")
        quiet = {"apps/a.yaml": comment.replace("containers: [{", "containers: [{livenessProbe: {httpGet: {port: 1}}, ")}
        config = {"select": [self.PROBE, "suppression/unused"]}
        unused = lint({**quiet, ".gitops-lint.yaml": json.dumps(config)})
        assert [finding.rule for finding in unused.findings] == ["suppression/unused"]
        config["per-path"] = [{"paths": ["apps"], "ignore": [self.PROBE]}]
        assert lint({**quiet, ".gitops-lint.yaml": json.dumps(config)}).findings == ()

    def test_a_rule_has_run_where_it_is_chosen(self, lint):
        """What `per-path` says about other files does not keep a suppression from being unused."""
        quiet = self.BAD.replace("containers: [{", "containers: [{livenessProbe: {httpGet: {port: 1}}, ")
        comment = quiet.replace("kind: Pod", f"kind: Pod  # gitops-lint: ignore-file[{self.PROBE}] later")
        annotated = quiet.replace("name: web,", "name: web, annotations: {gitops-lint/ignore: probes/liveness-missing},", 1)
        files = {"apps/a.yaml": comment, "apps/b.yaml": annotated, "sandbox/a.yaml": quiet.replace("name: web", "name: x")}
        config = {
            "select": [self.PROBE, "suppression/unused"],
            "per-path": [{"paths": ["sandbox"], "ignore": [self.PROBE]}],
            "ignores": [{"rules": [self.PROBE], "paths": ["apps"]}, {"rules": [self.PROBE], "paths": ["sandbox"]}, {"rules": [self.PROBE]}],
        }
        report = lint({**files, ".gitops-lint.yaml": json.dumps(config, indent=1)})
        assert [(finding.rule, finding.location.path) for finding in report.findings] == [
            ("suppression/unused", ".gitops-lint.yaml"),
            ("suppression/unused", "apps/a.yaml"),
            ("suppression/unused", "apps/b.yaml"),
        ]

    def test_a_comment_in_a_chart_is_judged_with_all_of_its_files(self, lint):
        """It may accept a finding that is shown in another file of the chart, where the rule does not count."""
        template = 'metadata:\n  name: a\n  labels:\n    {{- include "labels" . | nindent 4 }} # gitops-lint: ignore[%s] known\n'
        chart = {
            "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
            "chart/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\n" + template % self.SYNTAX,
            "chart/templates/_labels.tpl": '{{- define "labels" -}}\ntier: -x-\n{{- end }}\n',
        }
        config = {"select": [self.SYNTAX, "suppression/unused"]}
        used = lint({**chart, ".gitops-lint.yaml": json.dumps(config)})
        assert [(finding.location.path, finding.suppressed is not None) for finding in used.findings] == [
            ("chart/templates/_labels.tpl", True)
        ]
        config["per-path"] = [{"paths": ["**/*.tpl"], "ignore": [self.SYNTAX]}]
        assert lint({**chart, ".gitops-lint.yaml": json.dumps(config)}).findings == ()

    def test_rules_about_suppressions_are_chosen_by_path_too(self, lint):
        files = {"apps/a.yaml": self.BAD.replace("kind: Pod", "kind: Pod  # gitops-lint: ignore[nope]")}
        config = {"select": ["suppression"], "per-path": [{"paths": ["apps"], "ignore": ["suppression/unknown"]}]}
        assert [finding.rule for finding in lint(files, select=("suppression",)).findings] == ["suppression/unknown"]
        assert lint({**files, ".gitops-lint.yaml": json.dumps(config)}).findings == ()

    def test_the_place_where_a_finding_is_shown_decides(self, lint):
        """A value of a chart is found in values.yaml or in the template: the one that is shown counts."""
        chart = {
            "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
            "chart/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {tier: {{ .Values.tier }}}\n",
            "chart/values.yaml": "tier: -x-\n",
        }
        [finding] = lint(chart, select=(self.SYNTAX,)).findings
        shown = finding.location.path
        for path in chart:
            config = json.dumps({"select": [self.SYNTAX], "per-path": [{"paths": [path], "ignore": [self.SYNTAX]}]})
            assert len(lint({**chart, ".gitops-lint.yaml": config}).findings) == (path != shown)

    def test_every_wrong_word_is_named_with_its_place(self, lint):
        config = (
            "select: [labls]\n"
            "per-path:\n- paths: [apps]\n  ignore:\n  - labels\n  - nope\n"
            "- paths: [apps]\n  extend-select: [kubelinter:x]\n"
            "rules:\n  probes/livenes-missing: {severity: error}\n  labels/recommended-missing: {params: {label: [a]}}\n"
            "ignores:\n- {rules: [probs]}\n"
        )
        with pytest.raises(UsageError) as error:
            lint({**self.FILES, ".gitops-lint.yaml": config})
        lines = str(error.value).splitlines()
        assert [line.partition(": ")[0] for line in lines] == [f".gitops-lint.yaml:{number}" for number in (1, 6, 8, 10, 11, 13)]
        words = ("`labels`", "`nope`", "`kubelinter`", "`probes/liveness-missing`", "`labels`", "`probes`")
        assert [word for word, line in zip(words, lines, strict=True) if word not in line] == []
        assert ": there is no rule `probes/livenes-missing`" in lines[3]


class TestChoice:
    """Choosing by path against a plain reading of the words."""

    IDS = ("labels", "labels/invalid-syntax", "probes", "probes/liveness-missing", "ALL")
    WORDS = st.lists(st.sampled_from(IDS), max_size=2)
    ENTRY = st.fixed_dictionaries(
        {"paths": st.lists(st.sampled_from(["a", "b", "**"]), min_size=1, max_size=2), "ignore": WORDS},
        optional={"select": st.lists(st.sampled_from(IDS), min_size=1, max_size=2), "extend-select": WORDS},
    )

    @given(st.lists(ENTRY, max_size=3), WORDS, WORDS)
    def test_the_rules_of_a_run_hold_everything_that_counts_anywhere(self, entries, select, ignore):
        config = parse_config(json.dumps({"select": select, "ignore": ignore, "per-path": entries}).encode())
        choice = chosen_rules(CATALOG, config, LintOptions(), {})
        run = {bound.rule.id for bound in choice.rules}
        for path in ("a/x.yaml", "b/x.yaml", "c/x.yaml"):
            rules = select_rules(CATALOG, select, ignore)
            for entry in entries:
                if any(glob in ("**", path[0]) for glob in entry["paths"]):
                    rules = select_rules(CATALOG, entry.get("select", ()), entry["ignore"], entry.get("extend-select", ()), base=rules)
            expected = {rule.id for rule in rules}
            assert expected <= run
            assert {rule_id for rule_id in run if choice.selected(rule_id, path)} == expected
            assert choice.selected_in([path]) == expected
        assert choice.depends_on_path is bool(entries)
