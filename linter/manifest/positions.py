"""Where the values of a file stand: a second reading of the text, made only for files that have findings."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from linter.errors import InputError
from linter.manifest.scalars import is_rewritten, json_number
from linter.manifest.shadow import Alias, Mapping, Node, Scalar, Sequence, move, own_scalars, repeated, scalars, target, walk
from linter.model.routes import Route

Range = tuple[int, int, int, int]
"""Line, column, end line, end column: from 1, columns in code points, the end exclusive."""

_LINE_BREAK: Final = re.compile(r"\r\n|\n|\r")
# The beginning of a block scalar, perhaps behind an anchor and a tag.
_BLOCK: Final = re.compile(r"(?:[&!]\S*[ \t]+)*[|>]")


@dataclass(frozen=True, slots=True)
class DuplicateKey:
    """A key that a mapping repeats: the route of the mapping, and the range of the key that wins and of the others."""

    route: Route
    key: str
    range: Range
    earlier: tuple[Range, ...]


class Positions:
    """The places of every value of one file."""

    def __init__(self, text: str, documents: list[tuple[int, Node]]) -> None:
        """`documents` are the start of each document, in code points, and its tree."""
        self._text = text
        self._documents = documents
        self._line_starts: list[int] | None = None
        self._scalars: tuple[list[int], list[int]] | None = None

    def __len__(self) -> int:
        return len(self._documents)

    @property
    def roots(self) -> list[Node]:
        """The tree of each document."""
        return [root for _, root in self._documents]

    def locate(self, document: int, route: Route, on: Literal["key", "value"] = "value") -> Range:
        """The range of the value at `route`, or of its key with `on="key"`.

        A mapping or list is shown by its key, an item that is a mapping by its name, or its first entry. Where the
        route does not exist, its nearest existing ancestor is shown, also by its key; the whole document by the value
        of its `kind`. A value that came through an alias or a merge is where it is written.
        """
        return self._range(*self._place(document, route, on))

    def line_of(self, document: int, route: Route) -> int:
        """The first line of `locate(document, route)`."""
        return self._position(self._place(document, route, "value")[0])[0]

    def lines_of_document(self, document: int) -> tuple[int, int]:
        """The first and last line of a document, from its `---` or first line to the line before the next one."""
        start = self._documents[document][0]
        end = self._documents[document + 1][0] if document + 1 < len(self._documents) else len(self._text)
        while end > start and self._text[end - 1] in "\r\n":
            end -= 1
        return self._position(start)[0], self._position(end)[0]

    def lines_of(self, document: int, route: Route) -> tuple[int, int]:
        """The first and last line of what stands at a route: of a mapping or list all of it, its key included."""
        node, key, _ = self._follow(document, route)
        start = key.start if key is not None else node.start
        return self._position(start)[0], self._position(max(self._end(node) - 1, start))[0]

    def has(self, document: int, route: Route) -> bool:
        """Whether the route leads to a value."""
        return self._follow(document, route)[2]

    def written(self, document: int, route: Route) -> str | None:
        """A scalar as its author wrote it, with quotes; None if the route does not lead to a scalar."""
        node, _, complete = self._follow(document, route)
        found = target(node)
        if not complete or not isinstance(found, Scalar):
            return None
        return self._text[found.start : self._end(found)]

    def duplicates(self, document: int) -> list[DuplicateKey]:
        """The repeated keys of a document, in the order of the mappings that hold them."""
        return [
            DuplicateKey(route, key, self._range(winner.start, winner.end), tuple(self._range(other.start, other.end) for other in earlier))
            for route, key, winner, earlier in repeated(self._documents[document][1])
        ]

    def rewritten_scalars(self, document: int, prefix: Route = ()) -> Iterator[tuple[Route, str, int | float | None]]:
        """Each number and key below a route that is printed otherwise than its author wrote it: its route from there, what is
        written, and its value, which is None for a key. What an alias or a merge brings is not repeated."""
        node, _, complete = self._follow(document, prefix)
        if complete and not isinstance(node, Alias):
            for route, scalar, is_key in own_scalars(node):
                if isinstance(scalar.value, int | float):
                    written = re.split(r"\s", self._text[scalar.start : self._end(scalar)])[-1]
                    if is_key:
                        if written != route[-1]:
                            yield route, written, None
                    elif not isinstance(scalar.value, bool) and is_rewritten(written, scalar.value):
                        yield route, written, json_number(scalar.value)

    def routes(self, document: int) -> Iterator[Route]:
        """Every route of a document, aliases and merges expanded."""
        return walk(self._documents[document][1])

    def in_scalar(self, offset: int) -> bool:
        """Whether the character at an offset, in code points from 0, is part of a key or scalar, where `#` begins no comment.

        The first line of a block scalar, which may end in a comment, counts as outside.
        """
        if self._scalars is None:
            found = sorted(place for _, root in self._documents for place in scalars(root))
            self._scalars = [start for start, _ in found], [end for _, end in found]
        starts, ends = self._scalars
        place = bisect_right(starts, offset) - 1
        if place < 0 or offset >= ends[place]:
            return False
        return _BLOCK.match(self._text, starts[place]) is None or _LINE_BREAK.search(self._text, starts[place], offset) is not None

    def _follow(self, document: int, route: Route) -> tuple[Node, Scalar | Alias | None, bool]:
        """The node where the route ends or breaks off, the key that leads to it (None for items and the root), and
        whether the whole route exists."""
        node: Node = self._documents[document][1]
        key: Scalar | Alias | None = None
        for step in route:
            inner = target(node)
            if isinstance(inner, Mapping) and isinstance(step, str) and step in inner.entries:
                key, node = inner.entries[step]
            elif isinstance(inner, Sequence) and isinstance(step, int) and 0 <= step < len(inner.items):
                key, node = None, inner.items[step]
            else:
                return node, key, False
        return node, key, True

    def _place(self, document: int, route: Route, on: Literal["key", "value"]) -> tuple[int, int]:
        start, root = self._documents[document]
        node, key, complete = self._follow(document, route)
        if key is not None:
            if complete and on == "value" and isinstance(target(node), Scalar) and node.end > node.start:
                return node.start, self._end(node)
            return key.start, self._end(key)
        if node is root:
            return self._root(root, start)
        return self._item(node)

    def _root(self, root: Node, start: int) -> tuple[int, int]:
        if isinstance(root, Mapping):
            kind = root.entries.get("kind")
            if kind is not None and isinstance(target(kind[1]), Scalar) and kind[1].end > kind[1].start:
                return kind[1].start, self._end(kind[1])
            for key, _ in root.own.values():
                return key.start, self._end(key)
        if root.end > root.start:
            return self._item(root)
        return start, start

    def _item(self, node: Node) -> tuple[int, int]:
        """What stands for a list item: a scalar itself, of a mapping its kind, name or first entry."""
        if isinstance(node, Mapping):
            own = node.own
            if "kind" in own and "apiVersion" in own and isinstance(own["kind"][1], Scalar):
                return own["kind"][1].start, self._end(own["kind"][1])
            name = own.get("name")
            if name is not None and isinstance(target(name[1]), Scalar):
                return self._entry(*name)
            first = min([*own.values(), *node.merges], key=lambda entry: entry[0].start, default=None)
            return self._entry(*first) if first is not None else (node.start, node.end)
        if isinstance(node, Sequence):
            return self._item(node.items[0]) if node.items else (node.start, node.end)
        if node.start == node.end and self._text[node.start - 1 : node.start] == "-":
            return node.start - 1, node.start
        return node.start, self._end(node)

    def _entry(self, key: Scalar | Alias, value: Node) -> tuple[int, int]:
        """Key and value if they stand on one line, else the key."""
        if isinstance(value, (Scalar, Alias)) and value.start > key.start:
            end = self._end(value)
            if _LINE_BREAK.search(self._text, key.start, end) is None:
                return key.start, end
        return key.start, self._end(key)

    def _end(self, node: Node) -> int:
        """The end of a node; the scanner counts the line breaks behind a block scalar to it."""
        end = node.end
        while end > node.start and self._text[end - 1] in " \t\r\n":
            end -= 1
        return end

    def _range(self, start: int, end: int) -> Range:
        return (*self._position(start), *self._position(end))

    def _position(self, index: int) -> tuple[int, int]:
        starts = self._line_starts
        if starts is None:
            starts = self._line_starts = [0, *(match.end() for match in _LINE_BREAK.finditer(self._text))]
        line = bisect_right(starts, index)
        return line, index - starts[line - 1] + 1


def index_positions(text: str, *, json: bool = False) -> Positions:
    """The positions of a file's text, as `decode_bytes` returned it. Raises InputError as `decode_text` does."""
    from linter.manifest.go_differences import begins_as_json

    if json or begins_as_json(text):
        from linter.manifest.json_text import UnusableJSONError, shadow_of_json

        try:
            return Positions(text, shadow_of_json(text))
        except InputError as error:
            if json or error.failure.id != "json-syntax" or isinstance(error, UnusableJSONError):
                raise
    from linter.manifest.problems import RefusedError
    from linter.manifest.separators import as_cut_by_kubectl, in_part, parts_of_helm
    from linter.manifest.yaml_shadow import shadow_of_yaml

    # As in decoding: a missing line break at the end of the file is read as if it were there.
    ended = text if text.endswith("\n") else text + "\n"
    try:
        return Positions(ended, shadow_of_yaml(as_cut_by_kubectl(ended)))
    except RefusedError:  # what a Helm template renders to: in other files decoding has refused it
        pass
    documents: list[tuple[int, Node]] = []
    for separator, offset, part in parts_of_helm(ended):
        for start, root in in_part(ended, offset, part, shadow_of_yaml):
            move(root, offset)
            documents.append((start + offset if start or part[:1] == "-" else separator, root))
    return Positions(ended, documents)
