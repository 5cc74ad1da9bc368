"""What a kustomization refers to: files, directories, charts, configurations of plugins.

Sources: the reference of the kustomization file (kubectl.docs.kubernetes.io/references/kustomize/kustomization) and, for how
an address is told from a path, the package `api/internal/git` of kustomize.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from linter.errors import InputError
from linter.manifest.decoder import Decoded, decode_bytes, decode_text
from linter.model import Route, items, mapping, text

KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")

ReferenceKind = Literal["resource", "component", "file", "patch", "plugin"]
"""A "resource" is a file or a directory, a "component" a directory, a "patch" a file unless it is written in place, and a
"plugin" a file or directory unless it is written in place."""

_LISTS: tuple[tuple[str, ReferenceKind], ...] = (
    ("resources", "resource"),
    ("bases", "resource"),
    ("components", "component"),
    ("crds", "file"),
    ("configurations", "file"),
    ("patchesStrategicMerge", "patch"),
    ("generators", "plugin"),
    ("transformers", "plugin"),
    ("validators", "plugin"),
)
_WITH_PATH = ("patches", "patchesJson6902", "replacements")
_GENERATORS = ("configMapGenerator", "secretGenerator")
_DEFAULT_CHART_HOME = "charts"

# Addresses that kustomize clones or downloads; `name@host:path` is how SSH writes them.
_ADDRESS = re.compile(r"(?:git::|[a-z][a-z0-9+.-]*://|[a-z][a-z0-9-]*@|github\.com[/:])", re.IGNORECASE)
# What older versions cloned as well: host/owner/repository with a revision or a marker of where the repository ends.
_OLD_ADDRESS = re.compile(r"[\w.-]+\.[a-z]{2,}/.+(?:\?(?:ref|version)=|\.git(?:/|$)|//)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of a kustomization that names something else; `route` leads to it."""

    route: Route
    value: str
    kind: ReferenceKind


@dataclass(frozen=True, slots=True)
class ChartReference:
    """A chart that a kustomization inflates, and the directory it is to stand in, relative to the kustomization.

    `values` is its file of values if one is named. Without `repo`, kustomize has nowhere to pull it from.
    """

    route: Route
    name: str
    directory: str
    repo: str
    values: Reference | None
    more_values: tuple[Reference, ...]


def is_remote(value: str) -> bool:
    """Whether kustomize would fetch a reference from elsewhere."""
    return _ADDRESS.match(value) is not None or _OLD_ADDRESS.match(value) is not None


def field(body: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    """The entries that kustomize takes for the field `name`: its decoder does not mind upper and lower case."""
    if name in body:
        yield name, body[name]
    lower = name.lower()
    yield from ((key, value) for key, value in body.items() if key != name and isinstance(key, str) and key.lower() == lower)


def value_of(body: Mapping[str, Any], name: str) -> Any:
    """The value of the field `name`, or None."""
    return next((value for _, value in field(body, name)), None)


def read_kustomization(data: bytes) -> tuple[str, dict[str, Any]]:
    """The text of a kustomization file and its mapping.

    Raises InputError: `kustomization-invalid`, and those of `decode_bytes`.
    """
    source, documents = decode_bytes(data)
    values = [document.value for document in documents if document.value is not None]
    if len(values) != 1 or not isinstance(values[0], dict):
        what = "is empty" if not values else "holds several documents" if len(values) > 1 else "is no mapping"
        raise InputError("kustomization-invalid", f"this kustomization {what}", fix="write one mapping with the key `resources`", line=1)
    return source, values[0]


def references(body: Mapping[str, Any]) -> Iterator[Reference]:
    """What a kustomization refers to, in the order in which kustomize reads it; charts are left to `charts`."""
    for name, kind in _LISTS:
        for key, value in field(body, name):
            yield from (Reference((key, number), entry, kind) for number, entry in enumerate(items(value)) if isinstance(entry, str))
    for key, value in field(body, "openapi"):
        yield from _named(mapping(value), "path", (key,))
    for name in _WITH_PATH:
        for key, value in field(body, name):
            for number, entry in enumerate(items(value)):
                yield from _named(mapping(entry), "path", (key, number))
    for name in _GENERATORS:
        for key, value in field(body, name):
            for number, entry in enumerate(items(value)):
                yield from _of_generator(mapping(entry), (key, number))


def charts(body: Mapping[str, Any]) -> Iterator[ChartReference]:
    """The charts that a kustomization inflates."""
    home = text(value_of(mapping(value_of(body, "helmGlobals")), "chartHome"))
    old = [
        (key, number, mapping(entry))
        for key, value in field(body, "helmChartInflationGenerator")
        for number, entry in enumerate(items(value))
    ]
    if not home and value_of(body, "helmGlobals") is None:
        home = next((found for _, _, entry in reversed(old) if (found := text(value_of(entry, "chartHome")))), "")
    home = home or _DEFAULT_CHART_HOME
    for key, value in field(body, "helmCharts"):
        for number, entry in enumerate(items(value)):
            yield _chart(mapping(entry), home, (key, number))
    for key, number, entry in old:
        names = {"chartName": "name", "chartVersion": "version", "chartRepoUrl": "repo", "values": "valuesFile"}
        yield _chart({new: value_of(entry, name) for name, new in names.items()}, home, (key, number), values_key="values")


def plugin_documents(value: str) -> list[Decoded] | None:
    """The configurations of plugins that an entry holds in place, or None if it is a path."""
    try:
        documents = decode_text(value)
    except InputError:
        return None
    found = [document for document in documents if document.value is not None]
    return found if found and all(isinstance(document.value, dict) for document in found) else None


def plugin_references(config: Mapping[str, Any]) -> tuple[list[Reference], list[ChartReference]]:
    """What the configuration of a built-in plugin refers to, relative to the kustomization that lists it."""
    kind = text(config.get("kind"))
    found: list[Reference] = []
    if kind in ("ConfigMapGenerator", "SecretGenerator"):
        found += _of_generator(config, ())
    elif kind in ("PatchTransformer", "PatchJson6902Transformer"):
        found += _named(config, "path", ())
    elif kind == "PatchStrategicMergeTransformer":
        for key, value in field(config, "paths"):
            found += (Reference((key, number), entry, "patch") for number, entry in enumerate(items(value)) if isinstance(entry, str))
    elif kind == "ReplacementTransformer":
        for key, value in field(config, "replacements"):
            for number, entry in enumerate(items(value)):
                found += _named(mapping(entry), "path", (key, number))
    elif kind == "HelmChartInflationGenerator":
        return found, [_chart(config, text(value_of(config, "chartHome")) or _DEFAULT_CHART_HOME, ())]
    return found, []


def is_builtin_plugin(config: Mapping[str, Any]) -> bool:
    """Whether kustomize itself brings the plugin that a configuration is for; all others are programs."""
    return config.get("apiVersion") == "builtin"


def _named(body: Mapping[str, Any], name: str, route: Route) -> Iterator[Reference]:
    for key, value in field(body, name):
        if isinstance(value, str) and value:
            yield Reference((*route, key), value, "file")


def _of_generator(body: Mapping[str, Any], route: Route) -> Iterator[Reference]:
    for key, value in field(body, "files"):
        for number, entry in enumerate(items(value)):
            if isinstance(entry, str):
                yield Reference((*route, key, number), entry.rpartition("=")[2], "file")
    for key, value in field(body, "envs"):
        yield from (Reference((*route, key, number), entry, "file") for number, entry in enumerate(items(value)) if isinstance(entry, str))
    yield from _named(body, "env", route)


def _chart(body: Mapping[str, Any], home: str, route: Route, values_key: str = "valuesFile") -> ChartReference:
    name, version, repo = (text(value_of(body, key)) for key in ("name", "version", "repo"))
    directory = f"{home}/{name}-{version}/{name}" if version and repo else f"{home}/{name}"
    values = next(_named(body, "valuesFile", route), None)
    if values is not None and values_key != "valuesFile":
        values = Reference((*route, values_key), values.value, "file")
    more = tuple(
        Reference((*route, key, number), entry, "file")
        for key, value in field(body, "additionalValuesFiles")
        for number, entry in enumerate(items(value))
        if isinstance(entry, str)
    )
    return ChartReference(route, name, directory, repo, values, more)
