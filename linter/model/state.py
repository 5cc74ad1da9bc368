"""Everything Git declares for one destination, and what can be said about references inside it."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, TypeVar

from linter.model.resources import Resource, Source
from linter.model.routes import mapping

T = TypeVar("T")

# Secrets and claims are routinely made by operators, generators and people, so a neighbour of the same kind in the
# repository is no evidence that all of them are declared there.
_ONLY_IF_OWNED = frozenset({"Secret", "PersistentVolumeClaim"})


class Presence(Enum):
    PRESENT = "present"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Reference:
    """The answer of `DesiredState.find`: whether an object exists, the object if it is here, and why we say so."""

    __slots__ = ("presence", "reason", "resource")

    def __init__(self, presence: Presence, reason: str, resource: Resource | None = None) -> None:
        self.presence = presence
        self.reason = reason
        self.resource = resource

    @property
    def missing(self) -> bool:
        return self.presence is Presence.MISSING

    @property
    def unknown(self) -> bool:
        return self.presence is Presence.UNKNOWN


@dataclass(frozen=True, slots=True)
class ObjectPattern:
    """Objects named in the configuration (`owned`, `externals`): globs over kind, namespace and name."""

    kind: str
    namespace: str = "*"
    name: str = "*"

    def matches(self, type: str, namespace: str, name: str) -> bool:
        return (
            (fnmatch.fnmatchcase(type, self.kind) or ("/" in type and fnmatch.fnmatchcase(type.rpartition("/")[2], self.kind)))
            and fnmatch.fnmatchcase(namespace, self.namespace)
            and fnmatch.fnmatchcase(name, self.name)
        )


class Placeholders(Protocol):
    """What tells scalars that something outside the repository replaces, such as a compiled regular expression."""

    def search(self, text: str, /) -> object | None:
        """Something if the text holds a placeholder, else None."""
        ...


@dataclass(frozen=True, slots=True)
class StateOptions:
    """What the user said about the world outside the repository.

    `targets` maps a system ("kubernetes", "istio", "external-dns") to a version such as "1.34", or None if unknown.
    `definitions` are the CustomResourceDefinitions that the configuration names under `crds`, `definitions_elsewhere` all that
    the repository declares, in whatever state.
    """

    targets: Mapping[str, str | None] = field(default_factory=dict)
    owned: tuple[ObjectPattern, ...] = ()
    externals: tuple[ObjectPattern, ...] = ()
    closed_world: bool = False
    opaque: Placeholders | None = None
    definitions: tuple[Resource, ...] = ()
    definitions_elsewhere: tuple[Resource, ...] = ()


class DesiredState:
    """Everything Git declares for one destination cluster; cross-resource rules live inside one of these."""

    def __init__(
        self,
        name: str,
        sources: Sequence[Source],
        resources: Sequence[Resource],
        options: StateOptions | None = None,
        incomplete: Sequence[str] = (),
        elsewhere: Mapping[tuple[str, str], Sequence[Resource]] | None = None,
    ) -> None:
        """`incomplete` lists the paths of sources that did not render; `elsewhere` maps (type, name) to the objects
        of that name in the whole repository."""
        self.name = name
        self.sources = tuple(sources)
        self.resources = tuple(resources)
        self.options = options or StateOptions()
        self.incomplete = tuple(incomplete)
        self._elsewhere = elsewhere or {}
        self._derived: dict[object, object] = {}
        self._by_type: dict[str, list[Resource]] = {}
        self._by_name: dict[tuple[str, str, str], Resource] = {}
        self._count: dict[tuple[str, str, str], int] = {}
        self._declared: set[tuple[Source, str, str]] = set()
        for resource in self.resources:
            self._by_type.setdefault(resource.type, []).append(resource)
            identity = (resource.type, resource.namespace, resource.name)
            self._by_name[identity] = resource
            self._count[identity] = self._count.get(identity, 0) + 1
            self._declared.add((resource.source, resource.type, resource.namespace))

    @property
    def targets(self) -> Mapping[str, str | None]:
        return self.options.targets

    def of_kind(self, *types: str) -> list[Resource]:
        """The objects of the given types ("Service", "networking.istio.io/Gateway"), in document order per type."""
        return [resource for name in types for resource in self._by_type.get(name, ())]

    def get(self, type: str, namespace: str, name: str) -> Resource | None:
        """The object with this identity, if this state declares it. Cluster-scoped objects have the namespace ""."""
        return self._by_name.get((type, namespace, name))

    def find(self, type: str, namespace: str, name: str, *, referrer: Resource) -> Reference:
        """Whether the object that `referrer` points at exists, as far as the repository can tell.

        Missing is claimed only if the repository evidently declares such objects: every source of this state rendered,
        and the referrer's source declares that type in that namespace, or the state holds the Namespace, or the
        configuration lists the object under `owned`. Secrets and PersistentVolumeClaims are missing only by `owned`.
        """
        found = self._by_name.get((type, namespace, name))
        if found is not None:
            return Reference(Presence.PRESENT, "declared in this state", found)
        if self.is_opaque(name) or self.is_opaque(namespace):
            return Reference(Presence.UNKNOWN, "the name is a placeholder")
        if any(pattern.matches(type, namespace, name) for pattern in self.options.externals):
            return Reference(Presence.UNKNOWN, "the configuration lists it under externals")
        if self.options.closed_world:
            return Reference(Presence.MISSING, "nothing in this state declares it")
        if self.incomplete:
            return Reference(Presence.UNKNOWN, f"{self.incomplete[0]} could not be rendered and may declare it")
        elsewhere = [other for other in self._elsewhere.get((type, name), ()) if other is not referrer]
        if elsewhere:
            return Reference(Presence.UNKNOWN, f"{elsewhere[0].document.file.path} declares one of this name elsewhere in the repository")
        if any(pattern.matches(type, namespace, name) for pattern in self.options.owned):
            return Reference(Presence.MISSING, "the configuration lists it under owned, and nothing declares it")
        if type in _ONLY_IF_OWNED:
            return Reference(Presence.UNKNOWN, f"a {type} is often created outside the repository")
        if (referrer.source, type, namespace) in self._declared:
            return Reference(Presence.MISSING, f"{referrer.source.path} declares others of its kind there, but not this one")
        if namespace and ("Namespace", "", namespace) in self._by_name:
            return Reference(Presence.MISSING, f"this state declares the namespace {namespace}, but not this object")
        return Reference(Presence.UNKNOWN, "it may be declared outside the repository")

    def is_repeated(self, resource: Resource) -> bool:
        """Whether this state declares the object's identity more than once.

        Its files are then alternatives of which one is applied, so what they say together proves nothing.
        """
        return self._count[resource.type, resource.namespace, resource.name] > 1

    def derive(self, build: Callable[[DesiredState], T]) -> T:
        """`build(self)`, computed once per state: the place for graphs and indexes that several checks share."""
        if build not in self._derived:
            self._derived[build] = build(self)
        return self._derived[build]  # type: ignore[return-value]

    def is_opaque(self, value: object) -> bool:
        """Whether a scalar is a placeholder that something outside the repository will replace."""
        pattern = self.options.opaque
        return pattern is not None and isinstance(value, str) and pattern.search(value) is not None


class Repository:
    """All states of the repository, for the few rules that compare them."""

    def __init__(self, states: Iterable[DesiredState], options: StateOptions) -> None:
        self.states = tuple(states)
        self.options = options

    @property
    def resources(self) -> list[Resource]:
        """Every object of every state; a chart's object appears once per environment."""
        return [resource for state in self.states for resource in state.resources]


def namespace_labels(state: DesiredState, namespace: str) -> dict[str, str] | None:
    """The labels of a Namespace object, or None if this state does not declare it."""
    found = state.get("Namespace", "", namespace)
    if found is None:
        return None
    return {
        "kubernetes.io/metadata.name": namespace,
        **{k: v for k, v in mapping(found.metadata.get("labels")).items() if isinstance(v, str)},
    }
