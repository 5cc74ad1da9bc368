"""Which pod templates a Service selects, and which container serves each of its ports.

Sources: the endpoint slice controller (k8s.io/endpointslice) for what is selected, and `FindPort` of
kubernetes/pkg/api/v1/pod for how a target port is found in a pod.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from linter.kubernetes.labels.syntax import set_at_run_time
from linter.kubernetes.pods import POD_TYPES, containers_of
from linter.kubernetes.workloads.namespaces import land_together
from linter.kubernetes.workloads.pod_index import templates_in, templates_selected_by_map
from linter.kubernetes.workloads.pod_makers import unseen_pod_maker
from linter.model import DesiredState, Node, PodTemplate, Resource, Route, items, mapping, text


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One entry of a Service's `ports`: its route and body, the protocol, and where the traffic goes in the pod.

    `target` is a port number, the name of a container port, or None if it is written in a way nobody can read.
    """

    route: Route
    body: dict[str, Any]
    protocol: str
    target: int | str | None

    @property
    def name(self) -> str:
        return text(self.body.get("name"))


def selects_pods(service: Resource) -> bool:
    """Whether a Service chooses pods itself: it has a selector and is not an ExternalName."""
    return service.type == "Service" and service.spec.get("type") != "ExternalName" and bool(mapping(service.spec.get("selector")))


def selected_templates(state: DesiredState, service: Resource) -> tuple[PodTemplate, ...]:
    """The pod templates of the state whose pods the Service sends traffic to, in document order."""
    return state.derive(_selection).templates.get(id(service), ())


def services_selecting(state: DesiredState, pod: PodTemplate) -> tuple[Resource, ...]:
    """The Services that evidently send traffic to the pods of a template, in document order."""
    return state.derive(_selection).services.get(id(pod.resource), ())


def service_ports(service: Resource) -> Iterator[ServicePort]:
    """The ports of a Service, with their defaults: protocol TCP, target port equal to the port."""
    for index, body in enumerate(items(service.spec.get("ports"))):
        if isinstance(body, dict):
            target = body.get("targetPort")
            target = body.get("port") if target is None or target in (0, "") else target
            valid = isinstance(target, str) or (isinstance(target, int) and not isinstance(target, bool))
            yield ServicePort(("spec", "ports", index), body, text(body.get("protocol")) or "TCP", target if valid else None)


def serving_container(pod: PodTemplate, port: ServicePort) -> Node | None:
    """The container or sidecar behind a Service's port, or None if the template does not tell.

    A number that no container declares belongs to the only container, if the pod has just one.
    """
    containers = list(containers_of(pod, "container", "sidecar"))
    declaring = next((container for container in containers if _declares(container, port)), None)
    if declaring is not None:
        return declaring
    return containers[0] if len(containers) == 1 and isinstance(port.target, int) else None


def declares_port(pod: PodTemplate, port: ServicePort) -> bool:
    """Whether a container or sidecar of the pod lists the target port of a Service's port."""
    return any(_declares(container, port) for container in containers_of(pod, "container", "sidecar"))


def _declares(container: Node, port: ServicePort) -> bool:
    field = "name" if isinstance(port.target, str) else "containerPort"
    return port.target is not None and any(
        mapping(declared).get(field) == port.target and (text(mapping(declared).get("protocol")) or "TCP") == port.protocol
        for declared in items(container.value.get("ports"))
    )


class _Selection:
    """Which Services and pod templates of one state belong together."""

    def __init__(self, state: DesiredState) -> None:
        self.templates: dict[int, tuple[PodTemplate, ...]] = {}
        services: dict[int, list[Resource]] = {}
        for service in state.of_kind("Service"):
            if not selects_pods(service):
                continue
            selected = templates_selected_by_map(state, service.namespace, service.spec["selector"])
            self.templates[id(service)] = selected
            for pod in selected:
                if land_together(service, pod.resource):
                    services.setdefault(id(pod.resource), []).append(service)
        self.services = {pod: tuple(found) for pod, found in services.items()}


def _selection(state: DesiredState) -> _Selection:
    return _Selection(state)


class PodsElsewhere(str):
    """Why the pods of a Service cannot be known from the repository: the text says what stands against it."""

    __slots__ = ()


def pods_of(state: DesiredState, service: Resource) -> tuple[PodTemplate, ...] | PodsElsewhere:
    """The pod templates behind a Service, possibly none, or the reason why that cannot be told.

    An empty answer is given only if the Service selects pods at all, its own source declares pod templates in its
    namespace, all sources rendered, no custom resource may create the pods, and the selector holds neither placeholders
    nor labels that pods receive only while they run. With `--closed-world` what is not declared does not exist.
    """
    if not selects_pods(service):
        return PodsElsewhere("it has no selector")
    selector = mapping(service.spec["selector"])
    found = selected_templates(state, service)
    if found:
        return found
    if not all(isinstance(value, str) for value in selector.values()):
        return PodsElsewhere("its selector is malformed")
    if any(state.is_opaque(value) or state.is_opaque(key) for key, value in selector.items()):
        return PodsElsewhere("its selector holds a placeholder")
    lasting = {key: value for key, value in selector.items() if not set_at_run_time(key, value)}
    if len(lasting) < len(selector) and (not lasting or templates_selected_by_map(state, service.namespace, lasting)):
        return PodsElsewhere("its selector names a label that pods receive while they run")
    neighbours = templates_in(state, service.namespace)
    if any(state.is_opaque(value) for pod in neighbours for value in pod.labels.values()):
        return PodsElsewhere("a pod template there has a placeholder as label")
    if any(pattern.matches(kind, service.namespace, pattern.name) for pattern in state.options.externals for kind in POD_TYPES):
        return PodsElsewhere("the configuration lists workloads of that namespace under externals")
    if state.options.closed_world:
        return ()
    if state.incomplete:
        return PodsElsewhere(f"{state.incomplete[0]} could not be rendered")
    if not any(pod.resource.source == service.source for pod in neighbours):
        return PodsElsewhere("its source declares no workload in that namespace")
    maker = unseen_pod_maker(state, service.namespace)
    return PodsElsewhere(f"{maker} may create its pods") if maker is not None else ()
