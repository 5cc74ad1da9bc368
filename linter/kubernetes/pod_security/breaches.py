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


def found_by(standard: Standard, pod: PodTemplate, minor: int) -> list[tuple[Route, str]]:
    """What a pod does against a check in version 1.`minor` of the policy; several rules and levels ask for the same."""
    known = pod.derive(_found)
    key = (standard.find, minor)
    if key not in known:
        known[key] = list(standard.find(pod, minor))
    return known[key]


def _found(_pod: PodTemplate) -> dict[tuple[object, int], list[tuple[Route, str]]]:
    return {}


def containers(pod: PodTemplate) -> list[tuple[Node, str]]:
    """Every container of the pod, whatever its kind, with its name for sentences."""
    return pod.derive(_containers)


def _containers(pod: PodTemplate) -> list[tuple[Node, str]]:
    kinds = {"init": "init container", "ephemeral": "ephemeral container"}
    return [(node, f"{kinds.get(str(node.role), 'container')} {node.value.get('name')}") for node in containers_of(pod)]


def security_context(holder: object, route: Route, whom: str) -> SecurityContext | None:
    """The security context of a pod spec or container, or None if it has none."""
    body = mapping(holder).get("securityContext")
    return SecurityContext(body, (*route, "securityContext"), whom) if isinstance(body, dict) else None


def security_contexts(pod: PodTemplate) -> list[SecurityContext]:
    """The pod's own security context and those of its containers, as far as they exist."""
    return pod.derive(_security_contexts)


def _security_contexts(pod: PodTemplate) -> list[SecurityContext]:
    own = security_context(pod.spec, pod.spec_route, "the pod")
    return [own, *container_contexts(pod)] if own is not None else container_contexts(pod)


def container_contexts(pod: PodTemplate) -> list[SecurityContext]:
    """The security contexts of the pod's containers, as far as they exist."""
    return pod.derive(_container_contexts)


def _container_contexts(pod: PodTemplate) -> list[SecurityContext]:
    found = (security_context(node.value, node.route, whom) for node, whom in containers(pod))
    return [context for context in found if context is not None]


def in_user_namespace(pod: PodTemplate) -> bool:
    """Whether the pod has a user namespace of its own, in which root is nobody on the node (`hostUsers: false`)."""
    return pod.spec.get("hostUsers") is False


def on_windows(pod: PodTemplate) -> bool:
    """Whether the pod says that it runs on Windows, where some fields have no meaning."""
    return mapping(pod.spec.get("os")).get("name") == "windows"
