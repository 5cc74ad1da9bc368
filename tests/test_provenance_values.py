"""From rendered values to the definitions that decided them, with the real engine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from charts_in_memory import chart_yaml, load, package

from linter.provenance.helm_lines import line_map, mark
from linter.provenance.values import ChartToTrace, ValueOrigin, WantedPlace, definition, trace
from linter.rendering.helm.renderer import ChartRequest, HelmRenderer
from linter.rendering.helm.values import ValueLayer, decode_values

KEY = "shop/templates/a.yaml"


@pytest.fixture(scope="module")
def renderer():
    with HelmRenderer(1, deadline_seconds=20) as renderer:
        yield renderer


def layer(text, path="values-prod.yaml"):
    return decode_values(text.encode(), path)


class Traced:
    """What was found for the places of a chart."""

    def __init__(self, request, origins, probes):
        self.request = request
        self.origins = origins
        self.probes = probes

    def all(self, *route, key=KEY, document=0):
        return self.origins.get(WantedPlace(key, document, route), ())

    def one(self, *route, key=KEY, document=0) -> ValueOrigin | None:
        found = self.all(*route, key=key, document=document)
        assert len(found) < 2 or not any(origin.whole for origin in found)
        return found[0] if found else None

    def where(self, *route, key=KEY, document=0):
        """`path:line` of the definition that a place comes whole from."""
        found = self.one(*route, key=key, document=document)
        if found is None or not found.whole:
            return None
        if found.layer is None:
            return f"option {found.option}"
        place = definition(found.layer, found.route)
        assert place is not None
        return f"{found.layer.path}:{place[0]}"


@pytest.fixture
def traced(renderer):
    def run(files, wanted, layers=(), lines=True, **options):
        named = {"shop/Chart.yaml": chart_yaml(), **{f"shop/{name}" if "/" not in name else name: text for name, text in files.items()}}
        request = ChartRequest(load(named), list(layers), **options)
        marked = mark(request.chart.templates())
        plain, instrumented = renderer.render([request, replace(request, overrides=marked.templates)])
        assert plain.failures == ()
        with_marks = {file.key: file.text for file in instrumented.files}
        maps = {file.key: line_map(file.text, with_marks[file.key], marked.table) or [] for file in plain.files} if lines else {}
        places = [entry if isinstance(entry, WantedPlace) else WantedPlace(KEY, 0, entry) for entry in wanted]
        rounds = []

        def render(requests):
            rounds.append(requests)
            return renderer.render(requests)

        (found,) = trace([ChartToTrace(request, plain, places, maps)], render)
        return Traced(request, found, len(rounds))

    return run


VALUES = """\
a: one
image:
  repository: repo
  tag: "1.2"
  pullPolicy: Always
list: [x, y]
items:
  - name: n1
    port: 8080
  - name: n2
    port: 9090
map:
  k1: v1
  k2: v2
number: 42
replicas: 3
enabled: true
disabled: false
zero: 0
empty: ""
nothing: null
none: {}
same1: twin
same2: twin
block:
  limits:
    cpu: 100m
    memory: 1Gi
extraContainers:
  - name: side
    image: busybox:latest
    securityContext: {privileged: true, runAsUser: 0, readOnly: false}
template: "{{ .Values.a }}-{{ .Release.Name }}"
short: Cluster
fraction: 0.5
version: "1.10"
"""


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("value: {{ .Values.a }}", 1),
        ("value: {{ .Values.image.tag }}", 4),
        ("value: {{ .Values.image.tag | quote }}", 4),
        ("{{ with .Values.image }}value: {{ .pullPolicy }}{{ end }}", 5),
        ("value: {{ index .Values.list 1 }}", 6),
        ("{{ range $i, $e := .Values.items }}{{ if eq $i 1 }}value: {{ .name }}{{ end }}{{ end }}", 10),
        ("{{ range $k, $v := .Values.map }}{{ $k }}: {{ $v }}\n{{ end }}value: {{ .Values.map.k2 }}", 14),
        ("{{ range .Values.items }}{{ $.Values.a }}{{ .name }}: 1\n{{ end }}value: {{ $.Values.number }}", 15),
        ('value: {{ index .Values "image" "repository" }}', 3),
        ('value: {{ get .Values.map "k1" }}', 13),
        ("value: {{ .Values.missing | default .Values.a }}", 1),
        ("value: {{ .Values.a | default .Values.number }}", 1),
        ("value: {{ coalesce .Values.empty .Values.missing .Values.number }}", 15),
        ("value: {{ ternary .Values.a .Values.number .Values.enabled }}", 1),
        ('value: {{ include "printed" .Values.a }}', 1),
        ('value: {{ include "printed" (index (dict "v" .Values.image) "v").tag }}', 4),
        ("value: {{ tpl .Values.template . }}", 33),
        ("{{ $x := .Values.image }}value: {{ $x.tag }}", 4),
        ("value: {{ .Values.replicas }}", 16),
        ("value: {{ .Values.replicas | int64 }}", 16),
        ("value: {{ .Values.enabled }}", 17),
        ("value: {{ .Values.disabled }}", 18),
        ("value: {{ if .Values.disabled }}true{{ else }}false{{ end }}", 18),
        ("value: {{ ternary true false .Values.enabled }}", 17),
        ("value: {{ and .Values.enabled (eq .Values.a `one`) }}", 17),
        ("value: {{ .Values.zero }}", 19),
        ("value: {{ .Values.empty | quote }}", 20),
        ("value: {{ .Values.same2 }}", 24),
        ("value: {{ .Values.same1 }}\n{{ if eq .Values.same1 `twin` }}more: 1{{ end }}", 23),
        ("value: {{ .Values.a | trunc 63 | trimSuffix `-` }}", 1),
        ("value: {{ required `set it` .Values.a }}", 1),
        ("value: {{ .Values.short | lower }}", 34),
        ("value: {{ .Values.fraction }}", 35),
        ("value: {{ .Values.version }}", 36),
        ("value: {{- toYaml .Values.none | nindent 2 }}", 22),
        ("value: {{- toYaml .Values.block.limits | nindent 2 }}", 26),
        ("value: {{ .Values.number | mul 2 }}", None),
        ("value: {{ add .Values.number 1 }}", None),
        ("value: {{ .Values.a | b64enc }}", None),
        ("value: fixed", None),
        ("value: twin", None),
        ("value: {{ .Release.Name }}", None),
        ("value: {{ `twin` }}", None),
        ("value: {{ .Values.image.repository }}:{{ .Values.image.tag }}", None),
        ("value: {{ if eq .Values.same1 .Values.same2 }}twin{{ end }}", None),
    ],
)
def test_each_construct_leads_to_its_definition(traced, template, expected):
    helpers = '{{ define "printed" }}{{ . }}{{ end }}'
    found = traced({"values.yaml": VALUES, "shop/templates/a.yaml": template + "\n", "shop/templates/_h.tpl": helpers}, [("value",)])
    assert found.where("value") == (f"shop/values.yaml:{expected}" if expected else None)


def test_what_a_text_is_made_of_is_named_in_its_order(traced):
    template = "value: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n"
    found = traced({"values.yaml": VALUES, "shop/templates/a.yaml": template}, [("value",)])
    assert [(origin.key, origin.whole) for origin in found.all("value")] == [
        (("image", "repository"), False),
        (("image", "tag"), False),
    ]


def test_mappings_and_lists_come_whole_from_a_node(traced):
    template = """\
spec:
  containers:
    - name: main
      image: fixed
      resources: {{- toYaml .Values.block | nindent 8 }}
    {{- toYaml .Values.extraContainers | nindent 4 }}
"""
    containers = ("spec", "containers")
    wanted = [
        (*containers, 0),
        (*containers, 0, "image"),
        (*containers, 0, "resources"),
        (*containers, 0, "resources", "limits", "cpu"),
        (*containers, 0, "resources", "requests"),
        (*containers, 1),
        (*containers, 1, "livenessProbe"),
        (*containers, 1, "image"),
        (*containers, 1, "securityContext", "privileged"),
        (*containers, 1, "securityContext", "runAsUser"),
        (*containers, 1, "securityContext", "readOnly"),
        containers,
    ]
    found = traced({"values.yaml": VALUES, "shop/templates/a.yaml": template}, wanted)
    assert [found.where(*route) and found.where(*route).removeprefix("shop/values.yaml:") for route in wanted] == [
        None, None, "25", "27", "25", "30", "30", "31", "32", "32", "32", None,
    ]  # fmt: skip
    assert found.one(*containers, 1, "image").key == ("extraContainers", 0, "image")


SUBCHART = {
    "shop/Chart.yaml": chart_yaml(
        more="""\
dependencies:
  - {name: redis, version: 1.x, condition: redis.enabled}
  - {name: redis, version: 1.x, alias: cache}
  - {name: lib, version: 1.x, import-values: [out, {child: inner, parent: taken}]}
"""
    ),
    "shop/values.yaml": "redis:\n  enabled: true\n  image:\n    tag: parent\nglobal:\n  registry: quay\nmine: 1\n",
    "shop/templates/a.yaml": "out: {{ .Values.exported }}\ntaken: {{ .Values.taken.deep }}\n",
    "shop/charts/redis.tgz": package(
        {
            "Chart.yaml": chart_yaml("redis"),
            "values.yaml": "image:\n  tag: own\n  name: valkey\nglobal:\n  zone: z1\n  registry: lost\n",
            "templates/r.yaml": "tag: {{ .Values.image.tag }}\nname: {{ .Values.image.name }}\n"
            "registry: {{ .Values.global.registry }}\nzone: {{ .Values.global.zone }}\n",
        }
    ),
    "shop/charts/lib/Chart.yaml": chart_yaml("lib"),
    "shop/charts/lib/values.yaml": "exports:\n  out:\n    exported: fromlib\ninner:\n  deep: below\n",
}
REDIS = "shop/charts/redis/templates/r.yaml"
CACHE = "shop/charts/cache/templates/r.yaml"
PACKED = "shop/charts/redis.tgz!redis/values.yaml"


def test_values_of_subcharts(traced):
    fields = ("tag", "name", "registry", "zone")
    wanted = [WantedPlace(key, 0, (field,)) for key in (REDIS, CACHE) for field in fields]
    found = traced(SUBCHART, [*wanted, ("out",), ("taken",)])
    assert [found.where(field, key=REDIS) for field in fields] == ["shop/values.yaml:4", f"{PACKED}:3", "shop/values.yaml:6", f"{PACKED}:5"]
    assert [found.where(field, key=CACHE) for field in fields] == [f"{PACKED}:2", f"{PACKED}:3", "shop/values.yaml:6", f"{PACKED}:5"]
    assert (found.one("tag", key=REDIS).key, found.one("tag", key=REDIS).route) == (("redis", "image", "tag"), ("redis", "image", "tag"))
    assert (found.one("name", key=CACHE).key, found.one("name", key=CACHE).route) == (("cache", "image", "name"), ("image", "name"))
    assert found.one("registry", key=CACHE).key == ("global", "registry")
    assert found.where("out") == "shop/charts/lib/values.yaml:3"
    assert found.where("taken") == "shop/charts/lib/values.yaml:5"


def test_the_last_layer_wins(traced):
    layers = [
        layer("image: {tag: low, name: low}\nlist: [a, b]\n", "one.yaml"),
        layer("image:\n  tag: high\n", "two.yaml"),
        ValueLayer({"image": {"digest": "inline"}}),
    ]
    files = {
        "values.yaml": "image: {tag: default, name: default, digest: default, kept: default}\nlist: [z, y, x]\n",
        "shop/templates/a.yaml": "{{ range $k, $v := .Values.image }}{{ $k }}: {{ $v }}\n{{ end }}list: {{ toJson .Values.list }}\n",
    }
    found = traced(files, [("tag",), ("name",), ("digest",), ("kept",), ("list",), ("list", 1)], layers)
    assert [found.where(field) for field in ("tag", "name", "kept", "list")] == [
        "two.yaml:2",
        "one.yaml:1",
        "shop/values.yaml:1",
        "one.yaml:2",
    ]
    assert found.where("list", 1) == "one.yaml:2"
    assert found.one("digest").layer is layers[2]
    assert found.one("digest").route == ("image", "digest")


def test_options_win_over_files(traced):
    files = {
        "values.yaml": "a: {b: 1}\nc: x\nd: y\ne: z\nlist: [p, q]\n",
        "shop/templates/a.yaml": "b: {{ .Values.a.b }}\nc: {{ .Values.c }}\nd: {{ .Values.d }}\ne: {{ .Values.e | quote }}\n"
        "list: {{ toJson .Values.list }}\nbig: {{ .Values.big }}\nflag: {{ .Values.flag }}\n",
    }
    found = traced(
        files,
        [("b",), ("c",), ("d",), ("e",), ("list", 0), ("list", 1), ("big",), ("flag",)],
        set_values=["a.b=5,c=first", "c=second,list={r,s},flag=false", "big=1048576"],
        set_strings=["d=a\\,b"],
        set_files=[("e", "content\n")],
    )
    fields = [("b",), ("c",), ("d",), ("e",), ("list", 0), ("list", 1), ("big",), ("flag",)]
    assert [found.where(*field) for field in fields] == [f"option {number}" for number in (0, 1, 3, 4, 1, 1, 2, 1)]
    assert found.one("list", 0).route == ("list", 0)


def test_anchors_and_merges_lead_to_what_decides(traced):
    values = "base: &base\n  cpu: 100m\n  memory: 1Gi\nname: &n web\nother: *n\nuse:\n  <<: *base\n  cpu: 200m\nwhole: *base\n"
    template = "other: {{ .Values.other }}\ncpu: {{ .Values.use.cpu }}\nmemory: {{ .Values.use.memory }}\ndeep: {{ .Values.whole.cpu }}\n"
    found = traced({"values.yaml": values, "shop/templates/a.yaml": template}, [("other",), ("cpu",), ("memory",), ("deep",)])
    lines = [found.where(field) for field in ("other", "memory", "deep")]
    assert lines == ["shop/values.yaml:5", "shop/values.yaml:3", "shop/values.yaml:2"]
    assert found.one("other").key == ("other",)


def test_the_last_document_of_a_values_file_counts(traced):
    several = layer("a: 1\nb: 2\n---\na: 3\n---\n", "many.yaml")
    found = traced({"shop/templates/a.yaml": "a: {{ .Values.a }}\nb: {{ .Values.b }}\n"}, [("a",), ("b",)], [several])
    assert [found.where(field) for field in "ab"] == ["many.yaml:4", "many.yaml:2"]


def test_one_rendering_is_enough_for_plain_values(traced):
    template = "a: {{ .Values.a }}\nn: {{ .Values.number }}\nt: {{ .Values.image.tag }}\n"
    found = traced({"values.yaml": VALUES, "shop/templates/a.yaml": template}, [("a",), ("n",), ("t",)])
    assert found.probes == 1
    assert traced({"values.yaml": VALUES, "shop/templates/a.yaml": "a: fixed text\n"}, [("a",)]).probes == 0


def test_a_mark_that_breaks_the_chart_does_not_hide_the_others(traced):
    files = {
        "values.yaml": "kind: ClusterIP\nname: web\nport: 80\n",
        "shop/templates/a.yaml": '{{ if ne .Values.kind "ClusterIP" }}{{ index list 9 }}{{ end }}kind: {{ .Values.kind }}\n'
        "name: {{ .Values.name }}\nport: {{ .Values.port }}\n",
    }
    found = traced(files, [("kind",), ("name",), ("port",)])
    assert [found.where(field) for field in ("kind", "name", "port")] == [None, "shop/values.yaml:2", "shop/values.yaml:3"]


def test_what_a_chart_refuses_is_traced_too(traced):
    files = {
        "values.yaml": "type: ClusterIP\nname: web\n",
        "shop/templates/a.yaml": '{{ include "check" . }}type: {{ .Values.type }}\nname: {{ .Values.name }}\n',
        "shop/templates/_h.tpl": '{{ define "check" }}{{ if ne .Values.type "ClusterIP" }}{{ printf "no" | fail }}{{ end }}{{ end }}',
        "shop/templates/NOTES.txt": '{{ if ne .Values.name "web" }}{{ index list 9 }}{{ end }}',
    }
    found = traced(files, [("type",), ("name",)])
    assert [found.where(field) for field in ("type", "name")] == ["shop/values.yaml:1", "shop/values.yaml:2"]
    assert found.probes == 1


def test_certificates_do_not_keep_values_from_being_traced(traced):
    template = """\
{{ $ca := genCA "ca" 365 }}{{ $signed := genSignedCert .Values.host nil (list "a" .Values.host) 365 $ca }}
host: {{ .Values.host }}
data: {tls.crt: {{ $signed.Cert | b64enc }}, tls.key: {{ $signed.Key | b64enc }}, ca.crt: {{ $ca.Cert | b64enc | quote }}}
"""
    found = traced({"values.yaml": "host: web.example\n", "shop/templates/a.yaml": template}, [("host",), ("data", "tls.crt")])
    assert (found.where("host"), found.where("data", "tls.crt"), found.probes) == ("shop/values.yaml:1", None, 1)


def test_a_default_of_the_template_names_the_key_it_stands_for(traced):
    files = {
        "values.yaml": "pdb:\n  maxUnavailable: ''\n",
        "shop/templates/a.yaml": "maxUnavailable: {{ .Values.pdb.maxUnavailable | default 1 }}\n",
    }
    found = traced(files, [("maxUnavailable",)]).one("maxUnavailable")
    assert (found.key, found.whole) == (("pdb", "maxUnavailable"), False)


def test_probes_are_bounded(traced):
    fields = "".join(f"f{number}: v{number}\n" for number in range(40))
    template = "".join(
        f"{{{{ if ne .Values.f{n} `v{n}` }}}}{{{{ index list 9 }}}}{{{{ end }}}}f{n}: {{{{ .Values.f{n} }}}}\n" for n in range(40)
    )
    found = traced({"values.yaml": fields, "shop/templates/a.yaml": template}, [(f"f{number}",) for number in range(40)])
    assert found.probes <= 6
    assert found.origins == {}


def test_charts_are_traced_together(renderer):
    charts = []
    for name in ("one", "two"):
        files = {"shop/Chart.yaml": chart_yaml(), "shop/values.yaml": f"a: {name}\n", "shop/templates/a.yaml": "a: {{ .Values.a }}\n"}
        request = ChartRequest(load(files))
        (plain,) = renderer.render([request])
        charts.append(ChartToTrace(request, plain, [WantedPlace(KEY, 0, ("a",)), WantedPlace(KEY, 3, ("a",)), WantedPlace("gone", 0, ())]))
    calls = []

    def render(requests):
        calls.append(len(requests))
        return renderer.render(requests)

    found = trace(charts, render)
    assert calls == [2]
    assert [list(entry) for entry in found] == [[WantedPlace(KEY, 0, ("a",))]] * 2


def test_without_text_there_is_no_line():
    assert definition(ValueLayer({"a": 1}), ("a",)) is None
    assert definition(layer("a: 1\n"), ("b",)) is None
    assert definition(layer("a: 1\n"), ("a",)) == (1, 4, 1, 5)
