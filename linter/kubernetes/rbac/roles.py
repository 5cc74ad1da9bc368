"""Roles with everything they grant: written rules, aggregated rules, and the roles every cluster has.

Source: the clusterroleaggregation controller of kubernetes/kubernetes: the selectors of `aggregationRule` are ORed, the
union of the selected roles replaces `rules`, and a selected role may itself be aggregated, so that labels carry rules on
from `view` to `edit` to `admin`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from linter.kubernetes.labels.selectors import matches
from linter.kubernetes.rbac.built_in import CLUSTER_ROLES, BuiltInRole, is_built_in_cluster_role, is_built_in_role
from linter.kubernetes.rbac.policy import PolicyRule, allows, policy_rules
from linter.model import DesiredState, Resource, items


@dataclass(frozen=True, slots=True)
class RoleRule:
    """A policy rule and where it is written.

    `written_in` is the object that holds it, or None for a role of the bootstrap policy; `via` are the names of the
    ClusterRoles it passes by aggregation, from the one that is bound to the one that holds it.
    """

    rule: PolicyRule
    written_in: Resource | None
    via: tuple[str, ...]

    def __str__(self) -> str:
        """The place as messages name it: `ClusterRole monitoring -> ClusterRole reader, rule 2`."""
        holder = [f"{self.written_in}"] if self.written_in is not None else [f"ClusterRole {self.via[-1]}"]
        return f"{' -> '.join([*(f'ClusterRole {name}' for name in self.via[:-1]), *holder])}, rule {self.rule.index + 1}"


class Role:
    """A Role or ClusterRole with all its rules.

    `resource` is the object in the state, or None for one that only the cluster has. `complete` is False where it may
    grant more than `rules` says: contents unknown, or aggregated from roles the repository may not hold.
    """

    __slots__ = ("_answers", "complete", "kind", "name", "resource", "rules")

    def __init__(self, kind: str, name: str, resource: Resource | None, rules: tuple[RoleRule, ...], complete: bool) -> None:
        self.kind = kind
        self.name = name
        self.resource = resource
        self.rules = rules
        self.complete = complete
        self._answers: dict[object, tuple[RoleRule, ...]] = {}

    def granting(self, verbs: tuple[str, ...], group: str, resource: str, name: str = "") -> tuple[RoleRule, ...]:
        """The rules that grant one of `verbs` on a resource (see `policy.allows`). Asked once per role: many hold the same."""
        key = (verbs, group, resource, name)
        if key not in self._answers:
            self._answers[key] = tuple(
                entry for entry in self.rules if any(allows(entry.rule, verb, group, resource, name) for verb in verbs)
            )
        return self._answers[key]

    def may(self, verb: str, group: str, resource: str) -> bool:
        """Whether some rule grants the request, if only for objects it names."""
        key = (verb, group, resource)
        if key not in self._answers:
            self._answers[key] = tuple(
                entry for entry in self.rules if allows(entry.rule, verb, group, resource, entry.rule.names[0] if entry.rule.names else "")
            )
        return bool(self._answers[key])

    def where(self, test: Callable[[PolicyRule], bool]) -> tuple[RoleRule, ...]:
        """The rules that pass a test, which is a function of a module so that the answer can be kept."""
        if test not in self._answers:
            self._answers[test] = tuple(entry for entry in self.rules if test(entry.rule))
        return self._answers[test]


def resolve_role(state: DesiredState, kind: str, namespace: str, name: str) -> Role | None:
    """The role a roleRef means, or None if neither the state nor the bootstrap policy has it.

    `namespace` is that of the binding; it is ignored for a ClusterRole.
    """
    if kind == "Role":
        resource = state.get("Role", namespace, name)
        if resource is not None:
            return Role(kind, name, resource, tuple(RoleRule(rule, resource, (name,)) for rule in written_rules(resource, state)), True)
        return Role(kind, name, None, (), False) if is_built_in_role(namespace, name) else None
    if kind != "ClusterRole":
        return None
    resource = state.get("ClusterRole", "", name)
    if resource is None and not is_built_in_cluster_role(name):
        return None
    aggregated = False
    unknown = resource is None and name not in CLUSTER_ROLES
    rules: list[RoleRule] = []
    for holder, via, found in _aggregated(state, name):
        aggregated = aggregated or len(via) > 1
        if found is None:
            unknown = True
        else:
            rules.extend(RoleRule(rule, holder, via) for rule in found)
    return Role(kind, name, resource, tuple(rules), not (aggregated or unknown or (resource is not None and is_aggregated(resource))))


def written_rules(role: Resource, state: DesiredState) -> tuple[PolicyRule, ...]:
    """The rules in the manifest of a Role or ClusterRole of a state, read once."""
    read = state.derive(_read_rules)
    if id(role) not in read:
        read[id(role)] = policy_rules(role.body)
    return read[id(role)]


def _read_rules(state: DesiredState) -> dict[int, tuple[PolicyRule, ...]]:
    return {}


def is_aggregated(role: Resource) -> bool:
    """Whether a controller overwrites the rules of this ClusterRole."""
    return role.type == "ClusterRole" and isinstance(role.body.get("aggregationRule"), dict)


def aggregating_roles(state: DesiredState, name: str) -> frozenset[str]:
    """The names of all ClusterRoles that take in the rules of the ClusterRole `name`, directly or through another."""
    found: set[str] = set()
    pending = [name]
    selections = state.derive(_selections)
    while pending:
        member = pending.pop()
        for owner, members in selections.items():
            if member in members and owner not in found and owner != name:
                found.add(owner)
                pending.append(owner)
    return frozenset(found)


def _aggregated(state: DesiredState, name: str) -> Iterator[tuple[Resource | None, tuple[str, ...], tuple[PolicyRule, ...] | None]]:
    """Every place whose rules end up in a ClusterRole: holder, the path to it, and its rules (None if not known)."""
    selections = state.derive(_selections)
    pending: list[tuple[str, ...]] = [(name,)]
    seen = {name}
    while pending:
        via = pending.pop(0)
        resource = state.get("ClusterRole", "", via[-1])
        built_in = CLUSTER_ROLES.get(via[-1])
        if resource is not None and not is_aggregated(resource):
            yield resource, via, written_rules(resource, state)
        # The API server restores what a manifest takes away from a bootstrap role.
        if built_in is not None and built_in.rules != ():
            yield None, via, built_in.rules
        for member in selections.get(via[-1], ()):
            if member not in seen:
                seen.add(member)
                pending.append((*via, member))


def _selections(state: DesiredState) -> dict[str, dict[str, None]]:
    """ClusterRole name -> the names of the ClusterRoles its aggregation rule selects, as an ordered set."""
    declared = {role.name: role for role in state.of_kind("ClusterRole")}
    labels = {name: role.labels for name, role in CLUSTER_ROLES.items() if role.labels}
    for name, role in declared.items():
        labels[name] = {**labels.get(name, {}), **role.labels}
    selections: dict[str, dict[str, None]] = {}
    for name in dict.fromkeys((*declared, *(name for name, role in CLUSTER_ROLES.items() if role.aggregates))):
        selectors = _selectors(declared.get(name), CLUSTER_ROLES.get(name))
        if selectors:
            selections[name] = dict.fromkeys(
                other for other, carried in labels.items() if other != name and any(matches(selector, carried) for selector in selectors)
            )
    return selections


def _selectors(declared: Resource | None, built_in: BuiltInRole | None) -> list[object]:
    selectors: list[object] = []
    if declared is not None and is_aggregated(declared):
        selectors.extend(items(declared.body["aggregationRule"].get("clusterRoleSelectors")))
    if built_in is not None and built_in.aggregates is not None:
        selectors.append({"matchLabels": {built_in.aggregates: "true"}})
    return selectors
