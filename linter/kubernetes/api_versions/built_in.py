"""Versions of built-in APIs that are deprecated or gone, with the releases of Kubernetes and what replaces them.

Sources: the functions `APILifecycleDeprecated`, `APILifecycleRemoved` and `APILifecycleReplacement` of the Go module k8s.io/api
0.19 to 0.37, and for versions that went earlier than announced the OpenAPI documents of Kubernetes 1.25 to 1.37; for the
groups apiextensions.k8s.io and apiregistration.k8s.io, alpha versions and what went before 1.19 the Deprecated API Migration
Guide and the changelogs of kubernetes.io.
"""

from __future__ import annotations

from typing import Final

from linter.kubernetes.api_versions.changes import ApiTable, System, read_table

KUBERNETES: Final = System("kubernetes", "Kubernetes", (1, 25))

_ROWS = """
v1 Endpoints 1.33 - discovery.k8s.io/v1:EndpointSlice@1.21
v1 ComponentStatus 1.19 - -
admissionregistration.k8s.io/v1alpha1 MutatingAdmissionPolicy,MutatingAdmissionPolicyBinding 1.35 1.38 \
admissionregistration.k8s.io/v1beta1@1.34 admissionregistration.k8s.io/v1@1.36
admissionregistration.k8s.io/v1alpha1 ValidatingAdmissionPolicy,ValidatingAdmissionPolicyBinding 1.29 1.32 \
admissionregistration.k8s.io/v1beta1@1.28 admissionregistration.k8s.io/v1@1.30
admissionregistration.k8s.io/v1beta1 MutatingAdmissionPolicy,MutatingAdmissionPolicyBinding 1.37 1.40 \
admissionregistration.k8s.io/v1@1.36
admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration,ValidatingWebhookConfiguration 1.16 1.22 \
admissionregistration.k8s.io/v1@1.16
admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicy,ValidatingAdmissionPolicyBinding 1.31 1.34 \
admissionregistration.k8s.io/v1@1.30
apiextensions.k8s.io/v1beta1 CustomResourceDefinition 1.16 1.22 apiextensions.k8s.io/v1@1.16
apiregistration.k8s.io/v1beta1 APIService 1.19 1.22 apiregistration.k8s.io/v1@1.10
apps/v1beta1 ControllerRevision,Deployment,StatefulSet 1.8 1.16 apps/v1@1.9
apps/v1beta2 ControllerRevision,DaemonSet,Deployment,ReplicaSet,StatefulSet 1.9 1.16 apps/v1@1.9
auditregistration.k8s.io/v1alpha1 AuditSink - 1.19 -
authentication.k8s.io/v1alpha1 SelfSubjectReview 1.29 1.32 authentication.k8s.io/v1beta1@1.27 authentication.k8s.io/v1@1.28
authentication.k8s.io/v1beta1 SelfSubjectReview 1.30 1.33 authentication.k8s.io/v1@1.28
authentication.k8s.io/v1beta1 TokenReview 1.19 1.22 authentication.k8s.io/v1@1.6
authorization.k8s.io/v1beta1 LocalSubjectAccessReview,SelfSubjectAccessReview,SelfSubjectRulesReview,SubjectAccessReview 1.19 1.22 \
authorization.k8s.io/v1@1.19
autoscaling/v2beta1 HorizontalPodAutoscaler 1.22 1.25 autoscaling/v2beta2@1.12 autoscaling/v2@1.23
autoscaling/v2beta2 HorizontalPodAutoscaler 1.23 1.26 autoscaling/v2@1.23
batch/v1beta1 CronJob 1.21 1.25 batch/v1@1.21
batch/v2alpha1 CronJob 1.20 1.21 batch/v1beta1@1.8 batch/v1@1.21
certificates.k8s.io/v1alpha1 ClusterTrustBundle 1.34 1.37 certificates.k8s.io/v1beta1@1.33 certificates.k8s.io/v1@1.37
certificates.k8s.io/v1alpha1 PodCertificateRequest - 1.35 certificates.k8s.io/v1beta1@1.35 certificates.k8s.io/v1@1.37
certificates.k8s.io/v1beta1 CertificateSigningRequest 1.19 1.22 certificates.k8s.io/v1@1.19
certificates.k8s.io/v1beta1 ClusterTrustBundle,PodCertificateRequest 1.37 1.40 certificates.k8s.io/v1@1.37
coordination.k8s.io/v1alpha1 LeaseCandidate - 1.32 coordination.k8s.io/v1alpha2@1.32 coordination.k8s.io/v1beta1@1.33
coordination.k8s.io/v1alpha2 LeaseCandidate 1.35 1.38 coordination.k8s.io/v1beta1@1.33
coordination.k8s.io/v1beta1 LeaseCandidate 1.36 1.39 -
coordination.k8s.io/v1beta1 Lease 1.19 1.22 coordination.k8s.io/v1@1.14
discovery.k8s.io/v1alpha1 EndpointSlice - 1.21 discovery.k8s.io/v1beta1@1.16 discovery.k8s.io/v1@1.21
discovery.k8s.io/v1beta1 EndpointSlice 1.21 1.25 discovery.k8s.io/v1@1.21
events.k8s.io/v1beta1 Event 1.22 1.25 events.k8s.io/v1@1.19
extensions/v1beta1 DaemonSet,Deployment,ReplicaSet 1.8 1.16 apps/v1@1.9
extensions/v1beta1 Ingress 1.14 1.22 networking.k8s.io/v1beta1@1.14 networking.k8s.io/v1@1.19
extensions/v1beta1 NetworkPolicy 1.9 1.16 networking.k8s.io/v1@1.7
extensions/v1beta1 PodSecurityPolicy 1.11 1.16 policy/v1beta1@1.10
flowcontrol.apiserver.k8s.io/v1alpha1 FlowSchema,PriorityLevelConfiguration 1.20 1.21 \
flowcontrol.apiserver.k8s.io/v1beta1@1.20 flowcontrol.apiserver.k8s.io/v1beta2@1.23 flowcontrol.apiserver.k8s.io/v1beta3@1.26 \
flowcontrol.apiserver.k8s.io/v1@1.29
flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema,PriorityLevelConfiguration 1.23 1.26 \
flowcontrol.apiserver.k8s.io/v1beta2@1.23 flowcontrol.apiserver.k8s.io/v1beta3@1.26 flowcontrol.apiserver.k8s.io/v1@1.29
flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema,PriorityLevelConfiguration 1.26 1.29 \
flowcontrol.apiserver.k8s.io/v1beta3@1.26 flowcontrol.apiserver.k8s.io/v1@1.29
flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema,PriorityLevelConfiguration 1.29 1.32 flowcontrol.apiserver.k8s.io/v1@1.29
networking.k8s.io/v1alpha1 ClusterCIDR 1.28 1.29 -
networking.k8s.io/v1alpha1 IPAddress,ServiceCIDR 1.30 1.31 networking.k8s.io/v1beta1@1.31 networking.k8s.io/v1@1.33
networking.k8s.io/v1beta1 Ingress,IngressClass 1.19 1.22 networking.k8s.io/v1@1.19
networking.k8s.io/v1beta1 IPAddress,ServiceCIDR 1.34 1.37 networking.k8s.io/v1@1.33
node.k8s.io/v1alpha1 RuntimeClass - 1.23 node.k8s.io/v1beta1@1.13 node.k8s.io/v1@1.20
node.k8s.io/v1beta1 RuntimeClass 1.22 1.25 node.k8s.io/v1@1.20
policy/v1beta1 Eviction 1.22 1.25 policy/v1@1.22
policy/v1beta1 PodDisruptionBudget 1.21 1.25 policy/v1@1.21
policy/v1beta1 PodSecurityPolicy 1.21 1.25 -
rbac.authorization.k8s.io/v1alpha1 ClusterRole,ClusterRoleBinding,Role,RoleBinding 1.17 1.23 rbac.authorization.k8s.io/v1@1.8
rbac.authorization.k8s.io/v1beta1 ClusterRole,ClusterRoleBinding,Role,RoleBinding 1.17 1.22 rbac.authorization.k8s.io/v1@1.8
resource.k8s.io/v1alpha1 ResourceClaim,ResourceClaimTemplate - 1.27 resource.k8s.io/v1beta1@1.32 resource.k8s.io/v1@1.34
resource.k8s.io/v1alpha1 PodScheduling,ResourceClass - 1.27 -
resource.k8s.io/v1alpha2 ResourceClaim,ResourceClaimTemplate,ResourceSlice - 1.31 \
resource.k8s.io/v1alpha3@1.31 resource.k8s.io/v1beta1@1.32 resource.k8s.io/v1@1.34
resource.k8s.io/v1alpha2 PodSchedulingContext,ResourceClaimParameters,ResourceClassParameters - 1.31 -
resource.k8s.io/v1alpha2 ResourceClass - 1.31 resource.k8s.io/v1alpha3:DeviceClass@1.31 resource.k8s.io/v1beta1:DeviceClass@1.32 \
resource.k8s.io/v1:DeviceClass@1.34
resource.k8s.io/v1alpha3 PodSchedulingContext - 1.32 -
resource.k8s.io/v1alpha3 DeviceClass,ResourceClaim,ResourceClaimTemplate,ResourceSlice - 1.34 \
resource.k8s.io/v1beta1@1.32 resource.k8s.io/v1beta2@1.33 resource.k8s.io/v1@1.34
resource.k8s.io/v1alpha3 DeviceTaintRule 1.36 1.39 resource.k8s.io/v1beta2@1.36 resource.k8s.io/v1@1.37
resource.k8s.io/v1beta1 DeviceClass,ResourceClaim,ResourceClaimTemplate,ResourceSlice 1.35 1.38 \
resource.k8s.io/v1beta2@1.33 resource.k8s.io/v1@1.34
resource.k8s.io/v1beta2 DeviceClass,ResourceClaim,ResourceClaimTemplate,ResourceSlice 1.36 1.39 resource.k8s.io/v1@1.34
resource.k8s.io/v1beta2 DeviceTaintRule 1.39 1.42 resource.k8s.io/v1@1.37
scheduling.k8s.io/v1alpha1 PriorityClass 1.14 1.23 scheduling.k8s.io/v1@1.14
scheduling.k8s.io/v1alpha1 Workload - 1.36 scheduling.k8s.io/v1alpha2@1.36 scheduling.k8s.io/v1beta1@1.37
scheduling.k8s.io/v1alpha2 PodGroup,Workload - 1.37 scheduling.k8s.io/v1beta1@1.37
scheduling.k8s.io/v1beta1 PriorityClass 1.14 1.22 scheduling.k8s.io/v1@1.14
settings.k8s.io/v1alpha1 PodPreset - 1.20 -
storage.k8s.io/v1alpha1 CSIStorageCapacity 1.21 1.24 storage.k8s.io/v1beta1@1.21 storage.k8s.io/v1@1.24
storage.k8s.io/v1alpha1 VolumeAttachment 1.21 1.24 storage.k8s.io/v1@1.13
storage.k8s.io/v1alpha1 VolumeAttributesClass 1.32 1.35 storage.k8s.io/v1beta1@1.31 storage.k8s.io/v1@1.34
storage.k8s.io/v1beta1 CSIDriver 1.19 1.22 storage.k8s.io/v1@1.18
storage.k8s.io/v1beta1 CSINode 1.17 1.22 storage.k8s.io/v1@1.17
storage.k8s.io/v1beta1 CSIStorageCapacity 1.24 1.27 storage.k8s.io/v1@1.24
storage.k8s.io/v1beta1 StorageClass 1.19 1.22 storage.k8s.io/v1@1.6
storage.k8s.io/v1beta1 VolumeAttachment 1.19 1.22 storage.k8s.io/v1@1.13
storage.k8s.io/v1beta1 VolumeAttributesClass 1.34 1.37 storage.k8s.io/v1@1.34
storagemigration.k8s.io/v1alpha1 StorageVersionMigration - 1.35 storagemigration.k8s.io/v1beta1@1.35 storagemigration.k8s.io/v1@1.37
storagemigration.k8s.io/v1beta1 StorageVersionMigration 1.37 1.40 storagemigration.k8s.io/v1@1.37
"""

_ADMISSION_LABELS = "Enforce a Pod Security Standard with labels on the Namespaces, or a policy of an admission controller"
_WEBHOOK = (
    "`admissionReviewVersions` and `sideEffects` (None or NoneOnDryRun) are required there, names of webhooks must be unique, "
    "and where nothing is said `failurePolicy` is Fail, `matchPolicy` Equivalent and `timeoutSeconds` 10"
)
_NOTES = {
    "ComponentStatus": "Delete it: the server makes these objects itself",
    "CertificateSigningRequest": "`signerName` and `usages` are required there",
    "CronJob": "the fields are the same",
    "CustomResourceDefinition": (
        "each entry of `spec.versions` needs a structural `schema.openAPIV3Schema`; `validation`, `subresources` and "
        "`additionalPrinterColumns` (its `JSONPath` is `jsonPath`) move into the versions, `version` goes, and `scope` and "
        "`names.plural` are required"
    ),
    "DaemonSet": "`spec.selector` is required there and can never change, and the default of `updateStrategy` is RollingUpdate",
    "Deployment": (
        "`spec.selector` is required there and can never change, `rollbackTo` is gone, and the defaults of "
        "`progressDeadlineSeconds` (600) and `revisionHistoryLimit` (10) differ"
    ),
    "DeviceClass": "the fields of selectors and configurations are the same",
    "EndpointSlice": "`topology` of an endpoint is replaced by `nodeName` and `zone`",
    "Endpoints": "an EndpointSlice names its Service with the label `kubernetes.io/service-name`",
    "Ingress": (
        "`backend` is `defaultBackend` there, `serviceName` and `servicePort` of a backend are `service.name` and "
        "`service.port.number` or `service.port.name`, and each path needs a `pathType`"
    ),
    "MutatingWebhookConfiguration": _WEBHOOK,
    "PodDisruptionBudget": "an empty `spec.selector` chooses every pod of the namespace there, and not none",
    "PodSchedulingContext": "Delete it: the scheduler allocates devices without such objects",
    "PodScheduling": "Delete it: the scheduler allocates devices without such objects",
    "PodSecurityPolicy": _ADMISSION_LABELS,
    "PodPreset": "Write what it injects into the pods themselves, or use an admission webhook",
    "PriorityLevelConfiguration": "`assuredConcurrencyShares` is called `nominalConcurrencyShares` since v1beta3",
    "ReplicaSet": "`spec.selector` is required there and can never change",
    "ResourceClaim": "since v1beta2 what a request asks for stands below `exactly`",
    "ResourceClaimTemplate": "since v1beta2 what a request asks for stands below `exactly`",
    "ResourceSlice": "since v1beta2 the fields of `basic` stand in the device itself",
    "StatefulSet": "`spec.selector` is required there and can never change, and the default of `updateStrategy` is RollingUpdate",
    "ValidatingWebhookConfiguration": _WEBHOOK,
    "autoscaling/v2beta1:HorizontalPodAutoscaler": (
        "in an entry of `metrics`, `targetAverageUtilization`, `targetAverageValue` and `targetValue` become `target` with its "
        "`type` and `averageUtilization`, `averageValue` or `value`, and `metricName` becomes `metric.name`"
    ),
    "autoscaling/v2beta2:HorizontalPodAutoscaler": "the fields are the same",
}

KUBERNETES_APIS: Final[ApiTable] = read_table(KUBERNETES, _ROWS, _NOTES)
"""Built-in kinds by apiVersion and kind."""
