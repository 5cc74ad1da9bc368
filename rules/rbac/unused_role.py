"""Roles that no binding hands out and no aggregated role takes in."""

from typing import Any

from linter.kubernetes.rbac import is_aggregated, is_bootstrap_object, rbac_graph
from linter.kubernetes.rbac.built_in import is_built_in_cluster_role
from linter.kubernetes.rbac.roles import aggregating_roles
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    role = node.resource
    if is_bootstrap_object(role) or rbac_graph(state).bindings_of(role):
        return None
    if role.type == "ClusterRole" and (is_built_in_cluster_role(role.name) or aggregating_roles(state, role.name)):
        return None
    if role.type == "ClusterRole" and any("aggregate-to-" in label for label in role.labels):
        return None
    what = "no binding hands out what it aggregates" if is_aggregated(role) else "no binding hands it out"
    return Violation(("metadata", "name"), f"{role} is unused: {what} in this state")
