from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pods import containers_of
from linter.kubernetes.workloads.probes import declared_ports, port_references
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    name = node.value.get("name")
    declared = {port.name for port in declared_ports(node.value) if port.name}
    for route, who, port in port_references(node):
        # The type of a gRPC port is a number, so a name there is a matter of the schema.
        if not isinstance(port, str) or port in declared or "grpc" in route or state.is_opaque(port):
            continue
        if port.isdecimal():
            yield Violation(
                route, f'the port "{port}" of the {who} is text, so it is taken for a port name', fix="Write the number without quotes."
            )
            continue
        if any(map(state.is_opaque, declared)):
            continue
        owner = next((other for other in containers_of(node.pod) if any(p.name == port for p in declared_ports(other.value))), None)
        known = f"it declares {', '.join(f'`{known}`' for known in sorted(declared))}" if declared else "it declares no named port"
        message = f"the {who} asks for the port `{port}`, which container {name} does not declare; "
        if owner is None:
            yield Violation(route, message + known)
        else:
            yield Violation(
                route,
                message + f"container {owner.value.get('name')} does, and names are looked up in the probed container only",
                related=(Related("a port of that name", node.resource, (*owner.route, "ports")),),
            )
