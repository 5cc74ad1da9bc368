"""The checks of the level *restricted*, which asks a pod to give up what it does not need."""

from __future__ import annotations

from collections.abc import Iterator

from linter.kubernetes.pod_security.baseline import PROFILES, bad_seccomp, proc_mount
from linter.kubernetes.pod_security.breaches import Standard, containers, in_user_namespace, on_windows, security_context, security_contexts
from linter.model import PodTemplate, Route, items, mapping

_Found = Iterator[tuple[Route, str]]

_VOLUMES = frozenset({"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"})


def _volume_types(pod: PodTemplate, minor: int) -> _Found:
    for index, volume in enumerate(items(pod.spec.get("volumes"))):
        sources = [field for field, source in mapping(volume).items() if field != "name" and source is not None]
        # With no source at all the API server makes it an emptyDir.
        if sources and _VOLUMES.isdisjoint(sources):
            yield (*pod.spec_route, "volumes", index, sources[0]), f"the volume {volume.get('name')} is of the type {sources[0]}"


def _privilege_escalation(pod: PodTemplate, minor: int) -> _Found:
    if minor >= 25 and on_windows(pod):
        return
    for node, whom in containers(pod):
        context = mapping(node.value.get("securityContext"))
        if context.get("allowPrivilegeEscalation") is not False:
            yield (*node.route, "securityContext", "allowPrivilegeEscalation"), f"{whom} may gain more privileges than its parent process"


def _run_as_non_root(pod: PodTemplate, minor: int) -> _Found:
    if minor >= 35 and in_user_namespace(pod):
        return
    own = mapping(pod.spec.get("securityContext")).get("runAsNonRoot")
    for context in security_contexts(pod):
        if context.body.get("runAsNonRoot") is False:
            yield (*context.route, "runAsNonRoot"), f"{context.whom} is allowed to run as root"
    if own is True:
        return
    for node, whom in containers(pod):
        context_of = mapping(node.value.get("securityContext"))
        if context_of.get("runAsNonRoot") is None and own is None:
            yield (*node.route, "securityContext", "runAsNonRoot"), f"{whom} may run as root"


def _run_as_user(pod: PodTemplate, minor: int) -> _Found:
    if minor >= 35 and in_user_namespace(pod):
        return
    for context in security_contexts(pod):
        user = context.body.get("runAsUser")
        if user == 0 and user is not False:
            yield (*context.route, "runAsUser"), f"{context.whom} runs as root (user 0)"


def _seccomp(pod: PodTemplate, minor: int) -> _Found:
    if minor >= 25 and on_windows(pod):
        return
    yield from bad_seccomp(pod)
    own = mapping(pod.spec.get("securityContext")).get("seccompProfile")
    if isinstance(own, dict) and own.get("type") in PROFILES:
        return
    for node, whom in containers(pod):
        context = security_context(node.value, node.route, whom)
        if (context is None or context.body.get("seccompProfile") is None) and own is None:
            yield (*node.route, "securityContext", "seccompProfile"), f"{whom} has no seccomp profile"


def _capabilities(pod: PodTemplate, minor: int) -> _Found:
    if minor >= 25 and on_windows(pod):
        return
    for node, whom in containers(pod):
        named = mapping(mapping(node.value.get("securityContext")).get("capabilities"))
        route = (*node.route, "securityContext", "capabilities")
        if "ALL" not in items(named.get("drop")):
            yield (*route, "drop"), f"{whom} keeps the capabilities that containers have by default"
        for index, name in enumerate(items(named.get("add"))):
            if isinstance(name, str) and name != "NET_BIND_SERVICE":
                yield (*route, "add", index), f"{whom} has the capability {name}"


STANDARDS = (
    Standard("volume-types", _volume_types, replaces="host-path"),
    Standard("privilege-escalation", _privilege_escalation, since=8),
    Standard("run-as-non-root", _run_as_non_root),
    Standard("run-as-user", _run_as_user, since=23),
    Standard("seccomp", _seccomp, since=19, replaces="seccomp"),
    Standard("capabilities", _capabilities, since=22, replaces="capabilities"),
    Standard("proc-mount", proc_mount, since=35, replaces="proc-mount"),
)
