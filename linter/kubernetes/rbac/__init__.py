"""RBAC: how rules match, which roles every cluster has, and who is allowed what in a DesiredState."""

from linter.kubernetes.rbac.built_in import is_bootstrap_object
from linter.kubernetes.rbac.graph import (
    Binding,
    Permission,
    Permissions,
    RbacGraph,
    Subject,
    identities,
    is_cluster_wide,
    rbac_graph,
    reach,
)
from linter.kubernetes.rbac.policy import PolicyRule, allows, allows_url, matching_item, matching_verb, policy_rules
from linter.kubernetes.rbac.roles import Role, RoleRule, is_aggregated, resolve_role, written_rules

__all__ = [
    "Binding",
    "Permission",
    "Permissions",
    "PolicyRule",
    "RbacGraph",
    "Role",
    "RoleRule",
    "Subject",
    "allows",
    "allows_url",
    "identities",
    "is_aggregated",
    "is_bootstrap_object",
    "is_cluster_wide",
    "matching_item",
    "matching_verb",
    "policy_rules",
    "rbac_graph",
    "reach",
    "resolve_role",
    "written_rules",
]
