"""The kinds of stable API versions that a cluster without add-ons serves.

Source: the Go module k8s.io/api 0.37 (the kinds each package registers, and since when: `APILifecycleIntroduced`), for
CustomResourceDefinition and APIService the modules k8s.io/apiextensions-apiserver and k8s.io/kube-aggregator. Alpha and
beta versions are left out: since Kubernetes 1.24 clusters serve new ones only when told to.
"""

from __future__ import annotations

from linter.kubernetes.targets import minor_of

# Since when, if that is later than the first version of the table, stands behind the kind.
_OLDEST = 25
_KINDS: dict[str, str] = {
    "admissionregistration.k8s.io/v1": "MutatingAdmissionPolicy@36 MutatingAdmissionPolicyBinding@36 MutatingWebhookConfiguration "
    "ValidatingAdmissionPolicy@30 ValidatingAdmissionPolicyBinding@30 ValidatingWebhookConfiguration",
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "apiregistration.k8s.io/v1": "APIService",
    "apps/v1": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    "authentication.k8s.io/v1": "SelfSubjectReview@28 TokenRequest TokenReview",
    "authorization.k8s.io/v1": "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
    "autoscaling/v1": "HorizontalPodAutoscaler Scale",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "batch/v1": "CronJob Job",
    "certificates.k8s.io/v1": "CertificateSigningRequest ClusterTrustBundle@37 PodCertificateRequest@37",
    "coordination.k8s.io/v1": "Lease",
    "discovery.k8s.io/v1": "EndpointSlice",
    "events.k8s.io/v1": "Event",
    "flowcontrol.apiserver.k8s.io/v1": "FlowSchema@29 PriorityLevelConfiguration@29",
    "networking.k8s.io/v1": "IPAddress@33 Ingress IngressClass NetworkPolicy ServiceCIDR@33",
    "node.k8s.io/v1": "RuntimeClass",
    "policy/v1": "Eviction PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "resource.k8s.io/v1": "DeviceClass@34 DeviceTaintRule@37 ResourceClaim@34 ResourceClaimTemplate@34 ResourceSlice@34",
    "scheduling.k8s.io/v1": "PriorityClass",
    "storage.k8s.io/v1": "CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass@34",
    "storagemigration.k8s.io/v1": "StorageVersionMigration@37",
    "v1": "Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod "
    "PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount",
}


def served_kinds(kubernetes: str) -> tuple[str, ...]:
    """The built-in kinds of a version of Kubernetes ("1.31", "v1.31.2") as `group/version/Kind`, and `v1/Kind` for the
    core group; none for a version before 1.25 or one that cannot be read."""
    minor = minor_of(kubernetes)
    if minor is None or minor < _OLDEST:
        return ()
    found: list[str] = []
    for api_version, kinds in _KINDS.items():
        for entry in kinds.split():
            kind, _, since = entry.partition("@")
            if not since or int(since) <= minor:
                found.append(f"{api_version}/{kind}")
    return tuple(found)
