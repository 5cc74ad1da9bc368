"""How objects are named: what the API server accepts, how long names may be, and when two objects are the same one.

Sources: the validation of metadata in Kubernetes 1.36 (k8s.io/apimachinery api/validation, and the packages pkg/apis/*/validation
of k8s.io/kubernetes), tried out on its API server; pkg/controller/statefulset and pkg/controller/deployment for what
controllers make of a name.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from linter.kubernetes.scalars.names import (
    MAX_LABEL,
    MAX_SUBDOMAIN,
    dns_1035_label_problem,
    dns_label_problem,
    dns_subdomain_problem,
    path_segment_problem,
)
from linter.kubernetes.targets import minor_of
from linter.model import Resource, dig
from linter.model.findings import Severity

# Of these the name may be anything that can stand in a path.
_ANY_NAME: Final = frozenset({
    "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding", "Event", "PodDisruptionBudget", "Role", "RoleBinding",
})  # fmt: skip
_LABELS: Final = frozenset({"Namespace", "StatefulSet"})
# Their names follow from what stands in the object, and are judged with it.
_OTHERWISE: Final = frozenset({"APIService", "ClusterTrustBundle", "CustomResourceDefinition", "IPAddress", "StorageVersion"})
# Reviews and the like are answered, not stored, so that they need no name.
NAMELESS: Final = frozenset({
    "Binding", "ConversionReview", "DeleteOptions", "Eviction", "LocalSubjectAccessReview", "PodExecOptions", "Scale",
    "SelfSubjectAccessReview", "SelfSubjectReview", "SelfSubjectRulesReview", "Status", "SubjectAccessReview", "TokenRequest",
    "TokenReview",
})  # fmt: skip
# Any text is a finalizer of them, as long as it is a qualified name; of other built-in kinds it needs a prefix.
_LOOSE_FINALIZERS: Final = frozenset({
    "APIService", "CustomResourceDefinition", "Event", "Lease", "LeaseCandidate", "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration", "PodDisruptionBudget", "RuntimeClass",
    "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
})  # fmt: skip

_RELAXED_SERVICES: Final = 36
_CRON_JOB: Final = 52
# What a controller puts behind a name: a dash and up to ten characters.
_HASH: Final = 11


class LengthProblem(NamedTuple):
    """Why a name is too long: the most characters it may have, and what happens, as the end of a sentence."""

    most: int
    consequence: str
    severity: Severity


def name_problem(type: str, name: str, kubernetes: str | None, *, generated: bool = False) -> str | None:
    """What is wrong with the letters of a name, as the end of a sentence, or None. Its length is judged by `length_problem`.

    `type` is that of the object ("Service", "networking.istio.io/Gateway"), `kubernetes` the target version, None for the
    newest. `generated` says that the name is the beginning of one, so that it may end with a dash.
    """
    if type in _OTHERWISE:
        return None
    if type in _ANY_NAME:
        return path_segment_problem(name)
    if generated and name.endswith("-"):
        name = f"{name[:-1]}a"
    # A fast way for nearly all names: what a label may be is right everywhere, but where a letter must be the first.
    if type == "Service":
        if len(name) > MAX_LABEL:
            return None
        return dns_label_problem(name) if _has_relaxed_services(kubernetes) else dns_1035_label_problem(name)
    if type in _LABELS:
        return dns_label_problem(name) if len(name) <= MAX_LABEL else None
    return dns_subdomain_problem(name) if len(name) <= MAX_SUBDOMAIN else None


def length_problem(resource: Resource) -> LengthProblem | None:
    """Why the name of an object is too long, or None."""
    length = len(resource.name)
    if length <= _CRON_JOB or resource.type in _ANY_NAME:
        return None
    kind = resource.type
    if kind == "CronJob":
        words = "the API server refuses more, since the Jobs get this name with 11 characters behind it"
        return LengthProblem(_CRON_JOB, words, "error")
    # Where the host names of pods are made of the name, these are judged.
    if kind == "Job" and length > MAX_LABEL and resource.spec.get("completionMode") != "Indexed":
        return LengthProblem(MAX_LABEL, "the API server refuses more, since the pods get a label of this name", "error")
    if kind == "StatefulSet" and length <= MAX_LABEL:
        words = "its pods have a label `controller-revision-hash` of this name and 11 characters more, so that none can be created"
        return LengthProblem(MAX_LABEL - _HASH, words, "error" if length > MAX_LABEL - _HASH + 2 else "warning")
    most = MAX_LABEL if kind in _LABELS or kind == "Service" else MAX_SUBDOMAIN
    if length > most:
        return LengthProblem(most, "the API server refuses more", "error")
    if kind in ("Deployment", "argoproj.io/Rollout") and length > MAX_SUBDOMAIN - _HASH:
        words = "its ReplicaSets get this name with 11 characters behind it, so that none can be created"
        return LengthProblem(MAX_SUBDOMAIN - _HASH, words, "error")
    return None


def finalizer_needs_prefix(type: str) -> bool:
    """Whether finalizers of this kind are `domain/name`, but for the two that Kubernetes itself has."""
    return "/" not in type and type not in _LOOSE_FINALIZERS


def generated_name(resource: Resource) -> str | None:
    """The `generateName` of an object without a name, or None."""
    if dig(resource.body, "metadata", "name") not in (None, ""):
        return None
    prefix = dig(resource.body, "metadata", "generateName")
    return prefix if isinstance(prefix, str) and prefix else None


def _has_relaxed_services(kubernetes: str | None) -> bool:
    minor = minor_of(kubernetes)
    return minor is None or minor >= _RELAXED_SERVICES
