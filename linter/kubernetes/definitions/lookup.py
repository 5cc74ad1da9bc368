"""Which definition of a custom resource counts for an object, and what that finds wrong in it.

The author's own definitions come first: those of the same desired state, then those that `crds:` of the configuration names,
then those elsewhere in the repository, which may be for another cluster, so that an object is right if one of them accepts
it. Only for kinds without any the shipped ones are asked, which may be of another release than the cluster's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from linter.kubernetes.definitions.compiling import CompiledVersion, compiled_version
from linter.kubernetes.definitions.reading import CustomKind, read_definition
from linter.kubernetes.kinds import split_api_version
from linter.kubernetes.schemas.mistakes import Mistake
from linter.model import DesiredState, Related, Resource
from linter.wording import joined

_CRD = "CustomResourceDefinition"


class OwnKind(NamedTuple):
    """A kind that a definition of the author adds, and that definition."""

    kind: CustomKind
    resource: Resource


_Index = Mapping[tuple[str, str], Sequence[OwnKind]]


class CustomSchema:
    """The definitions that count for one version of a kind: what `schema_of` answers with."""

    def __init__(
        self, versions: Sequence[CompiledVersion], *, certain: bool = True, shipped: str = "", channel: Sequence[CompiledVersion] = ()
    ) -> None:
        """An object is right if one of `versions` accepts it. They are not `certain` if they may be those of another cluster.
        `shipped` names the system of shipped ones, of which `channel` is the version in a channel that not every cluster has."""
        self.versions = tuple(versions)
        self.certain = certain
        self.shipped = shipped
        self.channel = tuple(channel)
        self._last: tuple[Resource | None, Sequence[Mistake]] = (None, ())

    def mistakes_of(self, resource: Resource, state: DesiredState) -> Sequence[Mistake]:
        """What is wrong with an object of the kind, in the order of the routes."""
        best: Sequence[Mistake] | None = None
        for version in self.versions:
            if not might_be_wrong(version, resource.body):
                return ()
            found = mistakes_in(version, resource, state)
            if not found:
                return ()
            if best is None or len(found) < len(best):
                best = found
        if not best or self.certain:
            return best or ()
        from linter.kubernetes.definitions.explaining import of_other_cluster, of_other_release

        if not self.shipped:
            return of_other_cluster(best)
        return of_other_release(best, self.shipped, [mistakes_in(version, resource, state) for version in self.channel])


class NotServed:
    """Stands for a kind whose own definitions do not serve the version of an object."""

    def __init__(self, served: Sequence[str], definition: OwnKind, *, certain: bool) -> None:
        """`certain` if the definition is known to be that of the object's cluster."""
        self._served = served
        self._definition = definition
        self._certain = certain

    def mistakes_of(self, resource: Resource, state: DesiredState) -> Sequence[Mistake]:
        """That the version is not served, and which ones are."""
        if state.is_opaque(resource.api_version):
            return ()
        group, version = split_api_version(resource.api_version)
        serves = f"it serves {joined(self._served)}" if self._served else "it serves no version"
        fix = f"Write `apiVersion: {group}/{self._served[0]}`." if len(self._served) == 1 else None
        name = self._definition.resource.name or resource.kind
        return (
            Mistake(
                "version-not-served", ("apiVersion",), f"the definition of {resource.kind} does not serve {version}; {serves}", fix,
                severity=None if self._certain else "warning",
                related=(Related(f"the definition {name}", self._definition.resource, ("spec", "versions")),),
            ),
        )  # fmt: skip


def schema_of(resource: Resource, state: DesiredState) -> CustomSchema | NotServed | None:
    """What judges a custom resource of a state; None for a kind, or a version of it, that nothing describes.

    The answer is the same for all objects of a version in a state.
    """
    return state.derive(_Known).schema_of(resource.api_version, resource.kind)


def has_schema(resource: Resource, state: DesiredState) -> bool:
    """Whether something describes the structure of a custom resource, be it that its version is not served."""
    found = schema_of(resource, state)
    return isinstance(found, NotServed) or (found is not None and any(version.has_schema for version in found.versions))


class _Known:
    """What counts in one state, found when the first object of a version asks."""

    def __init__(self, state: DesiredState) -> None:
        self._state = state
        self._own: _Index | None = None
        self._found: dict[tuple[str, str], CustomSchema | NotServed | None] = {}

    def schema_of(self, api_version: str, kind: str) -> CustomSchema | NotServed | None:
        key = (api_version, kind)
        if key not in self._found:
            self._found[key] = self._search(*split_api_version(api_version), kind)
        return self._found[key]

    def _search(self, group: str, version: str, kind: str) -> CustomSchema | NotServed | None:
        if self._own is None:
            self._own = _indexed(self._state.of_kind(_CRD))
        options = self._state.options
        ranks: list[tuple[_Index, bool]] = [(self._own, True)]
        ranks += [(_index_of(options.definitions), True)] if options.definitions else []
        ranks += [(_index_of(options.definitions_elsewhere), False)] if options.definitions_elsewhere else []
        for index, certain in ranks:
            entries = index.get((group, kind))
            if entries:
                serving = [(entry, found) for entry in entries if (found := entry.kind.version(version)) is not None]
                if not serving:
                    served = list(dict.fromkeys(name for entry in entries for name in entry.kind.served))
                    return NotServed(served, entries[0], certain=certain)
                compiled = [compiled_version(found, f"{group}/{version}", kind) for _, found in serving]
                return CustomSchema(list(dict.fromkeys(compiled)), certain=certain)
        return _shipped(group, version, kind)


def _shipped(group: str, version: str, kind: str) -> CustomSchema | None:
    from linter.kubernetes.definitions.shipped_definitions import shipped_kinds

    serving = [(entry.system, found) for entry in shipped_kinds(group, kind) if (found := entry.kind.version(version)) is not None]
    if not serving:
        return None
    compiled = [_shipped_version(system.name, group, version, kind) for system, _ in serving]
    system = serving[0][0]
    return CustomSchema(compiled[:1], certain=False, shipped=system.title, channel=compiled[1:])


_shipped_versions: dict[tuple[str, str, str, str], CompiledVersion] = {}


def _shipped_version(system: str, group: str, version: str, kind: str) -> CompiledVersion:
    from linter.kubernetes.definitions.shipped_definitions import shipped_kinds

    key = (system, group, version, kind)
    if key not in _shipped_versions:
        entry = next(entry for entry in shipped_kinds(group, kind) if entry.system.name == system)
        found = entry.kind.version(version)
        assert found is not None  # asked before
        _shipped_versions[key] = CompiledVersion(found, f"{group}/{version}", kind)
    return _shipped_versions[key]


def _indexed(resources: Sequence[Resource]) -> _Index:
    found: dict[tuple[str, str], list[OwnKind]] = {}
    for resource in resources:
        entry = read_definition(resource.body) if resource.group == "apiextensions.k8s.io" else None
        if entry is not None:
            found.setdefault((entry.group, entry.kind), []).append(OwnKind(entry, resource))
    return found


# The states of a run share their options: what they hold is indexed once.
_indexes: list[tuple[Sequence[Resource], _Index]] = []


def _index_of(resources: Sequence[Resource]) -> _Index:
    for known, index in _indexes:
        if known is resources:
            return index
    _indexes.append((resources, _indexed(resources)))
    del _indexes[:-4]
    return _indexes[-1][1]


def might_be_wrong(version: CompiledVersion, body: dict[str, Any]) -> bool:
    """The fast path: False only for an object that satisfies everything."""
    schema = version.schema
    if schema is None:
        return False
    value = version.completed(body)
    if not schema.is_valid(value):
        return True
    checks = version.checks
    if checks is None:
        return False
    from linter.kubernetes.definitions.checks import broken_rules, duplicates

    return any(True for _ in duplicates(value, checks)) or any(True for _ in broken_rules(value, checks))


def mistakes_in(version: CompiledVersion, resource: Resource, state: DesiredState) -> Sequence[Mistake]:
    """Everything that a version finds wrong in an object."""
    from linter.kubernetes.definitions.explaining import explained

    return explained(version, resource, state)
