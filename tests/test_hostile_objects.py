"""Objects, definitions and expressions made to break a check or to keep it busy: each is judged, and in reasonable time."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.cel.limits import Bounds
from linter.engine.options import parse_targets
from linter.engine.secrets import masked
from linter.errors import UsageError
from linter.kubernetes.objects.repeated import _repeats, _together
from linter.model import Source

DIGITS = "9" * 5000  # more than Python makes a number of


def pod(*containers: dict, **spec) -> dict:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": list(containers), **spec}}


def container(**fields) -> dict:
    return {"name": "web", "image": "registry.example.com/web:1.4.2", **fields}


def annotated(kind: str, part: str, **entries: str) -> dict:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "web", part: {key.replace("__", "/"): entries[key] for key in entries}}}


ODD = {
    "volume name": pod(container(volumeMounts=[{"name": "a"}]), volumes=[{"name": {"a": 1}, "hostPath": {"path": "/a"}}, None]),
    "mount": pod(container(volumeMounts=[[], {"name": []}]), volumes=[{"name": "a", "hostPath": {"path": "/a"}}]),
    "host address": pod(container(ports=[{"containerPort": 80, "hostPort": 80, "hostIP": {"a": 1}}])),
    "limit": pod(container(resources={"requests": {"memory": "1n"}, "limits": {"memory": "9" * 900}})),
    "container name": {
        **pod(container(name={"a": 1})),
        "metadata": {"name": "web", "annotations": {"container.apparmor.security.beta.kubernetes.io/web": "runtime/default"}},
    },
    "token expiration": annotated("ServiceAccount", "annotations", **{"eks.amazonaws.com__token-expiration": DIGITS}),
    "version of a level": annotated("Namespace", "labels", **{"pod-security.kubernetes.io__enforce-version": f"v1.{DIGITS}"}),
    "keys of digits": {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"}, "stringData": {DIGITS: "a", "8080": {"a": 1}}},
    "external-dns": {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "external-dns", "labels": {"helm.sh/chart": f"external-dns-{DIGITS}.1.1"}},
        "spec": {"template": {"spec": {"containers": [container(image=f"registry.k8s.io/external-dns/external-dns:v0.{DIGITS}")]}}},
    },
}


@pytest.mark.parametrize("name", ODD)
def test_odd_objects_are_judged(lint, name):
    assert lint({"a.json": json.dumps(ODD[name])}, select=("ALL",)).failures == ()


def test_a_number_of_times_that_is_no_float(lint):
    report = lint({"a.json": json.dumps(ODD["limit"])}, select=("resources/limit-far-above-request",))
    assert "may use over a million times the memory" in report.findings[0].message


def test_many_volumes_and_mounts(lint):
    many = range(400)
    containers = [container(name=f"c{i}", volumeMounts=[{"name": f"v{i}x", "mountPath": "/a"}]) for i in many]
    start = time.perf_counter()
    report = lint({"a.json": json.dumps(pod(*containers, volumes=[{"name": f"v{i}", "emptyDir": {}} for i in many]))}, select=("schema",))
    assert sum(finding.rule == "schema/undefined-volume" for finding in report.findings) == len(many)
    assert time.perf_counter() - start < 5


def test_a_mapping_without_any_field_takes_none(lint):
    parts = {"x": {"type": "object"}, "l": {"type": "array", "items": {"type": "object"}}}
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": parts}}}
    spec = {
        "group": "example.com", "scope": "Namespaced", "names": {"kind": "Queue", "plural": "queues"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
    }  # fmt: skip
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "queues.example.com"}}
    queue = {
        "apiVersion": "example.com/v1",
        "kind": "Queue",
        "metadata": {"name": "a"},
        "spec": {"x": {"8080": 1, "b": 2}, "l": [{"c": 3}]},
    }
    files = {"a.yaml": json.dumps({**definition, "spec": spec}), "b.yaml": json.dumps(queue)}
    report = lint(files, select=("schema/unknown-field", "schema/failed-validation-rule"))
    assert report.failures == ()
    assert {finding.message for finding in report.findings} == {
        "`8080` is not a field of `spec.x`", "`b` is not a field of `spec.x`", "`c` is not a field of `spec.l[0]`",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "cel.bind(b, self+self+self+self, cel.bind(c, b+b+b+b, cel.bind(d, c+c+c+c, cel.bind(e, d+d+d+d, e+e+e+e)))).size() > 0",
        "cel.bind(a, self, a" + ".map(x, x)" * 28 + ".size() > 0)",
        "cel.bind(a, self, a" + ".map(x, x.replace('a', x))" * 28 + ".size() > 0)",
    ],
)
def test_expressions_that_grow_lists_are_not_evaluated(text):
    start = time.perf_counter()
    bounds = Bounds(text)
    assert not bounds.is_plain
    assert "too long to be handled" in (bounds.problem(list(range(5000))) or "")
    assert time.perf_counter() - start < 1


def test_sums_without_names_are_evaluated():
    text = " + ".join(f"(self.size() > {i} ? self[{i}].matches.size() : 0)" for i in range(16))
    assert Bounds(f"{text} <= 128").problem([{"matches": list(range(64))}] * 16) is None


_SOURCES = st.builds(
    Source,
    path=st.sampled_from("ab"),
    type=st.sampled_from(["directory", "helm", "kustomize"]),
    state=st.just("s"),
    environment=st.sampled_from([None, "e"]),
    application=st.sampled_from([None, "one", "two", "three"]),
    cluster=st.sampled_from(["x", "y"]),
)


@given(st.lists(st.tuples(_SOURCES, st.integers(0, 1)), max_size=8), st.sampled_from(["Namespace", "ConfigMap"]))
def test_each_repeated_object_has_the_first_one_it_is_applied_with(places, kind):
    files = {place: object() for place in places}
    group = [SimpleNamespace(source=place[0], document=SimpleNamespace(file=files[place])) for place in places]
    pairs = [(found.resource, found.first, found.applied_by) for found in _repeats(kind, group)]
    expected = []
    for number, resource in enumerate(group):
        found = next((found for other in group[:number] if (found := _together(kind, other, resource)) is not None), None)
        expected += [(found.resource, found.first, found.applied_by)] if found is not None else []
    assert [tuple(map(id, pair[:2])) + pair[2:] for pair in pairs] == [tuple(map(id, pair[:2])) + pair[2:] for pair in expected]


@pytest.mark.parametrize("field", ["Data", "stringdata", "dta"])
def test_data_of_a_secret_under_a_misspelt_name_is_hidden(field):
    text = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: web}}\ntype: Opaque\n{field}: {{password: hunter2}}\n"
    assert masked(text) == text.replace("hunter2", "•••••••")


def test_a_reference_to_a_secret_stays_readable():
    text = "kind: HelmRelease\nspec:\n  valuesFrom:\n    - {kind: Secret, name: values, valuesKey: a}\n"
    assert masked(text) == text


@pytest.mark.parametrize("version", ["1.٣", f"1.{DIGITS}", "abc", "", "1"])
def test_targets_are_versions(version):
    with pytest.raises(UsageError, match="write it as kubernetes="):
        parse_targets([f"kubernetes={version}"])


@pytest.mark.parametrize("rule", ["images/invalid-reference"])
def test_a_password_in_an_image_is_not_repeated(lint, rule):
    report = lint({"a.json": json.dumps(pod(container(image="https://user:hunter2@registry.example.com/web:1")))}, select=(rule,))
    assert [finding.message for finding in report.findings if "hunter2" in finding.message] == []
    assert len(report.findings) == 1


def test_a_quantity_that_is_too_long(lint):
    report = lint({"a.json": json.dumps(pod(container(resources={"limits": {"cpu": DIGITS}})))}, select=("schema/invalid-quantity",))
    assert [finding.message.partition("no quantity: ")[2] for finding in report.findings] == ["it has 5000 characters"]
