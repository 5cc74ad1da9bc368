"""CustomResourceDefinitions, as other projects publish them -> the files of schemas/crds/, which
`linter.kubernetes.definitions.shipped_definitions` reads.

What is kept is structure: types, fields, limits, defaults and validation rules. Descriptions, examples, printer columns,
conversion and the schema of the status are left out.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from linter.errors import InputError, UsageError
from linter.kubernetes.definitions.compiling import CompiledVersion
from linter.kubernetes.definitions.reading import CustomKind, read_definition
from linter.kubernetes.definitions.shipped_definitions import INDEX, REFERENCE
from linter.manifest.decoder import decode_bytes
from linter.model import items, mapping, text

# Keys of a schema that decide about no object.
_SILENT = frozenset({"description", "title", "example", "externalDocs", "$schema", "id", "x-kubernetes-map-type"})
# Below these, the keys of a mapping are names of fields.
_NAMED = frozenset({"properties", "patternProperties", "definitions"})
_RULE_KEYS = ("rule", "message", "messageExpression", "fieldPath", "reason", "optionalOldSelf")
# Parts of less text than a reference to them are not shared.
_WORTH_SHARING = 24


def import_definitions(
    files: Sequence[str], output: str, name: str, origin: str, version: str, licence: str, title: str = "", channel: str = ""
) -> tuple[str, int]:
    """Write the definitions of some files to the folder `output` as the system `name`, and put that into its index.

    Returns the path of the file and how many kinds it has. `title` is the system's name for people, `channel` the name of a
    channel that not every cluster with the system has. The rest is what `System` says.

    Raises UsageError for files that cannot be read, that hold no definition, or one that cannot be used.
    """
    if re.fullmatch(r"[a-z0-9][a-z0-9-]*", name) is None:
        raise UsageError(f"--name {name}: write lower-case letters, digits and `-`")
    bodies = [body for file in files for body in _definitions(file)]
    kinds: dict[str, list[str]] = {}
    reduced = []
    for body, entry in bodies:
        key = f"{entry.group}/{entry.kind}"
        if key in kinds:
            raise UsageError(f"the files define {key} twice")
        kinds[key] = list(entry.served)
        reduced.append(_reduced(body))
    parts, definitions = _shared(reduced)
    path = os.path.join(output, f"{name}.json.z")
    content = json.dumps({"parts": parts, "definitions": definitions}, separators=(",", ":"), ensure_ascii=False)
    os.makedirs(output, exist_ok=True)
    _write(path, zlib.compress(content.encode(), 9))
    _update_index(
        os.path.join(output, INDEX),
        {
            "name": name, "title": title or name, "origin": origin, "version": version, "licence": licence, "channel": channel,
            "kinds": dict(sorted(kinds.items())),
        },
    )  # fmt: skip
    return path, len(kinds)


def _definitions(file: str) -> list[tuple[dict[str, Any], CustomKind]]:
    try:
        with open(file, "rb") as opened:
            data = opened.read()
        _, documents = decode_bytes(data, json=file.endswith(".json"))
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    except InputError as error:
        raise UsageError(f"{file}: {error.failure.message}") from None
    found = []
    for document in documents:
        listed = items(mapping(document.value).get("items")) if text(mapping(document.value).get("kind")) == "List" else [document.value]
        for body in map(mapping, listed):
            entry = read_definition(body) if body.get("kind") == "CustomResourceDefinition" else None
            if entry is None:
                continue
            for served in entry.versions:
                problem = CompiledVersion(served, f"{entry.group}/{served.name}", entry.kind).problem
                if problem is not None:
                    raise UsageError(f"{file}: {entry.kind} {served.name}: {problem}")
            found.append((body, entry))
    if not found:
        raise UsageError(f"{file} holds no CustomResourceDefinition")
    return found


def _reduced(body: Mapping[str, Any]) -> dict[str, Any]:
    """A definition with nothing but what decides about objects."""
    spec = mapping(body.get("spec"))
    entry = read_definition(body)
    assert entry is not None  # asked before
    versions = []
    for version in entry.versions:
        if version.served:
            kept: dict[str, Any] = {"name": version.name, "served": True}
            if version.schema is not None:
                kept["schema"] = {"openAPIV3Schema": _structure(_without_status(version.schema))}
            if version.deprecated:
                kept["deprecated"] = True
            versions.append(kept)
    found = {"group": entry.group, "names": {"kind": entry.kind, "plural": entry.plural}, "scope": spec.get("scope"), "versions": versions}
    if not all(version.prunes for version in entry.versions):
        found["preserveUnknownFields"] = True
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": found}


def _without_status(schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = {name: part for name, part in mapping(schema.get("properties")).items() if name != "status"}
    return {**schema, "properties": properties}


def _structure(schema: Any) -> Any:
    """A schema without what decides about no object."""
    if isinstance(schema, list):
        return [_structure(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _SILENT or (key == "x-kubernetes-list-type" and value == "atomic"):
            continue
        if key in _NAMED and isinstance(value, dict):
            found[key] = {name: _structure(part) for name, part in value.items()}
        elif key in ("default", "enum"):
            found[key] = value
        elif key == "x-kubernetes-validations":
            found[key] = [{name: rule[name] for name in _RULE_KEYS if name in rule} for rule in map(mapping, items(value))]
        else:
            found[key] = _structure(value)
    return found


def _shared(definitions: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """The definitions with references for what they hold more than once, and what the references stand for."""
    numbers: dict[str, int] = {}
    contents: list[Any] = []
    uses: list[int] = []

    def marked(value: Any) -> Any:
        if isinstance(value, dict):
            inner: Any = {key: marked(entry) for key, entry in value.items()}
        elif isinstance(value, list):
            inner = [marked(entry) for entry in value]
        else:
            return value
        written = json.dumps(inner, separators=(",", ":"), ensure_ascii=False)
        if len(written) < _WORTH_SHARING:
            return inner
        number = numbers.setdefault(written, len(contents))
        if number == len(contents):
            contents.append(inner)
            uses.append(0)
        uses[number] += 1
        return {REFERENCE: number}

    whole = [marked(definition) for definition in definitions]
    kept: list[Any] = []
    names: dict[int, int] = {}

    def settled(value: Any) -> Any:
        if isinstance(value, list):
            return [settled(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        number = value.get(REFERENCE)
        if not isinstance(number, int):
            return {key: settled(entry) for key, entry in value.items()}
        if uses[number] == 1:
            return settled(contents[number])
        if number not in names:
            part = settled(contents[number])
            names[number] = len(kept)
            kept.append(part)
        return {REFERENCE: names[number]}

    settled_definitions = [settled(definition) for definition in whole]
    return kept, settled_definitions


def _update_index(path: str, entry: dict[str, Any]) -> None:
    systems: list[dict[str, Any]] = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as opened:
            systems = [known for known in json.load(opened)["systems"] if known["name"] != entry["name"]]
    systems = sorted([*systems, entry], key=lambda known: str(known["name"]))
    lines = ",\n".join(f"    {json.dumps(known, ensure_ascii=False)}" for known in systems)
    _write(path, f'{{\n  "systems": [\n{lines}\n  ]\n}}\n'.encode())


def _write(path: str, data: bytes) -> None:
    temporary = f"{path}.new"
    with open(temporary, "wb") as opened:
        opened.write(data)
    os.replace(temporary, path)
