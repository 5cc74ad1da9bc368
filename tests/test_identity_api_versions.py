"""Whether an apiVersion and a kind belong together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.kubernetes.api_versions.built_in import KUBERNETES_APIS
from linter.kubernetes.api_versions.matching import api_version_problem
from linter.kubernetes.schemas.table import load

GVKS = sorted((kind.api_version, kind.kind) for kind in load().kinds())


class TestWhatIsRight:
    @pytest.mark.parametrize("minor", [25, 31, 37, 44])
    def test_every_kind_of_every_version_that_has_it(self, minor):
        for kind in load().kinds():
            if kind.span.has(min(minor, load().span.last)):
                assert api_version_problem(kind.api_version, kind.kind, f"1.{minor}") is None

    def test_what_is_gone_is_judged_elsewhere(self):
        for api_version, kind in KUBERNETES_APIS:
            found = api_version_problem(api_version, kind, None)
            assert found is None

    @pytest.mark.parametrize(("api_version", "kind"), [
        ("v1", "List"), ("v1", "ConfigMapList"), ("apps/v1", "DeploymentList"), ("v1", "Config"), ("v1", "Template"), ("v1", "Project"),
        ("route.openshift.io/v1", "Route"), ("apps.openshift.io/v1", "DeploymentConfig"), ("serving.knative.dev/v1", "Service"),
        ("networking.istio.io/v1", "ServiceEntry"), ("apps.kruise.io/v1alpha1", "StatefulSet"),
        ("kubeadm.k8s.io/v1beta4", "InitConfiguration"),
        ("skaffold/v4beta11", "Config"), ("networking.x-k8s.io/v1alpha1", "UDPRoute"), ("snapshot.storage.k8s.io/v1", "VolumeSnapshot"),
        ("metrics.k8s.io/v1beta1", "PodMetrics"), ("networking.gke.io/v1", "ManagedCertificate"), ("v1alpha1", "Anything"),
        ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"), ("autoscaling.k8s.io/v1", "VerticalPodAutoscaler"),
        ("storage.k8s.io/v1", "SomethingOfAnAddOn"), ("v1", "Backstage"), ("autoscaling.internal.knative.dev/v1alpha1", "PodAutoscaler"),
        ("networking.internal.knative.dev/v1alpha1", "Ingress"), ("k8s.nginx.org/v1", "Policy"), ("projectcontour.io/v1", "HTTPProxy"),
    ])  # fmt: skip
    def test_what_others_know(self, api_version, kind):
        assert api_version_problem(api_version, kind, "1.37") is None


class TestWhatIsWrong:
    @pytest.mark.parametrize(("api_version", "kind", "key", "right"), [
        ("v1", "Deployment", "apiVersion", "apps/v1"), ("apps/v1", "Ingress", "apiVersion", "networking.k8s.io/v1"),
        ("apps/v1", "Service", "apiVersion", "v1"), ("apps/v2", "Deployment", "apiVersion", "apps/v1"),
        ("app/v1", "Deployment", "apiVersion", "apps/v1"), ("batch.k8s.io/v1", "Job", "apiVersion", "batch/v1"),
        ("rbac/v1", "Role", "apiVersion", "rbac.authorization.k8s.io/v1"),
        ("extensions/v1", "Ingress", "apiVersion", "networking.k8s.io/v1"),
        ("extensions/v1beta1", "StatefulSet", "apiVersion", "apps/v1"),
        ("networking.k8s.io/v1beta2", "Ingress", "apiVersion", "networking.k8s.io/v1"),
        ("apps/V1", "Deployment", "apiVersion", "apps/v1"), ("v2", "ConfigMap", "apiVersion", "v1"),
        ("apps", "Deployment", "apiVersion", "apps/v1"),
        ("v1", "Event", None, None), ("autoscaling/v3", "HorizontalPodAutoscaler", "apiVersion", "autoscaling/v2"),
        ("networkin.k8s.io/v1", "Ingress", "apiVersion", "networking.k8s.io/v1"), ("apps/v1", "Cronjob", "kind", "CronJob"),
        ("batch/v1", "Cronjob", "kind", "CronJob"), ("apps/v1", "Deploymnet", "kind", "Deployment"),
        ("v1", "Configmap", "kind", "ConfigMap"),
        ("v1", "PersistentVolumeClaims", "kind", "PersistentVolumeClaim"), ("v1", "service", "kind", "Service"),
        ("rbac.authorization.k8s.io/v1", "ClusterRolebinding", "kind", "ClusterRoleBinding"), ("apps/v1", "Foo", "kind", "Deployment"),
        ("policy/v1", "PodSecurityPolicy", "apiVersion", "Pod Security Standard"),
    ])  # fmt: skip
    def test_the_right_one_is_named(self, api_version, kind, key, right):
        found = api_version_problem(api_version, kind, "1.37")
        if key is None:
            assert found is None
            return
        assert found.key == key
        assert right in found.fix

    def test_newer_than_the_target(self):
        found = api_version_problem("resource.k8s.io/v1", "DeviceClass", "1.33")
        assert found.message == "`resource.k8s.io/v1` DeviceClass needs Kubernetes 1.34, and the target is 1.33"
        assert "`apiVersion: resource.k8s.io/v1beta2`" in found.fix
        assert api_version_problem("resource.k8s.io/v1", "DeviceClass", "1.34") is None
        assert api_version_problem("resource.k8s.io/v1", "DeviceClass", None) is None
        assert api_version_problem("resource.k8s.io/v1", "DeviceClass", "1.20") is None

    def test_the_best_version_of_the_target_is_named(self):
        assert api_version_problem("v1", "Deployment", "1.25").fix == "Write `apiVersion: apps/v1`."
        assert "v1beta2" in api_version_problem("flowcontrol.apiserver.k8s.io/v2", "FlowSchema", "1.25").fix


@given(st.sampled_from(GVKS), st.text(alphabet="abkvV1./ {-", max_size=6), st.booleans())
def test_anything_can_be_asked(known, more, of_kind):
    api_version, kind = known
    found = api_version_problem(api_version, kind + more, "1.37") if of_kind else api_version_problem(api_version + more, kind, "1.37")
    assert found is None or (found.fix.endswith(".") and not found.message.endswith("."))
