"""YAML text to the places of its values, by the same rules as `linter.manifest.decoder` reads the values."""

from __future__ import annotations

from typing import Any

from linter.manifest.events import Handlers, Mark, ParseError, parse
from linter.manifest.go_differences import as_go_reads, with_flow_colons
from linter.manifest.problems import (
    MAX_DEPTH,
    RefusedError,
    alias_cycle,
    collection_key,
    directive,
    merge_value,
    syntax_error,
    too_deep,
    undefined_alias,
    unseen_separator,
)
from linter.manifest.scalars import MERGE, UnusableError, json_number, key_text, resolve_plain, resolve_tagged
from linter.manifest.shadow import Alias, Mapping, Node, Scalar, Sequence, target


def shadow_of_yaml(text: str) -> list[tuple[int, Node]]:
    """The start of each document and its tree. Raises InputError as `decode_text` does, except for aliases that expand too far."""
    try:
        return with_flow_colons(text, _shadow)
    except ParseError as problem:
        raise syntax_error(problem, text) from None
    except RefusedError as refused:
        raise refused.as_input_error(text) from None


class _Open:
    """A mapping or list that has not ended yet."""

    __slots__ = ("anchor", "items", "start")

    def __init__(self, start: int, anchor: str | None) -> None:
        self.start = start
        self.anchor = anchor
        self.items: list[Node] = []


def _shadow(text: str, fillers: str) -> list[tuple[int, Node]]:
    documents: list[tuple[int, Node]] = []
    stack: list[_Open] = []
    anchors: dict[str, Node | _Open] = {}
    begin_of_document = 0

    def scalar(anchor: str | None, tag: str | None, implicit: tuple[bool, bool], value: Any, start: Mark, end: Mark, _style: str) -> None:
        if implicit[0]:
            value = resolve_plain(value)
        elif tag is not None:
            try:
                value = resolve_tagged(value, tag)
            except UnusableError as unusable:
                raise RefusedError(str(unusable), unusable.fix, start.index) from None
        node = Scalar(start.index, end.index, value)
        if anchor is not None:
            anchors[anchor] = node
        stack[-1].items.append(node)

    def begin(anchor: str | None, _tag: str | None, _implicit: bool, start: Mark, _end: Mark, _flow: bool) -> None:
        opened = _Open(start.index, anchor)
        stack.append(opened)
        if len(stack) - 1 > MAX_DEPTH:
            raise too_deep(start.index)
        if anchor is not None:
            anchors[anchor] = opened

    def close(opened: _Open, node: Node) -> None:
        if opened.anchor is not None and anchors.get(opened.anchor) is opened:
            anchors[opened.anchor] = node
        stack[-1].items.append(node)

    def mapping_end(_start: Mark, end: Mark) -> None:
        opened = stack.pop()
        node = Mapping(opened.start, end.index)
        entries = iter(opened.items)
        for key in entries:
            _add(node, key, next(entries), text)
        for _, value in node.own.values():
            _check_value(value)
        close(opened, node)

    def sequence_end(_start: Mark, end: Mark) -> None:
        opened = stack.pop()
        for item in opened.items:
            _check_value(item)
        close(opened, Sequence(opened.start, end.index, opened.items))

    def alias(name: str, start: Mark, end: Mark) -> None:
        found = anchors.get(name)
        if found is None:
            raise undefined_alias(name, start.index)
        if isinstance(found, _Open):
            raise alias_cycle(name, start.index)
        stack[-1].items.append(Alias(start.index, end.index, target(found)))

    def document_start(start: Mark, _end: Mark, explicit: bool, version: tuple[int, int] | None, tags: Any) -> None:
        nonlocal begin_of_document
        if version is not None or tags:
            raise directive(start.index)
        if explicit and documents and text[start.index - 1] != "\n":
            raise unseen_separator(start.index)
        begin_of_document = start.index
        stack.append(_Open(start.index, None))

    def document_end(_start: Mark, _end: Mark, _explicit: bool) -> None:
        root = stack.pop().items[0]
        _check_value(root)
        documents.append((begin_of_document, root))
        anchors.clear()

    parse(
        text,
        Handlers(
            scalar=as_go_reads(scalar, text, fillers),
            alias=alias,
            mapping_start=begin,
            mapping_end=mapping_end,
            sequence_start=begin,
            sequence_end=sequence_end,
            document_start=document_start,
            document_end=document_end,
        ),
    )
    return documents


def _add(mapping: Mapping, key: Node, value: Node, text: str) -> None:
    name = target(key)
    if not isinstance(name, Scalar) or isinstance(key, (Mapping, Sequence)):
        raise collection_key(key.start, text)
    if name.value is MERGE and isinstance(key, Scalar):
        mapping.merges.append((key, value))
        for part in reversed(value.items) if isinstance(value, Sequence) else (value,):
            source = target(part)
            if not isinstance(source, Mapping):
                raise merge_value(value.start)
            mapping.merge(source)
        return
    try:
        mapping.add(key_text("<<" if name.value is MERGE else name.value), key, value)
    except UnusableError as unusable:
        raise RefusedError(str(unusable), unusable.fix, key.start) from None


def _check_value(node: Node) -> None:
    """Raises RefusedError for a number that JSON has not."""
    scalar = target(node)
    if isinstance(scalar, Scalar) and isinstance(scalar.value, float):
        try:
            json_number(scalar.value)
        except UnusableError as unusable:
            raise RefusedError(str(unusable), unusable.fix, node.start) from None
