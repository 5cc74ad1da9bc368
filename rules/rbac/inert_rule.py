"""Parts of a policy rule that no request can ever match."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from linter.kubernetes.rbac import (
    Binding,
    PolicyRule,
    allows,
    is_aggregated,
    is_bootstrap_object,
    is_cluster_wide,
    rbac_graph,
    written_rules,
)
from linter.kubernetes.rbac.api_resources import (
    BUILT_IN_API_GROUPS,
    GROUPS_OF,
    NAMED_BY_THEIR_NAMESPACE,
    REMOVED,
    SHORT_NAMES,
    SINGULARS,
    SUBRESOURCES,
    custom_resources,
    is_cluster_scoped_resource,
    is_served,
    removed_in,
)
from linter.kubernetes.rbac.policy import ALL, NOT_A_STRING, READ_VERBS, WRITE_VERBS
from linter.model import DesiredState, Node, Related, Resource, Route, Violation

Found = tuple[Route, str, str, Literal["warning", "info"]]

_VERSION = re.compile(r"v\d+(?:(?:alpha|beta)\d+)?")
_FULL_GROUPS = {group.partition(".")[0]: group for group in BUILT_IN_API_GROUPS if "." in group}
_VERBS = (*READ_VERBS, *WRITE_VERBS)
_MISTAKEN_VERBS = {
    "read": "get, list, watch", "view": "get, list, watch", "write": "create, update, patch", "edit": "update, patch",
    "modify": "update, patch", "put": "update", "post": "create", "add": "create", "remove": "delete", "apply": "patch",
    "annotate": "patch", "label": "patch", "describe": "get", "exec": "create on pods/exec", "log": "get on pods/log",
    "logs": "get on pods/log", "scale": "update, patch on the scale subresource",
}  # fmt: skip


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    role = node.resource
    if is_bootstrap_object(role) or is_aggregated(role):
        return
    bindings = rbac_graph(state).bindings_of(role)
    carried_on = any("aggregate-to-" in label for label in role.labels)
    inside = role.type == "Role" or (bool(bindings) and not is_cluster_wide(bindings) and not carried_on)
    rules = written_rules(role, state)
    for rule in rules:
        seen: set[Route] = set()
        findings = _urls(rule) if rule.urls else _resource_rule(rule, rules, state)
        for route, message, fix, severity in findings:
            if route not in seen:
                seen.add(route)
                yield Violation(route, message, fix=fix or None, severity=severity)
        if inside:
            yield from _out_of_reach(rule, role, bindings, state, seen)


def _resource_rule(rule: PolicyRule, rules: tuple[PolicyRule, ...], state: DesiredState) -> Iterator[Found]:
    dead = dict(_dead_groups(rule))
    living = [group for index, group in enumerate(rule.groups) if index not in dead]
    for index, (message, fix) in dead.items():
        yield rule.at("apiGroups", index), message, fix, "info" if living else "warning"
    if not living or NOT_A_STRING in living or any(state.is_opaque(group) for group in living):
        return
    for index, resource in enumerate(rule.resources):
        verdict = _dead_resource(resource, living, state)
        if verdict is None:
            continue
        message, fix, severity = verdict
        if _granted_elsewhere(resource, living, rules):
            if any((group, resource.partition("/")[0]) in REMOVED for group in living):
                continue  # kept for clusters that still serve it there
            message, fix, severity = f"{message}; another rule of the role grants it", "Remove it.", "info"
        yield rule.at("resources", index), message, fix, severity
    yield from _dead_verbs(rule, living)
    yield from _unnamed_requests(rule, rules)


def _dead_groups(rule: PolicyRule) -> Iterator[tuple[int, tuple[str, str]]]:
    for index, group in enumerate(rule.groups):
        if group in BUILT_IN_API_GROUPS or group in (ALL, NOT_A_STRING):
            continue
        name, slash, _ = group.partition("/")
        if group == "core" or _VERSION.fullmatch(group) or (slash and name in ("core", "")):
            yield index, (f"API group `{group}` matches nothing: the core group is the empty string", 'Write `""`.')
        elif slash:
            yield index, (f"API group `{group}` matches nothing: rules name groups without version", f"Write `{name}`.")
        elif group.lower() in BUILT_IN_API_GROUPS or group.lower() in _FULL_GROUPS:
            right = _FULL_GROUPS.get(group.lower(), group.lower())
            yield index, (f"API group `{group}` matches nothing: the group is called `{right}`", f"Write `{right}`.")


def _dead_resource(item: str, groups: list[str], state: DesiredState) -> tuple[str, str, Literal["warning", "info"]] | None:
    resource, slash, subresource = item.partition("/")
    if item in (ALL, NOT_A_STRING) or resource == ALL:
        return None
    if subresource == ALL:
        return (
            f"`{item}` matches nothing: a rule knows no wildcard for the subresources of one resource",
            "List the subresources.",
            "warning",
        )
    if resource != resource.lower():
        right = SINGULARS.get(resource.lower(), resource.lower())
        return (
            f"resource `{item}` matches nothing: rules name resources by their lower-case plural",
            f"Write `{right}{slash}{subresource}`.",
            "warning",
        )
    custom = custom_resources(state)
    if not all(group in BUILT_IN_API_GROUPS or group == ALL or group in custom for group in groups):
        return None
    if any(resource in custom.get(group, ()) for group in groups):
        return None
    if resource in GROUPS_OF:
        if ALL in groups or any(is_served(group, resource) for group in groups):
            return _misspelt_subresource(resource, subresource, groups)
        return _wrong_group(item, resource, groups, state)
    plural = SINGULARS.get(resource) or SHORT_NAMES.get(resource)
    for group in groups:
        plural = next((entry.plural for entry in custom.get(group, {}).values() if resource in entry.also_called), plural)
    if plural is not None:
        return (
            f"resource `{item}` matches nothing: rules name resources by their plural",
            f"Write `{plural}{slash}{subresource}`.",
            "warning",
        )
    releases = [release for group in groups if (release := removed_in(group, resource, state.targets.get("kubernetes"))) is not None]
    if releases and not any(group in custom for group in groups):
        last = max(releases, key=lambda release: int(release.partition(".")[2]))
        return f"`{item}` matches nothing: Kubernetes {last} removed it", "Remove it.", "info"
    return None


def _granted_elsewhere(item: str, groups: list[str], rules: tuple[PolicyRule, ...]) -> bool:
    """Whether the rule has only the group wrong, and another rule of the role names the resource in the right one."""
    homes = GROUPS_OF.get(item.partition("/")[0], ())
    if any(home in groups for home in homes):
        return False
    return any(item in other.resources and home in other.groups for other in rules for home in homes)


def _wrong_group(item: str, resource: str, groups: list[str], state: DesiredState) -> tuple[str, str, Literal["warning", "info"]] | None:
    homes = GROUPS_OF[resource]
    right = " or ".join(f"`{home}`" if home else 'the core group `""`' for home in homes)
    for group in groups:
        release = removed_in(group, resource, state.targets.get("kubernetes"))
        if release is not None:
            return (
                f"`{item}` matches nothing: it left `{group}` in Kubernetes {release}, and is in {right}",
                f"Name the API group {right}.",
                "warning",
            )
        if group == "extensions":
            return None  # served there by a cluster as old as the target
    where = ", ".join(f"`{group}`" if group else "the core group" for group in groups)
    return f"`{item}` matches nothing: it is in {right}, not in {where}", f"Name the API group {right}.", "warning"


def _misspelt_subresource(resource: str, subresource: str, groups: list[str]) -> tuple[str, str, Literal["warning", "info"]] | None:
    for group in GROUPS_OF[resource]:
        known = SUBRESOURCES.get((group, resource), frozenset())
        if (group in groups or ALL in groups) and subresource and subresource not in known:
            for right in (subresource.lower(), f"{subresource}s", subresource.removesuffix("s"), subresource.removesuffix("ing")):
                if right in known:
                    message = f"`{resource}/{subresource}` matches nothing: the subresource is called `{right}`"
                    return message, f"Write `{resource}/{right}`.", "warning"
    return None


def _dead_verbs(rule: PolicyRule, groups: list[str]) -> Iterator[Found]:
    built_in = all(group in BUILT_IN_API_GROUPS for group in groups)
    for index, verb in enumerate(rule.verbs):
        if verb != verb.lower() and verb.lower() in _VERBS:
            yield rule.at("verbs", index), f"verb `{verb}` matches nothing: verbs are lower-case", f"Write `{verb.lower()}`.", "warning"
        elif built_in and verb.lower() in _MISTAKEN_VERBS:
            right = _MISTAKEN_VERBS[verb.lower()]
            yield (
                rule.at("verbs", index),
                f"verb `{verb}` matches nothing: no request to these API groups has it",
                f"Write {right}.",
                "warning",
            )


def _unnamed_requests(rule: PolicyRule, rules: tuple[PolicyRule, ...]) -> Iterator[Found]:
    """create and deletecollection carry no name, so a rule with resourceNames cannot grant them on whole resources.

    Server-side apply does ask for `create` with a name, after `patch`.
    """
    if not rule.names:
        return
    whole = [resource for resource in rule.resources if "/" not in resource and resource != NOT_A_STRING]
    for verb in ("create", "deletecollection"):
        lost = [
            resource
            for resource in whole
            if any(
                not any(allows(other, verb, group, resource) for other in rules)
                for group in rule.groups
                if group not in (ALL, NOT_A_STRING)
            )
        ]
        if verb in rule.verbs and lost:
            by_apply = verb == "create" and any(way in rule.verbs for way in ("patch", ALL))
            tail = "; only server-side apply asks for it with a name" if by_apply else ""
            yield (
                rule.at("verbs", rule.verbs.index(verb)),
                f"`{verb}` on {', '.join(lost[:3])} matches nothing: such a request carries no name, but resourceNames asks for one{tail}",
                f"Grant `{verb}` in a rule of its own, without resourceNames.",
                "info" if by_apply or verb == "deletecollection" else "warning",
            )


def _urls(rule: PolicyRule) -> Iterator[Found]:
    for index, url in enumerate(rule.urls):
        if url in (ALL, NOT_A_STRING):
            continue
        if not url.startswith("/"):
            yield rule.at("nonResourceURLs", index), f"path `{url}` matches nothing: paths start with `/`", f"Write `/{url}`.", "warning"
        elif "*" in url.rstrip("*"):
            yield rule.at("nonResourceURLs", index), f"path `{url}` matches nothing: `*` is a wildcard only at the end", "", "warning"


def _out_of_reach(rule: PolicyRule, role: Resource, bindings: list[Binding], state: DesiredState, seen: set[Route]) -> Iterator[Violation]:
    """What lives outside namespaces, in a role that grants only inside one."""
    why = "a Role grants inside its namespace only" if role.type == "Role" else f"{role} is bound by RoleBindings only"
    related = () if role.type == "Role" else tuple(Related("bound here", binding.resource, ("roleRef", "name")) for binding in bindings[:3])
    fix = "Grant it in a ClusterRole that a ClusterRoleBinding binds."
    if rule.urls and role.type == "ClusterRole":
        yield Violation(rule.at("nonResourceURLs", 0), f"nonResourceURLs match nothing: {why}", related=related, fix=fix)
    custom = custom_resources(state)
    for index, item in enumerate(rule.resources):
        route = rule.at("resources", index)
        resource = item.partition("/")[0]
        served = [group for group in rule.groups if is_served(group, resource) or resource in custom.get(group, ())]
        if route in seen or not served or any(group not in BUILT_IN_API_GROUPS and group not in custom for group in rule.groups):
            continue
        if not all(is_cluster_scoped_resource(group, resource) or _is_cluster_scoped_custom(custom, group, resource) for group in served):
            continue
        if item in NAMED_BY_THEIR_NAMESPACE and any(verb in (ALL, "get", "update", "patch", "delete") for verb in rule.verbs):
            continue
        yield Violation(route, f"`{item}` matches nothing: it lives outside namespaces, and {why}", related=related, fix=fix)


def _is_cluster_scoped_custom(custom: dict[str, Any], group: str, resource: str) -> bool:
    entry = custom.get(group, {}).get(resource)
    return entry is not None and not entry.namespaced
