"""Input that cannot be judged: a clear message with file, line and remedy, the right exit code, and never a traceback."""

from __future__ import annotations

import io
import json
import sys
import tarfile

import pytest

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n"
CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"


@pytest.fixture
def outcome(run, tmp_path):
    """Lint files and give (exit code, failures); standard error must stay free of tracebacks."""

    def call(files, *arguments):
        for name, content in {".gitops-lint.yaml": "root: true\n", "good/good.yaml": GOOD, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        done = run("lint", "--format", "json", *arguments, cwd=tmp_path)
        assert "Traceback" not in done.stderr
        if done.returncode == 2:
            return 2, done.stderr
        report = json.loads(done.stdout)
        for failure in report["failures"]:
            assert failure["message"]
            assert failure["fix"]
            assert failure["fingerprint"]
        return done.returncode, [(failure["id"], failure["path"], failure["line"]) for failure in report["failures"]]

    return call


BOMB = "apiVersion: v1\nkind: ConfigMap\na: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + previous] * 10)}]\n" for previous, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        pytest.param("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [\n", ("yaml-syntax", 3), id="broken YAML"),
        pytest.param("apiVersion: v1\nkind: ConfigMap\ndata:\n\ta: b\n", ("yaml-syntax", 4), id="a tab"),
        pytest.param(b"apiVersion: v1\nkind: ConfigMap\ndata: {a: \x00\x01\x02}\n", ("binary-file", 3), id="binary"),
        pytest.param(b"apiVersion: v1\nkind: ConfigMap\ndata:\n  a: \xff\xfe\xe4\n", ("encoding", 4), id="an unknown encoding"),
        pytest.param(BOMB, ("yaml-alias-bomb", None), id="an alias bomb"),
        pytest.param("apiVersion: v1\nkind: ConfigMap\ndata: " + "[" * 200_000, ("yaml-too-deep", 3), id="200 kB of ["),
        pytest.param("apiVersion: v1\nkind: ConfigMap\ndata: &a {b: *a}\n", ("yaml-syntax", 3), id="an alias inside itself"),
        pytest.param("apiVersion: v1\nkind: ConfigMap\ndata: {a: .nan}\n", ("yaml-syntax", 3), id="a number JSON does not have"),
        pytest.param(
            "{{ if .x }}\napiVersion: v1\nkind: ConfigMap\n{{ end }}\n", ("template-outside-chart", 1), id="a template outside a chart"
        ),
    ],
)
def test_a_file_nobody_can_read(outcome, content, failure):
    code, failures = outcome({"bad/bad.yaml": content})
    [(name, path, line)] = failures
    assert (code, name, path) == (3, failure[0], "bad/bad.yaml")
    assert failure[1] is None or line == failure[1]


def test_other_yaml_that_is_broken_is_counted_and_reported_when_named(outcome):
    assert outcome({"notes/notes.yaml": "a: [\n"}) == (0, [])
    assert outcome({}, "notes/notes.yaml") == (3, [("yaml-syntax", "notes/notes.yaml", 1)])


def test_broken_json(outcome):
    assert outcome({"bad.json": '{"apiVersion": "v1",\n "kind": "ConfigMap",,}\n'}) == (3, [("json-syntax", "bad.json", 2)])


class TestCharts:
    def test_violated_kube_version(self, outcome):
        files = {"shop/Chart.yaml": CHART + 'kubeVersion: "<1.20"\n', "shop/templates/a.yaml": GOOD}
        assert outcome(files) == (3, [("helm-kube-version", "shop/Chart.yaml", 4)])
        assert outcome({}, "--kube-version", "1.19") == (0, [])

    def test_a_missing_dependency(self, outcome):
        dependency = "dependencies:\n  - name: db\n    version: 1.0.0\n"
        assert outcome({"shop/Chart.yaml": CHART + dependency, "shop/templates/a.yaml": GOOD}) == (
            3,
            [("helm-dependency-missing", "shop/Chart.yaml", 5)],
        )
        remote = dependency + "    repository: https://charts.example.com\n"
        assert outcome({"shop/Chart.yaml": CHART + remote}) == (0, [("helm-dependency-unavailable", "shop/Chart.yaml", 5)])

    def test_crds_are_read(self, run, tmp_path):
        crd = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: parcels.example.com
  labels: {state: yes}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Parcel, plural: parcels}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object}}
"""
        for name, content in {".gitops-lint.yaml": "root: true\n", "shop/Chart.yaml": CHART, "shop/crds/a.yaml": crd}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content)
        report = json.loads(run("lint", "--format", "json", cwd=tmp_path).stdout)
        assert [(entry["rule"], entry["location"]["path"], entry["location"]["line"]) for entry in report["findings"]] == [
            ("labels/value-not-a-string", "shop/crds/a.yaml", 5)
        ]

    def test_output_that_is_no_yaml(self, outcome):
        template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: {{ .Values.a }}\n"
        files = {"shop/Chart.yaml": CHART, "shop/values.yaml": 'a: "b: c"\n', "shop/templates/a.yaml": template}
        assert outcome(files) == (3, [("helm-output-invalid", "shop/templates/a.yaml", 6)])

    def test_a_chart_that_refuses(self, outcome):
        files = {"shop/Chart.yaml": CHART, "shop/templates/a.yaml": GOOD + 'a: {{ required "name the host" .Values.host }}\n'}
        assert outcome(files) == (3, [("helm-render", "shop/templates/a.yaml", 4)])

    def test_values_against_their_schema(self, outcome):
        schema = '{"type": "object", "properties": {"replicas": {"type": "integer"}}}'
        files = {"shop/Chart.yaml": CHART, "shop/values.yaml": "a: 1\nreplicas: many\n", "shop/values.schema.json": schema}
        assert outcome({**files, "shop/templates/a.yaml": GOOD}) == (3, [("helm-values-schema", "shop/values.yaml", 2)])

    def test_an_endless_template(self, outcome):
        endless = "{{ range until 40000 }}{{ range until 40000 }}{{ end }}{{ end }}"
        files = {"shop/Chart.yaml": CHART, "shop/templates/a.yaml": endless, "other/Chart.yaml": CHART, "other/templates/a.yaml": GOOD}
        assert outcome(files, "--chart-timeout", "2") == (3, [("helm-timeout", "shop/Chart.yaml", None)])

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process' address space")
    def test_a_memory_bomb(self, outcome):
        bomb = '{{ $a := "xxxxxxxxxxxxxxxx" }}{{ range until 40 }}{{ $a = printf "%s%s" $a $a }}{{ end }}'
        files = {"shop/Chart.yaml": CHART, "shop/templates/a.yaml": bomb, "other/Chart.yaml": CHART, "other/templates/a.yaml": GOOD}
        assert outcome(files, "--chart-memory", "1024") == (3, [("helm-memory", "shop/Chart.yaml", None)])

    def test_a_package_that_would_leave_its_chart(self, outcome):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for name, text in (("db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.0.0\n"), ("db/../../evil.yaml", GOOD)):
                member = tarfile.TarInfo(name)
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
        code, failures = outcome({"shop/Chart.yaml": CHART, "shop/charts/db-1.0.0.tgz": buffer.getvalue(), "shop/templates/a.yaml": GOOD})
        assert code == 3
        assert failures[0][1].startswith("shop/charts/db-1.0.0.tgz")

    def test_without_the_sdk(self, run, tmp_path):
        blocker = tmp_path / "blocked"
        (blocker / "helm_python").mkdir(parents=True)
        (blocker / "helm_python" / "__init__.py").write_text("raise ImportError('blocked')\n")
        (tmp_path / "repo/templates").mkdir(parents=True)
        (tmp_path / "repo/Chart.yaml").write_text(CHART)
        (tmp_path / "repo/templates/a.yaml").write_text(GOOD)
        done = run("lint", "--format", "json", cwd=tmp_path / "repo", PYTHONPATH=str(blocker), PATH=str(blocker))
        [failure] = json.loads(done.stdout)["failures"]
        assert (done.returncode, failure["id"]) == (3, "helm-backend-missing")
        assert "gitops-lint[helm]" in failure["fix"]


class TestConfiguration:
    @pytest.mark.parametrize(
        ("config", "words"),
        [
            ("selct: [rbac]\n", [".gitops-lint.yaml:1", "selct", "select"]),
            ("root: true\nselect: [rbac/wildcrd]\n", [".gitops-lint.yaml:2", "rbac/wildcrd", "rbac/wildcard"]),
            ("rules:\n  rbac/wildcrd: {severity: error}\n", [".gitops-lint.yaml:2", "rbac/wildcard"]),
            ("rules:\n  rbac/wildcard: {severity: fatal}\n", [".gitops-lint.yaml:2", "error", "warning", "info"]),
            ("rules:\n  labels/recommended-missing:\n    params: {kees: [a]}\n", [".gitops-lint.yaml:3", "kees"]),
            ("targets: {kubernetes: 1.30}\n", [".gitops-lint.yaml:1", "quot"]),
            ("ignores:\n  - {rules: [rbac/wildcrd]}\n", [".gitops-lint.yaml:2", "rbac/wildcard"]),
            ("a: [\n", [".gitops-lint.yaml:"]),
        ],
    )
    def test_errors_name_the_place_and_what_is_accepted(self, outcome, config, words):
        code, error = outcome({".gitops-lint.yaml": config})
        assert code == 2
        for word in words:
            assert word in error

    def test_an_environment_whose_values_file_is_missing(self, outcome):
        config = "root: true\nenvironments:\n  prod:\n    shop: {values: [values-prod.yaml]}\n"
        code, failures = outcome({".gitops-lint.yaml": config, "shop/Chart.yaml": CHART, "shop/templates/a.yaml": GOOD})
        assert (code, failures) == (3, [("values-missing", ".gitops-lint.yaml", 4)])


class TestRuleFiles:
    PACK = "name: acme\nversion: 0.1.0\ntitle: Acme\ndescription: Our rules.\n"
    RULE = """\
title: Deployment without an owner
severity: warning
since: 0.1.0
why: Nobody knows whom to call when it breaks at night, so it stays broken until the morning.
fix: Add the label owner.
match: {kinds: [Deployment]}
schema: {properties: {metadata: {properties: {labels: {required: [owner]}}}}}
at: [metadata, labels]
message: "{resource} has no owner"
examples:
  - fail: |
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
        labels:  # <-- here
          app: web
  - pass: |
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
        labels: {owner: shop}
"""

    def write(self, tmp_path, rule: str):
        (tmp_path / "acme").mkdir()
        (tmp_path / "acme" / "pack.yaml").write_text(self.PACK)
        (tmp_path / "acme" / "owner_missing.yaml").write_text(rule)

    def test_a_pack_in_a_folder(self, run, tmp_path):
        self.write(tmp_path, self.RULE)
        done = run("rules", "test", "acme", cwd=tmp_path)
        assert (done.returncode, done.stdout.strip()) == (0, "1 rule, 2 examples, 0 failed")

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("severity: warning", "severity: fatal", ["owner_missing.yaml:2", "error, warning or info"]),
            ("{resource} has", "{owner} has", ["owner_missing.yaml:9", "{owner}", "{resource}"]),
            ("fix: Add", "fixx: Add", ["owner_missing.yaml:5", "fixx", "fix"]),
            ("match: {kinds: [Deployment]}", "match: {each: container}", ["owner_missing.yaml:6", "containers"]),
            ("{required: [owner]}", "{required: owner}", ["owner_missing.yaml:7", "JSON Schema"]),
            ("title: Deployment", "title: [", ["owner_missing.yaml:"]),
        ],
    )
    def test_an_invalid_rule_file(self, run, tmp_path, old, new, words):
        self.write(tmp_path, self.RULE.replace(old, new))
        done = run("rules", "test", "acme", cwd=tmp_path)
        assert done.returncode == 2
        for word in words:
            assert word in done.stderr

    def test_an_example_that_does_not_hold(self, run, tmp_path):
        self.write(
            tmp_path,
            self.RULE.replace("  # <-- here", "").replace("name: web\n        labels:\n", "name: web  # <-- here\n        labels:\n"),
        )
        done = run("rules", "test", "acme", cwd=tmp_path)
        assert done.returncode == 1
        assert "manifest.yaml:4 should be reported and is not" in done.stdout
        assert "manifest.yaml:5 should not be reported" in done.stdout


def test_a_rule_that_raises_is_a_failure_that_names_rule_and_resource(session):
    import tempfile

    from linter.engine.options import LintOptions
    from linter.engine.run import lint_tree
    from linter.engine.session import Session
    from linter.packs.catalog import Catalog
    from linter.packs.rule import Pack, Rule
    from linter.repository import MemoryTree

    with tempfile.NamedTemporaryFile("w", suffix=".py") as check:
        check.write("def check(node, state, params):\n    raise KeyError('spec')\n")
        check.flush()
        rule = Rule("acme/boom", "acme", "Boom", "error", True, "0.1.0", "Nothing.", ("kinds", ("ConfigMap",)), check_path=check.name)
        report = lint_tree(
            MemoryTree({"a.yaml": GOOD, "b.yaml": GOOD.replace("good", "other")}),
            LintOptions(),
            Session(catalog=Catalog([Pack("acme", "0.1.0", "Acme", "Rules.", (rule,))], {})),
        )
    assert report.exit_code == 3
    assert [entry.failure.path for entry in report.failures] == ["a.yaml", "b.yaml"]
    assert report.failures[0].failure.id == "rule-crashed"
    assert "acme/boom" in report.failures[0].failure.message
    assert "ConfigMap good" in report.failures[0].failure.message


def test_a_schema_that_refers_to_others_is_not_followed_and_says_so(lint):
    schema = '{"$ref": "https://schemas.example.com/values.json"}'
    report = lint({"shop/Chart.yaml": CHART, "shop/values.schema.json": schema, "shop/templates/a.yaml": GOOD})
    assert not report.failures
    assert [hint for hint in report.hints if "shop/values.schema.json" in hint]
