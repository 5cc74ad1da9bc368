"""From documents to objects: lists, identities, effective namespaces, and whatever else an author may write."""

from __future__ import annotations

import pytest
from example_counts import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.manifest.decoder import decode_text
from linter.manifest.resources import resources_of
from linter.model import Document, ManifestFile, Source


def resources(text: str, namespace: str | None = None):
    file = ManifestFile("app/x.yaml", text, Source("app", "directory", "app", namespace=namespace))
    return [
        resource
        for decoded in decode_text(text)
        for resource in resources_of(Document(file, decoded.index, decoded.value, decoded.duplicate_keys))
    ]


def test_an_object_and_its_identity():
    (web,) = resources("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, labels: {a: b}}\nspec: {replicas: 1}")
    assert (web.type, web.api_version, web.group, web.kind) == ("Deployment", "apps/v1", "apps", "Deployment")
    assert (web.name, web.namespace, web.declared_namespace, web.prefix) == ("web", "shop", "shop", ())
    assert web.body is web.document.value
    assert web.labels == {"a": "b"}
    assert str(web) == "Deployment shop/web"


@pytest.mark.parametrize(
    ("api_version", "kind", "type", "group"),
    [
        ("v1", "Service", "Service", ""),
        ("batch/v1", "CronJob", "CronJob", "batch"),
        ("networking.istio.io/v1", "Gateway", "networking.istio.io/Gateway", "networking.istio.io"),
        ("serving.knative.dev/v1", "Service", "serving.knative.dev/Service", "serving.knative.dev"),
    ],
)
def test_types(api_version, kind, type, group):
    (resource,) = resources(f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: x}}")
    assert (resource.type, resource.group) == (type, group)


@pytest.mark.parametrize(
    ("kind", "declared", "source", "effective", "said"),
    [
        ("v1/Service", "shop", None, "shop", "shop"),
        ("v1/Service", "shop", "other", "shop", "shop"),
        ("v1/Service", None, "other", "other", "other"),
        ("v1/Service", None, None, "default", None),
        ("v1/Service", "''", None, "default", None),
        ("v1/Service", "5", "other", "other", "other"),
        ("rbac.authorization.k8s.io/v1/ClusterRole", None, "other", "", None),
        ("rbac.authorization.k8s.io/v1/ClusterRole", "shop", None, "", None),
        ("v1/Namespace", None, "other", "", None),
        ("cert-manager.io/v1/ClusterIssuer", None, "other", "", None),
        ("example.com/v1/ClusterRole", "shop", None, "shop", "shop"),
    ],
)
def test_effective_namespace(kind, declared, source, effective, said):
    api_version, _, name = kind.rpartition("/")
    metadata = f"{{name: x, namespace: {declared}}}" if declared else "{name: x}"
    (resource,) = resources(f"apiVersion: {api_version}\nkind: {name}\nmetadata: {metadata}", source)
    assert (resource.namespace, resource.declared_namespace) == (effective, said)


def test_a_generated_name_is_shown_by_its_beginning():
    (job,) = resources("apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: migrate-}")
    assert job.name == "migrate-"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: 1",
        "- apiVersion: v1\n  kind: Pod",
        "text",
        "apiVersion: v1",
        "kind: Pod",
        "apiVersion: 1\nkind: Pod",
        "apiVersion: v1\nkind: [Pod]",
        "apiVersion: v1\nkind:",
        "apiVersion: ''\nkind: Pod",
        "apiVersion: v1\nkind: y",
    ],
)
def test_what_is_no_manifest(text):
    assert resources(text) == []


@pytest.mark.parametrize(
    "metadata", ["", "text", "[1]", "{name: 5}", "{name: {a: b}}", "{namespace: [x]}", "{labels: x, annotations: 1}", "{name: }"]
)
def test_malformed_metadata_is_no_obstacle(metadata):
    (resource,) = resources(f"apiVersion: v1\nkind: Pod\nmetadata: {metadata}")
    assert (resource.name, resource.namespace) == ("", "default")
    assert (resource.labels, resource.annotations, resource.spec) == ({}, {}, {})


LIST = """\
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: a}}
- {a: 1}
- text
- apiVersion: v1
  kind: List
  items:
  - {apiVersion: apps/v1, kind: Deployment, metadata: {name: b, namespace: shop}}
- apiVersion: v1
  kind: ConfigMapList
  metadata: {resourceVersion: "1"}
  items:
  - metadata: {name: c}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: d}}
  - {kind: ConfigMap, metadata: {name: half}}
"""


def test_lists_are_expanded_where_they_stand():
    found = resources(LIST)
    assert [(str(resource), resource.prefix) for resource in found] == [
        ("Service a", ("items", 0)),
        ("Deployment shop/b", ("items", 3, "items", 0)),
        ("ConfigMap c", ("items", 4, "items", 0)),
        ("ConfigMap d", ("items", 4, "items", 1)),
    ]
    assert found[2].body == {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}


def test_empty_lists_hold_nothing():
    assert resources("apiVersion: v1\nkind: List") == []
    assert resources("apiVersion: v1\nkind: List\nitems: []") == []
    assert resources("apiVersion: v1\nkind: PodList\nitems: []") == []


def test_a_custom_kind_that_ends_in_list_is_an_object():
    (resource,) = resources("apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: x}\nspec: {items: [1]}")
    assert (resource.type, resource.name) == ("example.com/AllowList", "x")


def test_deep_lists_end():
    text = "{apiVersion: v1, kind: List, items: [" * 60 + "{apiVersion: v1, kind: Pod}" + "]}" * 60
    assert len(resources(text)) <= 1


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["v1", "List", "Pod", "PodList", "x", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["apiVersion", "kind", "items", "metadata", "name", "namespace", "generateName"]), inner, max_size=7
        )
    ),
    max_leaves=25,
)


@settings(max_examples=examples(400), deadline=None)
@given(values)
def test_any_value_is_taken(value):
    source = Source("app", "directory", "app")
    for resource in resources_of(Document(ManifestFile("x.yaml", "", source), 0, value)):
        assert resource.kind
        assert resource.api_version
        assert isinstance(resource.name, str)
        assert isinstance(resource.body, dict)
