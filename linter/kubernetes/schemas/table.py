"""Which kinds are built into which versions of Kubernetes, and what fields their objects have.

Source: the OpenAPI documents of Kubernetes 1.25 to 1.37, as the table schemas/kubernetes/definitions.txt.z holds them; its
README says how it is made. The table is text: blocks that an empty line separates. The first is the range of minor
versions, the second the kinds (`apps/v1 apps.v1 Deployment DaemonSet …`: API version, package of the definitions, kinds).
Every other block is a definition: its name, then a line for each field with its name and what it holds, separated by tabs.

What a field holds is one of: `s` text, `i` and `l` a whole number of 32 or 64 bits, `n` a number, `b` true or false, `t` a
time, `y` bytes in base64, `q` a quantity, `p` a number or text (a port or a percentage), `o` any mapping, `*` anything; the
name of a definition, of the same package if it has no dots; `[` before a list and `{` before a mapping of these. `!` before
all says that the field is required, `!!` that it must not be empty either; `=A|B` behind it, that it takes these words.

Behind a kind (`Kind@28-`), a definition or a field (`\\t28-`) stands which versions have it: `28-` since 1.28, `-30` until
1.30, `27-30`; nothing if all of the range do, for a field of the range of its definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from linter import shipped
from linter.kubernetes.targets import minor_of


class Span(NamedTuple):
    """Minor versions of Kubernetes, both included."""

    first: int
    last: int

    def has(self, minor: int) -> bool:
        """Whether the version 1.`minor` is one of them."""
        return self.first <= minor <= self.last

    def nearest(self, minor: int) -> int:
        """The minor version among them that is nearest to `minor`."""
        return min(max(minor, self.first), self.last)


class Kind(NamedTuple):
    """A kind in one version of its API: the name of its definition, and the versions of Kubernetes that have it."""

    api_version: str
    kind: str
    definition: str
    span: Span


class Field(NamedTuple):
    """A field of a definition: its name, what it holds (in the letters of the table) and the versions that have it."""

    name: str
    token: str
    span: Span


class Table:
    """The table, of which only what is asked for is read."""

    def __init__(self, text: str) -> None:
        """`text` is the table, decompressed."""
        head, index, *blocks = text.rstrip("\n").split("\n\n")
        first, last = head.split("-")
        self.span = Span(int(first), int(last))
        self._blocks = {block[: _end_of_name(block)]: block for block in blocks}
        self._kinds = self._read_index(index)
        self._fields: dict[str, tuple[Field, ...]] = {}

    def _read_index(self, index: str) -> dict[tuple[str, str], Kind]:
        found: dict[tuple[str, str], Kind] = {}
        for line in index.split("\n"):
            api_version, package, *entries = line.split(" ")
            for entry in entries:
                kind, _, written = entry.partition("@")
                found[api_version, kind] = Kind(api_version, kind, f"{package}.{kind}", _span(written, self.span))
        return found

    def kind(self, api_version: str, kind: str) -> Kind | None:
        """The kind with this apiVersion, whichever versions of Kubernetes have it; None for one that is not built in."""
        return self._kinds.get((api_version, kind))

    def kinds(self) -> Iterator[Kind]:
        """Every kind in every version of its API."""
        return iter(self._kinds.values())

    def span_of(self, definition: str) -> Span | None:
        """The versions of Kubernetes that have a definition, or None if none does."""
        block = self._blocks.get(definition)
        if block is None:
            return None
        line, _, _ = block.partition("\n")
        return _span(line[len(definition) + 1 :], self.span)

    def fields(self, definition: str) -> tuple[Field, ...]:
        """All fields of a definition, in all versions; none for an unknown one. A field whose content changed is in it twice."""
        known = self._fields.get(definition)
        if known is None:
            known = self._fields[definition] = tuple(self._read_fields(definition))
        return known

    def _read_fields(self, definition: str) -> Iterator[Field]:
        whole = self.span_of(definition)
        if whole is None:
            return
        for line in self._blocks[definition].split("\n")[1:]:
            parts = line.split("\t")
            yield Field(parts[0], parts[1], _span(parts[2], whole) if len(parts) == 3 else whole)

    def has_field(self, definition: str, name: str) -> Span | None:
        """The versions of Kubernetes in which a definition has a field, or None if it never had it."""
        spans = [field.span for field in self.fields(definition) if field.name == name]
        return Span(min(span.first for span in spans), max(span.last for span in spans)) if spans else None


def _end_of_name(block: str) -> int:
    line = block.find("\n")
    tab = block.find("\t", 0, line if line >= 0 else len(block))
    return tab if tab >= 0 else line if line >= 0 else len(block)


def _span(written: str, whole: Span) -> Span:
    if not written:
        return whole
    first, _, last = written.partition("-")
    return Span(int(first) if first else whole.first, int(last) if last else whole.last)


@lru_cache(maxsize=1)
def load() -> Table:
    """The table that travels with the program. Raises FileNotFoundError if the installation is damaged."""
    import zlib

    return Table(zlib.decompress(shipped.read("schemas", "kubernetes", "definitions.txt.z")).decode())


def minor_or_newest(version: str | None) -> int:
    """The minor version that a target ("1.31", "v1.31.2") names; the newest one of the table for None or what is no version."""
    minor = minor_of(version)
    return load().span.last if minor is None else minor


def versions_of(group: str, kind: str) -> dict[str, tuple[int, int]]:
    """The versions of the API in which a kind is known: {"v1": (first, last minor version of Kubernetes)}, the stable ones
    first, newer before older. Empty for a kind that is not built in; before and after the range of the table nothing is known."""
    found: dict[str, tuple[int, int]] = {}
    for entry in load().kinds():
        of_group, _, version = entry.api_version.rpartition("/")
        if entry.kind == kind and of_group == group:
            found[version] = entry.span
    return dict(sorted(found.items(), key=lambda item: _maturity(item[0]), reverse=True))


def _maturity(version: str) -> tuple[int, ...]:
    """The order of API versions, v2, v1, v1beta2, v1beta1, v1alpha1. Source: `CompareKubeAwareVersionStrings` of k8s.io/apimachinery."""
    match = re.fullmatch(r"v(\d+)(?:(alpha|beta)(\d+))?", version)
    if match is None:
        return (-1,)
    return {"alpha": 0, "beta": 1}.get(match[2], 2), int(match[1]), int(match[3] or 0)


def kinds(minor: int) -> frozenset[tuple[str, str]]:
    """The kinds of Kubernetes 1.`minor` (of the nearest known version), as pairs of apiVersion and kind."""
    near = load().span.nearest(minor)
    return frozenset((entry.api_version, entry.kind) for entry in load().kinds() if entry.span.has(near))
