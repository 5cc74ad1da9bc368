"""Policy rules of Roles and ClusterRoles: how the RBAC authorizer matches a request against one.

Source: `VerbMatches`, `APIGroupMatches`, `ResourceMatches`, `ResourceNameMatches` and `NonResourceURLMatches` in
pkg/apis/rbac/v1/evaluation_helpers.go of kubernetes/kubernetes. Only three wildcards exist: `*` as a whole item of
verbs, apiGroups, resources and nonResourceURLs; `*/sub` in resources; a trailing `*` in nonResourceURLs. `pods/*`, and
`*` in resourceNames, are literal text.
"""

from __future__ import annotations

from dataclasses import dataclass

from linter.model import Route, items, mapping

ALL = "*"
READ_VERBS = ("get", "list", "watch")
WRITE_VERBS = ("create", "update", "patch", "delete", "deletecollection")

# Stands for an item that is not a string, so that indexes stay those of the manifest. It equals no request.
NOT_A_STRING = "\0"


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One item of `rules`, its five lists as written; `index` is its place there.

    The core API group is "". An empty `names` means any name.
    """

    index: int
    verbs: tuple[str, ...]
    groups: tuple[str, ...]
    resources: tuple[str, ...]
    names: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()

    @property
    def route(self) -> Route:
        """Where the rule stands in its Role or ClusterRole."""
        return ("rules", self.index)

    def at(self, field: str, item: int) -> Route:
        """Where an item of one of its lists stands: `at("resources", 0)`."""
        return ("rules", self.index, field, item)


def policy_rules(role: object) -> tuple[PolicyRule, ...]:
    """The rules written in the body of a Role or ClusterRole; items that are no mappings are left out."""
    return tuple(_policy_rule(index, rule) for index, rule in enumerate(items(mapping(role).get("rules"))) if isinstance(rule, dict))


def _policy_rule(index: int, rule: dict[str, object]) -> PolicyRule:
    return PolicyRule(
        index,
        _texts(rule.get("verbs")),
        _texts(rule.get("apiGroups")),
        _texts(rule.get("resources")),
        _texts(rule.get("resourceNames")),
        _texts(rule.get("nonResourceURLs")),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item if isinstance(item, str) else NOT_A_STRING for item in items(value))


def allows(rule: PolicyRule, verb: str, group: str, resource: str, name: str = "") -> bool:
    """Whether a rule grants a request for a resource, such as `allows(rule, "get", "", "pods/log", "web-0")`.

    `resource` is `resource` or `resource/subresource`. A request without a name (list, watch, create, deletecollection)
    has the name ""; a rule with resourceNames never grants it. Asking with "" therefore also asks "whatever its name".
    """
    return (
        (ALL in rule.verbs or verb in rule.verbs)
        and (ALL in rule.groups or group in rule.groups)
        and matching_item(rule, resource) is not None
        and (not rule.names or name in rule.names)
    )


def matching_item(rule: PolicyRule, resource: str) -> int | None:
    """The index of the item of `resources` that covers `resource` or `resource/subresource`, or None.

    An item that names the resource is preferred to a wildcard.
    """
    if resource in rule.resources:
        return rule.resources.index(resource)
    _, slash, subresource = resource.partition("/")
    for index, item in enumerate(rule.resources):
        if item == ALL or (slash and item == f"*/{subresource}"):
            return index
    return None


def matching_verb(rule: PolicyRule, *verbs: str) -> int | None:
    """The index of the item of `verbs` that grants one of `verbs`, or None; a named verb is preferred to `*`."""
    for index, item in enumerate(rule.verbs):
        if item in verbs:
            return index
    return rule.verbs.index(ALL) if ALL in rule.verbs else None


def allows_url(rule: PolicyRule, verb: str, path: str) -> bool:
    """Whether a rule grants a request for a path outside the resource API, such as ("get", "/metrics")."""
    return (ALL in rule.verbs or verb in rule.verbs) and any(
        url in (ALL, path) or (url.endswith("*") and path.startswith(url.rstrip("*"))) for url in rule.urls
    )


def allows_everything(rule: PolicyRule) -> bool:
    """Whether a rule grants every verb on every resource, as cluster-admin does."""
    return ALL in rule.verbs and ALL in rule.groups and ALL in rule.resources and not rule.names


def writes(rule: PolicyRule) -> bool:
    """Whether a rule grants anything but reading: some verb other than get, list and watch."""
    return any(verb not in READ_VERBS and verb != NOT_A_STRING for verb in rule.verbs)
