"""Wildcards over resources or verbs, judged by what they add and how far they reach."""

from collections.abc import Iterable
from typing import Any, Literal

from linter.kubernetes.rbac import (
    PolicyRule,
    is_aggregated,
    is_bootstrap_object,
    is_cluster_wide,
    matching_verb,
    rbac_graph,
    reach,
    written_rules,
)
from linter.kubernetes.rbac.api_resources import BUILT_IN_API_GROUPS
from linter.kubernetes.rbac.policy import ALL, WRITE_VERBS, allows_everything, writes
from linter.kubernetes.rbac.powers import PRIVILEGED_NAMESPACES, escalations, held_by
from linter.model import DesiredState, Node, Related, Violation

Severity = Literal["warning", "info"]

# Groups in which every resource is harmless to hold: leases of leader elections, events.
_HARMLESS_GROUPS = frozenset({"coordination.k8s.io", "events.k8s.io"})
_HARMLESS_RESOURCES = frozenset({"leases", "events", "endpointslices", "poddisruptionbudgets"})


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    role = node.resource
    if is_bootstrap_object(role) or is_aggregated(role):
        return
    graph = rbac_graph(state)
    bindings = graph.bindings_of(role)
    everywhere = is_cluster_wide(bindings) or any(binding.namespace in PRIVILEGED_NAMESPACES for binding in bindings)
    related = tuple(Related(f"bound by {binding.resource}", binding.resource, ("roleRef", "name")) for binding in bindings[:3])
    held = held_by(graph, bindings)
    for rule in written_rules(role, state):
        groups = [group for group in rule.groups if group == ALL or (group in BUILT_IN_API_GROUPS and group not in _HARMLESS_GROUPS)]
        if not groups or rule.names or rule.urls:
            continue
        if ALL in rule.resources:
            if writes(rule):
                same = ": as much as cluster-admin" if allows_everything(rule) and everywhere else ""
                severity: Severity = "warning" if everywhere else "info"
                message = f"grants {_verbs(rule)} on every resource of {_groups(groups)}, {reach(bindings)}{same}"
            elif "" in groups or ALL in groups:
                message = f"reads every resource of {_groups(groups)}, Secrets included, {reach(bindings)}"
                severity = "info"
            else:
                continue
            yield Violation(rule.at("resources", rule.resources.index(ALL)), message, None, related, severity=severity)
        elif ALL in rule.verbs and is_cluster_wide(bindings) and not escalations(rule, held):
            named = [resource for resource in rule.resources if "/" not in resource and resource not in _HARMLESS_RESOURCES]
            if named:
                added = "deletecollection and every verb added later"
                message = f"`verbs: *` on {', '.join(named[:3])}{' and others' if len(named) > 3 else ''} grants {added}, {reach(bindings)}"
                index = matching_verb(rule)
                yield Violation(
                    rule.at("verbs", index or 0),
                    message,
                    None,
                    related,
                    fix=f"List the verbs the program uses, such as {', '.join(('get', 'list', 'watch', *WRITE_VERBS[:4]))}.",
                    severity="info",
                )


def _verbs(rule: PolicyRule) -> str:
    return "every verb" if ALL in rule.verbs else ", ".join(rule.verbs)


def _groups(groups: list[str]) -> str:
    if ALL in groups:
        return "every API group"
    return ", ".join(f"`{group}`" if group else "the core group" for group in groups)
