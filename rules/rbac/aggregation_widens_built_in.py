"""ClusterRoles whose aggregation label adds to view, edit or admin what these roles are known not to hold."""

from collections.abc import Iterable, Iterator
from typing import Any

from linter.kubernetes.rbac import PolicyRule, allows, is_bootstrap_object, matching_item, matching_verb, written_rules
from linter.kubernetes.rbac.api_resources import BUILT_IN_API_GROUPS
from linter.kubernetes.rbac.built_in import AGGREGATE_TO
from linter.kubernetes.rbac.policy import ALL, NOT_A_STRING, READ_VERBS, WRITE_VERBS
from linter.kubernetes.rbac.powers import DOORS, RBAC_GROUP
from linter.model import DesiredState, Node, Related, Route, Violation

_RBAC = ("roles", "rolebindings", "clusterroles", "clusterrolebindings")
_LIMITS = ("resourcequotas", "limitranges", "namespaces")


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    role = node.resource
    target = next((name for name in ("view", "edit", "admin") if role.labels.get(f"{AGGREGATE_TO}{name}") == "true"), None)
    if target is None or is_bootstrap_object(role):
        return
    related = (Related(f"this label adds the role to {target}", role, ("metadata", "labels", f"{AGGREGATE_TO}{target}")),)
    for rule in written_rules(role, state):
        found = _for_view(rule) if target == "view" else _for_edit(rule, target)
        for route, what in dict(found).items():
            yield Violation(route, f"everybody who holds `{target}` {what}", related=related)


def _for_view(rule: PolicyRule) -> Iterator[tuple[Route, str]]:
    if rule.urls:
        return
    for name in rule.names or ("",):
        if any(allows(rule, verb, "", "secrets", name) for verb in READ_VERBS):
            yield (
                rule.at("resources", matching_item(rule, "secrets") or 0),
                "can read Secrets, and with them every ServiceAccount of the namespace",
            )
            return
    for door in DOORS:
        if door in rule.resources and "" in rule.groups and matching_verb(rule, "get", "create") is not None:
            yield rule.at("resources", rule.resources.index(door)), f"can open `{door}`"
            return
    if all(resource.endswith("accessreviews") for resource in rule.resources):
        return
    for index, verb in enumerate(rule.verbs):
        if verb in WRITE_VERBS or verb in (ALL, "escalate", "bind", "impersonate"):
            objects = ", ".join(rule.resources[:3])
            yield rule.at("verbs", index), f"can `{verb}` {objects}" if verb != ALL else f"can change {objects}"
            return


def _for_edit(rule: PolicyRule, target: str) -> Iterator[tuple[Route, str]]:
    writing = [verb for verb in rule.verbs if verb in WRITE_VERBS or verb == ALL]
    built_in = [group for group in rule.groups if group == ALL or (group in BUILT_IN_API_GROUPS and group != NOT_A_STRING)]
    if ALL in rule.resources and writing and (ALL in built_in or "" in built_in or RBAC_GROUP in built_in):
        yield rule.at("resources", rule.resources.index(ALL)), "can change objects of every kind these groups have"
        return
    for verb in ("escalate", "bind"):
        if any(allows(rule, verb, RBAC_GROUP, kind, name) for kind in ("roles", "clusterroles") for name in rule.names or ("",)):
            yield rule.at("verbs", matching_verb(rule, verb) or 0), f"can `{verb}` roles beyond their own rights"
            return
    for kind in ("users", "groups"):
        if any(allows(rule, "impersonate", "", kind, name) for name in rule.names or ("",)):
            yield rule.at("verbs", matching_verb(rule, "impersonate") or 0), f"can impersonate {kind}"
            return
    if not writing:
        return
    for resource in _RBAC if target == "edit" else _RBAC[2:]:
        if RBAC_GROUP in rule.groups and resource in rule.resources:
            yield rule.at("resources", rule.resources.index(resource)), f"can write {resource}, which `{target}` must not"
    for resource in _LIMITS:
        if "" in rule.groups and resource in rule.resources:
            yield rule.at("resources", rule.resources.index(resource)), f"can write {resource}, and so lift the limits set for them"
