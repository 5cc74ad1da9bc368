"""The table of built-in kinds: how it is made, and what can be read off it."""

import json
import os
import zlib

import pytest

from linter import shipped
from linter.errors import UsageError
from linter.importing.enumerations import named_fields, words_of
from linter.importing.kubernetes import import_kubernetes
from linter.kubernetes.schemas import table
from linter.kubernetes.schemas.table import Span, Table
from linter.kubernetes.schemas.validators import built_in_schema, definitions

META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


def ref(name):
    return {"$ref": f"#/$defs/{name}"}


def package(folder, versions):
    """A package such as kubernetes-validate, whose `versions` map a minor version to the fields of one kind."""
    for minor, (fields, required) in versions.items():
        text = {"type": ["string", "null"]}
        kind = {
            "properties": {"apiVersion": text, "kind": text, "metadata": ref(META), **fields},
            "required": required,
            "x-kubernetes-group-version-kind": [{"group": "example.k8s.io", "version": "v1", "kind": "Thing"}],
        }
        found = {
            "io.k8s.api.example.v1.Thing": kind,
            "io.k8s.api.example.v1.ThingSpec": {"properties": {"size": {"type": ["integer", "null"], "format": "int64"}}},
            "io.k8s.api.example.v1.Unused": {"properties": {"a": text}},
            META: {"properties": {"name": text}},
            "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"oneOf": [text, {"type": ["integer", "null"]}]},
        }
        path = folder / "kubernetes_validate" / "kubernetes-json-schema" / f"v1.{minor}.0-local-strict"
        path.mkdir(parents=True)
        (path / "_definitions.json").write_text(json.dumps({"$defs": found}))
    return str(folder)


@pytest.fixture
def without_words(monkeypatch):
    """The words of fields are for the real definitions."""
    monkeypatch.setattr("linter.importing.kubernetes.named_fields", set)


SPEC = ref("io.k8s.api.example.v1.ThingSpec")
PORT = ref("io.k8s.apimachinery.pkg.util.intstr.IntOrString")
LIST = {"type": ["array", "null"], "items": {"type": ["string", "null"]}}


def read(files):
    return zlib.decompress(files["definitions.txt.z"]).decode()


@pytest.mark.usefixtures("without_words")
def test_fields_stand_once_with_the_versions_that_have_them(tmp_path):
    folder = package(
        tmp_path,
        {
            28: ({"spec": SPEC, "port": PORT, "old": LIST, "status": SPEC}, ["old", "port"]),
            29: ({"spec": SPEC, "port": PORT, "old": LIST, "status": SPEC}, ["spec"]),
            30: ({"spec": SPEC, "port": {"type": "boolean"}, "new": LIST, "status": SPEC}, ["spec", "port"]),
        },
    )
    text = read(import_kubernetes(folder))
    assert text.split("\n\n") == [
        "28-30",
        "example.k8s.io/v1 example.v1 Thing",
        (
            "example.v1.Thing\napiVersion\ts\nkind\ts\nmetadata\tmeta.v1.ObjectMeta\nnew\t[s\t30-\nold\t[s\t-29\n"
            "port\t!p\t-29\nport\t!b\t30-\nspec\t!!ThingSpec\nstatus\t*"
        ),
        "example.v1.ThingSpec\nsize\tl",
        "meta.v1.ObjectMeta\nname\ts\n",
    ]


@pytest.mark.usefixtures("without_words")
def test_equal_input_makes_equal_files(tmp_path):
    versions = {28: ({"spec": SPEC}, []), 29: ({"spec": SPEC}, [])}
    first, second = (import_kubernetes(package(tmp_path / name, versions)) for name in ("a", "b"))
    assert first == second
    assert set(first) == {"README.md", "definitions.txt.z"}
    assert b"Apache License 2.0" in first["README.md"]


def test_a_folder_without_the_package_is_an_error(tmp_path):
    with pytest.raises(UsageError, match="holds no kubernetes-validate package"):
        import_kubernetes(str(tmp_path))
    with pytest.raises(UsageError, match="holds no kubernetes-validate package"):
        import_kubernetes(str(tmp_path / "missing"))


def test_words_of_a_field_that_does_not_exist_are_an_error(tmp_path):
    with pytest.raises(UsageError, match="no definition has the fields"):
        import_kubernetes(package(tmp_path, {28: ({"spec": SPEC}, [])}))


@pytest.mark.usefixtures("without_words")
def test_a_schema_of_another_shape_is_an_error(tmp_path):
    with pytest.raises(UsageError, match=r"example\.v1\.Thing\.spec has a schema of an unknown shape"):
        import_kubernetes(package(tmp_path, {28: ({"spec": {"anyOf": []}}, [])}))


def test_the_table_is_what_the_package_makes_of_it():
    kubernetes_validate = pytest.importorskip("kubernetes_validate", reason="the package the table is made from is not installed")
    files = import_kubernetes(os.path.dirname(kubernetes_validate.__file__))
    assert files["definitions.txt.z"] == shipped.read("schemas", "kubernetes", "definitions.txt.z")


def test_the_table_is_small():
    assert len(shipped.read("schemas", "kubernetes", "definitions.txt.z")) < 40_000


def test_words_depend_on_the_version():
    assert words_of("core.v1.Toleration", "operator", 34) == ("Exists", "Equal", "")
    assert words_of("core.v1.Toleration", "operator", 35) == ("Exists", "Equal", "Lt", "Gt", "")
    assert words_of("autoscaling.v2beta2.MetricTarget", "type", 25) == ("Utilization", "Value", "AverageValue")
    assert words_of("core.v1.Container", "image", 37) == ()
    assert "core.v1 Container.imagePullPolicy" in named_fields()


def test_the_versions_of_a_kind():
    assert table.versions_of("autoscaling", "HorizontalPodAutoscaler") == {"v2": (25, 37), "v1": (25, 37), "v2beta2": (25, 25)}
    assert list(table.versions_of("networking.k8s.io", "IPAddress")) == ["v1", "v1beta1", "v1alpha1"]
    assert table.versions_of("", "ConfigMap") == {"v1": (25, 37)}
    assert table.versions_of("example.com", "ConfigMap") == {}


def test_the_kinds_of_a_version():
    assert ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema") in table.kinds(29)
    assert ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema") not in table.kinds(28)
    assert ("v1", "Pod") in table.kinds(25)
    assert not any(kind.endswith("List") for _, kind in table.kinds(37))
    assert (table.kinds(99), table.kinds(3)) == (table.kinds(37), table.kinds(25))


@pytest.mark.parametrize(
    ("version", "minor"), [("1.31", 31), ("v1.31.2", 31), ("1.31.2-gke.100", 31), (None, 37), ("latest", 37), ("2.4", 37)]
)
def test_the_minor_version_of_a_target(version, minor):
    assert table.minor_or_newest(version) == minor


def test_fields_and_their_versions():
    loaded = table.load()
    assert loaded.has_field("core.v1.Container", "restartPolicy") == Span(28, 37)
    assert loaded.has_field("core.v1.Container", "livenessprobe") is None
    assert loaded.has_field("core.v1.Nothing", "name") is None
    assert loaded.span_of("core.v1.ClaimSource") == Span(26, 30)
    assert loaded.span_of("core.v1.Nothing") is None


@pytest.mark.parametrize("minor", range(25, 38))
def test_every_kind_of_every_version_has_a_schema_that_compiles(minor):
    kinds = [kind for kind in table.load().kinds() if kind.span.has(minor)]
    assert kinds
    for kind in kinds:
        found = definitions(table.load(), kind.definition, minor)
        assert all(definition["properties"] for definition in found.values()), "a field refers to what the version does not have"
    for kind in kinds[:: max(1, len(kinds) // 8)]:
        schema = built_in_schema(kind.api_version, kind.kind, minor)
        assert schema is not None
        assert not schema.is_valid([])


def test_a_table_is_read_only_as_far_as_it_is_asked_for():
    small = Table("28-30\n\nv1 core.v1 Thing@29-\n\ncore.v1.Thing\t29-\nspec\t!Spec\nname\ts=A|B\t-29\n\ncore.v1.Spec\nsize\ti\n")
    thing = small.kind("v1", "Thing")
    assert thing is not None
    assert thing.span == Span(29, 30)
    assert [(field.name, field.token, field.span) for field in small.fields("core.v1.Thing")] == [
        ("spec", "!Spec", Span(29, 30)),
        ("name", "s=A|B", Span(29, 29)),
    ]
    assert definitions(small, "core.v1.Thing", 30)["core.v1.Thing"] == {
        "type": ["object", "null"],
        "properties": {"spec": {"$ref": "#/$defs/core.v1.Spec"}},
        "additionalProperties": False,
        "required": ["spec"],
    }
