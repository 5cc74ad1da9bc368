"""Which values key a template waits for."""

from __future__ import annotations

import pytest
from charts_in_memory import chart_yaml, load

from linter.provenance.values import definition, unset_keys
from linter.rendering.helm.renderer import ChartRequest
from linter.rendering.helm.values import decode_values

TEMPLATE = """\
{{- if .Values.deployment }}
kind: Deployment
spec:
  {{- with .Values.strategy }}
  strategy: {{ toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: main
      {{- if .Values.customLivenessProbe }}
      livenessProbe: {{ toYaml .Values.customLivenessProbe | nindent 8 }}
      {{- else if .Values.livenessProbe.enabled }}
      livenessProbe: {{ toYaml (omit .Values.livenessProbe "enabled") | nindent 8 }}
      {{- end }}
      {{- with .Values.resources }}
      resources: {{ toYaml . | nindent 8 }}
      {{- end }}
      {{- $probe := .Values.probes }}
      {{- if $probe.ready }}
      readinessProbe: {}
      {{- end }}
      {{- if .Values.interactive }}
      tty: true
      {{- else }}
      stdin: true
      {{- end }}
      image: main
    {{- range .Values.sidecars }}
    - name: side
      {{- if .probe }}
      startupProbe: {}
      {{- end }}
    {{- end }}
    - name: other
      {{- if .Values.other.resources }}
      resources: {}
      {{- end }}
{{- end }}
"""
VALUES = """\
deployment: true
strategy: {type: Recreate}
livenessProbe:
  enabled: false
resources: {}
interactive: true
sidecars: [{probe: null}]
"""


@pytest.fixture
def unset():
    def run(field, lines=(8, 26), layers=(), key="shop/templates/a.yaml", **options):
        files = {"shop/Chart.yaml": chart_yaml(), "shop/values.yaml": VALUES, "shop/templates/a.yaml": TEMPLATE}
        request = ChartRequest(load(files), layers, **options)
        return unset_keys(request, key, "shop/templates/a.yaml", lines, field)

    return run


@pytest.mark.parametrize(
    ("field", "lines", "keys"),
    [
        ("livenessProbe", (8, 26), [("customLivenessProbe",), ("livenessProbe", "enabled")]),
        ("resources", (8, 26), [("resources",)]),
        ("resources", (33, 36), [("other", "resources")]),
        ("readinessProbe", (8, 26), [("probes", "ready")]),
        ("strategy", (2, 36), []),
        ("tty", (8, 26), []),
        ("stdin", (8, 26), []),
        ("startupProbe", (28, 31), []),
        ("image", (8, 26), []),
        ("absent", (8, 26), []),
        ("resource", (8, 26), []),
    ],
)
def test_the_keys_around_a_missing_field(unset, field, lines, keys):
    assert [entry.key for entry in unset(field, lines)] == keys


def test_an_empty_definition_is_shown(unset):
    (found,) = unset("resources")
    assert definition(found.layer, found.route)[0] == 5
    assert [entry.layer is None and entry.option is None for entry in unset("readinessProbe")] == [True]


def test_a_key_that_some_layer_sets_is_not_unset(unset):
    assert unset("resources", layers=[decode_values(b"resources: {limits: {cpu: 1}}\n", "prod.yaml")]) == []
    assert unset("resources", set_values=["resources.limits.cpu=1"]) == []
    (emptied,) = unset("readinessProbe", set_values=["probes.ready=false"])
    assert (emptied.key, emptied.option) == (("probes", "ready"), 0)


def test_the_keys_of_a_subchart_are_those_of_the_root():
    files = {
        "shop/Chart.yaml": chart_yaml(more="dependencies: [{name: web, version: 1.x, alias: front}]\n"),
        "shop/values.yaml": "front: {resources: {}}\nglobal: {probe: null}\n",
        "shop/charts/web/Chart.yaml": chart_yaml("web"),
        "shop/charts/web/values.yaml": "probe: {}\nglobal: {probe: 1}\n",
        "shop/charts/web/templates/a.yaml": "{{ with .Values.resources }}\nresources: 1\n{{ end }}"
        "{{ if .Values.probe }}\nprobe: 1\n{{ end }}{{ if .Values.global.probe }}\nother: 1\n{{ end }}",
    }
    request = ChartRequest(load(files))
    key, path = "shop/charts/front/templates/a.yaml", "shop/charts/web/templates/a.yaml"
    (resources,) = unset_keys(request, key, path, (1, 9), "resources")
    assert (resources.key, resources.layer.path, resources.route) == (("front", "resources"), "shop/values.yaml", ("front", "resources"))
    (probe,) = unset_keys(request, key, path, (1, 9), "probe")
    assert (probe.key, probe.layer.path, probe.route) == (("front", "probe"), "shop/charts/web/values.yaml", ("probe",))


def test_nothing_is_said_about_what_cannot_be_read(unset):
    assert unset("resources", set_values=["a"]) == []
    files = {"shop/Chart.yaml": chart_yaml(), "shop/templates/a.yaml": "{{ if"}
    request = ChartRequest(load(files))
    assert unset_keys(request, "shop/templates/a.yaml", "shop/templates/a.yaml", (1, 1), "x") == []
    assert unset_keys(request, "shop/templates/a.yaml", "elsewhere.yaml", (1, 1), "x") == []
