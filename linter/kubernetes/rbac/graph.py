"""Who is allowed what: bindings of one DesiredState resolved to subjects, roles and rules.

Source: pkg/registry/rbac/validation/rule.go of kubernetes/kubernetes (`VisitRulesFor`, `appliesTo`): a ClusterRoleBinding
grants in all namespaces and outside them; a RoleBinding only in its own, whatever it refers to; a ServiceAccount subject
without a namespace means the RoleBinding's, and matches nobody in a ClusterRoleBinding. Groups of a ServiceAccount:
staging/src/k8s.io/apiserver/pkg/authentication/serviceaccount.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from linter.kubernetes.rbac.policy import allows, allows_url
from linter.kubernetes.rbac.roles import Role, RoleRule, aggregating_roles, resolve_role
from linter.model import DesiredState, Resource, items, mapping, text

# Kind, namespace and name of a subject; User and Group have the namespace "". The User name by which the API server
# knows a ServiceAccount is written as that ServiceAccount.
SubjectKey = tuple[str, str, str]

_ACCOUNT_USER = "system:serviceaccount:"


@dataclass(frozen=True, slots=True)
class Subject:
    """One item of `subjects`; `index` is its place there, `namespace` the effective one ("" if none applies)."""

    index: int
    kind: str
    namespace: str
    name: str

    @property
    def key(self) -> SubjectKey:
        if self.kind == "User" and self.name.startswith(_ACCOUNT_USER):
            namespace, colon, name = self.name[len(_ACCOUNT_USER) :].partition(":")
            if colon:
                return ("ServiceAccount", namespace, name)
        return (self.kind, self.namespace if self.kind == "ServiceAccount" else "", self.name)

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Binding:
    """A RoleBinding or ClusterRoleBinding. `role` is None if nothing says what it refers to."""

    resource: Resource
    role_kind: str
    role_name: str
    role: Role | None
    subjects: tuple[Subject, ...]

    @property
    def namespace(self) -> str | None:
        """The namespace to which the grant is limited, or None for the whole cluster."""
        return None if self.resource.type == "ClusterRoleBinding" else self.resource.namespace


@dataclass(frozen=True, slots=True)
class Permission:
    """One rule granted to one subject, with the path by which it is: binding, subject, role and rule."""

    binding: Binding
    subject: Subject
    role_rule: RoleRule

    @property
    def namespace(self) -> str | None:
        """The namespace in which the rule holds, or None for the whole cluster."""
        return self.binding.namespace

    def allows(self, verb: str, group: str, resource: str, name: str = "") -> bool:
        """Whether the rule grants a request (see `policy.allows`); the scope is not looked at."""
        return allows(self.role_rule.rule, verb, group, resource, name)

    def allows_url(self, verb: str, path: str) -> bool:
        """Whether the permission grants a request for a non-resource path; only a ClusterRoleBinding can."""
        return self.namespace is None and allows_url(self.role_rule.rule, verb, path)

    def __str__(self) -> str:
        """The path as messages show it: `ClusterRoleBinding web -> ClusterRole reader, rule 1`."""
        return f"{self.binding.resource} -> {self.role_rule}"


class Permissions:
    """What a subject may do. `complete` is False where a role it holds could not be read (a lower bound)."""

    __slots__ = ("complete", "grants")

    def __init__(self, grants: tuple[tuple[Binding, Subject], ...], complete: bool) -> None:
        self.grants = grants
        self.complete = complete

    @property
    def roles(self) -> list[Role]:
        """The roles held, each once."""
        return list({id(binding.role): binding.role for binding, _ in self.grants if binding.role is not None}.values())

    @property
    def granted(self) -> Iterator[Permission]:
        """Every permission: each rule of each role by each binding."""
        return (Permission(binding, subject, rule) for binding, subject in self.grants if binding.role for rule in binding.role.rules)

    def allowing(
        self, verbs: tuple[str, ...], group: str, resource: str, name: str = "", *, cluster_wide: bool = False
    ) -> Iterator[Permission]:
        """The permissions that grant one of `verbs` on a resource, each once; `cluster_wide` leaves out RoleBindings."""
        for binding, subject in self.grants:
            if binding.role is not None and not (cluster_wide and binding.namespace is not None):
                for rule in binding.role.granting(verbs, group, resource, name):
                    yield Permission(binding, subject, rule)


class RbacGraph:
    """All bindings of a state. Get it by `rbac_graph(state)`, which builds it once."""

    def __init__(self, state: DesiredState) -> None:
        self._state = state
        self._roles: dict[tuple[str, str, str], Role | None] = {}
        self.bindings: tuple[Binding, ...] = tuple(
            self._binding(resource) for resource in state.of_kind("ClusterRoleBinding", "RoleBinding")
        )
        self._by_object = {id(binding.resource): binding for binding in self.bindings}
        self._by_subject: dict[SubjectKey, list[tuple[Binding, Subject]]] = {}
        self._by_role: dict[tuple[str, str, str], list[Binding]] = {}
        self._by_owners: dict[frozenset[str], list[Binding]] = {}
        for binding in self.bindings:
            namespace = binding.resource.namespace if binding.role_kind == "Role" else ""
            if binding.subjects:
                self._by_role.setdefault((binding.role_kind, namespace, binding.role_name), []).append(binding)
            for subject in binding.subjects:
                self._by_subject.setdefault(subject.key, []).append((binding, subject))
        self._accounts: dict[tuple[str, str], Permissions] = {}
        self._bound_in: dict[str, set[str]] = {}
        for kind, namespace, name in self._by_subject:
            if kind == "ServiceAccount":
                self._bound_in.setdefault(name, set()).add(namespace)

    def binding(self, resource: Resource) -> Binding:
        """What a RoleBinding or ClusterRoleBinding of this state says. Raises KeyError for any other object."""
        return self._by_object[id(resource)]

    def bindings_of(self, role: Resource) -> list[Binding]:
        """The bindings that hand out the rules of a Role or ClusterRole, also through aggregation into another.

        A binding without subjects hands out nothing and is left out.
        """
        found = self._by_role.get((role.kind, role.namespace, role.name), [])
        if role.kind != "ClusterRole" or not self.bindings:
            return found
        owners = aggregating_roles(self._state, role.name)
        if owners not in self._by_owners:
            inherited = (self._by_role.get(("ClusterRole", "", name), ()) for name in sorted(owners))
            self._by_owners[owners] = [binding for bindings in inherited for binding in bindings]
        return found + self._by_owners[owners] if found else self._by_owners[owners]

    def of_subject(self, *keys: SubjectKey) -> Permissions:
        """What the bindings of this state grant to any of these subjects."""
        grants = tuple(grant for key in keys for grant in self._by_subject.get(key, ()))
        return Permissions(grants, all(binding.role is not None and binding.role.complete for binding, _ in grants))

    def of_service_account(self, namespace: str, name: str) -> Permissions:
        """What a ServiceAccount may do: by its own bindings and by those of the groups every account is in."""
        key = (namespace, name)
        if key not in self._accounts:
            self._accounts[key] = self.of_subject(*identities(namespace, name))
        return self._accounts[key]

    def namespace_of(self, workload: Resource, account: str) -> str:
        """The namespace of the ServiceAccount a workload names.

        Manifests without a namespace are applied wherever delivery says; if bindings name an account of that name in
        one namespace only, that is where.
        """
        bound = self._bound_in.get(account, set())
        if workload.declared_namespace is not None or workload.namespace in bound or len(bound) != 1 or account == "default":
            return workload.namespace
        [namespace] = bound
        return namespace

    def is_bound(self, key: SubjectKey) -> bool:
        """Whether some binding names this subject."""
        return key in self._by_subject

    def _binding(self, resource: Resource) -> Binding:
        ref = mapping(resource.body.get("roleRef"))
        kind, name = text(ref.get("kind")), text(ref.get("name"))
        # A ClusterRoleBinding to a Role is refused by the API server, and grants nothing.
        role = None if resource.type == "ClusterRoleBinding" and kind != "ClusterRole" else self._role(kind, resource.namespace, name)
        return Binding(resource, kind, name, role, tuple(_subjects(resource)))

    def _role(self, kind: str, namespace: str, name: str) -> Role | None:
        key = (kind, namespace if kind == "Role" else "", name)
        if key not in self._roles:
            self._roles[key] = resolve_role(self._state, *key)
        return self._roles[key]


def rbac_graph(state: DesiredState) -> RbacGraph:
    """The RBAC graph of a state, built once."""
    return state.derive(RbacGraph)


def is_cluster_wide(bindings: list[Binding]) -> bool:
    """Whether one of these bindings grants in the whole cluster."""
    return any(binding.namespace is None for binding in bindings)


def reach(bindings: list[Binding]) -> str:
    """Where bindings grant, in words that end a message: `in the whole cluster`, `in namespace shop`."""
    if not bindings:
        return "and nothing here binds it"
    if is_cluster_wide(bindings):
        return "in the whole cluster"
    namespaces = sorted({binding.namespace or "" for binding in bindings})
    return f"in namespace {namespaces[0]}" if len(namespaces) == 1 else f"in namespaces {', '.join(namespaces)}"


def identities(namespace: str, name: str) -> tuple[SubjectKey, ...]:
    """Every subject that a ServiceAccount answers to: itself and its three groups."""
    return (
        ("ServiceAccount", namespace, name),
        ("Group", "", f"system:serviceaccounts:{namespace}"),
        ("Group", "", "system:serviceaccounts"),
        ("Group", "", "system:authenticated"),
    )


def _subjects(binding: Resource) -> Iterator[Subject]:
    fallback = binding.namespace if binding.type == "RoleBinding" else ""
    for index, subject in enumerate(items(binding.body.get("subjects"))):
        if isinstance(subject, dict):
            kind = text(subject.get("kind"))
            namespace = (text(subject.get("namespace")) or fallback) if kind == "ServiceAccount" else ""
            yield Subject(index, kind, namespace, text(subject.get("name")))
