"""nodes/proxy is the kubelet's whole API, commands in every container included."""

from collections.abc import Iterable
from typing import Any

from linter.kubernetes.rbac import allows, is_aggregated, is_bootstrap_object, is_cluster_wide, matching_item, rbac_graph, written_rules
from linter.kubernetes.rbac.policy import ALL
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    role = node.resource
    if is_bootstrap_object(role) or is_aggregated(role):
        return
    bindings = rbac_graph(state).bindings_of(role)
    if bindings and not is_cluster_wide(bindings):
        return  # a RoleBinding cannot grant it: nodes live outside namespaces
    for rule in written_rules(role, state):
        if ALL in rule.resources or rule.names:
            continue
        verbs = [verb for verb in ("get", "create") if allows(rule, verb, "", "nodes/proxy")]
        item = matching_item(rule, "nodes/proxy")
        if verbs and item is not None:
            related = tuple(Related(f"bound by {binding.resource}", binding.resource, ("roleRef", "name")) for binding in bindings[:3])
            yield Violation(
                rule.at("resources", item),
                f"`{rule.resources[item]}` with `{verbs[0]}` runs commands in every pod of every node, past admission and the audit log",
                related=related,
                severity="warning" if bindings else "info",
            )
