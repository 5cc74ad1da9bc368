"""The Pod Security Standards as the admission controller of Kubernetes applies them.

`data/pod_security.jsonl.gz` holds random pods, each with a level, a version of the policy, and the checks of
k8s.io/pod-security-admission 0.37.2 that refuse it.
"""

from __future__ import annotations

import gzip
import json
import os

import pytest

from linter.kubernetes.pod_security import baseline, restricted
from linter.kubernetes.pod_security.levels import breaches, demands, policy_minor
from linter.model import DesiredState, Document, ManifestFile, PodTemplate, Resource, Source, StateOptions, dig

DATA = os.path.join(os.path.dirname(__file__), "data", "pod_security.jsonl.gz")
# Our checks by the names that the admission controller has for them.
CHECKS = {
    "baseline-host-namespaces": "hostNamespaces",
    "baseline-privileged": "privileged",
    "baseline-capabilities": "capabilities_baseline",
    "baseline-host-path": "hostPathVolumes",
    "baseline-host-ports": "hostPorts",
    "baseline-probe-host": "hostProbesAndHostLifecycle",
    "baseline-apparmor": "appArmorProfile",
    "baseline-selinux": "seLinuxOptions",
    "baseline-proc-mount": "procMount",
    "baseline-seccomp": "seccompProfile_baseline",
    "baseline-sysctls": "sysctls",
    "baseline-windows-host-process": "windowsHostProcess",
    "restricted-volume-types": "restrictedVolumes",
    "restricted-privilege-escalation": "allowPrivilegeEscalation",
    "restricted-run-as-non-root": "runAsNonRoot",
    "restricted-run-as-user": "runAsUser",
    "restricted-seccomp": "seccompProfile_restricted",
    "restricted-capabilities": "capabilities_restricted",
    "restricted-proc-mount": "procMount_restricted",
}
SOURCE = Source(".", "directory", "test")


def resource(body):
    document = Document(ManifestFile("a.yaml", "", SOURCE), 0, body)
    kind, namespace = body.get("kind", "Pod"), "" if body.get("kind") == "Namespace" else "shop"
    return Resource(
        document, body, type=kind, api_version="v1", group="", kind=kind,
        name=dig(body, "metadata", "name") or "web", namespace=namespace, declared_namespace=None,
    )  # fmt: skip


def pod(body):
    return PodTemplate(resource(body), (), body)


def namespace(labels):
    return resource({"kind": "Namespace", "metadata": {"name": "shop", "labels": labels}})


def cases():
    with gzip.open(DATA, "rt") as file:
        return [json.loads(line) for line in file]


def test_every_check_is_known():
    ours = {f"baseline-{each.name}" for each in baseline.STANDARDS} | {f"restricted-{each.name}" for each in restricted.STANDARDS}
    assert ours == set(CHECKS)


def test_the_admission_controller_refuses_the_same():
    seen: dict[str, int] = {}
    for case in cases():
        found = list(breaches(pod(case["pod"]), case["level"], case["minor"]))
        assert sorted({CHECKS[breach.check] for breach in found}) == case["refused_by"], case
        for breach in found:
            assert breach.message
            # The place exists, or a key is missing in a mapping that does.
            assert any(dig(case["pod"], *breach.route[:-missing]) is not None for missing in (1, 2, 3)), breach
        for name in case["refused_by"]:
            seen[name] = seen.get(name, 0) + 1
    assert set(seen) == set(CHECKS.values())
    assert min(seen.values()) >= 5


@pytest.mark.parametrize(("kubernetes", "minor"), [("1.34", 34), ("v1.34.2", 34), ("1.37", 37), ("1.99", 37), (None, 37), ("latest", 37)])
def test_the_version_of_the_policy(kubernetes, minor):
    assert policy_minor(kubernetes) == minor


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({}, []),
        ({"enforce": "privileged"}, []),
        ({"enforce": "baseline"}, [("enforce", "baseline", 36)]),
        ({"enforce": "baseline", "enforce-version": "v1.25"}, [("enforce", "baseline", 25)]),
        ({"enforce": "baseline", "enforce-version": "v1.99"}, [("enforce", "baseline", 36)]),
        ({"enforce": "baseline", "enforce-version": "1.25"}, [("enforce", "baseline", 36)]),
        ({"audit": "restricted", "warn": "baseline"}, [("warn", "baseline", 36), ("audit", "restricted", 36)]),
        ({"enforce": "strict", "warn": "strict"}, [("enforce", "restricted", 36)]),
        ({"enforce": "${LEVEL}"}, []),
        ({"enforce": ["baseline"]}, []),
    ],
)
def test_what_a_namespace_demands(labels, expected):
    import re

    options = StateOptions(targets={"kubernetes": "1.36"}, opaque=re.compile(r"\$\{"))
    held = namespace({f"pod-security.kubernetes.io/{key}": value for key, value in labels.items()})
    state = DesiredState("test", [SOURCE], [held], options)
    assert [tuple(demand) for demand in demands(state, "shop")] == expected
    assert demands(state, "elsewhere") == ()


@pytest.mark.parametrize(
    "spec",
    [
        {"containers": 3, "volumes": {"a": 1}, "securityContext": []},
        {"containers": [None, 1, {"name": 1, "securityContext": "x", "ports": [1], "lifecycle": 2, "livenessProbe": [1]}]},
        {"containers": [{"securityContext": {"capabilities": {"add": [1, None, {}], "drop": 4}, "seLinuxOptions": {"type": 1}}}]},
        {"securityContext": {"sysctls": [1, {"name": 2}], "seccompProfile": 1, "appArmorProfile": {"type": []}}, "volumes": [None, {}]},
    ],
)
def test_bodies_of_any_shape(spec):
    for level in ("baseline", "restricted"):
        for breach in breaches(pod({"metadata": {"annotations": 1}, "spec": spec}), level, 37):
            assert isinstance(breach.message, str)
