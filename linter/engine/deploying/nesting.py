"""Which Applications are deployed by others, and which are where a repository begins."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from linter.model import Source

# What declares or deploys: the path of a file, or a source.
Node = str | Source
AnyNode = TypeVar("AnyNode", bound=Node)


def beginnings(nodes: Sequence[AnyNode], edges: Mapping[Node, Collection[Node]]) -> list[AnyNode]:
    """The nodes that no others lead to, and of each circle that no others lead to the first; their order is that of `nodes`."""
    covered: set[Node] = set()
    candidates = []
    for node in nodes:
        if node not in covered:
            _cover([node], edges, covered)
            candidates.append(node)
    # No candidate leads to a later one, or that would be covered. So one that a later leads to is in no circle with it.
    covered = set()
    found = []
    for node in reversed(candidates):
        if node not in covered:
            _cover([node], edges, covered)
            found.append(node)
    return found[::-1]


def _cover(start: Iterable[Node], edges: Mapping[Node, Collection[Node]], covered: set[Node]) -> None:
    """Add what can be reached. From what is covered already nothing new can be."""
    waiting = list(start)
    while waiting:
        node = waiting.pop()
        if node not in covered:
            covered.add(node)
            waiting += edges.get(node, ())


def depths(start: Iterable[Node], declared: Mapping[Node, Collection[Source]]) -> dict[Source, int]:
    """The sources that can be reached by declarations, and over how many of them at least."""
    found: dict[Source, int] = {}
    level: list[Node] = [*start]
    depth = 0
    while level:
        depth += 1
        following: list[Node] = []
        for node in level:
            for source in declared.get(node, ()):
                if source not in found:
                    found[source] = depth
                    following.append(source)
        level = following
    return found
