"""From bytes to values, as kubectl, the API server and Argo CD decode them.

The values are those sigs.k8s.io/yaml makes (see `linter.manifest.scalars`), built straight from parser events. No
positions are kept here: they cost more than the values and are needed only for files with findings, for which
`linter.manifest.positions` reads the text again.
"""

from __future__ import annotations

import re
from sys import intern
from typing import Any, Final

from linter.errors import InputError
from linter.manifest.events import Handlers, Mark, ParseError, parse
from linter.manifest.go_differences import as_go_reads, with_flow_colons
from linter.manifest.problems import (
    MAX_ALIAS_NODES,
    MAX_BYTES,
    MAX_DEPTH,
    RefusedError,
    alias_bomb,
    alias_cycle,
    merge_value,
    syntax_error,
    too_deep,
    undefined_alias,
    yaml_version,
)
from linter.manifest.scalars import FIRST_CHARACTERS, MERGE, UnusableError, json_number, key_text, resolve_plain, resolve_tagged


class Decoded:
    """One document of a file.

    `index` is its number in the file, from 0; empty documents count. `duplicate_keys` says that some mapping in it
    repeats a key; the last value has won.
    """

    __slots__ = ("duplicate_keys", "index", "value")

    def __init__(self, index: int, value: Any, duplicate_keys: bool = False) -> None:
        self.index = index
        self.value = value
        self.duplicate_keys = duplicate_keys

    def __repr__(self) -> str:
        return f"Decoded({self.index}, {self.value!r}, {self.duplicate_keys})"


def decode_bytes(data: bytes, *, json: bool = False) -> tuple[str, list[Decoded]]:
    """The text of a file, without byte order mark, and its documents.

    Raises InputError: `file-too-large`, `encoding`, `binary-file`, and those of `decode_text`.
    """
    text = text_of(data)
    return text, decode_text(text, json=json)


def text_of(data: bytes) -> str:
    """The text of a YAML or JSON file: UTF-8, or UTF-16 with a byte order mark, as libyaml and go-yaml read it."""
    if len(data) > MAX_BYTES:
        raise InputError(
            "file-too-large", f"the file has {len(data) / 1048576:.1f} MiB; files above {MAX_BYTES // 1048576} MiB are not read",
            fix="split the file, or leave it out with `exclude:` in the configuration", stage="read",
        )  # fmt: skip
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    if encoding == "utf-8-sig" and b"\0" in data:
        raise InputError(
            "binary-file", "the file holds NUL bytes, so it is not text", line=data.count(b"\n", 0, data.index(b"\0")) + 1,
            fix="save the file as UTF-8, or leave it out with `exclude:` in the configuration", stage="read",
        )  # fmt: skip
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1 if encoding == "utf-8-sig" else None
        name = "UTF-8" if encoding == "utf-8-sig" else "UTF-16"
        byte = f"byte 0x{data[error.start]:02X} at offset {error.start}" if error.start < len(data) else "the end"
        raise InputError("encoding", f"the file is not {name}: {byte}", fix="save the file as UTF-8", line=line, stage="read") from None


def decode_text(text: str, *, json: bool = False) -> list[Decoded]:
    """The documents of YAML text, or with `json` of JSON text (several may follow each other).

    YAML text that begins with `{` is read as JSON if it is JSON, as kubectl does. Raises InputError: `yaml-syntax`,
    `yaml-too-deep`, `yaml-alias-bomb`, `json-syntax`.
    """
    if json or begins_as_json(text):
        from linter.manifest.json_text import decode_json

        try:
            return [Decoded(index, value, duplicates) for index, (value, duplicates) in enumerate(decode_json(text))]
        except InputError as error:
            if json or error.failure.id != "json-syntax":
                raise
    # kubectl and Argo CD read line by line and end each with a line break, which shows in a `|` that ends the file.
    ended = text if text.endswith("\n") else text + "\n"
    try:
        return with_flow_colons(ended, _decode_yaml)
    except ParseError as problem:
        raise syntax_error(problem, text) from None
    except RefusedError as refused:
        raise refused.as_input_error(text) from None
    except UnusableError as unusable:
        # The values pass does not know where it is inside a mapping; the positions pass does, and refuses the same.
        from linter.manifest.positions import index_positions

        index_positions(text)
        raise InputError("yaml-syntax", str(unusable), fix=unusable.fix) from None


_BEGINS_AS_JSON: Final = re.compile(r"[\ufeff \t\r\n]*\{")


def begins_as_json(text: str) -> bool:
    """Whether kubectl would try to read YAML text as JSON first."""
    return _BEGINS_AS_JSON.match(text) is not None


_ESCAPED_LETTER: Final = re.compile(rb"\\[xuU\r\n]")


def may_hold_manifest(data: bytes) -> bool:
    """False only if no document in these bytes can be a mapping with string apiVersion and kind.

    A key can be spelled with escapes, as base64 or in UTF-16; then the answer is True.
    """
    return (
        (b"apiVersion" in data and b"kind" in data)
        or (b"\\" in data and _ESCAPED_LETTER.search(data) is not None)
        or b"binary" in data
        or data[:2] in (b"\xff\xfe", b"\xfe\xff")
    )


class _Odd:
    """A scalar whose value as a key differs from its value elsewhere: floats, huge integers, `<<`."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def as_value(self) -> Any:
        return "<<" if self.value is MERGE else json_number(self.value)


class _Open:
    """The anchor of a mapping or list that has not ended yet."""

    __slots__ = ()


_INT64: Final = 1 << 63


def _decode_yaml(text: str, filler: str = "") -> list[Decoded]:
    """The documents of YAML text, in which `filler` stands for a colon.

    Raises ParseError, RefusedError and, without a place, UnusableError.
    """
    documents: list[Decoded] = []
    # Of the innermost open mapping (key, value, key, …) or list; the values of the document at the outermost level.
    items: list[Any] = []
    stack: list[list[Any]] = []
    anchors: dict[str, Any] = {}
    open_anchors: list[tuple[int, str, _Open]] = []
    sizes: dict[int, tuple[int, int]] = {}
    alias_nodes = 0
    odd = 0  # how many _Odd wait in open mappings and lists
    duplicates = False

    def scalar(anchor: str | None, tag: str | None, implicit: tuple[bool, bool], value: Any, _start: Mark, _end: Mark, _style: str) -> None:
        nonlocal odd
        if implicit[0]:
            if value[:1] in FIRST_CHARACTERS:
                value = resolve_plain(value)
                kind = type(value)
                if kind is not str and kind is not bool and value is not None and not (kind is int and -_INT64 <= value < _INT64):
                    value = _Odd(value)
                    odd += 1
        elif tag is not None:
            value = resolve_tagged(value, tag)
            if value is MERGE or type(value) is float or type(value) is int:
                value = _Odd(value)
                odd += 1
        if anchor is not None:
            anchors[anchor] = value
        items.append(value)

    def start(anchor: str | None, _tag: str | None, _implicit: bool, begin: Mark, _end: Mark, _flow: bool) -> None:
        nonlocal items
        stack.append(items)
        items = []
        if len(stack) > MAX_DEPTH:
            raise too_deep(begin.index)
        if anchor is not None:
            pending = _Open()
            anchors[anchor] = pending
            open_anchors.append((len(stack), anchor, pending))

    def mapping_end(_start: Mark, _end: Mark) -> None:
        nonlocal items, duplicates
        pairs = items
        items = stack.pop()
        if odd:
            value = in_order(pairs)
        else:
            entries = iter(pairs)
            try:
                value = dict(zip(map(intern, entries), entries))  # noqa: B905 - pairs come in pairs
            except TypeError:
                value = in_order(pairs)
            else:
                if 2 * len(value) != len(pairs):
                    duplicates = True
        items.append(value)
        if open_anchors:
            close_anchor(value)

    def sequence_end(_start: Mark, _end: Mark) -> None:
        nonlocal items, odd
        value = items
        items = stack.pop()
        if odd:
            for position, item in enumerate(value):
                if type(item) is _Odd:
                    value[position] = item.as_value()
                    odd -= 1
        items.append(value)
        if open_anchors:
            close_anchor(value)

    def in_order(pairs: list[Any]) -> dict[str, Any]:
        """The mapping as go-yaml fills it: entry by entry, a merge where it stands; later entries win."""
        nonlocal odd, duplicates
        mapping: dict[str, Any] = {}
        own: set[str] = set()
        entries = iter(pairs)
        for key in entries:
            value = next(entries)
            if type(value) is _Odd:
                value = value.as_value()
                odd -= 1
            if type(key) is _Odd:
                odd -= 1
                key = key.value
                if key is MERGE:
                    for part in reversed(value) if type(value) is list else (value,):
                        if type(part) is not dict:
                            raise merge_value(0)
                        mapping.update(part)
                    continue
            key = intern(key_text(key))
            if key in own:
                duplicates = True
            own.add(key)
            mapping[key] = value
        return mapping

    def close_anchor(value: Any) -> None:
        depth, name, pending = open_anchors[-1]
        if depth == len(stack) + 1:
            open_anchors.pop()
            if anchors.get(name) is pending:
                anchors[name] = value

    def alias(name: str, begin: Mark, _end: Mark) -> None:
        nonlocal alias_nodes, odd
        try:
            value = anchors[name]
        except KeyError:
            raise undefined_alias(name, begin.index) from None
        if type(value) is _Open:
            raise alias_cycle(name, begin.index)
        if type(value) is _Odd:
            odd += 1
        elif type(value) is list and items and type(items[-1]) is _Odd and items[-1].value is MERGE:
            raise merge_value(begin.index)  # go-yaml takes a list after `<<` only where it is written out
        count, depth = _expanded(value, sizes)
        alias_nodes += count
        if alias_nodes > MAX_ALIAS_NODES:
            raise alias_bomb(begin.index)
        if depth + len(stack) > MAX_DEPTH:
            raise too_deep(begin.index)
        items.append(value)

    def document_start(begin: Mark, _end: Mark, _explicit: bool, version: tuple[int, int] | None, _tags: Any) -> None:
        nonlocal duplicates
        if version is not None and tuple(version) != (1, 1):
            raise yaml_version(begin.index)
        duplicates = False

    def document_end(_start: Mark, _end: Mark, _explicit: bool) -> None:
        nonlocal odd
        value = items.pop()
        if type(value) is _Odd:
            value = value.as_value()
        odd = 0
        documents.append(Decoded(len(documents), value, duplicates))
        if anchors:
            anchors.clear()
            sizes.clear()

    parse(
        text,
        Handlers(
            scalar=as_go_reads(scalar, text, filler),
            alias=alias,
            mapping_start=start,
            mapping_end=mapping_end,
            sequence_start=start,
            sequence_end=sequence_end,
            document_start=document_start,
            document_end=document_end,
        ),
    )
    return documents


def _expanded(value: Any, sizes: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """How many values a tree holds with its aliases expanded, and how deep it is.

    `sizes` remembers the result for each mapping and list by identity; they stay alive as long as it does.
    """
    if not isinstance(value, (dict, list)):
        return 1, 0
    todo = [value]
    while todo:
        node = todo[-1]
        if id(node) in sizes:
            todo.pop()
            continue
        inner = [child for child in (node.values() if isinstance(node, dict) else node) if isinstance(child, (dict, list))]
        missing = [child for child in inner if id(child) not in sizes]
        if missing:
            todo.extend(missing)
            continue
        known = [sizes[id(child)] for child in inner]
        sizes[id(node)] = (1 + len(node) + sum(count - 1 for count, _ in known), 1 + max((depth for _, depth in known), default=0))
        todo.pop()
    return sizes[id(value)]
