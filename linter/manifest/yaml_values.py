"""YAML text to values, built while the parser calls: no event objects, no nodes, no positions."""

from __future__ import annotations

from sys import intern
from typing import Any, Final

from linter.manifest.events import Handlers, Mark, parse
from linter.manifest.go_differences import as_go_reads
from linter.manifest.problems import (
    MAX_ALIAS_NODES,
    MAX_DEPTH,
    MERGE_VALUE,
    alias_bomb,
    alias_cycle,
    directive,
    too_deep,
    undefined_alias,
    unseen_separator,
)
from linter.manifest.scalars import (
    FIRST_OF_OTHERS,
    FIRST_OF_WORDS,
    MERGE,
    WORDS,
    UnusableError,
    is_rewritten,
    json_number,
    key_text,
    resolve_plain,
    resolve_tagged,
)


class _Odd:
    """What means one thing as an entry's key or merged value and another elsewhere: floats, huge integers, `<<`, a list alias."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def as_value(self) -> Any:
        if type(self.value) is list:
            return self.value
        return "<<" if self.value is MERGE else json_number(self.value)


class _Open:
    """The anchor of a mapping or list that has not ended yet."""

    __slots__ = ()


_INT64: Final = 1 << 63


def values_of_yaml(text: str, fillers: str) -> list[tuple[Any, bool, bool]]:
    """Value, "repeats a key" and "rewrites a scalar" of each document of YAML text with the `fillers` of `with_flow_colons`.

    Raises ParseError, RefusedError and, without a place, UnusableError.
    """
    documents: list[tuple[Any, bool, bool]] = []
    # Of the innermost open mapping (key, value, key, …) or list; the values of the document at the outermost level.
    items: list[Any] = []
    stack: list[list[Any]] = []
    anchors: dict[str, Any] = {}
    open_anchors: list[tuple[int, str, _Open]] = []
    sizes: dict[int, tuple[int, int]] = {}
    alias_nodes = 0
    odd = 0  # how many _Odd wait in open mappings and lists
    duplicates = False
    rewritten = False

    def scalar(anchor: str | None, tag: str | None, implicit: tuple[bool, bool], value: Any, _start: Mark, _end: Mark, _style: str) -> None:
        nonlocal odd, rewritten
        if implicit[0]:
            first = value[:1]
            if first in FIRST_OF_WORDS:
                if value in WORDS:
                    value = WORDS[value]
            elif first in FIRST_OF_OTHERS:
                number = resolve_plain(value)
                if type(number) is not str:
                    if not (type(number) is int and -_INT64 <= number < _INT64):
                        rewritten = rewritten or is_rewritten(value, number)
                        number = _Odd(number)
                        odd += 1
                    elif first < "1" and value != "0":  # a leading zero or a sign
                        rewritten = rewritten or is_rewritten(value, number)
                    value = number
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
            value = {}
            entries = iter(pairs)
            try:
                for key in entries:  # for mappings of a few keys faster than dict(zip(…))
                    value[intern(key)] = next(entries)
            except TypeError:  # a key that is no string
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
        nonlocal odd, duplicates, rewritten
        mapping: dict[str, Any] = {}
        own: set[str] = set()
        late = False
        entries = iter(pairs)
        for key in entries:
            value = next(entries)
            merge = type(key) is _Odd and key.value is MERGE
            if type(value) is _Odd:
                if merge:
                    raise UnusableError(*MERGE_VALUE)
                odd -= 1
                late = True  # what a later entry replaces is not looked at
            if type(key) is _Odd:
                odd -= 1
                key = key.value
                if merge:
                    for part in reversed(value) if type(value) is list else (value,):
                        if type(part) is not dict:
                            raise UnusableError(*MERGE_VALUE)
                        mapping.update(part)
                    continue
            if type(key) is bool:
                rewritten = True  # `true`, or perhaps `on`
            key = intern(key_text(key))
            if key in own:
                duplicates = True
            own.add(key)
            mapping[key] = value
        if late:
            for key, value in mapping.items():
                if type(value) is _Odd:
                    mapping[key] = value.as_value()
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
        count, depth = _expanded(value, sizes)
        alias_nodes += count
        if alias_nodes > MAX_ALIAS_NODES:
            raise alias_bomb(begin.index)
        if depth + len(stack) > MAX_DEPTH:
            raise too_deep(begin.index)
        if type(value) is _Odd:
            if value.value is MERGE:
                value = "<<"  # merges only where it is written out
            else:
                odd += 1
        elif type(value) is list and items and type(items[-1]) is _Odd and items[-1].value is MERGE:
            value = _Odd(value)  # as the value of a merge, go-yaml takes a list only where it is written out
            odd += 1
        items.append(value)

    def document_start(begin: Mark, _end: Mark, explicit: bool, version: tuple[int, int] | None, tags: Any) -> None:
        nonlocal duplicates, rewritten
        if version is not None or tags:
            raise directive(begin.index)
        if explicit and documents and text[begin.index - 1] != "\n":
            raise unseen_separator(begin.index)
        duplicates = rewritten = False

    def document_end(_start: Mark, _end: Mark, _explicit: bool) -> None:
        nonlocal odd
        value = items.pop()
        if type(value) is _Odd:
            value = value.as_value()
        odd = 0
        documents.append((value, duplicates, rewritten))
        if anchors:
            anchors.clear()
            sizes.clear()

    parse(
        text,
        Handlers(
            scalar=as_go_reads(scalar, text, fillers),
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
