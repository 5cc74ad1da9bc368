"""roleRef to a role that nothing declares: told from `state.find`, and from a role of that name where roleRef cannot reach it."""

from typing import Any

from linter.kubernetes.rbac import Binding, rbac_graph
from linter.model import DesiredState, Node, Related, Resource, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    binding = rbac_graph(state).binding(node.resource)
    kind, name = binding.role_kind, binding.role_name
    if binding.role is not None or not name or state.is_opaque(name) or kind not in ("Role", "ClusterRole"):
        return None
    if kind == "Role" and binding.namespace is None:
        return None  # refused by the API server whatever exists: rbac/invalid-binding
    namespace = node.resource.namespace if kind == "Role" else ""
    reference = state.find(kind, namespace, name, referrer=node.resource)
    wanted = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
    near = _unreachable(binding, state)
    if near is not None:
        if near.kind == kind:
            what = f"it exists only in namespace {near.namespace}, and a RoleBinding reaches Roles of its own namespace only"
            fix = f"Move the Role to {namespace}, or bind a ClusterRole."
        else:
            where = f" in namespace {near.namespace}" if near.namespace else ""
            what = f"there is a {near.kind} of that name{where}"
            fix = f"Write `kind: {near.kind}` in roleRef."
        related = (Related(f"the {near.kind} of that name", near, ("metadata", "name")),)
        return Violation(("roleRef", "name"), f"{wanted} does not exist: {what}", related=related, fix=fix)
    if reference.missing:
        return Violation(("roleRef", "name"), f"{wanted} does not exist, so the binding grants nothing: {reference.reason}")
    return None


def _unreachable(binding: Binding, state: DesiredState) -> Resource | None:
    """A role this roleRef surely meant: same name, same source, and of the other kind or in the only other namespace."""
    source = binding.resource.source
    other_kind = "ClusterRole" if binding.role_kind == "Role" else "Role"
    if binding.role_kind == "ClusterRole":
        # A Role serves only RoleBindings of its namespace.
        twin = state.get(other_kind, binding.resource.namespace, binding.role_name) if binding.namespace is not None else None
        return twin if twin is not None and twin.source == source else None
    twin = state.get(other_kind, "", binding.role_name)
    if twin is not None:
        return twin if twin.source == source else None
    roles = state.derive(_roles).get(binding.role_name, [])
    if len(roles) != 1 or roles[0].source != source:
        return None
    explicit = roles[0].declared_namespace is not None and binding.resource.declared_namespace is not None
    return roles[0] if explicit and not rbac_graph(state).bindings_of(roles[0]) else None


def _roles(state: DesiredState) -> dict[str, list[Resource]]:
    found: dict[str, list[Resource]] = {}
    for role in state.of_kind("Role"):
        found.setdefault(role.name, []).append(role)
    return found
