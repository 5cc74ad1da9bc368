"""From rendered lines back to template lines, checked by changing the templates."""

from __future__ import annotations

from dataclasses import replace

import pytest
from charts_in_memory import chart_yaml, load, package

from linter.provenance.helm_lines import TemplateLine, authored_name, line_map, mark
from linter.rendering.helm.renderer import ChartRequest, HelmRenderer
from linter.rendering.helm.values import ValueLayer

DEPLOYMENT = """\
{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "web.name" . }}
  labels:
    {{- include "web.labels" . | nindent 4 }}
    tier: front
spec:
  replicas: {{ .Values.replicas }}
  {{- with .Values.strategy }}
  strategy:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  template:
    spec:
      containers:
        {{- range $name, $image := .Values.images }}
        - name: {{ $name }}
          image: "{{ $image }}"
          ports: []
          {{/* a comment
               over two lines */ -}}
          env:
            - {name: MODE, value: plain}
        {{- end }}
      {{- /* trimmed on both sides */ -}}
      {{ if .Values.extra }} # nothing {{ end }}
      volumes: []
---
apiVersion: v1
kind: Service
{{ include "web.block" . }}
data: {{ $x := "assigned" }}
  {{ .Values.key }}: one
  {{ $x -}}
  : two
  text: {{ "{{ not an action }}" }} {{ `raw }} string` }}
{{- end }}
"""
HELPERS = """\
{{- define "web.name" -}}
{{ .Release.Name | trunc 20 | trimSuffix "-" }}-web
{{- end }}

{{- define "web.labels" -}}
app: {{ include "web.name" . }}
part-of: shop
{{ with .Values.labels }}
{{- toYaml . }}
{{- end }}
{{- end }}

{{- define "web.block" }}
metadata:
  name: block
{{- end -}}

{{ define "web.compared" }}front{{ end }}
"""
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  annotations:
    checksum: {{ include (print $.Template.BasePath "/deployment.yaml") . | sha256sum }}
{{ if eq (include "web.compared" .) "front" }}
data:
  compared: {{ include "web.compared" . | quote }}
  short: {{ include "web.compared" . | trunc 3 }}
{{ end -}}
list:
{{- range until 3 }}
  - item
  - n{{ . }}
{{- end }}
more:
  {{ tpl .Values.template . | nindent 2 }}
  end: 1
"""
VALUES = {
    "enabled": True,
    "replicas": 2,
    "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
    "images": {"a": "x:1", "b": "y:2"},
    "labels": {"team": "one", "zone": "two"},
    "key": "dynamic",
    "template": "t: {{ .Release.Name }}\nu: 2",
}
FILES = {
    "shop/Chart.yaml": chart_yaml(more="dependencies: [{name: sub, version: 1.x, alias: other}, {name: packed, version: 1.x}]\n"),
    "shop/templates/deployment.yaml": DEPLOYMENT,
    "shop/templates/_helpers.tpl": HELPERS,
    "shop/templates/config.yaml": CONFIG,
    "shop/templates/windows.yaml": DEPLOYMENT.replace("\n", "\r\n"),
    "shop/charts/sub/Chart.yaml": chart_yaml("sub"),
    "shop/charts/sub/templates/a.yaml": "a: 1\nb: {{ .Chart.Name }}\n",
    "shop/charts/packed.tgz": package({"Chart.yaml": chart_yaml("packed"), "templates/p.yaml": "p:\n  - q\n"}),
}


@pytest.fixture(scope="module")
def renderer():
    with HelmRenderer(2, deadline_seconds=20) as renderer:
        yield renderer


@pytest.fixture
def rendered(renderer):
    """The request for a chart, its output by the engine's key, and the map of each file."""

    def run(files, values=VALUES, **options):
        request = ChartRequest(load({"shop/Chart.yaml": chart_yaml(), **files}), [ValueLayer(values)])
        marked = mark(request.chart.templates(), **options)
        plain, instrumented = renderer.render([request, replace(request, overrides=marked.templates)])
        assert (plain.failures, instrumented.failures) == ((), ())
        outputs = {file.key: file.text for file in plain.files}
        with_marks = {file.key: file.text for file in instrumented.files}
        return request, outputs, {key: line_map(text, with_marks[key], marked.table) for key, text in outputs.items()}

    return run


def places(lines, text):
    """`line text -> (template line, level)` of the lines that are not blank."""
    assert lines is not None
    return [
        (line.strip(), found and (found.line, found.level)) for line, found in zip(text.split("\n"), lines, strict=True) if line.strip()
    ]


def test_every_line_of_a_template_is_traced(rendered):
    _, outputs, maps = rendered(FILES)
    key = "shop/templates/deployment.yaml"
    assert places(maps[key], outputs[key]) == [
        ("apiVersion: apps/v1", (2, "text")),
        ("kind: Deployment", (3, "text")),
        ("metadata:", (4, "text")),
        ("name: shop-web", (5, "text")),
        ("labels:", (6, "text")),
        ("app: shop-web", (6, "helper")),
        ("part-of: shop", (7, "helper")),
        ("team: one", (9, "call-site")),
        ("zone: two", (9, "call-site")),
        ("tier: front", (8, "text")),
        ("spec:", (9, "text")),
        ("replicas: 2", (10, "text")),
        ("strategy:", (12, "text")),
        ("rollingUpdate:", (13, "call-site")),
        ("maxSurge: 1", (13, "call-site")),
        ("type: RollingUpdate", (13, "call-site")),
        ("template:", (15, "text")),
        ("spec:", (16, "text")),
        ("containers:", (17, "text")),
        ("- name: a", (19, "text")),
        ('image: "x:1"', (20, "text")),
        ("ports: []", (21, "text")),
        ("env:", (24, "text")),
        ("- {name: MODE, value: plain}", (25, "text")),
        ("- name: b", (19, "text")),
        ('image: "y:2"', (20, "text")),
        ("ports: []", (21, "text")),
        ("env:", (24, "text")),
        ("- {name: MODE, value: plain}", (25, "text")),
        ("volumes: []", (29, "text")),
        ("---", (30, "text")),
        ("apiVersion: v1", (31, "text")),
        ("kind: Service", (32, "text")),
        ("metadata:", (14, "helper")),
        ("name: block", (15, "helper")),
        ("data:", (34, "text")),
        ("dynamic: one", (35, "call-site")),
        ("assigned: two", (36, "call-site")),
        ("text: {{ not an action }} raw }} string", (38, "text")),
    ]
    assert maps[key] is not None
    in_helper = [line for line in maps[key] if line is not None and line.path == "shop/templates/_helpers.tpl"]
    assert {line.via for line in in_helper} == {(key, 7), (key, 33)}


def test_what_is_compared_or_hashed_is_left_as_it_is(rendered):
    _, outputs, maps = rendered(FILES)
    key = "shop/templates/config.yaml"
    found = dict(places(maps[key], outputs[key]))
    assert found['compared: "front"'] == (8, "text")
    assert found["short: fro"] == (9, "text")
    assert found["- n2"] == (14, "text")
    assert found["t: shop"] == (17, "call-site")
    assert found["u: 2"] == (17, "call-site")
    assert found["end: 1"] == (18, "text")
    # Its hash differs with markers in the hashed template; what is shown is the plain text, and its line is known.
    assert [place for text, place in found.items() if text.startswith("checksum:")] == [(5, "text")]


def test_subcharts_lead_to_their_own_files(rendered):
    _, _, maps = rendered(FILES)
    assert maps["shop/charts/other/templates/a.yaml"] == [
        TemplateLine("shop/charts/sub/templates/a.yaml", 1, "text", True),
        TemplateLine("shop/charts/sub/templates/a.yaml", 2, "text"),
        None,
    ]
    packed = maps["shop/charts/packed/templates/p.yaml"]
    assert packed is not None
    assert packed[1] == TemplateLine("shop/charts/packed.tgz!redis/templates/p.yaml", 2, "text", True)


def test_changing_a_literal_line_changes_its_rendered_lines_and_no_other(rendered, renderer):
    request, outputs, maps = rendered(FILES)
    templates = request.chart.templates()
    literal: dict[tuple[str, int], set[tuple[str, int]]] = {}
    for key, lines in maps.items():
        for index, line in enumerate(lines or ()):
            if line is not None and line.literal:
                literal.setdefault((line.path, line.line), set()).add((key, index))
    assert len(literal) > 40
    changed = []
    for path, line in literal:
        lines = templates[path].split("\n")
        content = lines[line - 1].rstrip("\r")
        lines[line - 1] = content + "Z" + lines[line - 1][len(content) :]
        changed.append(replace(request, overrides={path: "\n".join(lines)}))
    for (place, expected), result in zip(literal.items(), renderer.render(changed), strict=True):
        assert result.failures == ()
        different = set()
        for file in result.files:
            before, after = outputs[file.key].split("\n"), file.text.split("\n")
            assert len(before) == len(after), place
            different |= {(file.key, index) for index, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]}
        hashes = {(key, index) for key, index in different if "checksum:" in outputs[key].split("\n")[index]}
        assert different - hashes == expected, place


def test_windows_line_ends_change_nothing(rendered):
    _, outputs, maps = rendered(FILES)
    unix, windows = "shop/templates/deployment.yaml", "shop/templates/windows.yaml"
    assert "\r\n" in outputs[windows]
    assert places(maps[windows], outputs[windows]) == places(maps[unix], outputs[unix])


def test_helpers_are_only_marked_where_they_are_printed_as_they_are():
    names = ["printed", "quoted", "mentioned", "tested", "wrapped", "inner"]
    defines = "".join(f'{{{{ define "{name}" }}}}text of {name}{{{{ end }}}}' for name in names)
    templates = {
        "a.yaml": '{{ include "printed" . | nindent 2 }}{{ include "quoted" . | quote }}{{ template "mentioned" . }}',
        "b.yaml": '{{ $t := "mentioned" }}{{ if include "tested" . }}x{{ end }}{{ (include "wrapped" .) }}{{ include "inner" . }}',
        "c.tpl": defines,
        "d.tpl": '{{ define "outer" }}{{ include "inner" . }}{{ end }}{{ $x := include "outer" . }}',
    }
    marked = mark(templates).templates["c.tpl"]
    assert [name for name in names if f"}}}}text of {name}" not in marked] == ["printed"]
    assert mark(templates, helpers=False).templates["c.tpl"] == defines
    by_value = {**templates, "e.yaml": "{{ include .Values.name . }}"}
    assert mark(by_value).templates["c.tpl"] == defines
    by_path = {**templates, "e.yaml": '{{ include (print $.Template.BasePath "/b.yaml") . | sha256sum }}'}
    assert mark(by_path).templates["c.tpl"] == marked


def test_templates_that_cannot_be_marked_are_left_as_they_are():
    broken = {"a.yaml": "a: {{ .b", "b.yaml": "{{ if }}", "c.yaml": "{{ end }}", "d.yaml": "{{/* open", "notes.txt": "text"}
    assert mark(broken).templates == broken
    own = {"a.yaml": "a: \uf8f0 \uf8e0 \uf8d0 \uf8c0"}
    assert mark(own).templates == own
    other = mark({"a.yaml": "a: \uf8f0\ue000\ue000"})
    assert other.table.strip(other.templates["a.yaml"]) == "a: \uf8f0\ue000\ue000"


def test_what_reads_differently_with_markers_has_no_place():
    marked = mark({"a.yaml": "a: 1\nb: 2\n"})
    known = [TemplateLine("a.yaml", 1, "text", True), TemplateLine("a.yaml", 2, "text", True), None]
    assert line_map("a: 1\nb: 2\n", marked.templates["a.yaml"], marked.table) == known
    assert line_map("a: 1\n- x\nb: 2\n", marked.templates["a.yaml"], marked.table) == [known[0], None, *known[1:]]
    # A value that is random, or a checksum of marked text, is where it was, but not what the template says.
    changed = TemplateLine("a.yaml", 2, "text", False)
    assert line_map("a: 1\nb: 3\n", marked.templates["a.yaml"], marked.table) == [known[0], changed, None]
    assert line_map("a: 1\nc: 2\n", marked.templates["a.yaml"], marked.table) == [known[0], None, None]
    assert line_map("x: 1\n  y: 2\n", marked.templates["a.yaml"], marked.table) is None
    assert line_map("x: 1\n", "", marked.table) is None
    assert line_map("a: 1\nb: 2\n", "a: 1\nb: 2\n", marked.table) == [None, None, None]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("  name: web", "web"),
        ('  name: {{ include "web.name" . }}-api # the name', '{{ include "web.name" . }}-api'),
        ('  name: "{{ .Release.Name }}"', "{{ .Release.Name }}"),
        ("  - name: 'x'", "x"),
        ("metadata: {name: web, namespace: shop}", "web"),
        ("metadata: {namespace: shop, name: {{ .Values.name }}}", "{{ .Values.name }}"),
        ('  "name": "web",', "web"),
        ('{{ if .x }}name: {{ printf "%s}}" .y }}', '{{ printf "%s}}" .y }}'),
        ("  name: a#b", "a#b"),
        ("  name:", None),
        ("  hostname: web", None),
        ("  # no name here", None),
        ("", None),
    ],
)
def test_the_name_as_its_author_wrote_it(line, name):
    assert authored_name(f"kind: Service\n{line}\n", 2) == name
    assert authored_name(line, 5) is None
