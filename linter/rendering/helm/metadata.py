"""Chart.yaml (and the requirements.yaml of older charts), read and validated as Helm does."""

from __future__ import annotations

import re
from typing import Any

from linter.errors import InputError
from linter.manifest.decoder import decode_bytes
from linter.model import Route, items, mapping
from linter.versions import Version

_ALIAS = re.compile(r"[a-zA-Z0-9_-]+")


class Dependency:
    """One entry of `dependencies:`, in the file at `path`."""

    __slots__ = ("_number", "_text", "alias", "conditions", "name", "path", "repository", "tags", "version")

    def __init__(self, entry: dict[str, Any], path: str, text: str, number: int) -> None:
        self.name = text_of(entry.get("name"))
        self.version = text_of(entry.get("version"))
        self.repository = text_of(entry.get("repository"))
        self.alias = text_of(entry.get("alias"))
        self.conditions = [condition for condition in text_of(entry.get("condition")).strip().split(",") if condition]
        self.tags = [text_of(tag) for tag in items(entry.get("tags"))]
        self.path = path
        self._text = text
        self._number = number

    @property
    def line(self) -> int | None:
        """The line it begins on."""
        return _line(self._text, ("dependencies", self._number))

    @property
    def key(self) -> str:
        """The name it has among the values and among the rendered templates."""
        return self.alias or self.name

    @property
    def local(self) -> str | None:
        """The directory of a `file://` dependency as written, or None for any other."""
        return self.repository.removeprefix("file://") if self.repository.startswith("file://") else None


class Metadata:
    """A chart's Chart.yaml. `raw` is the file decoded, all else is text as Helm reads it ("" where absent)."""

    __slots__ = ("_text", "dependencies", "kube_version", "name", "path", "raw", "type", "version")

    def __init__(self, raw: dict[str, Any], text: str, path: str, dependencies: list[Dependency]) -> None:
        self.raw = raw
        self._text = text
        self.path = path
        self.name = text_of(raw.get("name"))
        self.version = text_of(raw.get("version"))
        self.type = text_of(raw.get("type"))
        self.kube_version = text_of(raw.get("kubeVersion"))
        self.dependencies = dependencies

    def line_of(self, *route: str) -> int | None:
        """The line of a key in Chart.yaml."""
        return _line(self._text, route)


def read_metadata(chart_yaml: bytes, path: str, requirements: bytes | None, requirements_path: str) -> Metadata:
    """The metadata of a chart.

    Raises InputError `helm-chart-invalid`, with file and line, for what makes Helm refuse the chart, and the YAML
    decoder's own for text that is no YAML.
    """
    raw, text = _decode(chart_yaml, path)
    dependencies = _dependencies(raw, text, path)
    if requirements is not None:
        older, older_text = _decode(requirements, requirements_path)
        if "dependencies" in older:
            dependencies = _dependencies(older, older_text, requirements_path)
    metadata = Metadata(raw, text, path, dependencies)
    _validate(metadata)
    return metadata


def _decode(data: bytes, path: str) -> tuple[dict[str, Any], str]:
    try:
        text, documents = decode_bytes(data)
    except InputError as error:
        failure = error.at(path)
        raise InputError(
            "helm-chart-invalid", failure.message, fix=failure.fix, path=path, line=failure.line, kind=failure.kind, stage=failure.stage
        ) from None
    value = documents[0].value if documents else None
    if value is not None and not isinstance(value, dict):
        raise invalid(path, 1, "the file holds no mapping", "write it as `key: value`, beginning with apiVersion, name and version")
    return value or {}, text


def _dependencies(raw: dict[str, Any], text: str, path: str) -> list[Dependency]:
    found: list[Dependency] = []
    keys: set[str] = set()
    for number, entry in enumerate(items(raw.get("dependencies"))):
        if not isinstance(entry, dict):
            line = _line(text, ("dependencies", number))
            raise invalid(path, line, "a dependency is empty or no mapping", "give it a name, a version and a repository, or remove it")
        dependency = Dependency(entry, path, text, number)
        if dependency.alias and not _ALIAS.fullmatch(dependency.alias):
            message = f"the alias `{dependency.alias}` has characters other than letters, digits, - and _"
            raise invalid(path, dependency.line, message, "rename the alias")
        if dependency.key in keys:
            message = f"more than one dependency has the name or alias `{dependency.key}`"
            raise invalid(path, dependency.line, message, "give one of them an `alias:`")
        keys.add(dependency.key)
        found.append(dependency)
    return found


def _validate(metadata: Metadata) -> None:
    path = metadata.path
    if not metadata.name:
        raise invalid(path, None, "the chart has no name", "add `name:`")
    if metadata.name in (".", "..") or "/" in metadata.name:
        raise invalid(path, metadata.line_of("name"), f"`{metadata.name}` cannot be the name of a chart", "use the name of its directory")
    if not metadata.version:
        raise invalid(path, None, "the chart has no version", "add `version: 0.1.0`")
    try:
        Version.parse(metadata.version)
    except ValueError as error:
        raise invalid(path, metadata.line_of("version"), f"{error}", "write a semantic version such as 1.2.3") from None
    if metadata.type not in ("", "application", "library"):
        message = f"`{metadata.type}` is no type of chart"
        raise invalid(path, metadata.line_of("type"), message, "write `type: application` or `type: library`")


def text_of(value: object) -> str:
    """A scalar as sigs.k8s.io/yaml turns it into text where Helm expects text; "" for null and anything that is no scalar."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
    return ""


def invalid(path: str, line: int | None, message: str, fix: str) -> InputError:
    """The failure for a chart that Helm would refuse to load."""
    return InputError("helm-chart-invalid", message, fix=fix, path=path, line=line, stage="render")


def _line(text: str, route: Route) -> int | None:
    from linter.manifest.positions import index_positions

    try:
        positions = index_positions(text)
        return positions.line_of(0, route) if len(positions) and positions.has(0, route) else None
    except InputError:
        return None


def lock_of(data: bytes, path: str) -> dict[str, Any]:
    """A Chart.lock, decoded. Raises InputError `helm-chart-invalid` if it is no YAML mapping."""
    return mapping(_decode(data, path)[0])
