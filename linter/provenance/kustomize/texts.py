"""The texts that authors of a Kustomize root write: files, and YAML inside strings of other files."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from linter.errors import InputError
from linter.manifest import shadow
from linter.manifest.decoder import text_of
from linter.manifest.positions import Positions, index_positions
from linter.model import Location, Route
from linter.model.findings import Precision
from linter.provenance.kustomize.schemas import SHORTENED, reaches_schemas, without_schemas

_LINE_BREAK: Final = re.compile(r"\r\n|\n|\r")
# Anchor and tag before a scalar belong to its range.
_PROPERTIES: Final = re.compile(r"(?:[&!]\S*\s+)+")
# Characters that JSON leaves as they are in a string, and YAML does not.
_UNPRINTABLE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Host:
    """Where a text inside another one stands: the range of the scalar, and the place of each of its lines, if they are
    written as they are read."""

    text: Text
    start: int
    end: int
    lines: tuple[int, ...] | None


class Text:
    """A file, or the content of a string in one. `positions` is None if it is no YAML."""

    __slots__ = ("content", "host", "path", "positions", "starts")

    def __init__(self, path: str, content: str, positions: Positions | None, host: Host | None = None) -> None:
        self.path = path
        self.content = content
        self.positions = positions
        self.host = host
        self.starts = line_starts(content)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column in the file of a character of this text, given by its offset."""
        line = bisect_right(self.starts, offset)
        column = offset - self.starts[line - 1]
        if self.host is None:
            return line, column + 1
        if self.host.lines is None:
            return self.host.text.position(self.host.start)
        return self.host.text.position(self.host.lines[line - 1] + column)

    def location(self, start: int, end: int, precision: Precision = "exact") -> Location:
        """The place in the file of a range of this text; the whole string if its lines are not written as they are read."""
        if self.host is not None and self.host.lines is None:
            return self.host.text.location(self.host.start, self.host.end, precision)
        return Location(self.path, *self.position(start), *self.position(end), precision)

    def range(self, lines: tuple[int, int, int, int], precision: Precision = "exact") -> Location:
        """As `location`, for a range in lines and columns of this text."""
        line, column, end_line, end_column = lines
        return self.location(self.starts[line - 1] + column - 1, self.starts[end_line - 1] + end_column - 1, precision)


class Contents:
    """The files of several roots as text, those with schemas of custom resources without them."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._short: dict[str, str | None] = {}
        self._reaching: dict[str, bool] = {}

    def whole(self, path: str) -> str | None:
        """A file as it is, or None if it cannot be read as text."""
        try:
            return text_of(self._read(path))
        except (InputError, OSError, KeyError):
            return None

    def short(self, path: str) -> str | None:
        """A file without schemas."""
        if path not in self._short:
            content = self.whole(path)
            self._short[path] = without_schemas(content) if content is not None else None
        return self._short[path]

    def reaches_schemas(self, path: str) -> bool:
        """Whether a file may look into schemas."""
        if path not in self._reaching:
            try:
                self._reaching[path] = reaches_schemas(self._read(path))
            except (InputError, OSError, KeyError):
                self._reaching[path] = False
        return self._reaching[path]


class Texts:
    """The files of one root, each read and parsed once. `replaced` are files whose content is another one; `whole` are
    those whose schemas matter, None for all of them.

    `shortened` are the files that were read without their schemas.
    """

    def __init__(self, contents: Contents, replaced: Mapping[str, bytes], whole: Container[str] | None = None) -> None:
        self._contents = contents
        self._replaced = replaced
        self._whole = whole
        self._texts: dict[str, Text | None] = {}
        self.shortened: dict[str, bytes] = {}

    def get(self, path: str) -> Text | None:
        """A file, or None if it cannot be read as text."""
        if path not in self._texts:
            content = self._content(path)
            self._texts[path] = parse(path, content) if content is not None else None
        return self._texts[path]

    def _content(self, path: str) -> str | None:
        if path in self._replaced:
            try:
                return text_of(self._replaced[path])
            except InputError:
                return None
        if self._whole is None or path in self._whole:
            return self._contents.whole(path)
        content = self._contents.short(path)
        if content is not None and SHORTENED in content:
            self.shortened[path] = content.encode()
        return content


@lru_cache(maxsize=256)
def parse(path: str, content: str) -> Text:
    """A file's text with its positions, if it is YAML or JSON."""
    try:
        positions = index_positions(content, json=path.endswith(".json"))
    except (InputError, RecursionError):
        positions = None
    return Text(path, content, positions)


def inside(text: Text, node: shadow.Scalar) -> Text | None:
    """The YAML in a string of a text, or None if it is none."""
    if not isinstance(node.value, str):
        return None
    try:
        positions = index_positions(node.value)
    except (InputError, RecursionError):
        return None
    start, end = span(text, node)
    return Text(text.path, node.value, positions, Host(text, start, end, _lines(text.content[start:end], start, node.value)))


def span(text: Text, node: shadow.Node) -> tuple[int, int]:
    """The range of a node without its anchor and tag, and without line breaks at its end."""
    start, end = node.start, min(node.end, len(text.content))
    while end > start and text.content[end - 1] in " \t\r\n":
        end -= 1
    properties = _PROPERTIES.match(text.content, start, end)
    return (properties.end() if properties is not None else start), end


def _lines(written: str, start: int, value: str) -> tuple[int, ...] | None:
    """The offset in the file of each line of a string, or None if it is not written line by line as it is read."""
    if written[:1] == "|":
        starts = [match.end() for match in _LINE_BREAK.finditer(written)]
        lines = _LINE_BREAK.split(written)[1:]
        wanted = value.split("\n")
        first = next((number for number, line in enumerate(wanted) if line.strip()), None)
        if first is None or first >= len(lines):
            return None
        indent = len(lines[first]) - len(wanted[first])
        offsets = []
        for number, line in enumerate(wanted):
            if number >= len(lines):
                # The empty line behind the last line break, which is not part of the range.
                offsets.append(start + len(written))
                continue
            if line and lines[number][indent:] != line:
                return None
            offsets.append(start + starts[number] + min(indent, len(lines[number])))
        return tuple(offsets)
    if "\n" in value:
        return None
    if written == value:
        return (start,)
    return (start + 1,) if written[1:-1] == value else None


def line_starts(content: str) -> list[int]:
    """The offset of each line."""
    return [0, *(match.end() for match in _LINE_BREAK.finditer(content))]


def quoted(value: str) -> str:
    """A string as it can stand anywhere in YAML and JSON."""
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


def plain_value(node: shadow.Node) -> Any:
    """What a tree of places stands for: mappings, lists and scalars."""
    found = shadow.target(node)
    if isinstance(found, shadow.Mapping):
        return {key: plain_value(value) for key, (_, value) in found.entries.items()}
    if isinstance(found, shadow.Sequence):
        return [plain_value(item) for item in found.items]
    return found.value


def follow(node: shadow.Node, route: Route) -> shadow.Node | None:
    """The node at a route, or None."""
    for step in route:
        inner = shadow.target(node)
        if isinstance(inner, shadow.Mapping) and isinstance(step, str) and step in inner.entries:
            node = inner.entries[step][1]
        elif isinstance(inner, shadow.Sequence) and isinstance(step, int) and 0 <= step < len(inner.items):
            node = inner.items[step]
        else:
            return None
    return node


class Edits:
    """Replacements in texts, collected and then applied; those inside a string change the string."""

    def __init__(self) -> None:
        self._edits: dict[int, tuple[Text, dict[tuple[int, int], str]]] = {}

    def replace(self, text: Text, start: int, end: int, new: str) -> None:
        """Replaces a range of a text."""
        self._edits.setdefault(id(text), (text, {}))[1][start, end] = new

    def files(self) -> dict[str, bytes]:
        """The content of each file that changes."""
        files: dict[str, bytes] = {}
        pending = {key: (text, dict(changes)) for key, (text, changes) in self._edits.items()}
        while pending:
            # The innermost text first: what changes it changes a string of the text around it.
            text, changes = pending.pop(max(pending, key=lambda key: _depth(pending[key][0])))
            changed = _apply(text.content, changes)
            if text.host is None:
                files[text.path] = changed.encode()
            else:
                outer = text.host.text
                pending.setdefault(id(outer), (outer, {}))[1][text.host.start, text.host.end] = quoted(changed)
        return files


def _depth(text: Text) -> int:
    return 0 if text.host is None else 1 + _depth(text.host.text)


def _apply(content: str, changes: Mapping[tuple[int, int], str]) -> str:
    parts, last = [], 0
    for (start, end), new in sorted(changes.items()):
        if start < last:
            continue
        parts += [content[last:start], new]
        last = end
    return "".join([*parts, content[last:]])
