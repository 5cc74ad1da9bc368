from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pods import containers_of
from linter.kubernetes.workloads.probes import declared_ports, port_references
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    own = {port.number for port in declared_ports(node.value)}
    if not own or None in own:
        return
    for route, who, port in port_references(node):
        if not isinstance(port, int) or isinstance(port, bool) or port in own:
            continue
        # Containers of a pod share its network, so a port of a neighbour can be what the author means.
        if any(declared.number == port for other in containers_of(node.pod) for declared in declared_ports(other.value)):
            continue
        listed = ", ".join(str(number) for number in sorted(number for number in own if number is not None))
        yield Violation(route, f"the {who} asks port {port}, and container {node.value.get('name')} lists {listed}")
