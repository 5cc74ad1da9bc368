"""What the containers of a pod request and may use, with everything that fills in what they do not say.

Sources: "Resource Management for Pods and Containers", "Limit Ranges" and "Assign Pod-level CPU and memory resources" in the
documentation of Kubernetes: a missing request is the limit, a LimitRange of the namespace gives defaults for both, and what a pod
declares for itself is shared by its containers.
"""

from __future__ import annotations

from typing import Literal

from linter.model import DesiredState, Node, PodTemplate, items, mapping, text

Kind = Literal["requests", "limits"]


def declared(container: Node, kind: Kind, resource: str, state: DesiredState) -> object | None:
    """The amount that a container will have as its request or limit of a resource ("cpu", "memory", "ephemeral-storage"), as
    it is written in the container, the pod or a LimitRange; None if nothing in this state sets one."""
    own = mapping(container.value.get("resources"))
    found = mapping(own.get(kind)).get(resource)
    if found is None and kind == "requests":
        found = mapping(own.get("limits")).get(resource)
    if found is None:
        found = for_the_pod(container.pod, kind, resource)
    return found if found is not None else limit_range_default(state, container.pod.namespace, kind, resource)


def asks_for_huge_pages(container: Node) -> bool:
    """Whether a container requests or may use huge pages, which it may only beside CPU or memory."""
    own = mapping(container.value.get("resources"))
    return any(name.startswith("hugepages-") for kind in ("requests", "limits") for name in mapping(own.get(kind)))


def for_the_pod(pod: PodTemplate, kind: Kind, resource: str) -> object | None:
    """The amount that a pod declares for all its containers together, or None."""
    shared = mapping(pod.spec.get("resources"))
    found = mapping(shared.get(kind)).get(resource)
    return mapping(shared.get("limits")).get(resource) if found is None and kind == "requests" else found


def limit_range_default(state: DesiredState, namespace: str, kind: Kind, resource: str) -> object | None:
    """The amount that a LimitRange of a namespace gives to containers that set none, or None."""
    return state.derive(_defaults).get((namespace, kind, resource))


def _defaults(state: DesiredState) -> dict[tuple[str, str, str], object]:
    found: dict[tuple[str, str, str], object] = {}
    for limit_range in state.of_kind("LimitRange"):
        for entry in items(limit_range.spec.get("limits")):
            limits = mapping(entry)
            if limits.get("type") != "Container":
                continue
            # As the API server fills a LimitRange in: the default limit is the maximum, the default request that limit.
            upper = {**mapping(limits.get("max")), **mapping(limits.get("default"))}
            lower = {**mapping(limits.get("min")), **upper, **mapping(limits.get("defaultRequest"))}
            for kind, amounts in (("limits", upper), ("requests", lower)):
                for resource, amount in amounts.items():
                    found.setdefault((limit_range.namespace, kind, resource), amount)
    return found


def is_scaled_vertically(pod: PodTemplate, state: DesiredState) -> bool:
    """Whether a VerticalPodAutoscaler of the state sets the requests of this workload's pods."""
    resource = pod.resource
    return (resource.namespace, resource.kind, resource.name) in state.derive(_scaled)


def _scaled(state: DesiredState) -> frozenset[tuple[str, str, str]]:
    targets = set()
    for scaler in state.of_kind("autoscaling.k8s.io/VerticalPodAutoscaler"):
        if mapping(scaler.spec.get("updatePolicy")).get("updateMode") != "Off":
            target = mapping(scaler.spec.get("targetRef"))
            targets.add((scaler.namespace, text(target.get("kind")), text(target.get("name"))))
    return frozenset(targets)
