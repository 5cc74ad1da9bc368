"""Manifests as text, and that no output shows the data of a Secret."""

from __future__ import annotations

import pytest

from linter.engine.options import LintOptions
from linter.engine.render import render
from linter.engine.secrets import masked, without_secrets
from linter.errors import UsageError
from linter.manifest.decoder import decode_text
from linter.report.json import render_json
from linter.report.text import render_text

CHART = {"web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n", "web/values.yaml": "password: hunter2\n"}
HEAD = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\n  labels: {on: yes, 'bad key': x}\n"

LABELLED = "metadata: {name: a, labels: {on: yes}}"

# Each holds a Secret in another shape; the word `hunter2` is only ever in its data.
SHAPES = {
    "block": HEAD + "stringData:\n  a: hunter2\n  b: 'hunter2'\n  c: |\n    hunter2\n    # hunter2\n"
    "  'bad key': hunter2\ndata:\n  d: hunter2\n",
    "not strings": HEAD + "stringData:\n  a: [hunter2, {b: hunter2}]\n  c: {d: {e: hunter2}}\n",
    "no mapping": HEAD + "stringData: hunter2\n",
    "repeated keys": HEAD + "data:\n  a: hunter2\n  a: hunter2\ndata:\n  b: hunter2\n  b:\n    hunter2\n",
    "repeated data on one line": HEAD + "data: {a: hunter2}\ndata: {b: hunter2, b: hunter2}\n",
    "one line": f"{{apiVersion: v1, kind: Secret, {LABELLED}, stringData: {{a: hunter2, a: hunter2}}}}\n",
    "flow over lines": f"{{apiVersion: v1, kind: Secret, stringData: {{\n  a: hunter2, b: hunter2}}, {LABELLED}}}\n",
    "aliases": HEAD + "stringData: &data\n  a: &a hunter2\n  b: *a\ndata:\n  <<: *data\n  c: hunter2\n",
    "binary": HEAD + "data:\n  a: !!binary |\n    hunter2=\n  b: !!str hunter2\n",
    "last applied": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\n  labels: {on: yes}\n  annotations:\n"
    '    kubectl.kubernetes.io/last-applied-configuration: |\n      {"kind":"Secret","data":{"a":"hunter2"}}\ndata: {a: hunter2}\n',
    "list": f"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  {LABELLED}\n  data: {{a: hunter2, a: hunter2}}\n"
    f"- {{apiVersion: v1, kind: Secret, {LABELLED}, data: {{a: hunter2, a: hunter2}}}}\n",
    "list of secrets": f"apiVersion: v1\nkind: SecretList\nitems:\n- {LABELLED}\n  data: {{a: hunter2, a: hunter2}}\n",
    "repeated lists": "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, data: {a: hunter2}}\nitems:\n"
    f"- {{apiVersion: v1, kind: Secret, {LABELLED}, data: {{a: hunter2}}}}\n",
    "several documents": f"apiVersion: v1\nkind: ConfigMap\n{LABELLED}\n---\n{HEAD}data: {{a: hunter2}}\n",
    "separators": "# \u2028 \x85\n" + HEAD + '  annotations: {a: "\u2028\x85"}\r\nstringData:\r\n  a: hunter2\r\n  b: "\x85hunter2"\r\n',
    "token": "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/service-account-token\n"
    "metadata: {name: web, annotations: {kubernetes.io/service-account.name: x}}\ndata: {token: hunter2}\n",
}
UNREADABLE = {
    "a colon too many": HEAD + "stringData:\n  a: hunter2: b\n",
    "an open quote": HEAD + 'stringData:\n  a: "hunter2\n',
    "an asterisk": HEAD + "stringData:\n  a: *hunter2\n",
    "a tag": HEAD + "stringData:\n  a: !!int hunter2\n",
    "a tab": HEAD + "stringData:\n\ta: hunter2\n",
    "a wrong merge": HEAD + "stringData:\n  <<: hunter2\n",
    "an expression": HEAD + "stringData:\n  a: {{ hunter2 }}\n",
}
JSON_SHAPES = {
    "json": '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a","labels":{"on":true}},"data":{"a":"hunter2","a":"hunter2"}}',
    "escaped": '{"apiVersion":"v1","kind":"\\u0053ecret","metadata":{"labels":{"on":true}},\n"data":{"a":"hunter2","b":["hunter2"]}}',
    "a missing comma": '{"apiVersion":"v1","kind":"Secret","data":{"a":"hunter2" "b":hunter2}}',
    "list": '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Secret","data":{"a":"hunter2"}}]}',
}
TEMPLATES = {
    "literal": HEAD + "data:\n  a: hunter2\n  b: {{ .Values.password }}\n  b: {{ .Values.password }}\n",
    "block": HEAD + "data:\n  {{- dict `a` .Values.password | toYaml | nindent 2 }}\n",
    "flow over lines": HEAD + "{{ with .Values.password }}stringData: {\n  a: hunter2, a: hunter2}{{ end }}\n",
    "an asterisk": HEAD + "data:\n  a: *{{ .Values.password }}\n",
    "a tag": HEAD + "data:\n  a: !!int {{ .Values.password }}\n",
    "invalid": HEAD + "data:\n  a: {{ .Values.password }}: b\n",
}


@pytest.fixture
def folder(tmp_path):
    def write(files: dict[str, str]) -> str:
        for name, text in {".gitops-lint.yaml": "root: true\n", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        return str(tmp_path)

    return write


def outputs(report) -> str:
    reasons = [f"{entry.failure.message} {entry.failure.fix}" for entry in report.failures]
    texts = [render_text(report, show_suppressed=True, statistics=True, quiet=quiet) for quiet in (False, True)]
    return "\n".join([render_json(report, show_suppressed=True), *texts, *reasons])


class TestNoOutputShowsASecret:
    @pytest.mark.parametrize("name", [*SHAPES, *UNREADABLE])
    def test_manifests(self, lint, folder, name):
        text = {**SHAPES, **UNREADABLE}[name]
        report = lint({"a.yaml": text}, select=("ALL",))
        assert report.findings or report.failures
        assert "hunter2" not in outputs(report)
        shown = render(LintOptions(paths=(folder({"a.yaml": text}),), jobs=1))
        assert "hunter2" not in shown.text + repr(shown.failures)

    @pytest.mark.parametrize("name", JSON_SHAPES)
    def test_json(self, lint, folder, name):
        for path in ("a.json", "a.yaml"):
            assert "hunter2" not in outputs(lint({path: JSON_SHAPES[name]}, select=("ALL",)))
            shown = render(LintOptions(paths=(folder({path: JSON_SHAPES[name]}),), jobs=1))
            assert "hunter2" not in shown.text + repr(shown.failures)

    @pytest.mark.parametrize("name", TEMPLATES)
    def test_templates(self, lint, folder, name):
        files = {**CHART, "web/templates/a.yaml": TEMPLATES[name]}
        report = lint(files, select=("ALL",))
        assert report.findings or report.failures
        assert "hunter2" not in outputs(report)
        shown = render(LintOptions(paths=(folder(files),), jobs=1))
        assert "hunter2" not in shown.text + repr(shown.failures)


class TestWithoutSecrets:
    def test_everything_else_stays(self):
        text = SHAPES["block"].replace("data:\n  d", "# hunter3\ntype: hunter3 # hunter3\ndata:\n  d")
        shown = without_secrets(text)
        assert shown.count("hunter3") == 3
        assert shown == (
            HEAD + 'stringData:\n  a: "•••"\n  b: "•••"\n  c: "•••"\n  \'bad key\': "•••"\n'
            '# hunter3\ntype: hunter3 # hunter3\ndata:\n  d: "•••"\n'
        )

    @pytest.mark.parametrize("name", SHAPES)
    def test_what_is_left_decodes_to_the_same_without_the_data(self, name):
        text = SHAPES[name]
        before = [document.value for document in decode_text(text)]
        after = [document.value for document in decode_text(without_secrets(text))]
        assert _keys(after) == _keys(before)
        assert len(masked(text)) == len(text)
        assert [len(line) for line in masked(text).split("\n")] == [len(line) for line in text.split("\n")]

    def test_other_kinds_are_left_alone(self):
        text = "apiVersion: v1\nkind: ConfigMap\ndata: {Secret: hunter2}\n---\nkind: SecretStore\ndata: {a: hunter2}\n"
        assert without_secrets(text) == masked(text) == text

    def test_nothing_there_is_nothing_hidden(self):
        text = "kind: Secret\ndata:\n  a:\n  b: ''\nstringData: {}\n"
        assert without_secrets(text) == text.replace("''", '"•••"')

    def test_aliases_that_explode_are_no_trouble(self):
        levels = "".join(f"  l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 8)}]\n" for n in range(1, 5))
        text = f"kind: Secret\ndata:\n  l0: &l0 [hunter2]\n{levels}"
        assert "hunter2" not in without_secrets(text)

    def test_masked_leaves_templates_alone(self):
        text = HEAD + "data: {{ toYaml .Values.data }}\n"
        assert masked(text) == text


def _keys(value):
    """The shape of a value: its keys, and how long its lists are outside of data."""
    if isinstance(value, dict):
        return {key: None if key in ("data", "stringData") else _keys(entry) for key, entry in value.items()}
    return [_keys(item) for item in value] if isinstance(value, list) else None


class TestRender:
    MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"

    def test_files_environments_and_their_order(self, folder):
        config = "root: true\nenvironments:\n  test: {web: {set: [password=one]}}\n  prod: {web: {set: [password=two]}}\n"
        files = {**CHART, ".gitops-lint.yaml": config, "apps/b.yaml": self.MAP, "apps/a.yaml": self.MAP}
        files["web/templates/a.yaml"] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Values.password }}}\n"
        root = folder(files)
        shown = render(LintOptions(paths=(root,), jobs=1))
        assert [line for line in shown.text.splitlines() if line.startswith("# Source: ")] == [
            "# Source: apps/a.yaml",
            "# Source: apps/b.yaml",
            "# Source: web/templates/a.yaml (prod)",
            "# Source: web/templates/a.yaml (test)",
        ]
        assert [document.value["metadata"]["name"] for document in decode_text(shown.text) if document.value] == ["a", "a", "two", "one"]
        only = render(LintOptions(paths=(f"{root}/web",), jobs=1, environment="prod", namespace="x"))
        assert "name: two" in only.text
        assert "name: one" not in only.text

    def test_show_secrets(self, folder):
        root = folder({"a.yaml": SHAPES["block"]})
        assert SHAPES["block"].strip() in render(LintOptions(paths=(root,), jobs=1), show_secrets=True).text

    def test_only_what_is_asked_for(self, folder):
        root = folder({"a/x.yaml": self.MAP, "b/y.yaml": self.MAP, "b/z.yaml": "kind: [\napiVersion: v1\n"})
        shown = render(LintOptions(paths=(f"{root}/a",), jobs=1))
        assert ("a/x.yaml" in shown.text, "b/y.yaml" in shown.text, shown.failures) == (True, False, ())
        assert [failure.path for failure in render(LintOptions(paths=(root,), jobs=1)).failures] == ["b/z.yaml"]

    def test_a_path_cannot_add_lines(self, folder):
        root = folder({"a\nkind: \x1b[31mSecret.yaml": self.MAP})
        assert render(LintOptions(paths=(root,), jobs=1)).text.splitlines()[1] == "# Source: a\\x0akind: \\x1b[31mSecret.yaml"

    def test_nothing_to_render(self, folder):
        root = folder({"a.txt": "x", "values.yaml": "a: 1\n"})
        with pytest.raises(UsageError, match="nothing to render"):
            render(LintOptions(paths=(root,), jobs=1))
