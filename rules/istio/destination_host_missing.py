from collections.abc import Iterator
from typing import Any

from linter.istio.gateways import applies_to_mesh, gateway_entries
from linter.istio.registry import exported_to, find_host, overlap
from linter.istio.virtualservices import destinations
from linter.model import DesiredState, Node, Related, Resource, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    virtual_service = node.resource
    for destination in destinations(virtual_service):
        if not destination.host:
            continue
        found = find_host(state, destination.host, virtual_service)
        route = (*destination.route, "host")
        what = f"{virtual_service} {'mirrors' if destination.role == 'mirror' else 'routes'} to `{destination.host}`"
        if found.missing:
            yield Violation(route, f"{what}, and there is no such Service or ServiceEntry")
        elif found.resource is not None and _hidden(virtual_service, found.resource):
            yield Violation(
                route,
                f"{what}, and {found.resource} is exported to no namespace in which this VirtualService takes effect",
                related=(Related("declared here", found.resource, ("metadata",)),),
            )


def _hidden(virtual_service: Resource, target: Resource) -> bool:
    """Whether no client of the VirtualService can see the target; gateways may run in any namespace."""
    audience = exported_to(target)
    if not audience:
        return True
    only_mesh = applies_to_mesh(virtual_service) and all(entry.is_mesh for entry in gateway_entries(virtual_service))
    return only_mesh and not overlap(audience, exported_to(virtual_service))
