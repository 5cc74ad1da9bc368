"""Bindings to ServiceAccounts that nothing declares, and to one that exists in another namespace only.

Operators create the ServiceAccounts of the pods that they make, so beside a custom resource nothing is missing for sure.
"""

from collections.abc import Iterable
from typing import Any

from linter.kubernetes.rbac import Subject, rbac_graph
from linter.kubernetes.rbac.built_in import is_automatic_service_account
from linter.kubernetes.workloads.pod_makers import unseen_pod_maker
from linter.model import DesiredState, Node, Related, Resource, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    for subject in rbac_graph(state).binding(node.resource).subjects:
        kind, namespace, name = subject.key
        if kind != "ServiceAccount" or not namespace or not name or is_automatic_service_account(namespace, name):
            continue
        reference = state.find("ServiceAccount", namespace, name, referrer=node.resource)
        if reference.resource is not None or state.is_opaque(name) or state.is_opaque(namespace):
            continue
        near = _elsewhere(subject, node.resource, state)
        field = "name" if near is None and subject.kind == "ServiceAccount" else "namespace"
        place = ("subjects", subject.index, field)
        if near is not None:
            yield Violation(
                place,
                f"ServiceAccount {namespace}/{name} does not exist: it is declared in namespace {near.namespace}, where nothing binds it",
                related=(Related("the ServiceAccount of that name", near, ("metadata", "namespace")),),
                fix=f"Write `namespace: {near.namespace}`.",
            )
        elif reference.missing and unseen_pod_maker(state, namespace) is None:
            yield Violation(place, f"ServiceAccount {namespace}/{name} does not exist, so nobody receives the role: {reference.reason}")


def _elsewhere(subject: Subject, binding: Resource, state: DesiredState) -> Resource | None:
    """The ServiceAccount this subject surely meant: the only one of its name, of the same source, bound by nothing."""
    accounts = state.derive(_accounts).get(subject.key[2], [])
    if len(accounts) != 1 or accounts[0].source != binding.source or accounts[0].declared_namespace is None:
        return None
    bound = rbac_graph(state).is_bound(("ServiceAccount", accounts[0].namespace, accounts[0].name))
    return None if bound else accounts[0]


def _accounts(state: DesiredState) -> dict[str, list[Resource]]:
    found: dict[str, list[Resource]] = {}
    for account in state.of_kind("ServiceAccount"):
        found.setdefault(account.name, []).append(account)
    return found
