"""What the CustomResourceDefinitions of a state serve.

Source: API reference of apiextensions.k8s.io/v1 (`served`, `deprecated` and `deprecationWarning` of a version; in v1beta1
`spec.version` stands for a list of one version).
"""

from __future__ import annotations

from typing import NamedTuple

from linter.kubernetes.api_versions.changes import ApiChange, ApiTable, Standing, standing
from linter.kubernetes.kinds import BUILT_IN_GROUPS
from linter.model import DesiredState, Resource, items, mapping, text


class ServedVersion(NamedTuple):
    """A version that a CustomResourceDefinition names. `position` is its place in `spec.versions`."""

    name: str
    served: bool
    deprecated: bool
    warning: str
    definition: Resource
    position: int


class Definition(NamedTuple):
    """A kind as the CustomResourceDefinitions of a state have it: versions by name, and whether its objects have a namespace.

    `namespaced` is None where they do not say. A version that one of several definitions serves is served.
    """

    versions: dict[str, ServedVersion]
    namespaced: bool | None


def definition_of(state: DesiredState, group: str, kind: str) -> Definition | None:
    """The kind as the state defines it, or None if it does not."""
    return state.derive(_definitions).get((group, kind))


def _definitions(state: DesiredState) -> dict[tuple[str, str], Definition]:
    found: dict[tuple[str, str], Definition] = {}
    for resource in state.of_kind("CustomResourceDefinition"):
        spec = resource.spec
        group, kind = text(spec.get("group")), text(mapping(spec.get("names")).get("kind"))
        versions = _versions(resource)
        if not group or not kind or not versions:
            continue
        scope = spec.get("scope")
        namespaced = {"Namespaced": True, "Cluster": False}.get(scope) if isinstance(scope, str) else None
        known = found.setdefault((group, kind), Definition({}, namespaced))
        for version in versions:
            if version.name not in known.versions or version.served:
                known.versions[version.name] = version
        if known.namespaced is not namespaced:
            found[group, kind] = known._replace(namespaced=None)
    return found


def _versions(definition: Resource) -> list[ServedVersion]:
    entries = items(definition.spec.get("versions"))
    if not entries:
        name = text(definition.spec.get("version"))
        return [ServedVersion(name, True, False, "", definition, 0)] if name else []
    found = []
    for position, entry in enumerate(entries):
        version = mapping(entry)
        name = text(version.get("name"))
        if name:
            served = version.get("served") is True
            warning = text(version.get("deprecationWarning"))
            found.append(ServedVersion(name, served, version.get("deprecated") is True, warning, definition, position))
    return found


def change_of(changes: ApiTable, resource: Resource, state: DesiredState) -> tuple[ApiChange, Standing] | None:
    """What `changes` say about the apiVersion of an object, and how it stands for the state's targets; None for nearly all.

    Where the state holds the CustomResourceDefinition of the kind, that decides whether its version is served.
    """
    change = changes.get((resource.api_version, resource.kind))
    if change is None or (change.also_a_file and resource.source.type == "directory" and resource.source.application is None):
        return None
    found = standing(change, state.targets.get(change.system.target))
    if found is None or found.state == "superseded" or resource.group in BUILT_IN_GROUPS:
        return None if found is None else (change, found)
    definition = definition_of(state, resource.group, resource.kind)
    version = definition.versions.get(resource.api_version.rpartition("/")[2]) if definition is not None else None
    return None if version is not None and version.served and not version.deprecated else (change, found)


def defined_version(resource: Resource, state: DesiredState) -> ServedVersion | None:
    """The version that an object of a custom kind uses, as the state's own CustomResourceDefinition has it."""
    if resource.group in BUILT_IN_GROUPS:
        return None
    definition = definition_of(state, resource.group, resource.kind)
    return definition.versions.get(resource.api_version.rpartition("/")[2]) if definition is not None else None
