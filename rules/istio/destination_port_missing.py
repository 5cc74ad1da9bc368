from collections.abc import Iterator
from typing import Any

from linter.istio.registry import find_host, ports
from linter.istio.virtualservices import destinations
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    virtual_service = node.resource
    for destination in destinations(virtual_service):
        number = destination.port
        if number is None or not destination.host:
            continue
        target = find_host(state, destination.host, virtual_service).resource
        listed = ports(target) if target is not None else []
        if target is None or not listed or any(port.number == number for port in listed):
            continue
        behind = next((port for port in listed if port.target == str(number)), None)
        if behind is not None:
            words = f"{number} is the target port behind its port {behind.number}"
        else:
            words = f"it has {', '.join(str(port.number) for port in listed)}"
        yield Violation(
            (*destination.route, "port", "number"),
            f"{virtual_service} routes to port {number} of `{destination.host}`, which is no port of {target}: {words}",
            related=(Related("the ports it has", target, ("spec", "ports")),),
            fix=f"Write port {behind.number}." if behind is not None else None,
        )
