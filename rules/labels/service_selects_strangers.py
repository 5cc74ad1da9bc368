from collections.abc import Sequence
from typing import Any

from linter.kubernetes.pods import containers_of
from linter.kubernetes.workloads.services import ServicePort, declares_port, selected_templates, service_ports
from linter.model import DesiredState, Node, PodTemplate, Related, Violation, items


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    service = node.resource
    selected = selected_templates(state, service)
    # A headless Service gives names to pods, and clients choose among them.
    if len(selected) < 2 or service.spec.get("clusterIP") == "None" or state.is_repeated(service):
        return None
    ports = list(service_ports(service))
    servers = [pod for pod in selected if not _ends(pod) and any(declares_port(pod, port) for port in ports)]
    strangers = [pod for pod in selected if pod not in servers and (_ends(pod) or _declares_any(pod)) and _receives(pod, ports)]
    if not servers or not strangers:
        return None
    stranger = strangers[0].resource
    more = f" (and {len(strangers) - 1} more)" if len(strangers) > 1 else ""
    why = "which runs to its end" if _ends(strangers[0]) else "which declares none of its target ports"
    return Violation(
        ("spec", "selector"),
        f"the selector also chooses the pods of {stranger}{more}, {why}",
        related=tuple(Related("the labels it chooses them by", pod.resource, (*pod.route, "metadata", "labels")) for pod in strangers),
    )


def _ends(pod: PodTemplate) -> bool:
    return pod.resource.type in ("Job", "CronJob")


def _receives(pod: PodTemplate, ports: Sequence[ServicePort]) -> bool:
    """Whether traffic goes to the pod: a port by number leads to any pod, one by name only to those that have the name."""
    return any(isinstance(port.target, int) or declares_port(pod, port) for port in ports)


def _declares_any(pod: PodTemplate) -> bool:
    return any(items(container.value.get("ports")) for container in containers_of(pod, "container", "sidecar"))
