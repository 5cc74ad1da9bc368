from collections.abc import Iterator
from typing import Any

from linter.istio.registry import find_host, is_generated
from linter.istio.subsets import DESTINATION_RULE, host_key, rules_for, subset_names
from linter.istio.virtualservices import Destination, destinations
from linter.model import DesiredState, Node, Related, Resource, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    virtual_service = node.resource
    for destination in destinations(virtual_service):
        if not destination.host or not destination.subset:
            continue
        if state.is_opaque(destination.host) or state.is_opaque(destination.subset):
            continue
        rules = rules_for(state, host_key(state, destination.host, virtual_service.namespace))
        if any(destination.subset in subset_names(rule) for rule in rules):
            continue
        target = find_host(state, destination.host, virtual_service).resource
        if target is not None and is_generated(state, target):
            continue
        words = f"{virtual_service} routes to subset `{destination.subset}` of `{destination.host}`, which"
        route = (*destination.route, "subset")
        if rules and _all_here(state, rules):
            known = sorted({name for rule in rules for name in subset_names(rule)})
            has = f"has {', '.join(f'`{name}`' for name in known)}" if known else "has none"
            yield Violation(
                route, f"{words} {rules[0]} does not define: it {has}", related=(Related("its subsets", rules[0], ("spec", "subsets")),)
            )
        elif not rules and target is not None and _is_missing(state, destination, target, virtual_service):
            yield Violation(route, f"{words} no DestinationRule defines")


def _all_here(state: DesiredState, rules: list[Resource]) -> bool:
    """Whether every subset can be read: sources rendered, and no name is a placeholder."""
    readable = not any(state.is_opaque(name) for rule in rules for name in subset_names(rule))
    return readable and (not state.incomplete or state.options.closed_world)


def _is_missing(state: DesiredState, destination: Destination, target: Resource, virtual_service: Resource) -> bool:
    """Whether the repository would hold the DestinationRule. It is usually named after the Service, or the VirtualService."""
    name = target.name if target.type == "Service" else destination.host
    return all(
        state.find(DESTINATION_RULE, target.namespace, candidate, referrer=virtual_service).missing
        for candidate in {name, virtual_service.name}
    )
