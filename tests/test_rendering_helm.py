"""Rendering charts with the real SDK in real worker processes."""

from __future__ import annotations

import json
import socket

import pytest
from charts_in_memory import chart_yaml, load, package

from linter.rendering.helm.renderer import ChartRequest, HelmRenderer
from linter.rendering.helm.values import ValueLayer, decode_values


@pytest.fixture(scope="module")
def renderer():
    with HelmRenderer(2, deadline_seconds=20) as renderer:
        yield renderer


@pytest.fixture
def render(renderer):
    """Render files of a chart in shop/; the output by path."""

    def run(files, **options):
        (chart,) = renderer.render([ChartRequest(load({"shop/Chart.yaml": chart_yaml(), **files}), **options)])
        assert chart.failures == ()
        return {file.path: file.text for file in chart.files}

    return run


@pytest.fixture
def failing(renderer):
    """Render files of a chart in shop/ that has failures; what they say."""

    def run(files, **options):
        (chart,) = renderer.render([ChartRequest(load({"shop/Chart.yaml": chart_yaml(), **files}), **options)])
        assert all(failure.fix and "\n" not in failure.message for failure in chart.failures)
        return [(failure.id, failure.path, failure.line, failure.message) for failure in chart.failures]

    return run


def test_a_plain_chart(render):
    files = {
        "shop/values.yaml": "color: red\n",
        "shop/templates/web.yaml": "a: {{ .Values.color }} {{ .Release.Name }} {{ .Release.Namespace }} {{ .Chart.Name }}\n",
        "shop/templates/_names.tpl": '{{ define "x" }}y{{ end }}',
        "shop/templates/NOTES.txt": "Thank you",
        "shop/templates/empty.yaml": "{{- if false }}\na: 1\n{{- end }}\n\n",
        "shop/templates/sub/list.json": "{}",
    }
    assert render(files) == {"shop/templates/sub/list.json": "{}", "shop/templates/web.yaml": "a: red shop default shop\n"}
    assert render(files, release="prod", namespace="ns")["shop/templates/web.yaml"] == "a: red prod ns shop\n"


def test_output_names_the_authors_files(render):
    template = "a: {{ .Chart.Name }} {{ .Values.x }}\n"
    more = (
        "dependencies:\n- {name: redis, version: 1.x, alias: cache}\n- {name: redis, version: 1.x}\n"
        "- {name: common, version: 1.x, repository: 'file://../libs/common'}\n- {name: packed, version: 2.x, repository: 'https://example.org'}\n"
    )
    files = {
        "shop/Chart.yaml": chart_yaml(more=more),
        "shop/values.yaml": "cache: {x: 5}\n",
        "shop/charts/redis-dir/Chart.yaml": chart_yaml("redis", "1.2.0"),
        "shop/charts/redis-dir/values.yaml": "x: 1\n",
        "shop/charts/redis-dir/templates/a.yaml": template,
        "shop/charts/redis-dir/crds/thing.yaml": "crd: 1\n",
        "libs/common/Chart.yaml": chart_yaml("common"),
        "libs/common/templates/b.yaml": template,
        "shop/charts/packed-2.0.0.tgz": package(
            {"Chart.yaml": chart_yaml("packed", "2.0.0"), "templates/c.yaml": template, "crds/t.yaml": "crd: 2\n"}
        ),
    }
    chart = load(files)
    with HelmRenderer(1) as renderer:
        (rendered,) = renderer.render([ChartRequest(chart)])
    assert rendered.failures == ()
    assert [(file.key, file.path, file.text, file.rendered) for file in rendered.files] == [
        ("shop/charts/cache/crds/thing.yaml", "shop/charts/redis-dir/crds/thing.yaml", "crd: 1\n", False),
        ("shop/charts/packed/crds/t.yaml", "shop/charts/packed-2.0.0.tgz!redis/crds/t.yaml", "crd: 2\n", False),
        ("shop/charts/cache/templates/a.yaml", "shop/charts/redis-dir/templates/a.yaml", "a: cache 5\n", True),
        ("shop/charts/common/templates/b.yaml", "libs/common/templates/b.yaml", "a: common \n", True),
        ("shop/charts/packed/templates/c.yaml", "shop/charts/packed-2.0.0.tgz!redis/templates/c.yaml", "a: packed \n", True),
        ("shop/charts/redis/templates/a.yaml", "shop/charts/redis-dir/templates/a.yaml", "a: redis 1\n", True),
    ]


def test_conditions_and_tags_decide_which_subcharts_and_crds_come(render):
    more = "dependencies:\n- {name: redis, version: 1.x, condition: redis.enabled}\n- {name: web, version: 1.x, tags: [front]}\n"
    files = {
        "shop/Chart.yaml": chart_yaml(more=more),
        "shop/charts/redis/Chart.yaml": chart_yaml("redis"),
        "shop/charts/redis/crds/a.yaml": "crd: 1\n",
        "shop/charts/web/Chart.yaml": chart_yaml("web"),
        "shop/charts/web/templates/b.yaml": "b: 1\n",
    }
    assert sorted(render(files)) == ["shop/charts/redis/crds/a.yaml", "shop/charts/web/templates/b.yaml"]
    assert list(render(files, include_crds=False)) == ["shop/charts/web/templates/b.yaml"]
    assert render(files, set_values=["redis.enabled=false,tags.front=false"]) == {}


def test_values_are_layered_as_helm_layers_them(render):
    files = {
        "shop/values.yaml": "a: {b: 1, c: 2}\nd: [1, 2]\ne: gone\n",
        "shop/templates/v.yaml": "{{ toJson .Values }}",
    }
    layers = [ValueLayer({"a": {"b": 10}, "d": [3], "e": None}), decode_values(b"a: {b: 11}\n---\nf: {x: 1}\n", "v.yaml")]
    options = {"values": layers, "set_values": ["a.c=20,d[1]=4", "f=null"], "set_strings": ["a.b=012"], "set_files": [("g", "1\n2\n")]}
    assert render(files)["shop/templates/v.yaml"] == '{"a":{"b":1,"c":2},"d":[1,2],"e":"gone"}'
    assert render(files, **options)["shop/templates/v.yaml"] == '{"a":{"b":"012","c":20},"d":[3,4],"f":null,"g":"1\\n2\\n"}'


def test_integers_of_set_stay_integers_as_on_helms_command_line(render):
    files = {
        "shop/values.yaml": "fromFile: 10485760\n",
        "shop/templates/v.yaml": (
            "a: {{ .Values.fromFile }} {{ .Values.a.b }} {{ index .Values.l 1 }} {{ kindOf .Values.a.b }} {{ eq .Values.n 3 }}\n"
        ),
        "shop/charts/sub/Chart.yaml": chart_yaml("sub"),
        "shop/charts/sub/templates/g.yaml": "g: {{ .Values.global.big }} {{ .Values.own }}\n",
    }
    out = render(files, set_values=["a.b=10485760,l={1,2000000},n=3,global.big=7000000,sub.own=9000000"])
    assert out == {
        "shop/templates/v.yaml": "a: 1.048576e+07 10485760 2000000 int64 true\n",
        "shop/charts/sub/templates/g.yaml": "g: 7000000 9000000\n",
    }


def test_the_chart_sees_the_capabilities_asked_for(render):
    files = {
        "shop/templates/c.yaml": (
            "v: {{ .Capabilities.KubeVersion.Version }} {{ $.Capabilities.KubeVersion.Minor }} {{ .Capabilities.KubeVersion }}\n"
            'x: {{ .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}\n'
            'x: {{ $.Capabilities.APIVersions.Has (printf "apps/%s" "v1") }} {{ "v1" | .Capabilities.APIVersions.Has }}\n'
            'y: {{ has "a.b/v1/Thing" .Capabilities.APIVersions }} {{ (.Capabilities).APIVersions.Has "no/v1" }}\n'
            "z: {{ $k := .Capabilities.KubeVersion }}{{ $k.Major }}\n"
            'z: .Capabilities.KubeVersion.Minor {{ ".Capabilities.KubeVersion.Minor" }} {{/* .Capabilities.KubeVersion.Minor */}}\n'
            'w: {{ include "old" (dict "context" $) }}\n'
        ),
        "shop/templates/_old.tpl": '{{ define "old" }}{{ semverCompare "<1.22-0" .context.Capabilities.KubeVersion.GitVersion }}{{ end }}',
    }
    options = {"kube_version": "1.21", "api_versions": ["monitoring.coreos.com/v1", "a.b/v1/Thing"]}
    assert render(files, **options)["shop/templates/c.yaml"] == (
        "v: v1.21.0 21 v1.21.0\nx: true\nx: true true\ny: true false\nz: 1\n"
        "z: .Capabilities.KubeVersion.Minor .Capabilities.KubeVersion.Minor \nw: true\n"
    )


def test_hooks_are_output_and_tests_can_be_left_out(render):
    hook = "kind: Job\nmetadata:\n  annotations:\n    helm.sh/hook: {}\n"
    files = {
        "shop/templates/a.yaml": "---\n" + hook.format("pre-install") + "---\n" + hook.format("pre-install, test") + "---\nb: 1\n",
        "shop/templates/tests/t.yaml": hook.format("test-success"),
    }
    assert len(render(files)) == 2
    assert render(files, skip_tests=True) == {"shop/templates/a.yaml": "---\n" + hook.format("pre-install") + "\n" * 5 + "---\nb: 1\n"}


def test_a_library_chart_renders_to_nothing(render):
    files = {"shop/Chart.yaml": chart_yaml(more="type: library\n"), "shop/templates/a.yaml": "a: 1\n"}
    assert load(files).is_library
    assert render(files) == {}


def test_templates_can_be_replaced_by_other_texts(render):
    files = {"shop/templates/a.yaml": "a: 1\n", "shop/charts/p.tgz": package({"Chart.yaml": chart_yaml("p"), "templates/b.yaml": "b: 1\n"})}
    replaced = {"shop/templates/a.yaml": "a: 2\n", "shop/charts/p.tgz!redis/templates/b.yaml": "b: 2\n"}
    assert render(files, overrides=replaced) == replaced


def test_many_templates_and_many_charts_come_in_order(renderer):
    templates = {f"shop/templates/t{number:03}.yaml": f"n: {number} {{{{ .Values.x }}}}\n" for number in range(90)}
    chart = load({"shop/Chart.yaml": chart_yaml(), **templates})
    requests = [ChartRequest(chart, [ValueLayer({"x": number})]) for number in range(30)]
    rendered = list(renderer.render(requests))
    assert [entry.request for entry in rendered] == requests
    assert all(len(entry.files) == 90 and entry.files[7].text == f"n: 7 {number}\n" for number, entry in enumerate(rendered))


@pytest.mark.parametrize(
    ("template", "line", "words"),
    [
        ('\na: {{ required "set .Values.host" .Values.host }}\n', 2, "refuses to be rendered: set .Values.host"),
        ('\na: {{ fail "one\\ntwo" }}\n', 2, "refuses to be rendered: one two"),
        ("\na: {{ .Values.a.b.c }}\n", 2, "`.Values.a.b.c` cannot be evaluated: there is no value to read `.b` from"),
        ("a: 1\nb: {{ if }}\n", 2, "cannot be parsed: missing value for if"),
        ("a: 1\n\nb: {{ toyaml .Values }}\n", 3, "no template function `toyaml`"),
        ('a: {{ include "nowhere" . }}\n', 1, "no template named `nowhere` is defined"),
        ('a: {{ template "nowhere" . }}\n', 1, "no template named `nowhere` is defined"),
        ('a: 1\nb: {{ include "loop" . }}\n', 3, "`loop` includes itself without end"),
        ('a: {{ tpl "{{ .Values.a.b.c }}" . }}\n', 1, "there is no value to read `.b` from"),
        ('a: {{ tpl "{{ nothing }}" . }}\n', 1, "no template function `nothing`"),
        ('\na: {{ eq 1 "a" }}\n', 2, '`eq 1 "a"` cannot be evaluated: incompatible types for comparison'),
        ("a: {{ index .Values.list 3 }}\n", 1, "`index .Values.list 3` cannot be evaluated"),
    ],
)
def test_a_template_that_fails_names_file_line_and_cause(failing, template, line, words):
    loop = '{{ define "loop" }}\n\n{{ include "loop" . }}{{ end }}'
    ((id_, path, found, message),) = failing({"shop/templates/a.yaml": template, "shop/templates/_loop.tpl": loop})
    assert (id_, found) == ("helm-render", line)
    assert path == ("shop/templates/_loop.tpl" if "loop" in words else "shop/templates/a.yaml")
    assert words in message


def test_a_failure_in_a_helper_or_package_names_that_file(failing):
    helper = '{{ define "h" }}\n{{ .Values.a.b }}\n{{ end }}'
    found = failing({"shop/templates/a.yaml": 'a: {{ include "h" . }}', "shop/templates/_h.tpl": helper})
    assert [entry[1:3] for entry in found] == [("shop/templates/_h.tpl", 2)]
    packed = package({"Chart.yaml": chart_yaml("p"), "templates/b.yaml": "\n{{ .Values.a.b }}\n"})
    assert [entry[1:3] for entry in failing({"shop/charts/p.tgz": packed})] == [("shop/charts/p.tgz!redis/templates/b.yaml", 2)]


def test_violations_of_the_values_schema_stand_at_the_values(failing):
    schema = '{"required": ["host"], "properties": {"port": {"type": "integer"}, "list": {"items": {"type": "string"}}}}'
    sub = '{"properties": {"size": {"type": "integer"}}}'
    files = {
        "shop/values.yaml": "# comment\nport: eighty\nlist: [a]\n",
        "shop/values.schema.json": schema,
        "shop/charts/sub/Chart.yaml": chart_yaml("sub"),
        "shop/charts/sub/values.schema.json": sub,
        "shop/charts/sub/values.yaml": "size: big\n",
    }
    layer = decode_values(b"sub:\n  other: 1\nlist:\n  - a\n  - 1\n", "env/prod.yaml")
    found = failing(files, values=[layer])
    assert {(path, line) for _, path, line, _ in found} == {
        ("env/prod.yaml", None),
        ("env/prod.yaml", 5),
        ("shop/charts/sub/values.yaml", 1),
        ("shop/values.yaml", 2),
    }
    assert {id_ for id_, *_ in found} == {"helm-values-schema"}
    messages = "\n".join(message for *_, message in found)
    assert "the value `port` does not meet the chart's schema: got string, want integer" in messages
    assert "the chart's schema requires the value `host`" in messages
    assert "the value `list.1` does" in messages
    assert "the value `sub.size` does" in messages
    assert failing(files, values=[layer], skip_schema=True) == []


def test_what_is_missing_is_said_once_and_the_rest_is_rendered(renderer):
    more = "dependencies:\n- {name: common, version: 2.x, repository: 'oci://example.org/charts'}\n"
    files = {"shop/Chart.yaml": chart_yaml(more=more), "shop/templates/a.yaml": "a: 1\n"}
    needing = {**files, "shop/templates/b.yaml": 'b: {{ include "common.name" . }}\n'}
    whole, nothing = renderer.render([ChartRequest(load(files)), ChartRequest(load(needing))])
    assert [failure.id for failure in (*whole.failures, *nothing.failures)] == ["helm-dependency-unavailable"] * 2
    assert [file.text for file in whole.files] == ["a: 1\n"]
    assert nothing.files == ()


def test_values_of_the_wrong_shape(failing):
    files = {"shop/charts/sub/Chart.yaml": chart_yaml("sub")}
    ((id_, path, line, message),) = failing(files, values=[decode_values(b"a: 1\nsub: text\n", "env.yaml")])
    assert (id_, path, line) == ("helm-values-invalid", "env.yaml", 2)
    assert "the values of the subchart `sub` have to be a mapping" in message
    ((id_, _, _, message),) = failing(files, values=[ValueLayer({"a": float("inf")})])
    assert id_ == "helm-values-invalid"
    assert "infinite" in message


def test_a_schema_that_is_none(failing):
    for text, line in (("{", 1), ('{"type": "nonsense"}', None), ("[" * 5000, None), ("\xff", None)):
        found = failing({"shop/values.schema.json": text.encode("latin-1")})
        assert [entry[:3] for entry in found] == [("helm-schema-invalid", "shop/values.schema.json", line)]


def test_a_secret_value_is_not_quoted(failing):
    schema = '{"properties": {"password": {"pattern": "^[a-z]+$"}}}'
    ((_, _, _, message),) = failing({"shop/values.schema.json": schema}, set_values=["password=Geheim1"])
    assert "`password` does not meet the chart's schema: it does not match pattern" in message
    assert "Geheim1" not in message


def test_a_schema_leads_neither_to_the_network_nor_to_other_files(renderer):
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/schema.json"
    schema = {
        "$schema": url,
        "$id": url,
        "properties": {
            "a": {"$ref": url + "#/x"}, "b": {"$dynamicRef": url}, "c": {"$ref": "file:///etc/passwd"}, "d": {"$ref": "etc/passwd"},
            "own": {"$ref": "#/$defs/number"},
        },
        "$defs": {"number": {"type": "number"}},
        "examples": [{"$ref": url}],
    }  # fmt: skip
    text = json.dumps(schema).replace("$dynamicRef", "\\u0024dynamicRef")
    chart = load({"shop/Chart.yaml": chart_yaml(), "shop/values.schema.json": text, "shop/templates/a.yaml": "a: 1\n"})
    good, bad = renderer.render([ChartRequest(chart, set_values=["a=1,b=1,c=1,d=1,own=1"]), ChartRequest(chart, set_values=["own=x"])])
    assert (good.failures, len(good.files)) == ((), 1)
    assert [failure.message for failure in bad.failures] == ["the value `own` does not meet the chart's schema: got string, want number"]
    assert good.unread_schemas == ("shop/values.schema.json",)
    with pytest.raises(BlockingIOError):
        listener.accept()
    listener.close()


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"kube_version": "1.19"}, ("helm-kube-version", 4)),
        ({"kube_version": "newest"}, ("helm-kube-version", None)),
        ({"set_values": ["a=1,a.b=2"]}, ("helm-set-invalid", None)),
        ({"release": "Shop_1"}, ("helm-release-invalid", None)),
        ({"release": "a" * 54}, ("helm-release-invalid", None)),
    ],
)
def test_what_helm_refuses_before_it_renders(failing, options, found):
    files = {"shop/Chart.yaml": chart_yaml(more="kubeVersion: '>=1.20.0-0'\n"), "shop/templates/a.yaml": "a: 1\n"}
    ((id_, path, line, _),) = failing(files, **options)
    assert (id_, path, line) == (found[0], "shop/Chart.yaml", found[1])
