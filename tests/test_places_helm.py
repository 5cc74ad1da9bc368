"""Where findings in charts are shown: the whole way from templates and values to a report."""

from __future__ import annotations

import json

import pytest
from charts_in_memory import CHART, package
from places import related, shown, with_rules

from linter.report.json import render_json
from linter.report.sarif import render_sarif

SHOP = CHART.format(name="shop", version="1.0.0")
HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n"
PRINTED, INCLUDED = "printed here", "included here"
TEMPLATE = "shop/templates/c.yaml"


def chart(data: str, values: str = "", more: dict[str, str] | None = None, meta: str = "") -> dict[str, str | bytes]:
    """A chart with one ConfigMap, whose data begins on line 6."""
    return {
        "shop/Chart.yaml": SHOP + meta,
        "shop/values.yaml": values,
        TEMPLATE: f"{HEAD}data:\n{data}",
        **(more or {}),
    }


def dependency(name: str, more: str = "") -> str:
    return f"dependencies:\n  - name: {name}\n    version: 1.0.0\n{more}"


DATABASE = {
    "Chart.yaml": CHART.format(name="db", version="1.0.0"),
    "values.yaml": "a: {}\nb: good\n",
    "templates/c.yaml": HEAD + "data:\n  a: {{ .Values.a }}\n  b: {{ .Values.b }}\n",
}


def below(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": text for name, text in files.items()}


# Files, place and text of the one finding that they make, and its related places.
PLACES = {
    "in the text of a template": (chart("  a: BAD\n"), f"{TEMPLATE}:6", "BAD", []),
    "in one key": (
        chart("  a: {{ .Values.x.a | quote }}\n", "x:\n  a: BAD\n"),
        "shop/values.yaml:2",
        "BAD",
        [(PRINTED, f"{TEMPLATE}:6", "a: {{ .Values.x.a | quote }}")],
    ),
    "in two keys": (
        chart('  a: "{{ .Values.first }}/{{ .Values.second }}"\n', "first: BAD\nsecond: other\n"),
        f"{TEMPLATE}:6",
        'a: "{{ .Values.first }}/{{ .Values.second }}"',
        [("`first` is set here", "shop/values.yaml:1", "BAD"), ("`second` is set here", "shop/values.yaml:2", "other")],
    ),
    "in a helper": (
        chart(
            '{{- include "shop.y" . | nindent 2 }}\n', "", {"shop/templates/_h.tpl": '{{- define "shop.y" -}}\nb: BAD\n{{- end -}}\n'}
        ),
        "shop/templates/_h.tpl:2",
        "BAD",
        [(INCLUDED, f"{TEMPLATE}:6", '{{- include "shop.y" . | nindent 2 }}')],
    ),
    "in a key that a helper prints": (
        chart(
            '  a: {{ include "shop.x" . }}\n',
            "a: BAD\n",
            {"shop/templates/_h.tpl": '{{- define "shop.x" -}}\n{{ .Values.a }}\n{{- end -}}\n'},
        ),
        "shop/values.yaml:1",
        "BAD",
        [(PRINTED, f"{TEMPLATE}:6", 'a: {{ include "shop.x" . }}')],
    ),
    "in a block of values": (
        chart("  {{- toYaml .Values.d | nindent 2 }}\n", "d:\n  one: good\n  two: BAD\n"),
        "shop/values.yaml:3",
        "BAD",
        [(PRINTED, f"{TEMPLATE}:6", "{{- toYaml .Values.d | nindent 2 }}")],
    ),
    "in an item of a list": (
        chart("  {{- range $i, $v := .Values.l }}\n  k{{ $i }}: {{ $v }}\n  {{- end }}\n", "l:\n  - good\n  - BAD\n"),
        "shop/values.yaml:3",
        "BAD",
        [(PRINTED, f"{TEMPLATE}:7", "k{{ $i }}: {{ $v }}")],
    ),
    "in an entry of a mapping": (
        chart("  {{- range $k, $v := .Values.m }}\n  {{ $k }}: {{ $v }}\n  {{- end }}\n", "m:\n  one: good\n  two: BAD\n"),
        "shop/values.yaml:3",
        "BAD",
        [(PRINTED, f"{TEMPLATE}:7", "{{ $k }}: {{ $v }}")],
    ),
    "below with": (
        chart("  {{- with .Values.m }}\n  k: {{ .k }}\n  {{- end }}\n", "m:\n  k: BAD\n"),
        "shop/values.yaml:2",
        "BAD",
        [(PRINTED, f"{TEMPLATE}:7", "k: {{ .k }}")],
    ),
    "in a default": (
        chart('  k: {{ .Values.k | default "BAD" }}\n'), f"{TEMPLATE}:6", 'k: {{ .Values.k | default "BAD" }}', [],
    ),
    "in a key that wins over a default": (
        chart('  k: {{ .Values.k | default "other" }}\n', "k: BAD\n"),
        "shop/values.yaml:1",
        "BAD",
        [(PRINTED, f"{TEMPLATE}:6", 'k: {{ .Values.k | default "other" }}')],
    ),
    "in a key that is the default of an empty one": (
        chart("  k: {{ .Values.k | default .Values.z }}\n", 'k: ""\nz: BAD\n'),
        "shop/values.yaml:2",
        "BAD",
        [(PRINTED, f"{TEMPLATE}:6", "k: {{ .Values.k | default .Values.z }}")],
    ),
    "in a template among the values": (
        chart("  k: {{ tpl .Values.k . }}\n", 'k: "{{ .Values.zone }}"\nzone: BAD\n'),
        f"{TEMPLATE}:6",
        "k: {{ tpl .Values.k . }}",
        [("`zone` is set here", "shop/values.yaml:2", "BAD")],
    ),
    "in a file of the chart": (
        chart('  k: {{ .Files.Get "f.txt" | trim }}\n', "", {"shop/f.txt": "BAD\n"}),
        f"{TEMPLATE}:6",
        'k: {{ .Files.Get "f.txt" | trim }}',
        [],
    ),
    "in a library": (
        chart(
            '{{- include "lib.data" . }}\n',
            "a: BAD\n",
            below(
                "shop/charts/lib",
                {
                    "Chart.yaml": CHART.format(name="lib", version="1.0.0") + "type: library\n",
                    "templates/_d.tpl": '{{- define "lib.data" }}\n  a: BAD\n{{- end -}}\n',
                },
            ),
            dependency("lib"),
        ),
        "shop/charts/lib/templates/_d.tpl:2",
        "BAD",
        [(INCLUDED, f"{TEMPLATE}:6", '{{- include "lib.data" . }}')],
    ),
    "in the values of a subchart": (
        {"shop/Chart.yaml": SHOP + dependency("db"), **below("shop/charts/db", DATABASE), "shop/charts/db/values.yaml": "a: BAD\nb: x\n"},
        "shop/charts/db/values.yaml:1",
        "BAD",
        [(PRINTED, "shop/charts/db/templates/c.yaml:6", "a: {{ .Values.a }}")],
    ),
    "in values for an aliased subchart": (
        {
            "shop/Chart.yaml": SHOP + dependency("db", "    alias: store\n"),
            "shop/values.yaml": "store:\n  b: BAD\n",
            **below("shop/charts/db", DATABASE),
        },
        "shop/values.yaml:2",
        "BAD",
        [(PRINTED, "shop/charts/db/templates/c.yaml:7", "b: {{ .Values.b }}")],
    ),
    "in values two charts above": (
        {
            "shop/Chart.yaml": SHOP + dependency("mid"),
            "shop/values.yaml": "mid:\n  db:\n    b: BAD\n",
            "shop/charts/mid/Chart.yaml": CHART.format(name="mid", version="1.0.0") + dependency("db"),
            **below("shop/charts/mid/charts/db", DATABASE),
        },
        "shop/values.yaml:3",
        "BAD",
        [(PRINTED, "shop/charts/mid/charts/db/templates/c.yaml:7", "b: {{ .Values.b }}")],
    ),
    "in values with Windows line ends": (
        chart("  b: {{ .Values.a }}\n", "x: 1\r\na: BAD\r\n"),
        "shop/values.yaml:2", "BAD", [(PRINTED, f"{TEMPLATE}:6", "b: {{ .Values.a }}")],
    ),
    "in values with a byte order mark": (
        chart("  b: {{ .Values.a }}\n") | {"shop/values.yaml": b"\xef\xbb\xbfa: BAD\n"},
        "shop/values.yaml:1", "BAD", [(PRINTED, f"{TEMPLATE}:6", "b: {{ .Values.a }}")],
    ),
    "in values with letters of two bytes and four": (
        chart("  b: {{ .Values.a }}\n", '"ä𝄞": 1\na: "ö𝄞BAD" # x\n'),
        "shop/values.yaml:2", '"ö𝄞BAD"', [(PRINTED, f"{TEMPLATE}:6", "b: {{ .Values.a }}")],
    ),
    "in the last document of the values": (
        chart("  b: {{ .Values.a }}\n", "a: good\n---\na: BAD\n"),
        "shop/values.yaml:3", "BAD", [(PRINTED, f"{TEMPLATE}:6", "b: {{ .Values.a }}")],
    ),
    "beside an empty value": (
        chart("  a: x{{ .Values.a }}BAD\n", "a:\n"),
        f"{TEMPLATE}:6", "a: x{{ .Values.a }}BAD", [("`a` is set here", "shop/values.yaml:1", "a")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PLACES)
def test_place(lint, case):
    files, place, text, others = PLACES[case]
    files = with_rules(files)
    [finding] = lint(files).findings
    assert shown(files, finding.location) == (place, text, "exact")
    assert related(files, finding) == others


def test_packed_dependencies(lint):
    inner = {f"redis/charts/db/{name}": text for name, text in DATABASE.items()}
    members = {
        "Chart.yaml": CHART.format(name="redis", version="1.0.0") + dependency("db"),
        "values.yaml": "a: BAD\nb: x\ndb:\n  a: BAD\n",
        "templates/c.yaml": HEAD + "data:\n  a: {{ .Values.a }}\n  b: {{ .Values.b }}\n  c: BAD\n",
        **{name.removeprefix("redis/"): text for name, text in inner.items()},
    }
    archive = "shop/charts/redis-1.0.0.tgz"
    shop = {"shop/Chart.yaml": SHOP + dependency("redis"), "shop/values.yaml": "redis:\n  b: BAD\n"}
    files = with_rules({**shop, archive: package(members)})
    found = {(finding.location.path, finding.location.line) for finding in lint(files).findings}
    member = f"{archive}!redis"
    assert found == {(f"{member}/templates/c.yaml", 8), (f"{member}/values.yaml", 1), (f"{member}/values.yaml", 4), ("shop/values.yaml", 2)}


class TestEnvironments:
    CONFIG = (
        "environments:\n  prod:\n    shop: {values: [prod.yaml]}\n  dev:\n    shop: {values: [dev.yaml]}\n"
        "  set:\n    shop:\n      set: [a=BAD]\n  fine:\n    shop: {values: [fine.yaml]}\n"
    )

    def test_each_has_its_own_place(self, lint):
        more = {"shop/prod.yaml": "a: BAD\n", "shop/dev.yaml": "# x\na: BAD\n", "shop/fine.yaml": "a: good\n"}
        files = with_rules(chart("  a: {{ .Values.a }}\n", "a: good\n", more), self.CONFIG)
        [finding] = lint(files).findings
        assert shown(files, finding.location) == ("shop/dev.yaml:2", "BAD", "exact")
        assert [entry.source.environment for entry in finding.occurrences] == ["dev", "prod", "set"]
        [printed, prod, by_option] = related(files, finding)
        assert printed == (PRINTED, f"{TEMPLATE}:6", "a: {{ .Values.a }}")
        assert prod == ("the same in prod", "shop/prod.yaml:1", "BAD")
        assert by_option[0] == "the same in set"
        assert by_option[1].startswith(".gitops-lint.yaml:")
        assert by_option[2] == "a=BAD"

    def test_options_of_the_command_line(self, lint):
        files = with_rules(chart("  a: {{ .Values.a }}\n", "a: good\n"))
        [finding] = lint(files, set_values=("a=BAD",)).findings
        assert shown(files, finding.location) == (f"{TEMPLATE}:6", "a: {{ .Values.a }}", "exact")

    def test_values_of_the_command_line(self, lint, tmp_path):
        (tmp_path / "more.yaml").write_text("a: BAD\n")
        files = with_rules(chart("  a: {{ .Values.a }}\n", "a: good\n"))
        [finding] = lint(files, values=(str(tmp_path / "more.yaml"),)).findings
        assert finding.location.path == TEMPLATE


WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: main
          image: web:1
          {{- with .Values.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
      {{- if .Values.side.enabled }}
        - name: side
          image: side:1
          resources: {}
      {{- end }}
"""


class TestMissing:
    """A field that the template would print once a key is set."""

    @pytest.mark.parametrize(
        ("values", "others"),
        [
            ("side: {}\n", []),
            ("side: {}\nresources: {}\n", [("`resources` is left empty here", "shop/values.yaml:2", "resources")]),
        ],
    )
    def test_the_advice_names_the_key(self, lint, values, others):
        files = with_rules(chart("", values) | {TEMPLATE: WEB})
        [finding] = lint(files).findings
        assert shown(files, finding.location) == (f"{TEMPLATE}:10", "name: main", "exact")
        assert finding.fix == "Mend it; the chart prints it once `resources` is set in its values"
        assert related(files, finding) == others

    @pytest.mark.parametrize(
        "template",
        [
            # The block behind the container is another container's.
            WEB.replace(WEB[WEB.index("          {{- with") : WEB.index("      {{- if")], ""),
            WEB.replace("          resources:\n", "          other:\n", 1),
        ],
    )
    def test_no_key_of_something_else_is_named(self, lint, template):
        [finding] = lint(with_rules(chart("", "side: {}\n") | {TEMPLATE: template})).findings
        assert finding.fix == "Mend it."

    def test_a_block_in_front_of_what_is_printed(self, lint):
        block = WEB[WEB.index("          {{- with") : WEB.index("      {{- if")]
        template = WEB.replace(block, "").replace("          image: web:1\n", block + "          image: web:1\n")
        [finding] = lint(with_rules(chart("", "side: {}\n") | {TEMPLATE: template})).findings
        assert "`resources`" in str(finding.fix)


class TestAccepting:
    @pytest.mark.parametrize(
        ("data", "values"),
        [
            ("  b: {{ .Values.a }}\n", "a: BAD # gitops-lint: ignore[acme/bad-data] on purpose\n"),
            ("  # gitops-lint: ignore[acme/bad-data] on purpose\n  b: {{ .Values.a }}\n", "a: BAD\n"),
            ("  {{- /* gitops-lint: ignore[acme/bad-data] on purpose */}}\n  b: {{ .Values.a }}\n", "a: BAD\n"),
        ],
    )
    def test_comments_count_at_the_value_and_at_the_template(self, lint, data, values):
        report = lint(with_rules(chart(data, values)))
        assert [entry.suppressed and entry.suppressed.by for entry in report.findings] == ["comment"]
        assert report.exit_code == 0


def test_related_places_are_in_every_format(lint):
    report = lint(with_rules(chart("  b: {{ .Values.a }}\n", "a: BAD\n")))
    [finding] = json.loads(render_json(report))["findings"]
    [entry] = finding["related"]
    assert (entry["message"], entry["location"]["path"], entry["location"]["line"]) == (PRINTED, TEMPLATE, 6)
    [result] = json.loads(render_sarif(report))["runs"][0]["results"]
    [place] = [entry["physicalLocation"] for entry in result["relatedLocations"]]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == (TEMPLATE, 6)


BAD_INPUT = {
    "a template that does not parse": (chart("  a: {{ if }}\n"), TEMPLATE, 6),
    "a template that fails": (chart('  a: {{ required "say a" .Values.a }}\n'), TEMPLATE, 6),
    "output that is no YAML": (chart("  a: [\n"), TEMPLATE, 6),
    "a helper that includes itself": (
        chart('  a: {{ include "x" . }}\n', "", {"shop/templates/_h.tpl": '{{- define "x" }}{{ include "x" . }}{{ end -}}\n'}),
        "shop/templates/_h.tpl",
        1,
    ),
    "a dependency that is not there": (
        chart("  a: b\n", meta=dependency("nope", "    repository: https://example.com\n")),
        "shop/Chart.yaml",
        5,
    ),
    "values that are no YAML": (chart("  a: b\n", "a: [\n"), "shop/values.yaml", 1),
    "values against their schema": (
        chart("  a: b\n", "x: 1\na: 2\n", {"shop/values.schema.json": '{"properties": {"a": {"type": "string"}}}'}),
        "shop/values.yaml",
        2,
    ),
    "a values file that is not there": (chart("  a: b\n"), ".gitops-lint.yaml", None),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input(lint, case):
    files, path, line = BAD_INPUT[case]
    config = "environments:\n  prod:\n    shop: {values: [nope.yaml]}\n" if path.startswith(".") else ""
    report = lint(with_rules(files, config))
    [failure] = [entry.failure for entry in report.failures]
    assert failure.path == path
    assert failure.line is not None
    assert line in (None, failure.line)
    assert failure.fix
    assert "Traceback" not in failure.message
    assert report.exit_code == (3 if failure.kind == "broken" else 0)
