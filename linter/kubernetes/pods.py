"""Pod templates and the views on them that rules match.

Covered: Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob, Argo Rollout and
Knative Service. A container in `initContainers` with `restartPolicy: Always` is a sidecar (Kubernetes 1.29).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from linter.model import DesiredState, Node, PodTemplate, Resource, Route, dig, items, mapping
from linter.model.nodes import ContainerRole

_TEMPLATE_ROUTES: dict[str, Route] = {
    "Pod": (),
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "argoproj.io/Rollout": ("spec", "template"),
    "serving.knative.dev/Service": ("spec", "template"),
}

POD_TYPES = frozenset(_TEMPLATE_ROUTES)


def pod_template(resource: Resource) -> PodTemplate | None:
    """The pod an object will create, or None if it creates none or writes it in a shape nobody can read."""
    return resource.derive(_pod_template) if resource.type in _TEMPLATE_ROUTES else None


def _pod_template(resource: Resource) -> PodTemplate | None:
    route = _TEMPLATE_ROUTES[resource.type]
    body = dig(resource.body, *route) if route else resource.body
    return PodTemplate(resource, route, body) if isinstance(body, dict) and isinstance(body.get("spec"), dict) else None


def pod_templates(state: DesiredState) -> list[PodTemplate]:
    """Every pod template of a state, in document order."""
    return state.derive(_pod_templates)


def _pod_templates(state: DesiredState) -> list[PodTemplate]:
    return [pod for resource in state.resources if (pod := pod_template(resource)) is not None]


def is_sidecar(init_container: object) -> bool:
    """Whether a container of `initContainers` keeps running beside the others."""
    return mapping(init_container).get("restartPolicy") == "Always"


def containers_of(pod: PodTemplate, *roles: ContainerRole) -> Iterator[Node]:
    """The pod's containers of the given roles (all roles if none is given), as nodes."""
    nodes = pod.derive(_containers)
    return iter([node for node in nodes if node.role in roles] if roles else nodes)


def _containers(pod: PodTemplate) -> list[Node]:
    found: list[Node] = []
    for field, default in (("containers", "container"), ("initContainers", "init"), ("ephemeralContainers", "ephemeral")):
        for index, value in enumerate(items(pod.spec.get(field))):
            if not isinstance(value, dict):
                continue
            role: ContainerRole = "sidecar" if default == "init" and is_sidecar(value) else default  # type: ignore[assignment]
            found.append(Node(value, (*pod.spec_route, field, index), pod.resource, pod, role))
    return found


VIEWS: dict[str, Callable[[PodTemplate], Iterator[Node]]] = {
    "containers": lambda pod: containers_of(pod, "container"),
    "sidecars": lambda pod: containers_of(pod, "sidecar"),
    "init_containers": lambda pod: containers_of(pod, "init"),
    "ephemeral_containers": lambda pod: containers_of(pod, "ephemeral"),
    "all_containers": lambda pod: containers_of(pod),
    "pod_spec": lambda pod: iter((Node(pod.spec, pod.spec_route, pod.resource, pod),)),
    "pod_templates": lambda pod: iter((Node(pod.body, pod.route, pod.resource, pod),)),
}
