from collections.abc import Iterator
from typing import Any

from linter.istio.gateways import find_gateway, gateway_entries, match_gateway_entries, namesake
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    virtual_service = node.resource
    named = gateway_entries(virtual_service)
    above = {entry.written for entry in named}
    for entry in (*named, *(entry for entry in match_gateway_entries(virtual_service) if entry.written not in above)):
        if not entry.name or not entry.namespace:
            continue
        found = find_gateway(state, entry, virtual_service)
        if found.missing:
            where = "" if entry.namespace == virtual_service.namespace else f" in namespace {entry.namespace}"
            yield Violation(entry.route, f"{virtual_service} names the Gateway `{entry.name}`, which does not exist{where}")
        elif found.unknown and (other := namesake(state, entry, virtual_service)) is not None:
            yield Violation(
                entry.route,
                f"{virtual_service} names the Gateway `{entry.name}` of its own namespace, and the only one of that name is {other}",
                related=(Related("declared here", other, ("metadata",)),),
                fix=f"Write `{other.namespace}/{other.name}`.",
            )
