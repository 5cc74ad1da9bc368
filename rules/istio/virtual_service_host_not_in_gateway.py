from collections.abc import Iterator
from typing import Any

from linter.istio.gateways import find_gateway, gateway_entries, served_hosts, serves
from linter.istio.virtualservices import hosts
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    virtual_service = node.resource
    wanted = [(index, host) for index, host in hosts(virtual_service) if not state.is_opaque(host)]
    entries = gateway_entries(virtual_service)
    if not wanted or len(wanted) != len(hosts(virtual_service)):
        return
    namespace = virtual_service.namespace
    known = []
    for entry in entries:
        gateway = find_gateway(state, entry, virtual_service).resource if entry.name else None
        if gateway is not None:
            served = served_hosts(gateway, namespace)
            if not any(state.is_opaque(host) for host in served):
                known.append((entry, gateway, served))
    unserved = []
    if known and len(known) == len(entries):
        together = [host for _, _, served in known for host in served]
        unserved = [(index, host) for index, host in wanted if not serves(together, host, namespace)]
        for index, host in unserved:
            related = tuple(Related(f"serves {_listed(served)}", gateway, ("spec",)) for _, gateway, served in known[:3])
            yield Violation(("spec", "hosts", index), f"no Gateway of {virtual_service} serves its host `{host}`", related=related)
    if len(unserved) == len(wanted):
        return
    for entry, gateway, served in known:
        if not any(serves(served, host, namespace) for _, host in wanted):
            yield Violation(
                entry.route,
                f"{gateway} serves none of the hosts of {virtual_service}: it has {_listed(served)}",
                related=(Related("declared here", gateway, ("spec",)),),
            )


def _listed(hosts: list[str]) -> str:
    if not hosts:
        return "no host for this namespace"
    return ", ".join(f"`{host}`" for host in hosts[:3]) + (f" and {len(hosts) - 3} more" if len(hosts) > 3 else "")
