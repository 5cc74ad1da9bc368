"""Names that the API server refuses, and names that are too long, as the API server of Kubernetes 1.36 answered."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kubernetes_objects import resource

from linter.kubernetes.objects.naming import length_problem, name_problem

# Answers to `create` for objects of each kind with the names A_b:c, a.b, 1a: whether they were accepted.
ANSWERS: dict[str, tuple[bool, bool, bool]] = {
    **dict.fromkeys(
        ("ConfigMap", "Endpoints", "LimitRange", "Node", "PersistentVolumeClaim", "PersistentVolume", "Pod", "PodTemplate",
         "ReplicationController", "ResourceQuota", "Secret", "ServiceAccount", "ControllerRevision", "Deployment", "DaemonSet",
         "ReplicaSet", "Job", "CronJob", "HorizontalPodAutoscaler", "Ingress", "IngressClass", "NetworkPolicy", "ServiceCIDR",
         "PriorityClass", "StorageClass", "CSIDriver", "CSINode", "CSIStorageCapacity", "VolumeAttachment", "VolumeAttributesClass",
         "Lease", "RuntimeClass", "EndpointSlice", "FlowSchema", "PriorityLevelConfiguration", "ValidatingWebhookConfiguration",
         "MutatingWebhookConfiguration", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
         "MutatingAdmissionPolicyBinding", "ResourceClaim", "ResourceClaimTemplate", "DeviceClass",
         "networking.istio.io/Sidecar", "argoproj.io/AppProject"),
        (False, True, True),
    ),
    **dict.fromkeys(("Service", "StatefulSet", "Namespace"), (False, False, True)),
    **dict.fromkeys(("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "PodDisruptionBudget", "Event"), (True, True, True)),
}  # fmt: skip


class TestLetters:
    @pytest.mark.parametrize("type", ANSWERS)
    def test_as_the_api_server(self, type):
        assert tuple(name_problem(type, name, None) is None for name in ("A_b:c", "a.b", "1a")) == ANSWERS[type]

    @pytest.mark.parametrize(("type", "name"), [("Role", "a/b"), ("Role", "a%b"), ("PodDisruptionBudget", ".."), ("Secret", "a..b"),
                                                ("Secret", "a-"), ("Secret", "-a"), ("Secret", "a.-b"), ("Secret", "a b")])  # fmt: skip
    def test_refused(self, type, name):
        assert name_problem(type, name, None) is not None

    @pytest.mark.parametrize(("version", "accepted"), [("1.35", False), ("v1.33.2", False), ("1.36", True), ("1.37", True), (None, True)])
    def test_a_service_may_begin_with_a_digit_since_some_version(self, version, accepted):
        assert (name_problem("Service", "2048-game", version) is None) is accepted
        assert name_problem("Service", "game-2048", version) is None

    @pytest.mark.parametrize(("prefix", "accepted"), [("a-", True), ("a", True), ("a.", False), ("A_", False), ("-", True)])
    def test_the_beginning_of_a_name_may_end_with_a_dash(self, prefix, accepted):
        assert (name_problem("ConfigMap", prefix, None, generated=True) is None) is accepted

    @pytest.mark.parametrize("type", ["APIService", "CustomResourceDefinition", "IPAddress"])
    def test_names_that_follow_from_the_object_are_not_judged_here(self, type):
        assert name_problem(type, "A_b", None) is None


LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"


@given(st.text(alphabet="aZ0-._/%", max_size=8).filter(bool))
def test_names_are_those_of_the_expressions_of_kubernetes(name):
    assert (name_problem("ConfigMap", name, None) is None) is (re.fullmatch(rf"{LABEL}(\.{LABEL})*", name) is not None)
    assert (name_problem("Namespace", name, None) is None) is (re.fullmatch(LABEL, name) is not None)
    assert (name_problem("Role", name, None) is None) is (not set(name) & set("/%") and name not in (".", ".."))


class TestLengths:
    @pytest.mark.parametrize(("kind", "api_version", "most"), [
        ("CronJob", "batch/v1", 52), ("Job", "batch/v1", 63), ("Service", "v1", 63), ("Namespace", "v1", 63), ("ConfigMap", "v1", 253),
        ("StatefulSet", "apps/v1", 52), ("Deployment", "apps/v1", 242), ("Rollout", "argoproj.io/v1alpha1", 242),
        ("DaemonSet", "apps/v1", 253), ("Pod", "v1", 253), ("Sidecar", "networking.istio.io/v1", 253),
    ])  # fmt: skip
    def test_of_each_kind(self, kind, api_version, most):
        def named(length: int):
            return resource(json.dumps({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a" * length}}))

        assert length_problem(named(most)) is None
        assert length_problem(named(most + 1)).most == most

    @pytest.mark.parametrize(("length", "severity"), [(53, "warning"), (54, "warning"), (55, "error"), (63, "error"), (64, "error")])
    def test_how_sure_it_is_that_a_stateful_set_has_no_pods(self, length, severity):
        """The hash behind its name mostly has ten digits, sometimes fewer."""
        found = length_problem(resource(json.dumps({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "a" * length}})))
        assert found.severity == severity

    def test_roles_may_be_as_long_as_they_like(self):
        body = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "a" * 300}}
        assert length_problem(resource(json.dumps(body))) is None
