"""What a pod does that a level of the Pod Security Standards forbids.

Source: the Go module k8s.io/pod-security-admission 0.37 (`policy`: each check, the versions it has and which checks of the
level *baseline* one of *restricted* replaces). Where the admission controller names a pod's containers in one sentence, each place is
a breach of its own here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from linter.kubernetes.pods import containers_of
from linter.model import Node, PodTemplate, Route, mapping

Level = Literal["privileged", "baseline", "restricted"]


class Breach(NamedTuple):
    """One thing that a level forbids: the check's name, its place and a sentence."""

    check: str
    route: Route
    message: str


class Standard(NamedTuple):
    """A check of a level: since which minor version of the policy it exists, and the check it stands in for there."""

    name: str
    find: Callable[[PodTemplate, int], Iterator[tuple[Route, str]]]
    since: int = 0
    replaces: str | None = None


class SecurityContext(NamedTuple):
    """A `securityContext` of a pod or container that exists, its route, and whom it is about ("container web")."""

    body: dict[str, Any]
    route: Route
    whom: str


def containers(pod: PodTemplate) -> Iterator[tuple[Node, str]]:
    """Every container of the pod, whatever its kind, with its name for sentences."""
    for node in containers_of(pod):
        kind = {"init": "init container", "ephemeral": "ephemeral container"}.get(str(node.role), "container")
        yield node, f"{kind} {node.value.get('name')}"


def security_context(holder: object, route: Route, whom: str) -> SecurityContext | None:
    """The security context of a pod spec or container, or None if it has none."""
    body = mapping(holder).get("securityContext")
    return SecurityContext(body, (*route, "securityContext"), whom) if isinstance(body, dict) else None


def security_contexts(pod: PodTemplate) -> Iterator[SecurityContext]:
    """The pod's own security context and those of its containers, as far as they exist."""
    own = security_context(pod.spec, pod.spec_route, "the pod")
    if own is not None:
        yield own
    yield from container_contexts(pod)


def container_contexts(pod: PodTemplate) -> Iterator[SecurityContext]:
    """The security contexts of the pod's containers, as far as they exist."""
    for node, whom in containers(pod):
        context = security_context(node.value, node.route, whom)
        if context is not None:
            yield context


def in_user_namespace(pod: PodTemplate) -> bool:
    """Whether the pod has a user namespace of its own, in which root is nobody on the node (`hostUsers: false`)."""
    return pod.spec.get("hostUsers") is False


def on_windows(pod: PodTemplate) -> bool:
    """Whether the pod says that it runs on Windows, where some fields have no meaning."""
    return mapping(pod.spec.get("os")).get("name") == "windows"
