"""API tokens in pods whose ServiceAccount is granted nothing."""

from typing import Any

from linter.kubernetes.identity.service_accounts import account_name, account_route, api_tokens
from linter.kubernetes.rbac import rbac_graph
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    pod = node.pod
    name = account_name(pod)
    tokens = [token for token in api_tokens(pod, state) if token.account == name]
    if not tokens:
        return None
    graph = rbac_graph(state)
    namespace = graph.namespace_of(pod.resource, name)
    permissions = graph.of_service_account(namespace, name)
    if any(role.rules for role in permissions.roles) or not permissions.complete:
        return None
    route = tokens[0].route if tokens[0].resource is pod.resource else account_route(pod)
    return Violation(route, f"{tokens[0].reason}, but no binding here grants anything to ServiceAccount {namespace}/{name}")
