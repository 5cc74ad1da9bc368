"""Pods that name a ServiceAccount nothing declares."""

from typing import Any

from linter.kubernetes.identity.service_accounts import account_name, account_route
from linter.kubernetes.rbac.built_in import is_automatic_service_account
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    pod = node.pod
    name = account_name(pod)
    if is_automatic_service_account(pod.namespace, name):
        return None
    reference = state.find("ServiceAccount", pod.namespace, name, referrer=node.resource)
    if not reference.missing:
        return None
    return Violation(account_route(pod), f"ServiceAccount {name} does not exist in namespace {pod.namespace}: {reference.reason}")
