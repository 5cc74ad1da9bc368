"""Objects that a state declares twice, as far as it is certain that both are applied.

A state holds what ends up on one cluster, but not everything in it need be applied at once: a folder of examples holds the
same object in several files of which somebody chooses one. Certain are the output of one chart or overlay, what one Application
deploys, and the documents of one file.

Sources: `kubectl apply` and Argo CD (RepeatedResourceWarning) take the last of several equal ones, and Argo CD names an object
of two Applications in a SharedResourceWarning; Helm and Kustomize fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from linter.kubernetes.workloads.lifecycle import is_hook
from linter.model import DesiredState, Resource

_MOVED = {
    "extensions/DaemonSet": "DaemonSet",
    "extensions/Deployment": "Deployment",
    "extensions/Ingress": "Ingress",
    "extensions/NetworkPolicy": "NetworkPolicy",
    "extensions/PodSecurityPolicy": "PodSecurityPolicy",
    "extensions/ReplicaSet": "ReplicaSet",
}


class Repeated(NamedTuple):
    """An object, the first one before it with the same identity, and what applies both."""

    resource: Resource
    first: Resource
    applied_by: Literal["chart", "overlay", "application", "file", "applications"]

    @property
    def equal(self) -> bool:
        """Whether the two say the same."""
        return self.resource.body == self.first.body


def repeated_objects(state: DesiredState) -> Iterator[Repeated]:
    """The objects of a state that are declared before already, in document order."""
    groups: dict[tuple[str, str, str], list[Resource]] = {}
    for resource in state.resources:
        groups.setdefault((_MOVED.get(resource.type, resource.type), resource.namespace, resource.name), []).append(resource)
    for (kind, _, name), group in groups.items():
        if len(group) < 2 or not name:
            continue
        yield from _repeats(kind, [resource for resource in group if resource.metadata.get("name") and not is_hook(resource)])


def _repeats(kind: str, group: list[Resource]) -> Iterator[Repeated]:
    """What of a group of one identity is applied together with one before it. Thousands of files may hold the same name, so that
    each object looks only at the first one of those it could belong to."""
    first: dict[object, int] = {}
    # Of each cluster the first objects of two Applications: one of them is not that of the next object.
    of_cluster: dict[object, list[int]] = {}
    for number, resource in enumerate(group):
        source = resource.source
        keys: list[object] = [("one", source)] if source.type in ("helm", "kustomize") else []
        if source.application is not None:
            keys.append((source.application, source.environment))
        elif not keys:
            keys.append(id(resource.document.file))
        before = [first[key] for key in keys if key in first]
        if source.application is not None:
            others = of_cluster.setdefault(source.cluster, [])
            before += [other for other in others if group[other].source.application != source.application][:1]
            if len(others) < 2 and all(group[other].source.application != source.application for other in others):
                others.append(number)
        for candidate in sorted(before):
            found = _together(kind, group[candidate], resource)
            if found is not None:
                yield found
                break
        for key in keys:
            first.setdefault(key, number)


def _together(kind: str, first: Resource, second: Resource) -> Repeated | None:
    one, two = first.source, second.source
    if one == two:
        if one.type == "helm":
            return Repeated(second, first, "chart")
        if one.type == "kustomize":
            return Repeated(second, first, "overlay")
        if one.application is not None:
            return Repeated(second, first, "application")
        same_file = first.document.file is second.document.file
        return Repeated(second, first, "file") if same_file else None
    if one.application is None or two.application is None:
        return None
    if one.application == two.application:
        return Repeated(second, first, "application") if one.environment == two.environment else None
    # A Namespace is what two Applications rightly share. Where an object names no namespace, only its Application knows it.
    if kind == "Namespace" or one.cluster != two.cluster:
        return None
    return Repeated(second, first, "applications")
