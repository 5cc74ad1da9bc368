"""Whatever is said to come whole from a definition: altering that definition alters what is printed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from charts_in_memory import chart_yaml, load
from example_counts import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linter.errors import InputError
from linter.manifest.decoder import decode_text
from linter.model.routes import dig
from linter.provenance.helm_lines import line_map, mark
from linter.provenance.values import ChartToTrace, WantedPlace, definition, trace
from linter.provenance.values.definitions import leaves_below
from linter.rendering.helm.renderer import ChartRequest, HelmRenderer
from linter.rendering.helm.values import decode_values

KEY = "shop/templates/a.yaml"
NAMES = ["a", "b", "c", "d"]

# Few of each, so that several keys have one value.
SCALARS = st.sampled_from(["web", "web", "Always", "1.10", "80", "x y", "", "{{ .Release.Name }}", 80, 80, 3, 0, 1.5, True, False])
LISTS = st.lists(st.sampled_from(["web", "p", 80]), min_size=1, max_size=2)
MAPS = st.dictionaries(st.sampled_from(NAMES), SCALARS, min_size=1, max_size=3)
VALUES = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, SCALARS | MAPS | LISTS))

PRINTED = st.sampled_from(
    [
        "{{ %s }}",
        "{{ %s | quote }}",
        "{{ toJson %s }}",
        "{{ %s | default 80 }}",
        "{{ %s | default .Values.b | toJson }}",
        "{{ coalesce %s .Values.c | toJson }}",
        "{{ if %s }}true{{ else }}false{{ end }}",
        "{{ with %s }}{{ toJson . }}{{ end }}",
        "{{ $x := %s }}{{ $x | toString | lower | quote }}",
        '{{ if eq (toString %s) "web" }}web{{ else }}80{{ end }}',
        "{{ tpl (toString %s) $ | quote }}",
        "{{ %s | toString | trunc 3 | quote }}",
        '{{ printf "%%v-%%v" %s .Values.a | quote }}',
        "{{ add (int (toString %s)) 1 }}",
        "{{ ternary 80 3 (eq (toString %s) (toString .Values.d)) }}",
        "{{ range (list %s .Values.a) }}{{ toString . | quote }} {{ break }}{{ end }}",
        "{{ toString %s | b64enc }}",
        "{{ max (int (toString %s)) 80 }}",
    ]
)
PATHS = st.sampled_from([".Values.a", ".Values.b", "$.Values.c", "(default dict .Values.m).a", "(default dict .Values.m).b"])
TEMPLATES = st.lists(st.tuples(PRINTED, PATHS), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def renderer():
    with HelmRenderer(1, deadline_seconds=20) as renderer:
        yield renderer


def written(values, indent=""):
    """Values as YAML with one entry per line."""
    lines = []
    for key, value in values.items():
        if isinstance(value, dict) and value:
            lines += [f"{indent}{key}:\n", written(value, indent + "  ")]
        elif isinstance(value, list):
            lines += [f"{indent}{key}:\n", *(f"{indent}  - {json.dumps(item)}\n" for item in value)]
        else:
            lines.append(f"{indent}{key}: {json.dumps(value)}\n")
    return "".join(lines)


def altered(text, place):
    """The text with another value in a place of one line."""
    line, column, end_line, end_column = place
    assert line == end_line
    lines = text.split("\n")
    old = json.loads(lines[line - 1][column - 1 : end_column - 1])
    new = not old if isinstance(old, bool) else f"{old}7" if isinstance(old, str) else old + 7
    lines[line - 1] = lines[line - 1][: column - 1] + json.dumps(new) + lines[line - 1][end_column - 1 :]
    return "\n".join(lines)


def bodies(rendered):
    (text,) = [file.text for file in rendered.files if file.key == KEY] or [""]
    try:
        return [entry.value for entry in decode_text(text)]
    except InputError:
        return []


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(own=VALUES, maps=MAPS, other=VALUES, printed=TEMPLATES, lines=st.booleans())
def test_altering_the_definition_alters_the_output(renderer, own, maps, other, printed, lines):
    files = {
        "shop/Chart.yaml": chart_yaml(),
        "shop/values.yaml": written({**own, "m": maps}) or "{}",
        "shop/templates/a.yaml": "".join(f"k{number}: {text % path}\n" for number, (text, path) in enumerate(printed)),
    }
    above = written(other)

    def request(files, above):
        return ChartRequest(load(files), [decode_values(above.encode(), "above.yaml")])

    asked = request(files, above)
    marked = mark(asked.chart.templates())
    plain, instrumented = renderer.render([asked, replace(asked, overrides=marked.templates)])
    documents = bodies(plain)
    if plain.failures or not documents or not isinstance(documents[0], dict):
        return
    texts = {file.key: file.text for file in instrumented.files}
    maps_of_lines = {file.key: line_map(file.text, texts.get(file.key, ""), marked.table) or [] for file in plain.files}
    wanted = [WantedPlace(KEY, 0, route) for route, _ in leaves_below(documents[0])]
    (found,) = trace([ChartToTrace(asked, plain, wanted, maps_of_lines if lines else {})], renderer.render)
    claims = [(place, origins[0]) for place, origins in found.items() if origins[0].whole]
    changed = []
    for _, origin in claims:
        place = definition(origin.layer, origin.route)
        text = altered(origin.layer.text, place)
        changed.append(request(files, text) if origin.layer.path == "above.yaml" else request({**files, "shop/values.yaml": text}, above))
    for (place, origin), rendered in zip(claims, renderer.render(changed), strict=True):
        after = bodies(rendered)
        before = dig(documents[0], *place.route)
        assert not after or dig(after[0], *place.route) != before, (place, origin)


def test_the_property_is_about_something(renderer):
    own = {"a": "web", "b": 80, "m": {"a": True}}
    files = {
        "shop/Chart.yaml": chart_yaml(),
        "shop/values.yaml": written(own),
        "shop/templates/a.yaml": "u: {{ .Values.a }}\nv: {{ .Values.b }}\nw: {{ .Values.m.a }}\n",
    }
    asked = ChartRequest(load(files))
    (plain,) = renderer.render([asked])
    (found,) = trace([ChartToTrace(asked, plain, [WantedPlace(KEY, 0, (key,)) for key in "uvw"])], renderer.render)
    assert [origins[0].key for origins in found.values()] == [("a",), ("b",)]
