"""What a CustomResourceDefinition says: the kind it adds, and the schema of each of its versions.

Source: API reference of apiextensions.k8s.io/v1 and, for what `spec.validation` and `spec.version` say, of v1beta1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from linter.model import items, mapping, text

GROUP, KIND = "apiextensions.k8s.io", "CustomResourceDefinition"


class Version(NamedTuple):
    """One version of a custom resource.

    `schema` is its openAPIV3Schema as it stands, or None. `prunes` says whether the API server removes fields that the
    schema does not know, which it does by default since apiextensions.k8s.io/v1. Of a version that is `deprecated`,
    `warning` is what the API server then says, if the definition has words of its own.
    """

    name: str
    served: bool
    schema: Mapping[str, Any] | None
    prunes: bool = True
    deprecated: bool = False
    warning: str | None = None


class CustomKind(NamedTuple):
    """The kind that a definition adds. `namespaced` is None where the definition says neither."""

    group: str
    kind: str
    plural: str
    namespaced: bool | None
    versions: tuple[Version, ...]

    @property
    def served(self) -> tuple[str, ...]:
        """The names of the versions that are served, in the order of the definition."""
        return tuple(version.name for version in self.versions if version.served)

    def version(self, name: str) -> Version | None:
        """The version of this name if it is served."""
        return next((version for version in self.versions if version.name == name and version.served), None)


def read_definition(body: Mapping[str, Any]) -> CustomKind | None:
    """The kind that a CustomResourceDefinition adds; None for what names no group, kind or version, such as a patch."""
    spec = mapping(body.get("spec"))
    names = mapping(spec.get("names"))
    group, kind = text(spec.get("group")), text(names.get("kind"))
    if not group or not kind:
        return None
    older = text(body.get("apiVersion")).endswith("/v1beta1")
    common = _schema(spec.get("validation"))
    prunes = spec.get("preserveUnknownFields", older) is not True
    found = []
    for entry in map(mapping, items(spec.get("versions"))):
        name = text(entry.get("name"))
        if name:
            own = _schema(entry.get("schema"))
            warning = text(entry.get("deprecationWarning")) or None
            found.append(
                Version(
                    name, entry.get("served") is True, own if own is not None else common, prunes, entry.get("deprecated") is True, warning
                )
            )
    if not found and older and text(spec.get("version")):
        found.append(Version(text(spec["version"]), True, common, prunes))
    if not found:
        return None
    scope = {"Namespaced": True, "Cluster": False}.get(text(spec.get("scope")))
    return CustomKind(group, kind, text(names.get("plural")), scope, tuple(found))


def _schema(holder: object) -> Mapping[str, Any] | None:
    schema = mapping(holder).get("openAPIV3Schema")
    return schema if isinstance(schema, dict) else None
