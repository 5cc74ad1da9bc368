"""kubeconform on local schemas: the command, and the schemas it reads, made from the package kubernetes-validate."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.measuring import MeasurementError

_DEFINITIONS = "kubernetes_validate/kubernetes-json-schema/v{version}.0-local-strict/_definitions.json"
_REFERENCE = "#/$defs/"


def write_schemas(wheel: str, version: str, folder: str) -> int:
    """Write the strict JSON Schemas of a version ("1.36") below `folder`, named as kubeconform looks them up.

    `wheel` is the file of the package kubernetes-validate. Each schema stands on its own, with the definitions it uses.
    Returns how many there are. Raises MeasurementError if the wheel does not hold that version.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            definitions: dict[str, Any] = json.loads(archive.read(_DEFINITIONS.format(version=version)))["$defs"]
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise MeasurementError(f"{wheel} holds no schemas of Kubernetes {version}: {error}") from None
    target = os.path.join(folder, f"v{version}.0-standalone-strict")
    os.makedirs(target)
    count = 0
    for name, definition in definitions.items():
        for identity in definition.get("x-kubernetes-group-version-kind", ()):
            used = _used(name, definitions)
            body = {**definition, "$schema": "http://json-schema.org/schema#", "$defs": {key: definitions[key] for key in used}}
            with open(os.path.join(target, _file_name(identity)), "w", encoding="utf-8") as file:
                json.dump(body, file)
            count += 1
    return count


def command(program: list[str], schemas: str, version: str) -> list[str]:
    """The words of a call that validates strictly, without network, and says nothing about kinds without a schema.

    The paths to validate are to be appended.
    """
    location = os.path.join(
        schemas, "{{ .NormalizedKubernetesVersion }}-standalone{{ .StrictSuffix }}", "{{ .ResourceKind }}{{ .KindSuffix }}.json"
    )
    return [*program, "-strict", "-ignore-missing-schemas", "-kubernetes-version", f"{version}.0", "-schema-location", location]


def _file_name(identity: Mapping[str, str]) -> str:
    group = identity["group"].partition(".")[0]
    return "-".join(part.lower() for part in (identity["kind"], group, identity["version"]) if part) + ".json"


def _used(name: str, definitions: Mapping[str, Any]) -> list[str]:
    """A definition and all that it refers to, directly or not."""
    found = {name: None}
    waiting = [name]
    while waiting:
        for reference in _references(definitions[waiting.pop()]):
            if reference not in found:
                found[reference] = None
                waiting.append(reference)
    return list(found)


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(_REFERENCE)
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)
