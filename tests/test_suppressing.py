"""Where suppressions count: lines, files, templates, scalars that only look like comments; and what is said about them."""

from __future__ import annotations

import ast
import json
import os
import re

import pytest

import linter
from linter.manifest.positions import index_positions
from linter.model.failures import FAILURE_IDS
from linter.suppression import comments

VALUE = "labels/value-not-a-string"
CHART = {"web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n", "web/values.yaml": "labels: {on: true}\n"}
HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n"


def covered(text: str) -> list[tuple[int, int, tuple[str, ...], str | None]]:
    return [(found.first_line, found.last_line, found.rules, found.reason) for found in comments("a.yaml", text)]


def accepted(report) -> list[tuple[str, int, str | None]]:
    return [(entry.rule, entry.location.line, entry.suppressed and entry.suppressed.by) for entry in report.findings]


class TestLines:
    @pytest.mark.parametrize(
        ("text", "lines"),
        [
            pytest.param("a: 1 # gitops-lint: ignore[x/y]", (1, 1), id="beside content"),
            pytest.param("# gitops-lint: ignore[x/y]\na: 1\nb: 1", (1, 2), id="above content"),
            pytest.param("# gitops-lint: ignore[x/y]\n\n  # a note\n\na: 1", (1, 5), id="above a note and empty lines"),
            pytest.param("a: 1\n# gitops-lint: ignore[x/y]\n", (2, 2), id="at the end"),
            pytest.param("a: 1\r\n# gitops-lint: ignore[x/y]\r\n\r\nb: 1\r\n", (2, 4), id="with the line ends of Windows"),
            pytest.param("a: 1\r# gitops-lint: ignore[x/y]\rb: 1\r", (2, 3), id="with those of old Macs"),
            pytest.param('a: "\u2028\x85\x0c"\n# gitops-lint: ignore[x/y]\nb: 1', (2, 3), id="other separators end no line"),
            pytest.param("{{/* gitops-lint: ignore[x/y] */}}\na: 1\nb: 1", (1, 2), id="a template comment above"),
            pytest.param("a: 1 {{- /* gitops-lint: ignore[x/y] */ -}}\nb: 1", (1, 1), id="a template comment beside"),
            pytest.param("{{/* gitops-lint: ignore[x/y] */}} a: 1\nb: 1", (1, 1), id="a template comment in front"),
            pytest.param(
                "{{- /*\n  Why this is fine:\n  gitops-lint: ignore[x/y]\n*/}}\n{{/* more */}}\na: 1\nb: 1", (1, 6), id="over several lines"
            ),
            pytest.param(
                "# gitops-lint: ignore[x/y]\n{{- if .a }}{{ with .b }}\n{{ $x := 1 }}\na: 1\nb: 1", (1, 4), id="above what only steers"
            ),
            pytest.param("# gitops-lint: ignore[x/y]\n{{ .Values.a }}\nb: 1", (1, 2), id="above an action that prints"),
            pytest.param("# gitops-lint: ignore[x/y]\n{{- toYaml .x | nindent 2 }}", (1, 2), id="above a block that is printed"),
            pytest.param("a: 1\nb: 2 # gitops-lint: ignore-file[x/y]\nc: 1\n", (1, 4), id="for the whole file"),
            pytest.param("a: {{/* never closed\n# gitops-lint: ignore[x/y]\nb: 1", (2, 3), id="behind a comment that never ends"),
            pytest.param("a: {{/* b */ c }}\n{{/* gitops-lint: ignore[x/y] */}}\nb: 1", (2, 3), id="behind what ends as no comment does"),
        ],
    )
    def test_what_a_comment_covers(self, text, lines):
        [(first, last, rules, _)] = covered(text)
        assert ((first, last), rules) == (lines, ("x/y",))

    def test_stacked(self):
        text = "# gitops-lint: ignore[a/b] one\n# gitops-lint: ignore[c/d, e/f] two\nkey: 1 # gitops-lint: ignore[g/h] three\n"
        assert covered(text) == [(1, 3, ("a/b",), "one"), (2, 3, ("c/d", "e/f"), "two"), (3, 3, ("g/h",), "three")]

    def test_several_in_one_template_comment(self):
        text = "{{- /*\ngitops-lint: ignore[a/b] one\ngitops-lint: ignore[c/d] two */ -}}\nkey: 1\n"
        assert covered(text) == [(1, 4, ("a/b",), "one"), (1, 4, ("c/d",), "two")]

    @pytest.mark.parametrize(
        "text",
        [
            "# see gitops-lint: ignore[x/y]",
            "a: b#gitops-lint: ignore[x/y]",
            "# gitops-lint ignores [x/y]",
            "# gitops-lintx: ignore[x/y]",
            "{{/* we asked gitops-lint: ignore[x/y] */}}",
            '{{ "gitops-lint: ignore[x/y]" }}',
        ],
    )
    def test_prose_is_none(self, text):
        assert covered(text) == []

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("# gitops-lint:", "write ignore[pack/rule] until=2027-03-31 reason"),
            ("# gitops-lint: [x/y]", "write ignore[pack/rule] until=2027-03-31 reason"),
            ("# gitops-lint: ignore", "it names no rule: write ignore[pack/rule] until=2027-03-31 reason"),
            ("# gitops-lint: ignore[]", "it names no rule: write ignore[pack/rule] until=2027-03-31 reason"),
            ("# gitops-lint: ignore[ , ]", "it names no rule: write ignore[pack/rule] until=2027-03-31 reason"),
            ("# gitops-lint: ignore[x/y", "it names no rule: write ignore[pack/rule] until=2027-03-31 reason"),
            ("# gitops-lint: Ignore[x/y]", "`Ignore` is not known: write ignore[pack/rule] or ignore-file[pack/rule]"),
            ("# gitops-lint: disable[x/y]", "`disable` is not known: write ignore[pack/rule] or ignore-file[pack/rule]"),
            ("# gitops-lint ignore[x/y]", "the colon is missing: write `gitops-lint: ignore[pack/rule]`"),
            ("#gitops-lint  ignore-file [x/y]", "the colon is missing: write `gitops-lint: ignore-file[pack/rule]`"),
            ("# gitops-lint: ignore[x/y] until=2027-02-30", "`until=2027-02-30` is no day: write it as until=2027-03-31"),
            ("# gitops-lint: ignore[x/y] until=2027-03-31,", "`until=2027-03-31,` is no day: write it as until=2027-03-31"),
            ("# gitops-lint: ignore[x/y] until=", "`until=` is no last day: write one, as until=2027-03-31"),
            ("# gitops-lint: ignore[x/y] until: 2027-03-31 x", "`until: 2027-03-31` is no last day: write one, as until=2027-03-31"),
            ("# gitops-lint: ignore[x/y] x, Until 2027-03-31", "`Until 2027-03-31` is no last day: write one, as until=2027-03-31"),
            ("# gitops-lint: ignore[x/y] until = 2027-03-31", "`until = 2027-03-31` is no last day: write one, as until=2027-03-31"),
            ("# gitops-lint: ignore[x/y] until=2027-03-31 until=2026-03-31", "it has two last days: write one, as until=2027-03-31"),
            ("# gitops-lint: ignore[x/y] until: the migration is done", None),
            ("# gitops-lint: ignore[x/y] reason", None),
        ],
    )
    def test_malformed(self, text, problem):
        [found] = comments("a.yaml", text)
        assert found.problem == problem


class TestScalars:
    TEXT = """\
data:
  block: | # gitops-lint: ignore[a/a] a comment after all
    # gitops-lint: ignore[x/y]
    echo # gitops-lint: ignore-file[x/y]

  # gitops-lint: ignore[b/b] behind the block
  folded: >-
    # gitops-lint: ignore[x/y]
  quoted: "a # gitops-lint: ignore[x/y]
    # gitops-lint: ignore[x/y]"
  'single # gitops-lint: ignore[x/y]': b # gitops-lint: ignore[c/c]
  ? "{{/* gitops-lint: ignore[x/y] */}}"
  : plain # gitops-lint: ignore[d/d]
  repeated: "# gitops-lint: ignore[x/y]"
  repeated: &anchor "# gitops-lint: ignore[x/y]"
  alias: *anchor # gitops-lint: ignore[e/e]
  merged: {<<: {x: "# gitops-lint: ignore[x/y]"}} # gitops-lint: ignore[f/f]
  nothing: # gitops-lint: ignore[g/g]
  plain: a
    b # gitops-lint: ignore[h/h]
---
"# gitops-lint: ignore[x/y]"
"""

    def test_only_comments_count(self):
        found = comments("a.yaml", self.TEXT, index_positions(self.TEXT).in_scalar)
        assert [entry.rules for entry in found] == [(f"{letter}/{letter}",) for letter in "abcdefgh"]

    @pytest.mark.parametrize("value", ['"x # gitops-lint: ignore-file[ALL]"', "|\n    # gitops-lint: ignore-file[ALL]\n    x"])
    def test_in_a_run(self, lint, value):
        text = HEAD + f"  labels: {{on: yes}}\ndata:\n  script: {value}\n"
        assert accepted(lint({"a.yaml": text}, select=(VALUE, "suppression"))) == [(VALUE, 5, None)]

    def test_json_has_no_comments(self, lint):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": {"on": True}}}
        body["data"] = {"a": "x # gitops-lint: ignore-file[ALL]"}
        for name in ("a.json", "a.yaml"):
            assert accepted(lint({name: json.dumps(body)}, select=(VALUE, "suppression"))) == [(VALUE, 1, None)]


class TestTemplates:
    WITH = "{{- with .Values.labels }}\n    on: {{ .on }}\n    {{- end }}\n"
    ABOVE = "    # gitops-lint: ignore[labels] x\n"
    BESIDE = " # gitops-lint: ignore[labels] x\n"

    @pytest.mark.parametrize(
        ("template", "line"),
        [
            pytest.param(f"{ABOVE}  labels: {{{{- toYaml .Values.labels | nindent 4 }}}}\n", 1, id="above an action that prints"),
            pytest.param(f"  labels:\n    {{{{- toYaml .Values.labels | nindent 4 }}}}{BESIDE}", 1, id="beside it"),
            pytest.param(f"  labels:\n{ABOVE}    {WITH}", 8, id="above a with"),
            pytest.param(
                f"  labels:\n    {{{{- /* gitops-lint: ignore[labels] x */}}}}\n    {WITH}", 8, id="a template comment above a with"
            ),
            pytest.param("  labels:\n    {{- include `web.labels` . | nindent 4 }}\n", 2, id="in the helper"),
            pytest.param(f"  labels:\n{ABOVE}    {{{{- include `web.more` . | nindent 4 }}}}\n", 5, id="above the include"),
            pytest.param(f"  labels:\n    {{{{- include `web.block` . | nindent 4 }}}}{BESIDE}", 1, id="beside the include"),
        ],
    )
    def test_places(self, lint, template, line):
        helpers = (
            "{{- define `web.labels` }}\non: yes # gitops-lint: ignore[labels]\n{{- end }}\n"
            "{{- define `web.more` }}\non: yes\n{{- end }}\n"
            "{{- define `web.block` }}\n{{ toYaml .Values.labels }}\n{{- end }}\n"
        )
        files = {**CHART, "web/templates/_helpers.tpl": helpers, "web/templates/a.yaml": HEAD + template}
        report = lint(files, select=(VALUE, "suppression"))
        assert accepted(report) == [(VALUE, line, "comment")]
        windows = {path: text.replace("\n", "\r\n") for path, text in files.items()}
        assert accepted(lint(windows, select=(VALUE, "suppression"))) == [(VALUE, line, "comment")]

    def test_a_comment_at_one_include_covers_no_other(self, lint):
        helpers = "{{ define `web.labels` }}\non: yes\n{{ end }}"
        one = HEAD + "  labels:\n    {{- include `web.labels` . | nindent 4 }} # gitops-lint: ignore[labels] x\n"
        other = HEAD + "  labels:\n    {{- include `web.labels` . | nindent 4 }}\n"
        files = {**CHART, "web/templates/_helpers.tpl": helpers, "web/templates/a.yaml": one, "web/templates/b.yaml": other}
        report = lint(files, select=(VALUE, "suppression"))
        assert accepted(report) in ([(VALUE, 2, "comment"), (VALUE, 2, None)], [(VALUE, 2, None), (VALUE, 2, "comment")])
        assert {entry.related[-1].message for entry in report.findings} == {"included here"}
        assert {(entry.related[-1].location.path, entry.related[-1].location.line) for entry in report.findings} == {
            ("web/templates/a.yaml", 6),
            ("web/templates/b.yaml", 6),
        }

    @pytest.mark.parametrize(
        ("path", "lines"), [("web/templates/a.yaml", [6]), ("web/templates/_helpers.tpl", [6, 6]), ("web/templates/c.yaml", [])]
    )
    def test_a_path_of_the_configuration_may_be_that_of_the_include(self, lint, path, lines):
        template = HEAD + "  labels:\n    {{- include `web.labels` . | nindent 4 }}\n"
        files = {"web/templates/a.yaml": template, "web/templates/b.yaml": template}
        files |= {**CHART, "web/templates/_helpers.tpl": "{{ define `web.labels` }}\non: yes\n{{ end }}"}
        config = json.dumps({"ignores": [{"rules": [VALUE], "paths": [path]}]})
        report = lint({**files, ".gitops-lint.yaml": config}, select=(VALUE,))
        assert len(report.findings) == 2
        assert [entry.related[-1].location.line for entry in report.findings if entry.suppressed] == lines

    def test_a_whole_template(self, lint):
        template = "{{/* gitops-lint: ignore-file[labels/value-not-a-string] generated */}}\n" + HEAD + "  labels: {on: yes, off: no}\n"
        report = lint({**CHART, "web/templates/a.yaml": template}, select=(VALUE, "suppression"))
        assert [by for _, _, by in accepted(report)] == ["comment", "comment"]

    def test_the_file_of_the_finding_and_no_other(self, lint):
        files = {**CHART, "web/templates/a.yaml": HEAD + "  labels: {on: {{ .Values.labels.on }}}\n"}
        files["web/values.yaml"] = "# gitops-lint: ignore-file[labels]\nlabels: {on: true}\n"
        assert accepted(lint(files, select=(VALUE, "suppression"))) == [(VALUE, 5, None)]

    def test_chart_yaml(self, lint):
        chart = "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- {name: a, version: 1.0.0, repository: 'https://example.com'}COMMENT\n"
        files = {"web/Chart.lock": "dependencies: []\n", "web/templates/a.yaml": HEAD}
        for comment, by in (("", None), ("  # gitops-lint: ignore[helm/lock-out-of-sync] locked by the pipeline", "comment")):
            report = lint({**files, "web/Chart.yaml": chart.replace("COMMENT", comment)}, select=("helm/lock-out-of-sync", "suppression"))
            assert accepted(report) == [("helm/lock-out-of-sync", 5, by)]


ENVIRONMENTS = {
    ".gitops-lint.yaml": json.dumps({"environments": {"prod": {"web": {"set": ["mark=true"]}}, "test": {"web": {}}}}),
    **CHART,
    "web/values.yaml": "mark: x\n",
}


class TestValuesFiles:
    """What comes whole from values is shown there; a comment there accepts it, and one in the template does as well."""

    TEMPLATE = HEAD + "  labels:\n    on: {{ .Values.mark }}\n"

    @pytest.mark.parametrize("verb", ["ignore", "ignore-file"])
    def test_a_comment_accepts_what_its_line_decides(self, lint, verb):
        values = f"# gitops-lint: {verb}[labels/value-not-a-string] legacy\nmark: true\n"
        files = {**CHART, "web/values.yaml": values, "web/templates/a.yaml": self.TEMPLATE}
        report = lint(files, select=(VALUE, "suppression"))
        assert accepted(report) == [(VALUE, 2, "comment")]
        assert report.findings[0].location.path == "web/values.yaml"

    def test_a_comment_in_the_template_accepts_it_as_well(self, lint):
        template = self.TEMPLATE.replace("}}", "}} # gitops-lint: ignore[labels/value-not-a-string] legacy")
        report = lint({**CHART, "web/values.yaml": "mark: true\n", "web/templates/a.yaml": template}, select=(VALUE, "suppression"))
        assert accepted(report) == [(VALUE, 1, "comment")]
        assert report.findings[0].location.path == "web/values.yaml"

    def test_a_comment_accepts_nothing_where_another_layer_wins(self, lint):
        values = "# gitops-lint: ignore[labels/value-not-a-string] legacy\nmark: x\n"
        files = {**ENVIRONMENTS, "web/values.yaml": values, "web/templates/a.yaml": self.TEMPLATE}
        report = lint(files, select=(VALUE, "suppression"))
        assert [(found.rule, found.location.path) for found in report.findings] == [
            (VALUE, ".gitops-lint.yaml"),
            ("suppression/unused", "web/values.yaml"),
        ]

    def test_of_an_environment(self, lint):
        files = {**CHART, ".gitops-lint.yaml": "environments: {prod: {web: {values: [/env/prod.yaml]}}, test: {web: {}}}\n"}
        files |= {"web/values.yaml": "mark: x\n", "env/prod.yaml": "mark: yes # gitops-lint: ignore[labels/typo] x\n"}
        report = lint({**files, "web/templates/a.yaml": HEAD}, select=(VALUE, "suppression"))
        assert [(found.rule, found.location.path) for found in report.findings] == [("suppression/unknown", "env/prod.yaml")]


class TestUnusedInTemplates:
    """What no environment renders cannot be known to be fine."""

    @pytest.mark.parametrize(
        ("template", "unused"),
        [
            pytest.param("  labels:\n    # COMMENT\n    a: b\n", True, id="rendered"),
            pytest.param("  # COMMENT\n  {{- if .Values.more }}\n  labels: {a: b}\n  {{- end }}\n", False, id="above what is not rendered"),
            pytest.param("  {{- if .Values.more }}\n  labels: {a: b} # COMMENT\n  {{- end }}\n", False, id="in what is not rendered"),
            pytest.param("  {{- if .Values.mark }}\n  # COMMENT\n  labels: {a: b}\n  {{- end }}\n", True, id="rendered on a condition"),
            pytest.param("  # COMMENT\n  labels: {{- toYaml .Values.labels | nindent 4 }}\n", True, id="a block that is printed"),
            pytest.param("  labels:\n    # COMMENT\n    {{- include `web.labels` . | nindent 4 }}\n", True, id="a helper that is included"),
        ],
    )
    def test_unused_only_where_something_was_rendered(self, lint, template, unused):
        never = "{{ define `web.never` }}\na: b # gitops-lint: ignore[labels/value-not-a-string]\n{{ end }}"
        helpers = "{{ define `web.labels` }}\na: b\n{{ end }}\n" + never
        files = {**ENVIRONMENTS, "web/values.yaml": "mark: x\nlabels: {a: b}\n", "web/templates/_helpers.tpl": helpers}
        files["web/templates/a.yaml"] = HEAD + template.replace("COMMENT", "gitops-lint: ignore[labels/value-not-a-string]")
        found = [rule for rule, _, _ in accepted(lint(files, select=(VALUE, "suppression")))]
        assert found == (["suppression/unused"] if unused else [])

    def test_a_template_that_renders_to_nothing(self, lint):
        off = "{{ if .Values.more }}" + HEAD + "# gitops-lint: ignore-file[labels/value-not-a-string]\n{{ end }}"
        files = {**ENVIRONMENTS, "web/templates/off.yaml": off, "web/templates/on.yaml": HEAD}
        assert accepted(lint(files, select=(VALUE, "suppression"))) == []


class TestAnnotations:
    TEMPLATE = HEAD + "  annotations:\n    gitops-lint/ignore: labels/value-not-a-string; legacy\n  labels: {on: {{ .Values.mark }}}\n"

    def test_used_in_one_environment_is_used(self, lint):
        files = {**ENVIRONMENTS, "web/templates/a.yaml": self.TEMPLATE}
        assert accepted(lint(files, select=(VALUE, "suppression"))) == [(VALUE, 1, "annotation")]

    def test_unused_in_all_is_reported_once_on_its_line(self, lint):
        template = self.TEMPLATE.replace("{{ .Values.mark }}", "a")
        [entry] = lint({**ENVIRONMENTS, "web/templates/a.yaml": template}, select=(VALUE, "suppression")).findings
        assert (entry.rule, entry.location.line, entry.location.precision) == ("suppression/unused", 6, "exact")
        assert [occurrence.source.environment for occurrence in entry.occurrences] == ["prod", "test"]

    @pytest.mark.parametrize("options", [{"environment": "test"}, {"set_values": ("mark=y",)}, {"namespace": "x"}])
    def test_unused_only_where_all_environments_ran(self, lint, options):
        template = self.TEMPLATE.replace("{{ .Values.mark }}", "a")
        assert accepted(lint({**ENVIRONMENTS, "web/templates/a.yaml": template}, select=(VALUE, "suppression"), **options)) == []

    def test_unused_only_where_all_environments_rendered(self, lint):
        template = self.TEMPLATE.replace("{{ .Values.mark }}", "{{ if eq .Values.mark true }}a{{ end }}")
        report = lint({**ENVIRONMENTS, "web/templates/a.yaml": template}, select=(VALUE, "suppression"))
        assert report.exit_code == 3
        assert accepted(report) == []

    def test_of_the_pod(self, lint):
        text = (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    metadata:\n"
            "      annotations: {gitops-lint/ignore: 'probes; until=2026-07-01; soon'}\n    spec: {containers: [{name: web}]}\n"
        )
        report = lint({"a.yaml": text}, select=("probes/liveness-missing",))
        [entry] = report.findings
        assert (entry.suppressed.by, entry.suppressed.until, entry.suppressed.reason) == ("annotation", "2026-07-01", "soon")

    @pytest.mark.parametrize(
        ("value", "rule"),
        [
            ("", "suppression/malformed"),
            ("; legacy", "suppression/malformed"),
            ("labels; until=tomorrow", "suppression/malformed"),
            ("labels/nope; legacy", "suppression/unknown"),
            ("labels/value-not-a-string; until=2020-01-01; legacy", "suppression/expired"),
        ],
    )
    def test_wrong_ones(self, lint, value, rule):
        text = HEAD + f"  annotations: {{gitops-lint/ignore: {json.dumps(value)}}}\n  labels: {{on: yes}}\n"
        report = lint({"a.yaml": text}, select=(VALUE, "suppression"))
        assert accepted(report) == [(rule, 5, None), (VALUE, 6, None)]
        if rule == "suppression/malformed":
            assert "gitops-lint/ignore" in report.findings[0].fix


class TestWhatIsSaid:
    def config(self, *ignores: dict) -> dict[str, str]:
        return {
            "a.yaml": HEAD + "  labels: {on: yes}\n",
            ".gitops-lint.yaml": "ignores:\n" + "".join(f"- {json.dumps(entry)}\n" for entry in ignores),
        }

    def test_entries_of_the_configuration(self, lint):
        files = self.config(
            {"rules": [VALUE], "kinds": ["ConfigMap"], "reason": "used"},
            {"rules": [VALUE, "labels/invalid-syntax"], "paths": ["legacy/**"]},
            {"rules": [VALUE], "until": "2026-06-30"},
            {"rules": ["labels"], "paths": ["legacy/**"]},
        )
        report = lint(files, select=(VALUE, "suppression"))
        assert accepted(report) == [("suppression/unused", 3, None), ("suppression/expired", 4, None), (VALUE, 5, "config")]
        assert report.findings[0].message == "this entry accepts `labels/value-not-a-string`, which finds nothing"
        assert {entry.location.path for entry in report.findings[:2]} == {".gitops-lint.yaml"}
        assert report.findings[0].occurrences == ()

    def test_an_entry_is_not_unused_because_a_comment_says_the_same(self, lint):
        files = self.config({"rules": [VALUE]})
        files["a.yaml"] = (
            HEAD + "  annotations: {gitops-lint/ignore: labels}\n  # gitops-lint: ignore[labels/value-not-a-string]\n  labels: {on: yes}\n"
        )
        assert accepted(lint(files, select=(VALUE, "suppression"))) == [(VALUE, 7, "comment")]

    def test_an_entry_is_not_unused_where_a_source_was_not_read(self, lint):
        files = {
            **self.config({"rules": [VALUE], "paths": ["k/**"]}),
            "k/kustomization.yaml": "resources: [b.yaml, c.yaml]\n",
            "k/b.yaml": HEAD,
        }
        assert accepted(lint(files, select=(VALUE, "suppression"))) == [(VALUE, 5, None)]

    def test_each_word_has_an_identity_of_its_own(self, lint):
        text = HEAD + "  # gitops-lint: ignore[labels/nope, labels/value-not-a-string, labels/neither]\n  labels: {on: 'yes'}\n"
        before = lint({"a.yaml": text}, select=(VALUE, "suppression")).findings
        assert [entry.rule for entry in before] == ["suppression/unknown", "suppression/unknown", "suppression/unused"]
        assert len({entry.fingerprint for entry in before}) == 3
        after = lint({"a.yaml": "# moved\n" + text}, select=(VALUE, "suppression")).findings
        assert {entry.fingerprint for entry in before} == {entry.fingerprint for entry in after}

    def test_a_word_about_suppressions_is_never_unused(self, lint):
        text = HEAD + "  labels: {tier: web} # gitops-lint: ignore[labels/value-not-a-string, suppression/unused] on purpose\n"
        assert accepted(lint({"a.yaml": text}, select=(VALUE, "suppression"))) == [("suppression/unused", 5, "comment")]

    def test_all_environments_of_a_comment(self, lint):
        files = {
            **ENVIRONMENTS,
            "web/templates/a.yaml": HEAD + "  # gitops-lint: ignore[labels/value-not-a-string]\n  labels: {a: b}\n",
        }
        [entry] = lint(files, select=(VALUE, "suppression")).findings
        assert (entry.rule, [occurrence.source.environment for occurrence in entry.occurrences]) == ("suppression/unused", ["prod", "test"])

    def test_a_comment_needed_in_one_environment_is_used(self, lint):
        template = HEAD + "  # gitops-lint: ignore[labels/value-not-a-string]\n  labels: {on: {{ .Values.mark }}}\n"
        files = {**ENVIRONMENTS, "web/templates/a.yaml": template}
        assert accepted(lint(files, select=(VALUE, "suppression"))) == [(VALUE, 1, "comment")]

    def test_one_file_on_standard_input_does_not_use_up_the_configuration(self, run, tmp_path):
        (tmp_path / ".gitops-lint.yaml").write_text(
            f"root: true\nselect: [{VALUE}, suppression]\nignores: [{{rules: [{VALUE}], names: [other]}}]\n"
        )
        text = HEAD + "  labels: {on: yes}\n"
        done = run("lint", "-", "--quiet", cwd=tmp_path, stdin=text.encode())
        assert done.stdout == f"stdin.yaml:5:16: error {VALUE} label `true` is read as the boolean true, not as a string\n"
        accepted_here = text.replace("yes}", f"yes}} # gitops-lint: ignore[{VALUE}]")
        assert run("lint", "-", "--quiet", cwd=tmp_path, stdin=accepted_here.encode()).returncode == 0


class TestFailures:
    BROKEN = "apiVersion: v1\nkind: ]\n"

    def lint(self, lint, *ignores: dict, broken: str = BROKEN, **more):
        config = {"select": [VALUE, "suppression"], "ignores": list(ignores), **more}
        return lint({"a.yaml": HEAD, "old/b.yaml": broken, ".gitops-lint.yaml": json.dumps(config)})

    def test_accepted_by_id_and_path(self, lint):
        assert self.lint(lint).exit_code == 3
        report = self.lint(lint, {"failures": ["yaml-syntax"], "paths": ["old/**"], "until": "2026-07-01", "reason": "goes away"})
        [reported] = report.failures
        accepted_by = reported.suppressed
        assert (accepted_by.by, accepted_by.until, accepted_by.reason) == ("config", "2026-07-01", "goes away")
        assert (report.exit_code, report.summary.failures, report.summary.suppressed, report.findings) == (0, 0, 1, ())
        assert report.summary.resources == 1

    @pytest.mark.parametrize(
        ("entry", "rules"),
        [
            ({"failures": ["yaml-syntax"], "paths": ["new/**"]}, ["suppression/unused"]),
            ({"failures": ["json-syntax", "encoding"]}, ["suppression/unused"] * 2),
            ({"failures": ["yaml-syntax"], "until": "2026-06-30"}, ["suppression/expired"]),
            ({"rules": ["ALL"]}, []),
        ],
    )
    def test_what_does_not_reach(self, lint, entry, rules):
        report = self.lint(lint, entry)
        assert report.exit_code == 3
        assert [found.rule for found in report.findings] == rules
        assert {found.location.path for found in report.findings} <= {".gitops-lint.yaml"}

    def test_a_crashed_rule_is_a_failure_too(self, lint, monkeypatch):
        from linter.packs.binding import BoundRule

        def crash(*_):
            raise ValueError("no")

        monkeypatch.setattr(BoundRule, "check", property(lambda bound: crash))
        report = lint({"a.yaml": HEAD, ".gitops-lint.yaml": json.dumps({"ignores": [{"failures": ["rule-crashed"]}]})}, select=(VALUE,))
        assert [(entry.failure.id, entry.suppressed.by) for entry in report.failures] == [("rule-crashed", "config")]
        assert report.exit_code == 0


class TestPolicy:
    def lint(self, lint, comment: str = "", policy: dict | None = None, **config):
        text = HEAD + f"  labels: {{on: yes}}{comment}\n"
        return lint(
            {"a.yaml": text, ".gitops-lint.yaml": json.dumps({"suppressions": policy or {}, **config})}, select=(VALUE, "suppression")
        )

    @pytest.mark.parametrize(
        ("comment", "policy", "rules"),
        [
            ("until=2026-09-29 why", {"allow": ["comment"], "require-reason": True, "max-days": 90}, []),
            ("why", {"allow": ["annotation", "config"]}, ["suppression/not-allowed"]),
            ("until=2026-09-30", {"allow": []}, ["suppression/not-allowed"]),
            ("until=2026-08-01", {"require-reason": True}, ["suppression/reason-missing"]),
            ("why", {"max-days": 90}, ["suppression/lasts-too-long"]),
            ("until=2026-09-30 why", {"max-days": 90}, ["suppression/lasts-too-long"]),
            ("", {"require-reason": True, "max-days": 90}, ["suppression/lasts-too-long", "suppression/reason-missing"]),
            ("until=2026-06-30", {"require-reason": True, "max-days": 90}, ["suppression/expired"]),
            ("until=soon", {"require-reason": True, "max-days": 90}, ["suppression/malformed"]),
        ],
    )
    def test_comments(self, lint, comment, policy, rules):
        report = self.lint(lint, f" # gitops-lint: ignore[{VALUE}] {comment}", policy)
        assert sorted(found.rule for found in report.shown()) == sorted([*rules, *([VALUE] if rules else [])])

    @pytest.mark.parametrize(
        ("entry", "policy", "rules"),
        [
            ({"until": "2026-09-29", "reason": "why"}, {"allow": ["config"], "require-reason": True, "max-days": 90}, []),
            ({"reason": "why"}, {"allow": ["comment"]}, ["suppression/not-allowed"]),
            ({}, {"require-reason": True}, ["suppression/reason-missing"]),
            ({"reason": "why"}, {"max-days": 90}, ["suppression/lasts-too-long"]),
        ],
    )
    def test_entries_of_the_configuration(self, lint, entry, policy, rules):
        report = self.lint(lint, "", policy, ignores=[{"rules": [VALUE], **entry}])
        assert sorted(found.rule for found in report.shown()) == sorted([*rules, *([VALUE] if rules else [])])
        assert all(found.location.path == ".gitops-lint.yaml" for found in report.shown() if found.rule != VALUE)
        assert all(
            "entry" in found.fix for found in report.shown() if found.rule in ("suppression/reason-missing", "suppression/lasts-too-long")
        )

    def test_it_binds_entries_that_accept_failures(self, lint):
        config = {"suppressions": {"require-reason": True}, "ignores": [{"failures": ["yaml-syntax"]}]}
        report = lint({"b.yaml": TestFailures.BROKEN, ".gitops-lint.yaml": json.dumps(config)}, select=("suppression",))
        assert (report.exit_code, [found.rule for found in report.shown()]) == (3, ["suppression/reason-missing"])

    def test_one_statement_that_breaks_it_does_not_keep_another_from_counting(self, lint):
        report = self.lint(lint, f" # gitops-lint: ignore[{VALUE}]", {"require-reason": True}, ignores=[{"rules": [VALUE], "reason": "x"}])
        assert accepted(report) == [(VALUE, 5, "config"), ("suppression/reason-missing", 5, None)]


# Ids that are handed on before a failure is made of them, and what only looks like one.
FAMILIES = re.compile(r"(?:application|applicationset|kustomize)-[a-z]+(?:-[a-z]+)*")
NO_FAILURES = {"application-jsonnet"}


def failure_ids_in_the_code() -> set[str]:
    """What looks like the id of a failure in the code that makes failures: the first argument, wherever it is built."""
    makers = {"Failure": 0, "InputError": 0, "_failure": 0, "_fatal": 0, "RefusedError": 3}
    found = set()
    for directory, _, names in os.walk(os.path.dirname(linter.__file__)):
        for name in names:
            if not name.endswith(".py") or "report" in directory:
                continue
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                tree = ast.parse(file.read())
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and FAMILIES.fullmatch(node.value):
                    found.add(node.value)
                function = node.func if isinstance(node, ast.Call) else None
                place = makers.get(getattr(function, "id", getattr(function, "attr", "")))
                arguments = node.args[place : place + 1] if place is not None else []
                arguments += [word.value for word in getattr(node, "keywords", ()) if place is not None and word.arg == "id"]
                found |= {
                    constant.value
                    for argument in arguments
                    for constant in ast.walk(argument)
                    if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
                }
                if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                    found |= {
                        default.value
                        for argument, default in zip(node.args.args[::-1], node.args.defaults[::-1], strict=False)
                        if argument.arg == "id" and isinstance(default, ast.Constant)
                    }
    return found - NO_FAILURES


def test_the_list_of_failures_is_the_code():
    found = failure_ids_in_the_code()
    assert {"yaml-syntax", "yaml-too-deep", "helm-set-invalid", "helm-dependency-missing", "rule-crashed"} <= found
    assert found == set(FAILURE_IDS)
    assert list(FAILURE_IDS) == sorted(FAILURE_IDS)
    assert all(words and not words.endswith(".") for words in FAILURE_IDS.values())
