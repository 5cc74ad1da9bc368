"""Rights from which all others follow, in roles that something is bound to."""

from collections.abc import Iterable
from typing import Any

from linter.kubernetes.rbac import is_aggregated, is_bootstrap_object, is_cluster_wide, rbac_graph, reach, written_rules
from linter.kubernetes.rbac.powers import PRIVILEGED_NAMESPACES, Escalation, escalations, held_by
from linter.model import DesiredState, Node, Related, Route, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    role = node.resource
    if is_bootstrap_object(role) or is_aggregated(role):
        return
    graph = rbac_graph(state)
    bindings = graph.bindings_of(role)
    if not bindings:
        return
    held = held_by(graph, bindings)
    everywhere = is_cluster_wide(bindings) or any(binding.namespace in PRIVILEGED_NAMESPACES for binding in bindings)
    related = tuple(Related(f"bound by {binding.resource}", binding.resource, ("roleRef", "name")) for binding in bindings[:3])
    found: dict[Route, list[Escalation]] = {}
    for rule in written_rules(role, state):
        for escalation in escalations(rule, held):
            found.setdefault(escalation.route, []).append(escalation)
    for route, ways in found.items():
        rights = " and ".join(dict.fromkeys(f"`{way.right}`" for way in ways))
        results = " and ".join(dict.fromkeys(way.leads_to for way in ways))
        message = f"{role} grants {rights} {reach(bindings)}: whoever holds it {results}"
        yield Violation(route, message, None, related, severity="warning" if everywhere else "info")
