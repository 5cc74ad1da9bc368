"""Bindings to cluster-admin, by who receives it."""

from typing import Any

from linter.kubernetes.rbac import Binding, Subject, is_bootstrap_object, rbac_graph
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    binding = rbac_graph(state).binding(node.resource)
    if binding.role_kind != "ClusterRole" or binding.role_name != "cluster-admin" or is_bootstrap_object(node.resource):
        return None
    accounts = [subject for subject in binding.subjects if _is_program(subject)]
    users = [subject for subject in binding.subjects if _is_person(subject)]
    if accounts:
        return Violation(
            ("roleRef", "name"),
            f"{_all(accounts)} {'holds' if len(accounts) == 1 else 'hold'} cluster-admin {_where(binding)}: "
            "whoever takes over one of its pods owns " + ("the cluster" if binding.namespace is None else "the namespace"),
            severity="warning" if binding.namespace in (None, "kube-system") else "info",
        )
    if users and binding.namespace is None:
        return Violation(
            ("roleRef", "name"),
            f"{_all(users)} {'holds' if len(users) == 1 else 'hold'} cluster-admin as a single person, outside any group that is reviewed",
            fix="Bind a group of the identity provider, so that membership is granted and withdrawn there.",
            severity="info",
        )
    return None


def _is_person(subject: Subject) -> bool:
    return subject.kind == "User" and not subject.name.startswith(("system:", "kube:"))


def _is_program(subject: Subject) -> bool:
    return subject.key[0] == "ServiceAccount" or subject.key[2].startswith("system:serviceaccounts")


def _all(subjects: list[Subject]) -> str:
    more = f" and {len(subjects) - 1} more" if len(subjects) > 1 else ""
    return f"{subjects[0]}{more}"


def _where(binding: Binding) -> str:
    return "in the whole cluster" if binding.namespace is None else f"in namespace {binding.namespace}"
