"""The sources of an Application, and of which type each is.

Source: the API types of Argo CD (ApplicationSpec, ApplicationSource) and how its repo-server detects tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from linter.argocd.addresses import is_oci
from linter.model import Route, items, mapping, text

ExplicitType = Literal["kustomize", "helm", "directory", "plugin"]
DetectedType = Literal["kustomize", "helm", "directory"]

_EXPLICIT: Final[tuple[ExplicitType, ...]] = ("kustomize", "helm", "directory", "plugin")
KUSTOMIZATION_NAMES: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
REF_NAME: Final = re.compile(r"[a-zA-Z0-9_-]+")


@dataclass(frozen=True, slots=True)
class DeclaredSource:
    """One source as it is written: `route` leads to it from the Application, `multiple` says that it stands in `sources`.

    `index` is its place there, 0 for the only one.
    """

    body: Mapping[str, Any]
    route: Route
    index: int = 0
    multiple: bool = False

    def text(self, key: str) -> str:
        return text(self.body.get(key))

    @property
    def address(self) -> str:
        return self.text("repoURL")

    @property
    def is_oci(self) -> bool:
        return is_oci(self.address)

    @property
    def chart(self) -> str:
        """The chart of a Helm repository; "" where `chart` has no effect."""
        return "" if self.is_oci else self.text("chart")

    @property
    def only_refers(self) -> bool:
        """Whether it yields nothing itself and only lends its files to the others."""
        return self.multiple and bool(self.text("ref")) and not self.text("path") and not self.text("chart")


def declared_sources(spec: Mapping[str, Any]) -> list[DeclaredSource]:
    """What a `spec` renders: the dry source of a source hydrator, else `sources` unless they are empty, else `source`.

    An entry that is no mapping is left out, as is all that Argo CD ignores.
    """
    if isinstance(hydrator := spec.get("sourceHydrator"), dict):
        return [DeclaredSource(mapping(hydrator.get("drySource")), ("sourceHydrator", "drySource"))]
    if several := items(spec.get("sources")):
        return [DeclaredSource(entry, ("sources", index), index, True) for index, entry in enumerate(several) if isinstance(entry, dict)]
    single = spec.get("source")
    return [DeclaredSource(single, ("source",))] if isinstance(single, dict) else []


def refs_of(sources: Iterable[DeclaredSource]) -> dict[str, DeclaredSource]:
    """The sources that others may refer to, by `ref`; the first of several with one name."""
    found: dict[str, DeclaredSource] = {}
    for source in sources:
        if source.multiple and source.text("ref"):
            found.setdefault(source.text("ref"), source)
    return found


def without_zero_values(source: Mapping[str, Any]) -> dict[str, Any]:
    """A source without the blocks that say nothing, such as `helm: {}`: Argo CD drops them before it looks for a type.

    A block for a plugin counts even if it is empty: it asks for the plugin that claims the source.
    """
    return {
        key: value
        for key, value in source.items()
        if value is not None and not (key in ("kustomize", "helm", "directory") and _is_zero(value))
    }


def _is_zero(value: object) -> bool:
    """Whether Go would take a decoded value for the zero value of its type."""
    if isinstance(value, dict):
        # An object with values counts, also if it is empty: it hides `values`.
        return all(_is_zero(entry) and not (key == "valuesObject" and entry is not None) for key, entry in value.items())
    return value is None or value is False or value == "" or value == 0 or value == []


def explicit_types(source: Mapping[str, Any]) -> list[ExplicitType]:
    """The types that a source names. Several are an error, none leaves it to the files."""
    return [name for name in _EXPLICIT if source.get(name) is not None]


def detected_type(names: Iterable[str]) -> DetectedType:
    """The type of a directory, by the names of the files that stand directly in it. Kustomize wins over Helm.

    Any name that ends in `Chart.yaml` counts as a chart.
    """
    names = list(names)
    if any(name in KUSTOMIZATION_NAMES for name in names):
        return "kustomize"
    return "helm" if any(name.endswith("Chart.yaml") for name in names) else "directory"
