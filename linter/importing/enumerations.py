"""Fields of built-in kinds that take one of a few words.

The published schemas name no such words, so the table stands here. A field is in it only if the API server refuses every
other word. Not in it are fields that take more than the named constants (`appProtocol`, the type of a Secret, condition
types, resource names, the medium of an emptyDir).

Source: the constants of the Go modules k8s.io/api 0.34 to 0.37, k8s.io/apiextensions-apiserver and k8s.io/apimachinery
(types.go of each package), and the sets in pkg/apis/*/validation of Kubernetes.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

# Package and version as in the names of definitions, `*` for every version; the field; its words. `Word@35` is accepted
# since Kubernetes 1.35. A bar at the end says that an empty text stands for the default.
_TABLE = """
admissionregistration.* RuleWithOperations.scope: Cluster|Namespaced|*
admissionregistration.* NamedRuleWithOperations.scope: Cluster|Namespaced|*
admissionregistration.* RuleWithOperations.operations: *|CREATE|UPDATE|DELETE|CONNECT
admissionregistration.* NamedRuleWithOperations.operations: *|CREATE|UPDATE|DELETE|CONNECT
admissionregistration.* ValidatingAdmissionPolicySpec.failurePolicy: Ignore|Fail
admissionregistration.* ValidatingAdmissionPolicyBindingSpec.validationActions: Deny|Warn|Audit
admissionregistration.* MutatingAdmissionPolicySpec.failurePolicy: Ignore|Fail
admissionregistration.* MutatingAdmissionPolicySpec.reinvocationPolicy: Never|IfNeeded
admissionregistration.* Mutation.patchType: ApplyConfiguration|JSONPatch
admissionregistration.* ParamRef.parameterNotFoundAction: Allow|Deny|
admissionregistration.* MatchResources.matchPolicy: Exact|Equivalent
admissionregistration.v1 ValidatingWebhook.failurePolicy: Ignore|Fail
admissionregistration.v1 ValidatingWebhook.matchPolicy: Exact|Equivalent
admissionregistration.v1 ValidatingWebhook.sideEffects: None|NoneOnDryRun
admissionregistration.v1 MutatingWebhook.failurePolicy: Ignore|Fail
admissionregistration.v1 MutatingWebhook.matchPolicy: Exact|Equivalent
admissionregistration.v1 MutatingWebhook.sideEffects: None|NoneOnDryRun
admissionregistration.v1 MutatingWebhook.reinvocationPolicy: Never|IfNeeded
apiextensions.v1 CustomResourceDefinitionSpec.scope: Cluster|Namespaced
apiextensions.v1 CustomResourceConversion.strategy: None|Webhook
apiextensions.v1 ValidationRule.reason: FieldValueRequired|FieldValueDuplicate|FieldValueInvalid|FieldValueForbidden
apps.v1 StatefulSetUpdateStrategy.type: RollingUpdate|OnDelete|Recreate@37|
apps.v1 StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted: Retain|Delete|
apps.v1 StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled: Retain|Delete|
apps.v1 StatefulSetSpec.podManagementPolicy: OrderedReady|Parallel|
apps.v1 DeploymentStrategy.type: Recreate|RollingUpdate|
apps.v1 DaemonSetUpdateStrategy.type: RollingUpdate|OnDelete|
autoscaling.* MetricSpec.type: Object|Pods|Resource|ContainerResource|External
autoscaling.* MetricTarget.type: Utilization|Value|AverageValue
autoscaling.* HPAScalingRules.selectPolicy: Max|Min|Disabled
autoscaling.* HPAScalingPolicy.type: Pods|Percent
batch.v1 PodFailurePolicyOnExitCodesRequirement.operator: In|NotIn
batch.v1 PodFailurePolicyRule.action: FailJob|FailIndex@28|Ignore|Count
batch.v1 JobSpec.completionMode: NonIndexed|Indexed
batch.v1 JobSpec.podReplacementPolicy: TerminatingOrFailed|Failed
batch.v1 CronJobSpec.concurrencyPolicy: Allow|Forbid|Replace|
certificates.v1 CertificateSigningRequestSpec.usages: signing|digital signature|content commitment|key encipherment|key agreement|\
data encipherment|cert sign|crl sign|encipher only|decipher only|any|server auth|client auth|code signing|email protection|s/mime|\
ipsec end system|ipsec tunnel|ipsec user|timestamping|ocsp signing|microsoft sgc|netscape sgc|
core.v1 PersistentVolumeSpec.accessModes: ReadWriteOnce|ReadOnlyMany|ReadWriteMany|ReadWriteOncePod
core.v1 PersistentVolumeSpec.persistentVolumeReclaimPolicy: Recycle|Delete|Retain|
core.v1 PersistentVolumeSpec.volumeMode: Block|Filesystem
core.v1 PersistentVolumeClaimSpec.accessModes: ReadWriteOnce|ReadOnlyMany|ReadWriteMany|ReadWriteOncePod
core.v1 PersistentVolumeClaimSpec.volumeMode: Block|Filesystem
core.v1 HostPathVolumeSource.type: DirectoryOrCreate|Directory|FileOrCreate|File|Socket|CharDevice|BlockDevice|
core.v1 AzureDiskVolumeSource.cachingMode: None|ReadOnly|ReadWrite
core.v1 AzureDiskVolumeSource.kind: Shared|Dedicated|Managed
core.v1 ContainerPort.protocol: TCP|UDP|SCTP|
core.v1 VolumeMount.recursiveReadOnly: Disabled|IfPossible|Enabled
core.v1 VolumeMount.mountPropagation: None|HostToContainer|Bidirectional
core.v1 HTTPGetAction.scheme: HTTP|HTTPS|
core.v1 HTTPGetAction.protocol: HTTP1|HTTP2|
core.v1 GRPCAction.mode: Plaintext|TLS|
core.v1 ContainerResizePolicy.resourceName: cpu|memory
core.v1 ContainerResizePolicy.restartPolicy: NotRequired|RestartContainer
core.v1 Container.restartPolicy: Always|Never|OnFailure
core.v1 Container.terminationMessagePolicy: File|FallbackToLogsOnError|
core.v1 Container.imagePullPolicy: Always|Never|IfNotPresent|
core.v1 EphemeralContainer.terminationMessagePolicy: File|FallbackToLogsOnError|
core.v1 EphemeralContainer.imagePullPolicy: Always|Never|IfNotPresent|
core.v1 ContainerRestartRule.action: Restart|RestartAllContainers@35
core.v1 ContainerRestartRuleOnExitCodes.operator: In|NotIn
core.v1 NodeSelectorRequirement.operator: In|NotIn|Exists|DoesNotExist|Gt|Lt
core.v1 Taint.effect: NoSchedule|PreferNoSchedule|NoExecute
core.v1 Toleration.operator: Exists|Equal|Lt@35|Gt@35|
core.v1 Toleration.effect: NoSchedule|PreferNoSchedule|NoExecute|
core.v1 PodSpec.restartPolicy: Always|OnFailure|Never|
core.v1 PodSpec.dnsPolicy: ClusterFirstWithHostNet|ClusterFirst|Default|None|
core.v1 PodSpec.preemptionPolicy: PreemptLowerPriority|Never
core.v1 PodOS.name: linux|windows
core.v1 TopologySpreadConstraint.whenUnsatisfiable: DoNotSchedule|ScheduleAnyway
core.v1 TopologySpreadConstraint.nodeAffinityPolicy: Ignore|Honor
core.v1 TopologySpreadConstraint.nodeTaintsPolicy: Ignore|Honor
core.v1 PodSecurityContext.supplementalGroupsPolicy: Merge|Strict
core.v1 PodSecurityContext.fsGroupChangePolicy: OnRootMismatch|Always
core.v1 PodSecurityContext.seLinuxChangePolicy: Recursive|MountOption
core.v1 SeccompProfile.type: Unconfined|RuntimeDefault|Localhost
core.v1 AppArmorProfile.type: Unconfined|RuntimeDefault|Localhost
core.v1 ServiceSpec.type: ClusterIP|NodePort|LoadBalancer|ExternalName|
core.v1 ServiceSpec.sessionAffinity: ClientIP|None|
core.v1 ServiceSpec.externalTrafficPolicy: Cluster|Local|
core.v1 ServiceSpec.ipFamilies: IPv4|IPv6
core.v1 ServiceSpec.ipFamilyPolicy: SingleStack|PreferDualStack|RequireDualStack
core.v1 ServiceSpec.internalTrafficPolicy: Cluster|Local
core.v1 ServicePort.protocol: TCP|UDP|SCTP|
core.v1 EndpointPort.protocol: TCP|UDP|SCTP
core.v1 ResourceQuotaSpec.scopes: Terminating|NotTerminating|BestEffort|NotBestEffort|PriorityClass|CrossNamespacePodAffinity|\
VolumeAttributesClass@31|
core.v1 ScopedResourceSelectorRequirement.scopeName: Terminating|NotTerminating|BestEffort|NotBestEffort|PriorityClass|\
CrossNamespacePodAffinity|VolumeAttributesClass@31
core.v1 ScopedResourceSelectorRequirement.operator: In|NotIn|Exists|DoesNotExist
core.v1 SecurityContext.procMount: Default|Unmasked
core.v1 ImageVolumeSource.pullPolicy: Always|Never|IfNotPresent|
discovery.v1 EndpointSlice.addressType: IPv4|IPv6|FQDN
discovery.v1 EndpointPort.protocol: TCP|UDP|SCTP
flowcontrol.* FlowDistinguisherMethod.type: ByUser|ByNamespace
flowcontrol.* Subject.kind: User|Group|ServiceAccount
flowcontrol.* PriorityLevelConfigurationSpec.type: Exempt|Limited
flowcontrol.* LimitResponse.type: Queue|Reject
meta.v1 LabelSelectorRequirement.operator: In|NotIn|Exists|DoesNotExist
meta.v1 FieldSelectorRequirement.operator: In|NotIn|Exists|DoesNotExist|
networking.v1 NetworkPolicySpec.policyTypes: Ingress|Egress
networking.v1 NetworkPolicyPort.protocol: TCP|UDP|SCTP
networking.v1 HTTPIngressPath.pathType: Exact|Prefix|ImplementationSpecific
policy.v1 PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy: IfHealthyBudget|AlwaysAllow
rbac.v1 Subject.kind: User|Group|ServiceAccount
rbac.v1 RoleRef.kind: Role|ClusterRole
resource.* DeviceTaint.effect: None@35|NoSchedule|NoExecute
resource.* DeviceToleration.effect: None@35|NoSchedule|NoExecute|
resource.* DeviceToleration.operator: Exists|Equal|
resource.* ExactDeviceRequest.allocationMode: ExactCount|All|
resource.* DeviceSubRequest.allocationMode: ExactCount|All|
scheduling.v1 PriorityClass.preemptionPolicy: PreemptLowerPriority|Never
storage.v1 StorageClass.reclaimPolicy: Delete|Retain|
storage.v1 StorageClass.volumeBindingMode: Immediate|WaitForFirstConsumer
storage.v1 CSIDriverSpec.volumeLifecycleModes: Persistent|Ephemeral
storage.v1 CSIDriverSpec.fsGroupPolicy: ReadWriteOnceWithFSType|File|None
"""


def words_of(definition: str, field: str, minor: int) -> tuple[str, ...]:
    """The words that a field takes in Kubernetes 1.`minor`, in order; none if it is not in the table.

    `definition` is a short name such as "core.v1.Container".
    """
    package, name = definition.rsplit(".", 1)
    for pattern, words in _fields().get(f"{name}.{field}", ()):
        if fnmatchcase(package, pattern):
            return tuple(word for word, since in words if since <= minor)
    return ()


def named_fields() -> set[str]:
    """The fields of the table as "package-pattern Definition.field", to check that each exists."""
    return {f"{pattern} {field}" for field, entries in _fields().items() for pattern, _ in entries}


@lru_cache(maxsize=1)
def _fields() -> dict[str, list[tuple[str, list[tuple[str, int]]]]]:
    found: dict[str, list[tuple[str, list[tuple[str, int]]]]] = {}
    for line in _TABLE.strip().splitlines():
        place, words = line.split(": ", 1)
        pattern, field = place.split(" ")
        entries = [word.rpartition("@") if "@" in word else (word, "", "0") for word in words.split("|")]
        found.setdefault(field, []).append((pattern, [(word, int(since)) for word, _, since in entries]))
    return found
