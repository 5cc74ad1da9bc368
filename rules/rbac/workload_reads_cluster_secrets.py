"""Workload -> token -> ServiceAccount -> ClusterRoleBinding -> ClusterRole -> get, list or watch on all Secrets."""

from typing import Any

from linter.kubernetes.identity.service_accounts import ApiToken, account_name, account_route, api_tokens
from linter.kubernetes.rbac import Permission, matching_item, rbac_graph
from linter.kubernetes.rbac.powers import PRIVILEGED_NAMESPACES, acts_as_controller, secret_reading
from linter.model import DesiredState, Node, PodTemplate, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    if not state.of_kind("ClusterRoleBinding"):
        return None
    graph = rbac_graph(state)
    pod = node.pod
    for token in api_tokens(pod, state):
        if token.account == "default" and pod.resource.declared_namespace is None:
            continue  # which namespace's `default` it is, nothing here says
        namespace = graph.namespace_of(pod.resource, token.account)
        permissions = graph.of_service_account(namespace, token.account)
        found = secret_reading(permissions)
        if not found:
            continue
        lasting = pod.resource.type not in ("Job", "CronJob", "Pod")
        controller = pod.namespace in PRIVILEGED_NAMESPACES or (lasting and acts_as_controller(permissions))
        if controller and params["controllers"] == "ignore":
            continue
        own = token.account == account_name(pod)
        return Violation(
            account_route(pod) if own else token.route,
            f"{pod.resource} can read every Secret of the cluster: ServiceAccount {namespace}/{token.account} -> {_path(found[0])}",
            related=tuple(_related(pod, token, found, state)),
            severity="info" if controller and params["controllers"] == "info" else "warning",
        )
    return None


def _path(permission: Permission) -> str:
    subject = f"Group {permission.subject.name} -> " if permission.subject.kind == "Group" else ""
    return f"{subject}{permission}"


def _related(pod: PodTemplate, token: ApiToken, found: list[Permission], state: DesiredState) -> list[Related]:
    places = []
    account = state.get("ServiceAccount", token.namespace, token.account)
    if token.resource is not pod.resource or token.route != account_route(pod):
        places.append(Related(token.reason, token.resource, token.route))
    elif account is not None:
        places.append(Related("the ServiceAccount whose token is mounted", account, ("metadata", "name")))
    for permission in found[:3]:
        places.append(Related("bound here", permission.binding.resource, ("subjects", permission.subject.index)))
        role = permission.binding.role
        written_in = permission.role_rule.written_in
        if role is not None and role.resource is not None and role.resource is not written_in:
            places.append(Related("which aggregates", role.resource, ("aggregationRule",)))
        if written_in is not None:
            rule = permission.role_rule.rule
            places.append(Related("which grants reading Secrets", written_in, rule.at("resources", matching_item(rule, "secrets") or 0)))
    return places
