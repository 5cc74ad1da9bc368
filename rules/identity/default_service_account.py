"""Pods that run as the ServiceAccount every pod of the namespace gets."""

from typing import Any

from linter.kubernetes.identity.service_accounts import account_name, account_route, api_tokens
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    pod = node.pod
    if account_name(pod) != "default" or not any(token.account == "default" for token in api_tokens(pod, state)):
        return None
    return Violation(account_route(pod), f"{pod.resource} runs as the ServiceAccount default, with its API token mounted")
