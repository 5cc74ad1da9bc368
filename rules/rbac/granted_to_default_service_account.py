"""Roles bound to the ServiceAccount `default`, which every pod without serviceAccountName runs as."""

from collections.abc import Iterable
from typing import Any

from linter.kubernetes.rbac import is_cluster_wide, rbac_graph
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    binding = rbac_graph(state).binding(node.resource)
    # Of that role rbac/cluster-admin-binding tells who holds it.
    if (binding.role_kind, binding.role_name) == ("ClusterRole", "cluster-admin"):
        return
    for subject in binding.subjects:
        kind, namespace, name = subject.key
        if kind != "ServiceAccount" or name != "default" or not namespace:
            continue
        account = state.get("ServiceAccount", namespace, "default")
        if account is not None and account.body.get("automountServiceAccountToken") is False:
            continue
        yield Violation(
            ("subjects", subject.index, "name"),
            f"every pod of namespace {namespace} that names no ServiceAccount holds {binding.role_kind} {binding.role_name}",
            severity="warning" if is_cluster_wide([binding]) else "info",
        )
