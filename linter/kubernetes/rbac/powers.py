"""What a permission lets its holder become: rights from which all others follow, reading every Secret, acting as a controller.

Sources: "Role Based Access Control Good Practices" and "Using RBAC Authorization" (privilege escalation prevention) of
kubernetes.io, and the checks behind them in pkg/registry/rbac of kubernetes/kubernetes: `escalate` and `bind` are asked for
on the role, and help only those who may also write roles or bindings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from linter.kubernetes.rbac.api_resources import BUILT_IN_API_GROUPS
from linter.kubernetes.rbac.built_in import is_bootstrap_object
from linter.kubernetes.rbac.graph import Binding, Permission, Permissions, RbacGraph
from linter.kubernetes.rbac.policy import ALL, NOT_A_STRING, READ_VERBS, PolicyRule, allows, matching_item, matching_verb
from linter.kubernetes.rbac.roles import Role, is_aggregated, written_rules
from linter.model import DesiredState, Resource, Route

RBAC_GROUP = "rbac.authorization.k8s.io"

# Namespaces whose ServiceAccounts hold the cluster: a right over accounts there reaches everything.
PRIVILEGED_NAMESPACES = frozenset({"kube-system"})

# Subresources that are a way in even for those who may only read: a WebSocket opens with GET.
DOORS = ("pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "services/proxy", "nodes/proxy")

_POWERFUL_IDENTITIES = frozenset({"system:masters", "system:admin", "kubernetes-admin", "kube-admin"})
_CLIENT_SIGNERS = frozenset({"", "kubernetes.io/*", "kubernetes.io/kube-apiserver-client"})
_CHANGE = ("create", "update", "patch")

# Whether the holder of a rule may, by any of its rules, do (verb, group, resource).
Held = Callable[[str, str, str], bool]


@dataclass(frozen=True, slots=True)
class Escalation:
    """A way from one rule to rights it does not list: where the rule says so, the right, and what it leads to."""

    route: Route
    right: str
    leads_to: str


def escalations(rule: PolicyRule, held: Held) -> list[Escalation]:
    """The ways to more rights that a rule opens; empty for a wildcard over resources, which needs no such way."""
    if ALL in rule.resources:
        return []
    return [
        *_role_escalations(rule, held),
        *_impersonation(rule),
        *_named(rule, "create", "", "serviceaccounts/token", "makes tokens of any ServiceAccount in reach"),
        *_client_certificates(rule, held),
    ]


def _role_escalations(rule: PolicyRule, held: Held) -> list[Escalation]:
    found: list[Escalation] = []
    for roles, bindings in (("clusterroles", "clusterrolebindings"), ("roles", "rolebindings")):
        name = rule.names[0] if rule.names else ""
        if allows(rule, "escalate", RBAC_GROUP, roles, name) and any(held(verb, RBAC_GROUP, roles) for verb in _CHANGE):
            found.append(Escalation(_place(rule, "escalate", roles), "escalate", f"writes rights it does not have into {roles}"))
        powerful = not rule.names or any(name in ("cluster-admin", "admin", "edit") or name.startswith("system:") for name in rule.names)
        if not powerful or not allows(rule, "bind", RBAC_GROUP, roles, name):
            continue
        if any(held(verb, RBAC_GROUP, kind) for verb in _CHANGE for kind in dict.fromkeys((bindings, "rolebindings"))):
            found.append(Escalation(_place(rule, "bind", roles), "bind", f"binds itself to any of the {roles}"))
    return found


def _impersonation(rule: PolicyRule) -> list[Escalation]:
    found: list[Escalation] = []
    for resource in ("users", "groups", "serviceaccounts"):
        name = next((name for name in rule.names if name in _POWERFUL_IDENTITIES), None) if rule.names else ""
        if name is not None and allows(rule, "impersonate", "", resource, name):
            whom = f"`{name}`" if name else f"any of the {resource}"
            found.append(Escalation(_place(rule, "impersonate", resource), "impersonate", f"acts as {whom}"))
    return found


def _named(rule: PolicyRule, verb: str, group: str, resource: str, leads_to: str) -> list[Escalation]:
    if not allows(rule, verb, group, resource):
        return []
    return [Escalation(_place(rule, verb, resource), f"{verb} {resource}", leads_to)]


def _client_certificates(rule: PolicyRule, held: Held) -> list[Escalation]:
    group = "certificates.k8s.io"
    names = rule.names or ("",)
    if not any(name in _CLIENT_SIGNERS and allows(rule, "approve", group, "signers", name) for name in names):
        return []
    if not held("create", group, "certificatesigningrequests"):
        return []
    if not any(held(verb, group, "certificatesigningrequests/approval") for verb in ("update", "patch")):
        return []
    return [Escalation(_place(rule, "approve", "signers"), "approve signers", "issues itself a client certificate for any user or group")]


def _place(rule: PolicyRule, verb: str, resource: str) -> Route:
    """The verb if the rule names it and it is a special one, else the resource."""
    if verb in rule.verbs and verb != "create":
        return rule.at("verbs", rule.verbs.index(verb))
    item = matching_item(rule, resource)
    if verb not in rule.verbs and (star := matching_verb(rule)) is not None:
        return rule.at("verbs", star)
    return rule.at("resources", item) if item is not None else rule.route


def held_by(graph: RbacGraph, bindings: list[Binding]) -> Held:
    """The question "may it, by any of its rules, if only for named objects" about the subjects of these bindings."""
    roles: list[Role] | None = None

    def held(verb: str, group: str, resource: str) -> bool:
        nonlocal roles
        if roles is None:
            keys = dict.fromkeys(subject.key for binding in bindings for subject in binding.subjects)
            roles = graph.of_subject(*keys).roles
        return any(role.may(verb, group, resource) for role in roles)

    return held


def granted(rule: PolicyRule, verbs: tuple[str, ...], group: str, resources: tuple[str, ...]) -> Iterator[tuple[Route, str, str]]:
    """Where a rule without resourceNames grants one of `verbs` on each of `resources`: route of the item, verb, resource."""
    for resource in resources:
        verb = next((verb for verb in verbs if allows(rule, verb, group, resource)), None)
        item = matching_item(rule, resource)
        if verb is not None and item is not None:
            yield rule.at("resources", item), verb, resource


Right = tuple[tuple[str, ...], str, tuple[str, ...]]
"""Verbs, an API group and resources: any of the verbs on each of the resources."""


def granted_rights(role: Resource, state: DesiredState, rights: tuple[Right, ...]) -> Iterator[tuple[Route, str]]:
    """Where a hand-written role grants one of the rights without naming objects: the route of the item, once each, and the
    words `create` on pods/exec. Roles that Kubernetes ships or that others are aggregated into grant nothing of their own."""
    if is_bootstrap_object(role) or is_aggregated(role):
        return
    for rule in written_rules(role, state):
        places: dict[Route, str] = {}
        for verbs, group, resources in rights:
            for route, verb, resource in granted(rule, verbs, group, resources):
                places.setdefault(route, f"`{verb}` on {resource}")
        yield from places.items()


def secret_reading(permissions: Permissions) -> list[Permission]:
    """The permissions that read every Secret of the cluster: get, list or watch, with no names, by a ClusterRoleBinding."""
    return list(permissions.allowing(READ_VERBS, "", "secrets", cluster_wide=True))


def acts_as_controller(permissions: Permissions) -> bool:
    """Whether the holder evidently reconciles objects of others: it writes custom resources or the status of Ingresses,
    or maintains CustomResourceDefinitions or admission webhooks. Such programs often need rights an application must not
    have. A wildcard over API groups is no evidence."""
    return any(binding.role.where(_controls) for binding, _ in permissions.grants if binding.role and binding.namespace is None)


def _controls(rule: PolicyRule) -> bool:
    if not any(verb in (*_CHANGE, ALL) for verb in rule.verbs):
        return False
    if any(group not in BUILT_IN_API_GROUPS and group not in (ALL, NOT_A_STRING) for group in rule.groups):
        return True
    if ALL in rule.groups or ALL in rule.resources:
        return False
    return any(
        resource
        in (
            "ingresses/status",
            "customresourcedefinitions",
            "apiservices",
            "mutatingwebhookconfigurations",
            "validatingwebhookconfigurations",
        )
        for resource in rule.resources
    )
