"""What a chart may be asked with: packages, capabilities, and the options of Argo CD's Helm sources."""

from __future__ import annotations

import pytest
from charts_in_memory import chart_yaml, load, package

from linter.errors import InputError
from linter.kubernetes.api_versions.added import api_versions_of
from linter.kubernetes.api_versions.served_kinds import served_kinds
from linter.manifest.decoder import decode_text
from linter.manifest.resources import resources_of
from linter.model import Document, ManifestFile, Source
from linter.rendering.helm.capabilities import asks_for_api_versions
from linter.rendering.helm.charts import load_chart
from linter.rendering.helm.dependencies import plan
from linter.rendering.helm.renderer import ChartRequest, HelmRenderer
from linter.rendering.helm.values import ValueLayer
from linter.rendering.helm.values_schema import values_failures


@pytest.fixture(scope="module")
def renderer():
    with HelmRenderer(1, 30, backend="sdk") as renderer:
        yield renderer


def texts(renderer, files, **options):
    chart = (
        files
        if not isinstance(files, dict)
        else load({f"shop/{name}": text for name, text in {"Chart.yaml": chart_yaml(), **files}.items()})
    )
    [entry] = renderer.render([ChartRequest(chart, **options)])
    assert not entry.failures
    return {file.path: file.text for file in entry.files}


INNER = package({"Chart.yaml": chart_yaml("inner"), "templates/b.yaml": "b: {{ .Values.size }}", "values.yaml": "size: 1"})


def packed(members):
    """A package whose members may be bytes."""
    import io
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            data = content if isinstance(content, bytes) else content.encode()
            member = tarfile.TarInfo(f"redis/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def test_a_packaged_chart_is_a_chart(renderer):
    files = {
        "Chart.yaml": chart_yaml("redis", more="dependencies:\n- {name: inner, version: 1.0.0}\n"),
        "values.yaml": "inner: {size: 5}\n",
        "crds/c.yaml": "kind: CustomResourceDefinition",
        "templates/x.yaml": "\na: {{ .Release.Name }}",
        ".helmignore": "templates/\n",
        "charts/inner-1.0.0.tgz": INNER,
    }
    contents = {"vendor/redis-1.2.3.tgz": packed(files), "vendor/README.md": b""}
    chart = load_chart("vendor/redis-1.2.3.tgz", sorted(contents), contents.__getitem__)
    assert chart.path == "vendor/redis-1.2.3.tgz!redis"
    assert texts(renderer, chart) == {
        "vendor/redis-1.2.3.tgz!redis/crds/c.yaml": "kind: CustomResourceDefinition",
        "vendor/redis-1.2.3.tgz!redis/templates/x.yaml": "\na: redis",
        "vendor/redis-1.2.3.tgz!redis/charts/inner-1.0.0.tgz!redis/templates/b.yaml": "b: 5",
    }
    linked = load_chart("here.tgz", ["vendor/redis-1.2.3.tgz"], contents.__getitem__, {"here.tgz": "vendor/redis-1.2.3.tgz"})
    assert linked.path == "vendor/redis-1.2.3.tgz!redis"


@pytest.mark.parametrize(
    ("data", "id"),
    [
        pytest.param(b"no archive", "helm-archive-invalid", id="no archive"),
        pytest.param(packed({"a": "b"}), "helm-chart-invalid", id="no chart"),
    ],
)
def test_a_package_that_is_no_chart(data, id):
    with pytest.raises(InputError) as raised:
        load_chart("a.tgz", ["a.tgz"], {"a.tgz": data}.__getitem__)
    assert raised.value.failure.id == id


def test_a_directory_may_be_called_like_a_package(renderer):
    contents = {"a.tgz/Chart.yaml": chart_yaml().encode(), "a.tgz/templates/a.yaml": b"a: 1"}
    assert texts(renderer, load_chart("a.tgz", sorted(contents), contents.__getitem__)) == {"a.tgz/templates/a.yaml": "a: 1"}


def test_the_options_of_an_application(renderer):
    files = {
        "templates/a.yaml": "{{ .Release.Name }} {{ .Release.Namespace }} {{ .Values | toJson }}",
        "templates/t.yaml": "kind: Pod\nmetadata:\n  annotations: {helm.sh/hook: test}\n",
        "crds/c.yaml": "kind: CustomResourceDefinition",
        "values.schema.json": '{"required": ["absent"]}',
    }
    inline = object()
    layer = ValueLayer({"a": "inline", "b": 1}, origin=inline)
    found = texts(
        renderer, files, values=[layer], set_values=["b=2,c=true"], set_strings=["c=true"], set_files=[("d", "1,2\n")], release="mine",
        namespace="prod", include_crds=False, skip_tests=True, skip_schema=True,
    )  # fmt: skip
    assert found == {"shop/templates/a.yaml": 'mine prod {"a":"inline","b":2,"c":"true","d":"1,2\\n"}'}
    assert layer.origin is inline


ASKED = '"networking.k8s.io/v1/Ingress" "policy/v1beta1/PodSecurityPolicy" "resource.k8s.io/v1/DeviceClass" "acme.io/v1" "apps/v1"'
HAS = f"{{{{ range list {ASKED} }}}}{{{{ $.Capabilities.APIVersions.Has . }}}} {{{{ end }}}}"


def test_a_cluster_serves_the_kinds_of_its_version(renderer):
    def has(**options):
        return texts(renderer, {"templates/a.yaml": HAS}, **options)["shop/templates/a.yaml"].split()

    assert has() == ["false", "false", "false", "false", "true"]
    assert has(kube_version="1.31") == ["true", "false", "false", "false", "true"]
    assert has(kube_version="v1.34.2", api_versions=["acme.io/v1"]) == ["true", "false", "true", "true", "true"]
    # Helm adds what it knows to any list, as it does to that of an Application.
    assert has(kube_version="1.34", api_versions=["acme.io/v1"], api_versions_replace=True) == ["false", "false", "false", "true", "true"]


def test_the_table_of_kinds():
    assert "v1/Pod" in served_kinds("1.25")
    assert set(served_kinds("1.29")) < set(served_kinds("1.30")) < set(served_kinds("1.40"))
    assert "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy" in served_kinds("v1.30.1-gke.5")
    assert served_kinds("1.24") == served_kinds("latest") == ()
    assert all(entry.count("/") in (1, 2) and "@" not in entry for entry in served_kinds("1.37"))


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ('{{ .Capabilities.APIVersions.Has "a/v1" }}', True),
        ('{{ if (.Capabilities).APIVersions | has "a/v1" }}{{ end }}', True),
        ('{{ include "x" (dict "c" $.Capabilities) }}', True),
        ("{{ with .Capabilities }}{{ end }}", True),
        ("{{ .Capabilities.KubeVersion.Version }}", False),
        ("{{ (.Capabilities).KubeVersion.Minor }}", False),
        ("{{ .Capabilities | toString }}", False),
        ("{{ .Values.a }}", False),
    ],
)
def test_charts_that_ask_for_api_versions(text, asks):
    own = load({"shop/Chart.yaml": chart_yaml(), "shop/templates/a.yaml": text, "shop/README.md": "{{ .Capabilities.APIVersions }}"})
    below = load({"shop/Chart.yaml": chart_yaml(), "shop/charts/a/Chart.yaml": chart_yaml("a"), "shop/charts/a/templates/_a.tpl": text})
    assert asks_for_api_versions(own) is asks
    assert asks_for_api_versions(below) is asks


DEFINITIONS = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shops.acme.io}
spec:
  group: acme.io
  names: {kind: Shop, plural: shops}
  versions:
    - {name: v1, served: true, storage: true}
    - {name: v1beta1, served: false}
---
apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
metadata: {name: olds.acme.io}
spec: {group: old.acme.io, version: v1alpha1, names: {kind: Old}}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec: {group: metrics.k8s.io, version: v1beta1}
---
apiVersion: acme.io/v1
kind: CustomResourceDefinition
metadata: {name: another}
spec: {group: other.io, versions: [{name: v1, served: true}]}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: broken}
spec: {group: [], versions: [1, {name: v1, served: "yes"}, {served: true}]}
"""


def test_api_versions_that_objects_add():
    file = ManifestFile("a.yaml", DEFINITIONS, Source("directory", ".", "."))
    resources = [
        resource for decoded in decode_text(DEFINITIONS) for resource in resources_of(Document(file, decoded.index, decoded.value))
    ]
    assert api_versions_of(resources) == (
        "acme.io/v1", "acme.io/v1/Shop", "metrics.k8s.io/v1beta1", "old.acme.io/v1alpha1", "old.acme.io/v1alpha1/Old",
    )  # fmt: skip


def test_violations_of_a_schema_as_older_helm_words_them():
    chart = load({"shop/Chart.yaml": chart_yaml(), "shop/values.yaml": "a:\n  size: big\n", "shop/values.schema.json": "{}"})
    text = (
        "values don't meet the specifications of the schema(s) in the following chart(s):\nshop:\n"
        "- (root): image is required\n- a.size: Invalid type. Expected: integer, given: string\n"
    )
    found = values_failures(text, chart, plan(chart, {}).instances, [])
    assert [(failure.id, failure.path, failure.line, failure.message) for failure in found] == [
        ("helm-values-schema", "shop/values.yaml", None, "the chart's schema requires the value `image`"),
        (
            "helm-values-schema", "shop/values.yaml", 2,
            "the value `a.size` does not meet the chart's schema: Invalid type. Expected: integer, given: string",
        ),
    ]  # fmt: skip
