"""Violations as users see them: their severity, identity, object, and one finding for all environments."""

from __future__ import annotations

import json
import textwrap
from itertools import permutations

import pytest
from reports import finding, source

from linter.engine.judging.findings import merge
from linter.engine.judging.fingerprints import failure_fingerprint, fingerprint, route_identity
from linter.engine.options import LintOptions
from linter.engine.run import Session, lint_tree
from linter.model import Failure, Suppressed
from linter.packs.catalog import read_catalog
from linter.repository import MemoryTree

CHART = {"web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n", "web/values.yaml": "{}\n"}
VALUE = "labels/value-not-a-string"


def environments(**values: str) -> dict[str, str]:
    """A chart with one environment for each set of values; release and namespace differ."""
    config = {"environments": {name: {"web": {"values": [f"{name}.yaml"], "release": f"web-{name}", "namespace": name}} for name in values}}
    return {**CHART, ".gitops-lint.yaml": json.dumps(config), **{f"web/{name}.yaml": text for name, text in values.items()}}


def places(report) -> list[tuple[str, int, list[str | None]]]:
    return [
        (entry.rule, entry.location.line, [occurrence.source.environment for occurrence in entry.occurrences]) for entry in report.findings
    ]


class TestRouteIdentity:
    @pytest.mark.parametrize(
        ("body", "route", "identity"),
        [
            ({}, (), ""),
            ({}, ("spec", "a/b", "c\\d"), "spec/a\\/b/c\\\\d"),
            ({"containers": [{"image": "x", "name": "web"}]}, ("containers", 0, "image"), "containers/[name=web]/image"),
            ({"volumeMounts": [{"name": "data", "mountPath": "/a"}]}, ("volumeMounts", 0), "volumeMounts/[mountPath=/a]"),
            ({"ports": [{"name": "http", "containerPort": 80}]}, ("ports", 0, "name"), "ports/[containerPort=80]/name"),
            ({"ports": [{"name": "http", "port": 80}]}, ("ports", 0), "ports/[port=80]"),
            ({"ports": [{"name": "http"}]}, ("ports", 0), "ports/[name=http]"),
            ({"tolerations": [{"operator": "Exists", "key": "a"}]}, ("tolerations", 0), "tolerations/[key=a]"),
            ({"hosts": ["a", "b"]}, ("hosts", 1), "hosts/[=b]"),
            ({"rules": [{"verbs": ["get"]}]}, ("rules", 0, "verbs", 0), "rules/[]/verbs/[=get]"),
            ({"rules": [{"name": True}]}, ("rules", 0), "rules/[]"),
            ({"rules": []}, ("rules", 3, "verbs"), "rules/[]/verbs"),
            ({"rules": {"x": 1}}, ("rules", 0), "rules/[]"),
        ],
    )
    def test_items_are_named_by_their_merge_key(self, body, route, identity):
        assert route_identity(body, route) == identity

    def test_authored_text_goes_before_the_value(self):
        body = {"containers": [{"name": "web", "args": ["--zone=a"]}]}
        texts = {("containers", 0, "name"): "{{ .Values.name }}", ("containers", 0, "args", 0): "--zone={{ .Values.zone }}"}
        assert (
            route_identity(body, ("containers", 0, "args", 0), texts.get)
            == "containers/[name={{ .Values.name }}]/args/[=--zone={{ .Values.zone }}]"
        )

    def test_any_text_has_a_fingerprint(self):
        assert fingerprint(["\ud800", "\udcff", "😀"]) != fingerprint(["\ud801", "\udcff", "😀"])


class TestFingerprintsAcrossEnvironments:
    @pytest.mark.parametrize(
        ("template", "line"),
        [
            pytest.param("metadata:\n  name: {{ .Release.Name }}\n  labels: {on: yes}\n", 5, id="the name of the release"),
            pytest.param("metadata:\n  name: {{ include `web.name` . }}\n  labels: {on: yes}\n", 5, id="a name from a helper"),
            pytest.param(
                "metadata:\n  {{- include `web.metadata` . | nindent 2 }}\n  labels: {on: yes}\n", 5, id="a name printed by a helper"
            ),
            pytest.param("metadata: {generateName: '{{ .Values.zone }}-', labels: {on: yes}}\n", 3, id="a generated name"),
            pytest.param("metadata:\n  name: a\n  labels:\n    on: {{ .Values.mark }}\n", 1, id="a value with another message"),
        ],
    )
    def test_object_names(self, lint, template, line):
        helpers = '{{ define "web.name" }}web-{{ .Values.zone }}{{ end }}{{ define "web.metadata" }}\nname: {{ .Values.zone }}\n{{- end }}'
        files = environments(prod="{zone: a, mark: true}", staging="{zone: b, mark: 7}")
        files |= {"web/templates/_helpers.tpl": helpers, "web/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\n" + template}
        assert places(lint(files, select=(VALUE,))) == [(VALUE, line, ["prod", "staging"])]

    @pytest.mark.parametrize(
        "constraint",
        [
            pytest.param("- topologyKey: {{ .Values.zone }}\n  maxSkew: 0", id="the merge key on its own line"),
            pytest.param("- {maxSkew: 0, topologyKey: {{ .Values.zone | quote }}}", id="the merge key among others"),
            pytest.param('- maxSkew: 0\n  topologyKey: "{{ .Values.zone }}" # a comment', id="the merge key below"),
            pytest.param("{{- include `web.constraint` . | nindent 8 }}", id="in a helper"),
        ],
    )
    def test_items_by_the_text_of_their_merge_key(self, lint, constraint):
        template = textwrap.dedent("""\
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: web
            spec:
              template:
                spec:
                  topologySpreadConstraints:
                    CONSTRAINT
                  containers: []
            """).replace("CONSTRAINT", constraint.replace("\n", "\n        "))
        files = environments(prod="zone: topology.kubernetes.io/zone", staging="zone: kubernetes.io/hostname")
        files["web/templates/a.yaml"] = template
        files["web/templates/_helpers.tpl"] = '{{ define "web.constraint" }}- topologyKey: {{ .Values.zone }}\n  maxSkew: 0{{ end }}'
        [[rule, _, found]] = places(lint(files, select=("scheduling/invalid-spread-constraint",)))
        assert (rule, found) == ("scheduling/invalid-spread-constraint", ["prod", "staging"])

    @pytest.mark.parametrize(
        "hosts",
        [
            "\n    - {{ .Values.host }}\n    - bad_host.{{ .Values.host }}\n",
            " [ok.example.com, 'bad_host.{{ .Values.host }}']\n",
            "\n  {{- range list .Values.host `bad_host` }}\n    - {{ . | quote }}\n  {{- end }}\n",
        ],
    )
    def test_items_that_are_scalars(self, lint, hosts):
        files = environments(prod="host: a.example.com", staging="host: b.example.com")
        files["web/templates/a.yaml"] = (
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: x}\n"
            "rules:\n- apiGroups: ['']\n  verbs: [fetch]\n  resources:" + hosts
        )
        report = lint(files, select=("ALL",))
        assert report.findings
        assert {tuple(occurrence.source.environment for occurrence in entry.occurrences) for entry in report.findings} == {
            ("prod", "staging")
        }

    def test_a_block_printed_whole_keeps_its_own_names(self, lint):
        files = environments(prod="containers: [{name: a}]", staging="containers: [{name: b}]")
        files["web/templates/a.yaml"] = (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n    {{- toYaml .Values.containers | nindent 4 }}\n"
        )
        found = places(lint(files, select=("probes/liveness-missing",)))
        assert [environments for _, _, environments in found] == [["prod"], ["staging"]]

    def test_objects_of_a_loop_are_numbered_in_document_order(self, lint):
        files = environments(prod="marks: [true, x, true]", staging="marks: [true]")
        files["web/templates/a.yaml"] = (
            "{{ range $n, $mark := .Values.marks }}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n"
            "  name: c-{{ $n }}\n  labels: {mark: {{ $mark }}}\n{{ end }}"
        )
        assert sorted(len(found) for _, _, found in places(lint(files, select=(VALUE,)))) == [1, 2]

    def test_the_file_is_the_template_and_not_the_values(self, lint):
        files = environments(prod="mark: true")
        files["web/templates/a.yaml"] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {on: {{ .Values.mark }}}}\n"
        [before] = lint(files, select=(VALUE,)).findings
        moved = environments(test="# a comment\nmark: 7")
        [after] = lint({**moved, "web/templates/a.yaml": files["web/templates/a.yaml"]}, select=(VALUE,)).findings
        assert before.fingerprint == after.fingerprint


class TestMerging:
    def test_one_finding_per_fingerprint(self):
        first, second = (finding(3, fingerprint="b", origins=[source(path)]) for path in "ab")
        merged = merge([first, finding(2, fingerprint="a"), second])
        assert [(entry.fingerprint, [occurrence.source.path for occurrence in entry.occurrences]) for entry in merged] == [
            ("a", ["apps"]),
            ("b", ["a", "b"]),
        ]

    def test_the_worst_severity_counts_in_any_order(self):
        group = [finding(severity=severity, fingerprint="a", origins=[source(severity)]) for severity in ("info", "error", "warning")]
        for order in permutations(group):
            [merged] = merge(order)
            assert merged.severity == "error"
            assert len(merged.occurrences) == 3

    def test_it_is_suppressed_only_if_it_is_everywhere(self):
        accepted = Suppressed("config", "legacy")
        here = finding(4, fingerprint="a", origins=[source("here")])
        there = finding(9, fingerprint="a", origins=[source("there")], suppressed=accepted, severity="error")
        for order in permutations([here, there]):
            [merged] = merge(order)
            assert (merged.suppressed, merged.location.line, merged.severity) == (None, 4, "warning")
            assert [occurrence.source.path for occurrence in merged.occurrences] == ["here"]
        [merged] = merge([there, there])
        assert merged.suppressed == accepted

    def test_accepted_in_one_namespace_only(self, lint):
        files = environments(prod="{}", staging="{}")
        config = json.loads(files[".gitops-lint.yaml"])
        config["ignores"] = [{"rules": [VALUE], "namespaces": ["staging"]}]
        files |= {
            ".gitops-lint.yaml": json.dumps(config),
            "web/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {on: yes}}\n",
        }
        report = lint(files, select=(VALUE,))
        assert places(report) == [(VALUE, 3, ["prod"])]
        assert report.findings[0].suppressed is None

    def test_a_file_of_two_states_is_reported_once(self, lint):
        files = {
            "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: base, version: 1.0.0, repository: 'file://../base'}]\n",
            "web/Chart.lock": "dependencies: [{name: base, version: 1.0.0, repository: 'file://../base'}]\n",
            "base/Chart.yaml": "apiVersion: v2\nname: base\nversion: 1.0.0\n",
            "base/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}, labels: {on: yes}}\n",
        }
        [entry] = lint(files, select=(VALUE,)).findings
        assert [occurrence.source.path for occurrence in entry.occurrences] == ["base", "web"]


class TestDuplicateKeys:
    """Findings about documents belong to the object around their place."""

    RULE = "schema/duplicate-key"
    TWO = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: first\ndata:\n  a: x\n  a: y\n"
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: second\ndata:\n  a: x\n  a: y\n"
    )

    def test_the_object(self, lint):
        found = lint({"a.yaml": self.TWO}, select=(self.RULE,)).findings
        assert [(entry.resource.name, entry.route, entry.location.line) for entry in found] == [
            ("first", ("data", "a"), 7),
            ("second", ("data", "a"), 15),
        ]

    def test_the_identity_is_that_of_the_object(self, lint):
        first, second = self.TWO.split("---\n")
        before = {entry.resource.name: entry.fingerprint for entry in lint({"a.yaml": self.TWO}, select=(self.RULE,)).findings}
        after = {
            entry.resource.name: entry.fingerprint for entry in lint({"a.yaml": f"{second}---\n{first}"}, select=(self.RULE,)).findings
        }
        assert before == after
        assert len(set(before.values())) == 2

    def test_in_a_list(self, lint):
        text = (
            "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"
            "- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}, data: {k: x, k: y}}\n"
        )
        [entry] = lint({"a.yaml": text}, select=(self.RULE,)).findings
        assert (entry.resource.name, entry.route) == ("b", ("data", "k"))

    def test_in_a_template(self, lint):
        template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  a: x\n  a: y\n"
        [entry] = lint({**environments(prod="{}", staging="{}"), "web/templates/a.yaml": template}, select=(self.RULE,)).findings
        assert (entry.location.line, entry.location.precision, len(entry.occurrences)) == (7, "exact", 2)

    def test_a_placeholder_as_the_value_changes_nothing(self, lint):
        text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: x\n  a: ${VALUE}\n"
        assert len(lint({"a.yaml": text}, select=(self.RULE,)).findings) == 1

    @pytest.mark.parametrize(
        ("suppression", "accepted"),
        [({"kinds": ["ConfigMap"], "names": ["first"]}, ["first"]), ({"kinds": ["Secret"]}, []), ({"names": ["*"]}, ["first", "second"])],
    )
    def test_the_configuration_can_accept_it_by_object(self, lint, suppression, accepted):
        config = json.dumps({"ignores": [{"rules": [self.RULE], **suppression}]})
        found = lint({"a.yaml": self.TWO, ".gitops-lint.yaml": config}, select=(self.RULE,)).findings
        assert [entry.resource.name for entry in found if entry.suppressed] == accepted

    def test_an_annotation_can_accept_it(self, lint):
        text = self.TWO.replace("name: first\n", "name: first\n  annotations: {gitops-lint/ignore: schema}\n")
        found = lint({"a.yaml": text}, select=(self.RULE,)).findings
        assert [entry.resource.name for entry in found if entry.suppressed] == ["first"]


class TestPlaceholders:
    def test_the_value_cannot_be_judged_but_its_key_can(self, lint):
        text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {good: '${ANY} thing', 'bad key': '${ANY}'}}\n"
        [entry] = lint({"a.yaml": text}, select=("labels/invalid-syntax",)).findings
        assert text.splitlines()[2][entry.location.column - 1 : entry.location.end_column - 1] == "'bad key'"


RULE_YAML = """\
title: A rule for tests
severity: {severity}
since: 0.1.0
default: true
why: |
  It is here to see what the engine makes of a check that does not do what it should.
fix: Mend the check.
references: [https://example.com/]
match: {match}
examples: []
"""


class TestChecksThatMisbehave:
    @pytest.fixture
    def report(self, tmp_path):
        def run(check: str, match: str = "{on: state}", severity: str = "warning", **files: str):
            folder = tmp_path / "rules" / "probes"
            folder.mkdir(parents=True)
            (folder / "pack.yaml").write_text("name: probes\nversion: 0.1.0\ntitle: Tests\ndescription: Rules for tests.\n")
            text = RULE_YAML.format(match=match, severity=severity).replace("examples: []", "examples: [{fail: x}, {pass: x}]")
            (folder / "odd.yaml").write_text(text)
            (folder / "odd.py").write_text(
                f"from linter.model import Violation, Related\n\n\ndef check(node, state, params):\n    {check}\n"
            )
            config_map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
            with Session(1, read_catalog(str(tmp_path / "rules"))) as session:
                return lint_tree(MemoryTree({"a.yaml": config_map, **files}), LintOptions(), session)

        return run

    @pytest.mark.parametrize(
        ("check", "match", "words"),
        [
            ("return Violation((), 'x')", "{on: state}", "LookupError"),
            ("return [Violation((), 'x')]", "{on: repository}", "LookupError"),
            ("yield 'x'", "{kinds: [ConfigMap]}", "must yield Violations, not str"),
            ("return 7", "{kinds: [ConfigMap]}", "TypeError"),
            ("yield Violation('spec', 'x')", "{kinds: [ConfigMap]}", "a route is a tuple of keys and indexes, not 'spec'"),
            ("yield Violation((None,), 'x')", "{kinds: [ConfigMap]}", "a route is a tuple of keys and indexes"),
            ("return node.pod.spec", "{kinds: [ConfigMap]}", "AttributeError"),
            ("yield Violation((), 'x'); raise ValueError('late')", "{on: document}", "late"),
        ],
    )
    def test_they_are_failures_that_name_the_rule(self, report, check, match, words):
        found = report(check, match)
        assert found.findings == ()
        [reported] = found.failures
        failure = reported.failure
        assert (failure.id, failure.kind, failure.stage, found.exit_code) == ("rule-crashed", "broken", "rule", 3)
        assert failure.message.startswith("rule probes/odd raised ")
        assert words in failure.message
        assert "--ignore probes/odd" in failure.fix

    def test_a_route_that_does_not_exist_is_no_mistake(self, report):
        [entry] = report("yield Violation(('spec', 3, 'x'), 'x', related=(Related('y', None, ('a', 0)),))", "{kinds: [ConfigMap]}").findings
        assert entry.location.line == 2

    def test_a_violation_cannot_be_worse_than_its_rule(self, report):
        found = report("yield Violation((), 'x', severity='error')", "{kinds: [ConfigMap]}", "info")
        assert [entry.severity for entry in found.findings] == ["info"]

    def test_but_milder(self, report):
        found = report("yield Violation((), 'x', severity='info')", "{kinds: [ConfigMap]}", "error")
        assert [entry.severity for entry in found.findings] == ["info"]

    def test_a_rule_that_crashed_leaves_no_suppression_unused(self, report):
        text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}  # gitops-lint: ignore[probes/odd] x\n"
        found = report("raise ValueError", "{kinds: [ConfigMap]}", **{"b.yaml": text})
        assert found.findings == ()
        assert len(found.failures) == 2


class TestFailures:
    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("not valid YAML in line 3, column 4", "not valid YAML in line 12, column 1", True),
            ("shop/templates/a.yaml:3:12: no value", "shop/templates/a.yaml:7: no value", True),
            ("there is no values-1.yaml", "there is no values-2.yaml", False),
            ("port 80 is taken", "port 81 is taken", False),
        ],
    )
    def test_the_line_is_no_part_of_the_identity(self, one, other, same):
        def identity(message: str, line: int) -> str:
            return failure_fingerprint(Failure("yaml-syntax", "broken", "parse", "a.yaml", line, message, "mend it"))

        assert (identity(one, 3) == identity(other, 12)) is same
        assert identity(one, 1) != failure_fingerprint(Failure("yaml-syntax", "broken", "parse", "b.yaml", 1, one, ""))

    @pytest.mark.parametrize(("strict", "code"), [(False, 0), (True, 3)])
    def test_what_is_unavailable_counts_only_when_strict(self, lint, strict, code):
        chart = (
            "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: base, version: 1.0.0, repository: 'https://example.com'}]\n"
        )
        files = {"web/Chart.yaml": chart, "web/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"}
        report = lint(files, select=(VALUE,), strict=strict)
        assert [entry.failure.kind for entry in report.failures] == ["unavailable"]
        assert report.exit_code == code

    def test_a_failure_wins_over_findings_and_over_never(self, lint):
        files = {
            "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {on: yes}}\n",
            "b.yaml": "apiVersion: v1\nkind: [\n",
        }
        assert lint(files).exit_code == 3
        assert lint(files, fail_on="never").exit_code == 3
