"""Versions of APIs that are deprecated, gone or have a stable successor, judged for the version of a system.

The tables are those of `linter.kubernetes.api_versions.built_in`, `linter.kubernetes.api_versions.addons` and
`linter.kubernetes.api_versions.istio`; here is how they are written and what follows from a row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from linter.kubernetes.targets import Release, release_of

_PREVIEW = re.compile(r"(?:alpha|beta)\d+\Z")


class System(NamedTuple):
    """What serves APIs: its name among the targets, its name for people, and the oldest release that is still supported.

    Where nobody says which release is used, only what holds for `oldest` and all later ones is said.
    """

    target: str
    title: str
    oldest: Release


class Successor(NamedTuple):
    """What replaces a version of an API, the release that brought it, and the one that removes it again, if there is one."""

    api_version: str
    kind: str
    since: Release
    until: Release | None = None

    def is_in(self, release: Release) -> bool:
        """Whether a release serves it."""
        return self.since <= release and (self.until is None or release < self.until)


class ApiChange(NamedTuple):
    """A kind in a version of its API that is not to be used for ever.

    `deprecated` and `removed` are the releases, or None where there is none: a version may have a stable successor without
    being deprecated, and be deprecated without an announced end. `successors` stand in the order in which they came. `note`
    says what else changes, or what to do if nothing replaces it. `also_a_file` says that a program reads such objects from
    files that nobody applies to a cluster, and goes on doing so.
    """

    system: System
    api_version: str
    kind: str
    deprecated: Release | None
    removed: Release | None
    successors: tuple[Successor, ...]
    note: str
    also_a_file: bool = False


class Standing(NamedTuple):
    """How a version of an API stands in one release. `successor` is the best one that this release serves."""

    state: Literal["removed", "deprecated", "superseded"]
    successor: Successor | None


ApiTable = Mapping[tuple[str, str], ApiChange]
"""Changes by apiVersion and kind."""


def read_table(
    system: System, rows: str, notes: Mapping[str, str], also_files: frozenset[str] = frozenset()
) -> dict[tuple[str, str], ApiChange]:
    """The table that `rows` stand for, one a line: apiVersion, kinds (with commas between them), the releases that deprecated
    and removed it, and its successors as `apiVersion@release` or `apiVersion:Kind@release`; `-` stands for none.

    `notes` maps kinds, or `apiVersion:Kind` of one row, to what else changes with the successor. `also_files` are the kinds
    that a program also reads from files.
    """
    found: dict[tuple[str, str], ApiChange] = {}
    for line in rows.strip().splitlines():
        api_version, kinds, deprecated, removed, *written = line.split()
        for kind in kinds.split(","):
            successors = tuple(_successor(entry, kind) for entry in written if entry != "-")
            note = notes.get(f"{api_version}:{kind}", notes.get(kind, ""))
            found[api_version, kind] = ApiChange(
                system, api_version, kind, _release(deprecated), _release(removed), successors, note, kind in also_files
            )
    return {key: change._replace(successors=tuple(_until(entry, found) for entry in change.successors)) for key, change in found.items()}


def standing(change: ApiChange, target: str | None) -> Standing | None:
    """How a version of an API stands in the release `target` ("1.34", "v1.34.2") of its system, or, for None and what is no
    version, in every supported one. None if there is nothing to say, or nothing that could be done about it there."""
    release = release_of(target) or change.system.oldest
    successor = next((entry for entry in reversed(change.successors) if entry.is_in(release)), None)
    if change.removed is not None and change.removed <= release:
        return Standing("removed", successor)
    if successor is None and change.successors:
        return None
    if change.deprecated is not None and change.deprecated <= release:
        return Standing("deprecated", successor)
    # As long as what follows is an alpha or beta version as well, there is nothing to say.
    stable = successor is not None and _PREVIEW.search(successor.api_version) is None
    return Standing("superseded", successor) if stable and change.deprecated is None else None


def words(release: Release) -> str:
    """A release as people write it: 1.34."""
    return f"{release[0]}.{release[1]}"


def removal_message(change: ApiChange, found: Standing) -> str:
    """The sentence about a version that is gone, without a full stop."""
    assert change.removed is not None
    return f"{_name(change)} is not served since {change.system.title} {words(change.removed)}{_instead(change, found.successor)}"


def deprecation_message(change: ApiChange, found: Standing) -> str:
    """The sentence about a version that is still there, without a full stop."""
    if found.state == "superseded" and found.successor is not None:
        return f"{_name(change)} has a stable successor: {_which(change, found.successor)}"
    since = f" since {change.system.title} {words(change.deprecated)}" if change.deprecated is not None else ""
    end = f"and goes with {words(change.removed)}" if change.removed is not None else "though its end is not announced"
    return f"{_name(change)} is deprecated{since}, {end}{_instead(change, found.successor)}"


def remedy(change: ApiChange, found: Standing) -> str:
    """What to do, as one sentence."""
    successor = found.successor
    if successor is None:
        return f"{change.note}." if change.note else "Delete it, or look up in the release notes what does its work now."
    kind = f" and `kind: {successor.kind}`" if successor.kind != change.kind else ""
    also = f": {change.note[0].lower()}{change.note[1:]}" if change.note else ""
    return f"Write `apiVersion: {successor.api_version}`{kind}{also}."


def _instead(change: ApiChange, successor: Successor | None) -> str:
    if successor is None:
        return ", and nothing replaces it" if all(entry.until is not None for entry in change.successors) else ""
    return f"; use {_which(change, successor)}"


def _which(change: ApiChange, successor: Successor) -> str:
    kind = f" {successor.kind}" if successor.kind != change.kind else ""
    # The release of another system says nothing here; where it is the first one known, neither does its number.
    since = f", which exists since {change.system.title} {words(successor.since)}"
    return f"`{successor.api_version}`{kind}{since}"


def _name(change: ApiChange) -> str:
    return f"`{change.api_version}` {change.kind}"


def _until(successor: Successor, table: ApiTable) -> Successor:
    change = table.get((successor.api_version, successor.kind))
    return successor if change is None else successor._replace(until=change.removed)


def _release(written: str) -> Release | None:
    if written == "-":
        return None
    major, minor = written.split(".")
    return int(major), int(minor)


def _successor(written: str, kind: str) -> Successor:
    name, _, since = written.partition("@")
    api_version, _, other = name.partition(":")
    release = _release(since)
    assert release is not None
    return Successor(api_version, other or kind, release)
