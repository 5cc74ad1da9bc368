from collections.abc import Iterator
from typing import Any

from linter.istio.gateways import gateway_entries
from linter.istio.registry import find_host, ports
from linter.istio.virtualservices import destinations
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    virtual_service = node.resource
    for destination in destinations(virtual_service):
        if not destination.host or "port" in destination.value:
            continue
        target = find_host(state, destination.host, virtual_service).resource
        listed = ports(target) if target is not None else []
        if target is None or len(listed) < 2:
            continue
        # Inside the mesh the port of the request is mostly one that the Service has; at a gateway it mostly is not.
        at_gateway = any(not entry.is_mesh for entry in gateway_entries(virtual_service))
        numbers = ", ".join(str(port.number) for port in listed)
        yield Violation(
            (*destination.route, "host"),
            f"{virtual_service} routes to `{destination.host}` without a port, and {target} has several: {numbers}",
            related=(Related("the ports it has", target, ("spec", "ports")),),
            severity="error" if at_gateway else "warning",
        )
