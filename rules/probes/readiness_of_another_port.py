from collections.abc import Iterator
from typing import Any

from linter.kubernetes.workloads.probes import declared_ports, probes_of
from linter.kubernetes.workloads.services import service_ports, services_selecting, serving_container
from linter.model import DesiredState, Node, Related, Violation, dig


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    readiness = next((probe for probe in probes_of(node) if probe.field == "readinessProbe"), None)
    handler = readiness.handlers[0] if readiness is not None and len(readiness.handlers) == 1 else "exec"
    if readiness is None or handler == "exec":
        return
    ports = declared_ports(node.value)
    asked = _number(dig(readiness.body, handler, "port"), ports)
    served = {}
    for service in services_selecting(state, node.pod):
        for port in service_ports(service):
            container = serving_container(node.pod, port)
            number = _number(port.target, ports) if container is not None and container.route == node.route else None
            if number is not None:
                served[number] = service
    if asked is not None and served and asked not in served:
        number, service = next(iter(served.items()))
        words = f"the readiness probe of container {node.value.get('name')} asks the port {asked}, and {service} sends requests to {number}"
        yield Violation((*readiness.route, handler, "port"), words, related=(Related("the Service", service, ("spec", "ports")),))


def _number(port: object, declared: list[Any]) -> int | None:
    if isinstance(port, str):
        return next((entry.number for entry in declared if entry.name == port), None)
    return port if isinstance(port, int) and not isinstance(port, bool) else None
