"""The syntax of label and annotation keys and values, reserved prefixes, and labels that appear only at run time.

Sources: k8s.io/apimachinery util/validation (`IsQualifiedName`, `IsValidLabelValue`, `IsDNS1123Subdomain`) and
api/validation (`ValidateAnnotations`); the page "Well-Known Labels, Annotations and Taints" of the Kubernetes
documentation; for labels of other systems, their own documentation as noted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from linter.kubernetes.scalars.names import dns_subdomain_problem

MAX_NAME = 63
MAX_PREFIX = 253
MAX_ANNOTATION_BYTES = 262_144

_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?\Z")

# Labels that a controller or the program itself puts on running pods: a selector may name them though no pod template does.
RUNTIME_LABELS = frozenset({
    "pod-template-hash", "pod-template-generation", "controller-revision-hash", "controller-uid", "job-name",
    "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "batch.kubernetes.io/job-completion-index",
    "rollouts-pod-template-hash",  # Argo Rollouts
    "vault-active", "vault-initialized", "vault-perf-standby", "vault-sealed", "vault-version",  # Vault's service registration
    "openbao-active", "openbao-initialized", "openbao-perf-standby", "openbao-sealed", "openbao-version",
    "spilo-role", "cnpg.io/instanceRole", "redis-role", "patroni.dev/role",
    "serving.knative.dev/revision", "serving.knative.dev/configuration", "serving.knative.dev/service",
    "topology.kubernetes.io/zone", "topology.kubernetes.io/region",  # copied from the node by PodTopologyLabelsAdmission
})  # fmt: skip

# Labels that say what a pod is, which nobody changes while it runs.
_IDENTITY_LABELS = frozenset({
    "app", "name", "component", "tier", "k8s-app", "release", "app.kubernetes.io/name", "app.kubernetes.io/instance",
    "app.kubernetes.io/component", "app.kubernetes.io/part-of",
})  # fmt: skip

# `role: master` and the like: programs with leader election (Patroni and others) label the pod that leads.
_ELECTED_ROLES = frozenset({"leader", "master", "primary", "replica", "secondary", "standby", "slave", "follower"})


@lru_cache(maxsize=4096)
def key_problem(key: str, *, annotation: bool = False) -> str | None:
    """What is wrong with a label or annotation key, or None. Annotation prefixes may hold upper-case letters."""
    prefix, slash, name = key.rpartition("/")
    if annotation:
        prefix = prefix.lower()
    if slash and not prefix:
        return "nothing stands before the `/`"
    if "/" in prefix:
        return "it holds more than one `/`"
    if len(prefix) > MAX_PREFIX:
        return f"the prefix has {len(prefix)} characters, and {MAX_PREFIX} are allowed"
    if slash and dns_subdomain_problem(prefix) is not None:
        return f"the prefix `{prefix}` is not a DNS name in lower case"
    if not name:
        return "its name is empty"
    if len(name) > MAX_NAME:
        return f"its name has {len(name)} characters, and {MAX_NAME} are allowed"
    return None if _NAME.match(name) else f"`{name}` {_charset_problem(name)}"


@lru_cache(maxsize=4096)
def annotation_key_problem(key: str) -> str | None:
    """What is wrong with an annotation key, or None."""
    return key_problem(key, annotation=True)


@lru_cache(maxsize=4096)
def value_problem(value: str) -> str | None:
    """What is wrong with a label value, or None. The empty string is a valid value."""
    if len(value) > MAX_NAME:
        return f"it has {len(value)} characters, and {MAX_NAME} are allowed"
    return None if not value or _NAME.match(value) else f"it {_charset_problem(value)}"


def annotation_bytes(annotations: Mapping[str, object]) -> int:
    """The size of all keys and values, in bytes of UTF-8, which the API server limits to MAX_ANNOTATION_BYTES."""
    return sum(len(part.encode("utf-8", "replace")) for pair in annotations.items() for part in pair if isinstance(part, str))


def set_at_run_time(key: str, value: str) -> bool:
    """Whether a pod can carry this label although no pod template declares it."""
    if key in RUNTIME_LABELS or (key.rpartition("/")[2] == "role" and value.lower() in _ELECTED_ROLES):
        return True
    return value == "leader" and key not in _IDENTITY_LABELS


def _charset_problem(word: str) -> str:
    strange = next((character for character in word if not re.match(r"[-A-Za-z0-9_.]", character)), None)
    if strange is None:
        return "must begin and end with a letter or a digit"
    shown = {" ": "a space", "\n": "a line break", "\t": "a tab", "`": "a backtick"}.get(strange, f"`{strange}`")
    return f"holds {shown}; letters, digits, `-`, `_` and `.` are allowed"


_VERSION = re.compile(r"v?\d+\.\d+(?:\.\d+)*(?:[-+_.].*)?\Z")
_CHART = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?-v?\d+\.\d+\.\d+(?:[-_+].*)?\Z")
_COMMIT = re.compile(r"[0-9a-f]{40}\Z|[0-9a-f]{64}\Z")
_SHORT_COMMIT = re.compile(r"(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,12}\Z")
_COMMIT_KEYS = re.compile(r"(?:git|commit|sha|revision|build)", re.IGNORECASE)
_DATE = re.compile(r"20\d\d[-.]?(?:0[1-9]|1[0-2])[-.]?(?:0[1-9]|[12]\d|3[01])(?:[-T_.].*)?\Z")


@lru_cache(maxsize=4096)
def changes_with_releases(key: str, value: str) -> str | None:
    """What a label holds that a later release will change ("the chart's version"), or None if it looks lasting.

    `version: v1` is lasting: service meshes tell variants of a service apart by it.
    """
    if key == "helm.sh/chart" or (key == "chart" and _CHART.match(value)):
        return "the chart's version"
    if key == "app.kubernetes.io/version":
        return None if re.fullmatch(r"v?\d{1,3}", value) else "the application's version"
    if key in ("version", "app-version", "appVersion", "tag", "image-tag") and _VERSION.match(value):
        return "a version"
    if _COMMIT.match(value) or (_COMMIT_KEYS.search(key) and _SHORT_COMMIT.match(value)):
        return "a commit or content hash"
    return "a date" if _DATE.match(value) else None
