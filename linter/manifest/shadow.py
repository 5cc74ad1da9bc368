"""The places of a document's values, as a tree of the same shape: what positions are looked up in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model.routes import Route


class Scalar:
    """A scalar, from its first to behind its last character, in code points from 0. `value` is what it resolves to."""

    __slots__ = ("end", "start", "value")

    def __init__(self, start: int, end: int, value: Any) -> None:
        self.start = start
        self.end = end
        self.value = value


class Alias:
    """`*name`, and the node it stands for."""

    __slots__ = ("end", "start", "target")

    def __init__(self, start: int, end: int, target: Scalar | Mapping | Sequence) -> None:
        self.start = start
        self.end = end
        self.target = target


class Mapping:
    """A mapping. `own` has the key and value that win among those written in it, `entries` also those merged into it.

    `lost` are written entries that a later one of the same key replaced, `merges` the keys `<<` with their values.
    """

    __slots__ = ("end", "entries", "lost", "merges", "own", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.own: dict[str, tuple[Scalar | Alias, Node]] = {}
        self.entries = self.own
        self.lost: list[tuple[str, Scalar | Alias, Node]] = []
        self.merges: list[tuple[Scalar | Alias, Node]] = []

    def add(self, text: str, key: Scalar | Alias, value: Node) -> None:
        """Adds a written entry."""
        if text in self.own:
            self.lost.append((text, *self.own[text]))
        self.own[text] = self.entries[text] = (key, value)

    def merge(self, source: Mapping) -> None:
        """Adds the entries of another mapping; like go-yaml v2, over those written before."""
        if self.entries is self.own:
            self.entries = dict(self.own)
        self.entries.update(source.entries)


class Sequence:
    __slots__ = ("end", "items", "start")

    def __init__(self, start: int, end: int, items: list[Node]) -> None:
        self.start = start
        self.end = end
        self.items = items


Node = Scalar | Alias | Mapping | Sequence


def target(node: Node) -> Scalar | Mapping | Sequence:
    """The node itself, or what an alias stands for."""
    return node.target if isinstance(node, Alias) else node


def move(root: Node, by: int) -> None:
    """Shift every place in a tree."""
    moved: set[int] = set()
    pending: list[Node] = [root]
    while pending:
        node = pending.pop()
        if id(node) in moved:
            continue
        moved.add(id(node))
        node.start += by
        node.end += by
        if isinstance(node, Alias):
            pending.append(node.target)
        elif isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Mapping):
            for entries in (node.entries.values(), node.own.values(), ((key, value) for _, key, value in node.lost), node.merges):
                for key, value in entries:
                    pending += (key, value)


def walk(node: Node, route: Route = ()) -> Iterator[Route]:
    """Every route below a node and its own, aliases expanded."""
    yield route
    node = target(node)
    if isinstance(node, Mapping):
        for key, (_, value) in node.entries.items():
            yield from walk(value, (*route, key))
    elif isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            yield from walk(item, (*route, number))


def own_scalars(node: Node, route: Route = ()) -> Iterator[tuple[Route, Scalar, bool]]:
    """Route and scalar of each value and key that is written below a node and counts, and whether it is a key."""
    if isinstance(node, Scalar):
        yield route, node, False
    elif isinstance(node, Mapping):
        for key, (name, value) in node.own.items():
            if isinstance(name, Scalar):
                yield (*route, key), name, True
            yield from own_scalars(value, (*route, key))
    elif isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            yield from own_scalars(item, (*route, number))


def repeated(node: Node, route: Route = ()) -> Iterator[tuple[Route, str, Scalar | Alias, list[Scalar | Alias]]]:
    """Route, key, winning key and earlier keys for each repeated key below a node; anchored mappings where they are written."""
    if isinstance(node, Mapping):
        if node.lost:
            earlier: dict[str, list[Scalar | Alias]] = {}
            for text, key, _ in node.lost:
                earlier.setdefault(text, []).append(key)
            for text, keys in earlier.items():
                yield route, text, node.own[text][0], keys
        for text, (_, value) in node.own.items():
            yield from repeated(value, (*route, text))
        for text, _, value in node.lost:
            yield from repeated(value, (*route, text))
        for _, value in node.merges:
            for part in value.items if isinstance(value, Sequence) else (value,):
                yield from repeated(part, route)
    elif isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            yield from repeated(item, (*route, number))


def scalars(node: Node) -> Iterator[tuple[int, int]]:
    """Start and end of each key and scalar written below a node; anchored ones where they are written."""
    pending: list[Node] = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, Scalar):
            yield node.start, node.end
        elif isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Mapping):
            for entries in (node.own.values(), ((key, value) for _, key, value in node.lost), node.merges):
                for key, value in entries:
                    pending += (key, value)
