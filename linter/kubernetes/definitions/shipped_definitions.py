"""The schemas of custom resources that travel with the program.

schemas/crds/index.json says which systems there are, where each comes from, and which kinds and versions it has. Per system
there is one file, compressed with zlib: a JSON object whose `definitions` are CustomResourceDefinitions without
descriptions, and whose `parts` are what stands in them more than once; `{"$": 3}` stands for the fourth of them.
`linter.importing.definitions` makes both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from linter import shipped
from linter.kubernetes.definitions.reading import CustomKind, read_definition

FOLDER = ("schemas", "crds")
INDEX = "index.json"
REFERENCE = "$"


class System(NamedTuple):
    """A system whose definitions are shipped.

    `origin` says whose they are and `version` which release, `licence` is an SPDX identifier. `channel` is the name of the
    channel of a system that has several, "" for the one that every cluster with the system has. `kinds` maps
    `group/Kind` to its versions.
    """

    name: str
    title: str
    origin: str
    version: str
    licence: str
    channel: str
    kinds: Mapping[str, tuple[str, ...]]


class ShippedKind(NamedTuple):
    """A kind of a shipped system."""

    system: System
    kind: CustomKind


@cache
def systems() -> tuple[System, ...]:
    """Every system, those that every cluster may have before those of special channels."""
    import json

    try:
        index = json.loads(shipped.read(*FOLDER, INDEX))
    except FileNotFoundError:
        return ()
    found = [
        System(**{**entry, "kinds": {name: tuple(versions) for name, versions in entry["kinds"].items()}}) for entry in index["systems"]
    ]
    return tuple(sorted(found, key=lambda system: system.channel != ""))


@cache
def shipped_kinds(group: str, kind: str) -> tuple[ShippedKind, ...]:
    """The shipped definitions of a kind, one for each channel that has it; none for an unknown kind."""
    name = f"{group}/{kind}"
    found = []
    for system in systems():
        if name in system.kinds:
            entry = _definitions(system.name).get((group, kind))
            if entry is not None:
                found.append(ShippedKind(system, entry))
    return tuple(found)


@cache
def _definitions(name: str) -> Mapping[tuple[str, str], CustomKind]:
    found = {}
    for body in read_system(shipped.read(*FOLDER, f"{name}.json.z")):
        entry = read_definition(body)
        if entry is not None:
            found[entry.group, entry.kind] = entry
    return found


def read_system(data: bytes) -> list[dict[str, Any]]:
    """The definitions in the file of a system. What stands in them more than once is one object."""
    import json
    import zlib

    content = json.loads(zlib.decompress(data))
    parts: list[Any] = []

    def whole(value: Any) -> Any:
        if isinstance(value, dict):
            reference = value.get(REFERENCE)
            if isinstance(reference, int):
                return parts[reference]
            return {key: whole(entry) for key, entry in value.items()}
        return [whole(entry) for entry in value] if isinstance(value, list) else value

    # A part consists only of parts before it.
    for part in content["parts"]:
        parts.append(whole(part))  # noqa: PERF401 - the list is read while it grows
    return [whole(definition) for definition in content["definitions"]]
