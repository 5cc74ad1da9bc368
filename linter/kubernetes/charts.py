"""Helm chart dependencies and the lock that pins them.

Source: helm.sh/helm v3, `internal/resolver` (`HashReq`, `Resolve`) and `pkg/downloader` (`Manager.Build`, which refuses
a lock whose digest does not fit); version constraints as Masterminds/semver reads them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from linter.model import items, mapping, text
from linter.versions import satisfies

# The fields of a dependency in the order in which Helm serializes them, and whether an empty one is left out.
_FIELDS = (
    ("name", False), ("version", True), ("repository", False), ("condition", True),
    ("tags", True), ("enabled", True), ("import-values", True), ("alias", True),
)  # fmt: skip
_TEXT_FIELDS = ("name", "version", "repository", "condition", "alias")
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def version_in_range(version: str, constraint: str) -> bool | None:
    """Whether a locked version satisfies the constraint of Chart.yaml; None if either cannot be read.

    An empty constraint accepts any release.
    """
    try:
        return satisfies(version, constraint or "*")
    except ValueError:
        return None


def same_repository(one: str, other: str) -> bool | None:
    """Whether two repository addresses are the same one; None if one of them is a name from the user's Helm settings."""
    if any(address.startswith(("@", "alias:")) for address in (one, other)):
        return None
    return one.rstrip("/") == other.rstrip("/")


def lock_digest(dependencies: Sequence[Any], locked: Sequence[Any]) -> str | None:
    """The digest that `helm dependency update` writes into Chart.lock for these dependencies and locked versions.

    None if it cannot be known offline: malformed entries, or a repository that is a name from the user's Helm settings.
    """
    parts = []
    for entries in (dependencies, locked):
        encoded = []
        for entry in entries:
            if not isinstance(entry, dict) or any(not isinstance(entry.get(field) or "", str) for field in _TEXT_FIELDS):
                return None
            if text(entry.get("repository")).startswith(("@", "alias:")):
                return None
            encoded.append(_encoded(entry))
        parts.append("[" + ",".join(encoded) + "]" if encoded else "null")
    from hashlib import sha256

    return "sha256:" + sha256(f"[{','.join(parts)}]".encode("utf-8", "surrogatepass")).hexdigest()


def dependencies_of(metadata: object) -> list[tuple[int, dict[str, Any]]]:
    """The well-formed dependencies of a Chart.yaml or Chart.lock, each with its index."""
    found = enumerate(items(mapping(metadata).get("dependencies")))
    return [(index, entry) for index, entry in found if isinstance(entry, dict) and text(entry.get("name"))]


def _encoded(entry: dict[str, Any]) -> str:
    members = []
    for field, omit_empty in _FIELDS:
        value = entry.get(field)
        if not value and omit_empty:
            continue
        members.append(f"{json.dumps(field)}:{_go_json(value or '')}")
    return "{" + ",".join(members) + "}"


def _go_json(value: object) -> str:
    """JSON as Go's encoder writes it: keys of maps sorted, characters that mean something in HTML escaped."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return "".join(_ESCAPES.get(character, character) for character in written)
