"""Leaving out templates does not change what the others print."""

from __future__ import annotations

from dataclasses import replace

import pytest
from charts_in_memory import chart_yaml, load
from example_counts import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linter.engine.placing.template_lines import LineMapper
from linter.model import ManifestFile, Source
from linter.provenance.helm_lines import TemplateLine
from linter.provenance.needed_templates import NeededTemplates
from linter.provenance.values import ChartToTrace, WantedPlace, trace
from linter.rendering.helm.renderer import ChartRequest, HelmRenderer

PLAIN = "kind: ConfigMap\nmetadata:\n  name: {{ .Values.name }}\n"


def needed(templates, *wanted):
    return NeededTemplates(templates).of(wanted)


@pytest.fixture(scope="module")
def renderer():
    with HelmRenderer(1, deadline_seconds=20) as renderer:
        yield renderer


def test_what_only_prints_is_left_out():
    templates = {"a.yaml": PLAIN, "b.yaml": PLAIN, "NOTES.txt": "Thanks", "_names.tpl": '{{ define "x" }}{{ end }}', "c.yaml": "x"}
    assert needed(templates, "a.yaml") == {"a.yaml", "_names.tpl"}
    assert needed(templates) == {"_names.tpl"}
    assert NeededTemplates(templates).without_others(["a.yaml"]) == {"b.yaml": "", "NOTES.txt": "", "c.yaml": ""}


@pytest.mark.parametrize(
    "text",
    [
        '{{ $_ := set .Values "name" "other" }}',
        '{{- $x := .Values.web }}{{ $_ := set $x "a" 1 }}',
        '{{ range $key, $web := .Values.all }}{{ $_ := set $web "a" $key }}{{ end }}',
        '{{ $x := dict }}{{ $x = .Values.web }}{{ $_ := unset $x "a" }}',
        "{{ toYaml (merge .Values.web .Values.all) }}",
        '{{ $_ := mustMergeOverwrite $.Values (dict "a" 1) }}',
        '{{ with set . "a" 1 }}{{ end }}',
        '{{ include "sets" . }}',
        '{{ include "uses" . }}',
        '{{ include (printf "%s" "sets") . }}',
    ],
)
def test_what_changes_values_stays(text):
    helpers = '{{ define "sets" }}{{ $_ := set .Values "a" "b" }}{{ end }}{{ define "uses" }}{{ template "sets" . }}{{ end }}'
    templates = {"a.yaml": PLAIN, "b.yaml": text, "_helpers.tpl": helpers, "c.yaml": PLAIN}
    assert needed(templates, "a.yaml") == {"a.yaml", "b.yaml", "_helpers.tpl"}


@pytest.mark.parametrize(
    "text",
    [
        '{{ $x := dict "a" .Values.web }}{{ $_ := set $x "b" 1 }}{{ toYaml $x }}',
        '{{ $x := include "web" . | fromYaml }}{{ toYaml (merge $x .Values.web) }}',
        "{{ $x := dict }}{{ range .Values.all }}{{ $x = . | fromYaml | merge $x }}{{ end }}{{ toYaml $x }}",
        "{{ toYaml (mergeOverwrite (deepCopy .Values.web) .Values.all) }}",
        '{{ fail "set .Values.web, or merge .Values" }}',
        "{{/* set .Values */}}Set .Values.web: merge it",
        "{{ .Values.set .Values.web }}{{ $merge .Values }}",
    ],
)
def test_what_changes_only_its_own_is_left_out(text):
    assert needed({"a.yaml": PLAIN, "b.yaml": text}, "a.yaml") == {"a.yaml"}


def test_files_that_are_included_by_their_path_stay():
    checksum = '{{ include (print $.Template.BasePath "/b.yaml") . | sha256sum }}'
    templates = {"a.yaml": checksum, "b.yaml": '{{ include (print .Template.BasePath "/c.yaml") . }}', "c.yaml": PLAIN, "d.yaml": PLAIN}
    assert needed(templates, "a.yaml") == {"a.yaml", "b.yaml", "c.yaml"}
    assert needed(templates, "d.yaml") == {"d.yaml"}
    unknown = {**templates, "a.yaml": "{{ include (print $.Template.BasePath .Values.file) . }}"}
    assert needed(unknown, "a.yaml") == set(unknown)
    given_name = {
        "_sum.tpl": '{{ define "sum" }}{{ include (print .context.Template.BasePath .path) .context | sha256sum }}{{ end }}',
        "a.yaml": '{{ include "sum" (dict "path" "/b.yaml" "context" $) }}',
        "b.yaml": PLAIN,
        "c.yaml": PLAIN,
    }
    assert needed(given_name, "a.yaml") == {"_sum.tpl", "a.yaml", "b.yaml"}


def test_a_template_that_cannot_be_parsed_stays_if_it_may_change_values():
    assert needed({"a.yaml": PLAIN, "b.yaml": "{{ set .Values", "c.yaml": "{{ .Values"}, "a.yaml") == {"a.yaml", "b.yaml"}


PIECES = st.sampled_from(
    [
        "a: {{ .Values.a }}",
        "b: {{ .Values.web | toJson }}",
        '{{ $_ := set .Values "a" "from @" }}',
        '{{ $_ := set .Values.web "@" "x" }}',
        '{{ $web := .Values.web }}{{ $_ := set $web "a" "@" }}',
        '{{ $own := deepCopy .Values.web }}{{ $_ := set $own "a" "@" }}c: {{ toJson $own }}',
        'd: {{ toJson (merge .Values.web (dict "@" "m")) }}',
        'e: {{ toJson (merge (dict "@" "m") .Values.web) }}',
        "f: {{ include \"sets\" . }}",
        "g: {{ include \"reads\" . }}",
        'h: {{ include (print .Template.BasePath "/a.yaml") . | sha256sum }}',
        "i: {{ include (print .Template.BasePath (printf \"/%s.yaml\" \"b\")) . | sha256sum }}",
        'j: {{ include "file" (dict "path" "/c.yaml" "context" .) | sha256sum }}',
        '{{ range $key, $value := .Values.all }}{{ $_ := set $value "a" "@" }}{{ end }}k: {{ toJson .Values.all }}',
    ]
)  # fmt: skip
HELPERS = (
    '{{ define "sets" }}{{ $_ := set .Values "a" "helper" }}{{ end }}{{ define "reads" }}{{ toJson .Values }}{{ end }}'
    '{{ define "file" }}{{ include (print .context.Template.BasePath .path) .context }}{{ end }}'
)
NAMES = ["a.yaml", "b.yaml", "c.yaml", "deep/d.yaml"]


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(PIECES, min_size=1, max_size=3), min_size=4, max_size=4), st.sets(st.sampled_from(NAMES), min_size=1))
def test_a_rendering_without_the_others_is_the_same(renderer, bodies, wanted):
    files = {f"shop/templates/{name}": "\n".join(body).replace("@", name[0]) for name, body in zip(NAMES, bodies, strict=True)}
    values = "a: plain\nweb: {a: 1}\nall: {x: {a: 1}}\n"
    chart = load({"shop/Chart.yaml": chart_yaml(), "shop/values.yaml": values, "shop/templates/_helpers.tpl": HELPERS, **files})
    others = NeededTemplates(chart.templates()).without_others([f"shop/templates/{name}" for name in wanted])
    request = ChartRequest(chart)
    whole, part = renderer.render([request, replace(request, overrides=others)])
    if whole.failures:
        # Files that include each other without end.
        return
    keys = {f"shop/templates/{name}" for name in wanted}
    assert {file.key: file.text for file in part.files if file.key in keys} == {
        file.key: file.text for file in whole.files if file.key in keys
    }


def mapped(renderer, files, *names):
    """The line maps of some files, and how many charts were rendered for them."""
    chart = load({"shop/Chart.yaml": chart_yaml(), **files})
    source = Source("shop", "helm", "shop")
    request = ChartRequest(chart)
    [plain] = renderer.render([request])
    assert not plain.failures
    outputs = {output.path: output for output in plain.files}
    held = {ManifestFile(path, outputs[path].text, source, True): outputs[path].key for path in names}
    requests = []

    def render(wanted):
        requests.extend(wanted)
        return list(renderer.render(wanted))

    maps = {}
    LineMapper({source: request}, lambda: held, maps).map({source: list(held)}, render)
    return {file.path: lines for file, lines in maps.items()}, requests


def test_lines_are_mapped_with_the_needed_templates_alone(renderer):
    files = {f"shop/templates/{name}.yaml": f"name: {name}\nvalue: {{{{ .Release.Name }}}}\n" for name in "abc"}
    maps, requests = mapped(renderer, files, "shop/templates/b.yaml")
    assert maps["shop/templates/b.yaml"][:2] == [
        TemplateLine("shop/templates/b.yaml", 1, "text", True),
        TemplateLine("shop/templates/b.yaml", 2, "text", False),
    ]
    assert [(request.overrides["shop/templates/a.yaml"], request.overrides["shop/templates/c.yaml"]) for request in requests] == [("", "")]


def test_a_chart_that_needs_its_other_templates_in_another_way_is_rendered_with_all_of_them(renderer):
    files = {
        "shop/values.yaml": 'init: \'{{ $_ := set .Values "made" (dict "name" "web") }}\'\n',
        "shop/templates/deep/init.yaml": "{{ tpl .Values.init . }}",
        "shop/templates/a.yaml": "fixed: yes\nname: {{ .Values.made.name }}\n",
    }
    maps, requests = mapped(renderer, files, "shop/templates/a.yaml")
    assert maps["shop/templates/a.yaml"][0] == TemplateLine("shop/templates/a.yaml", 1, "text", True)
    assert [request.overrides["shop/templates/deep/init.yaml"] == "" for request in requests] == [True, False]


def test_values_are_traced_with_the_needed_templates_alone(renderer):
    files = {f"shop/templates/{name}.yaml": f"name: {name}\nvalue: {{{{ .Values.{name} }}}}\n" for name in "abc"}
    chart = load({"shop/Chart.yaml": chart_yaml(), "shop/values.yaml": "a: first\nb: second\nc: third\n", **files})
    request = ChartRequest(chart)
    [plain] = renderer.render([request])
    requests = []

    def render(wanted):
        requests.extend(wanted)
        return list(renderer.render(wanted))

    place = WantedPlace("shop/templates/b.yaml", 0, ("value",))
    [found] = trace([ChartToTrace(request, plain, [place])], render)
    assert [(origin.key, origin.whole) for origin in found[place]] == [(("b",), True)]
    assert [sorted(path for path, text in probe.overrides.items() if not text) for probe in requests] == [
        ["shop/templates/a.yaml", "shop/templates/c.yaml"]
    ]
