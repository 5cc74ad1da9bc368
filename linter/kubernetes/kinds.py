"""Which kinds are built into Kubernetes, and which of them live outside namespaces.

Source: the API reference of Kubernetes 1.25 to 1.37 (`kubectl api-resources` of a cluster without add-ons).
"""

from __future__ import annotations

BUILT_IN_GROUPS = frozenset({
    "", "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "apps",
    "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch", "certificates.k8s.io",
    "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io", "networking.k8s.io", "node.k8s.io", "policy", "rbac.authorization.k8s.io",
    "resource.k8s.io", "scheduling.k8s.io", "storage.k8s.io", "storagemigration.k8s.io",
})  # fmt: skip

_CLUSTER_SCOPED = frozenset({
    "APIService", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding", "ClusterTrustBundle",
    "ComponentStatus", "CSIDriver", "CSINode", "CustomResourceDefinition", "DeviceClass", "DeviceTaintRule",
    "FlowSchema", "IPAddress", "IngressClass", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration", "Namespace", "Node", "PersistentVolume", "PriorityClass",
    "PriorityLevelConfiguration", "ResourceSlice", "RuntimeClass", "SelfSubjectAccessReview",
    "SelfSubjectReview", "SelfSubjectRulesReview", "ServiceCIDR", "StorageClass", "StorageVersion",
    "StorageVersionMigration", "SubjectAccessReview", "TokenReview", "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration", "VolumeAttachment", "VolumeAttributesClass",
})  # fmt: skip

# Custom resources of the systems we know that live outside namespaces.
_CLUSTER_SCOPED_CUSTOM = frozenset({
    "cert-manager.io/ClusterIssuer", "gateway.networking.k8s.io/GatewayClass", "karpenter.sh/NodePool",
    "karpenter.k8s.aws/EC2NodeClass", "kyverno.io/ClusterPolicy", "external-secrets.io/ClusterSecretStore",
    "external-secrets.io/ClusterExternalSecret", "trust.cert-manager.io/Bundle",
})  # fmt: skip


def split_api_version(api_version: str) -> tuple[str, str]:
    """Group and version of an apiVersion: ("apps", "v1"), and ("", "v1") for the core group."""
    group, _, version = api_version.rpartition("/")
    return group, version


def type_name(group: str, kind: str) -> str:
    """How rules name a kind: bare if it is built into Kubernetes, `group/kind` otherwise."""
    return kind if group in BUILT_IN_GROUPS else f"{group}/{kind}"


def is_cluster_scoped(type: str) -> bool:
    """Whether objects of this type (as `type_name` gives it) have no namespace; unknown types are namespaced."""
    return type in _CLUSTER_SCOPED or type in _CLUSTER_SCOPED_CUSTOM
