"""Decoding the files of a large repository in several processes.

Decoding is the largest part of a run, needs nothing but the bytes, and yields plain values, which `marshal` moves between
processes at a tenth of the time it takes to decode them. On Linux, forking costs a few milliseconds. The result is the same as in
one process: what a child cannot deliver, for whatever reason, is decoded here.
"""

from __future__ import annotations

import marshal
from collections.abc import Generator, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from linter.engine.processes import Child, shares, usable
from linter.errors import InputError
from linter.manifest.decoder import Decoded, decode_bytes

# Below these, one process is as fast.
_MIN_FILES = 1_500
_MIN_BYTES = 1_500_000


class Content(NamedTuple):
    """The bytes of a file, and whether it is JSON by its name."""

    data: bytes
    json: bool


Text = tuple[str, list[Decoded]]


Known = dict[Content, "Text | InputError"]
"""What files were decoded to, for a second tree that holds most of them again."""


def decode_all(contents: Sequence[Content], jobs: int = 1, known: Known | None = None) -> Generator[Text | InputError, None, None]:
    """For each file its text and documents, or why it has none, in the order given. At most `jobs` processes take part.

    Files in `known` are not decoded again, and all others are added to it.
    """
    if known is not None:
        missing = [content for content in dict.fromkeys(contents) if content not in known]
        known.update(zip(missing, decode_all(missing, jobs), strict=True))
        yield from (known[content] for content in contents)
        return
    own, *rest = shares(contents, _processes(contents, jobs), lambda content: len(content.data))
    children: list[Child] = []
    try:
        for share in rest:
            children.append(Child(partial(_work, share)))  # noqa: PERF401 - those that started have to end, whatever happens
        yield from map(_decode, own)
        for child, share in zip(children, rest, strict=True):
            yield from _received(child.result(), share)
    finally:
        for child in children:
            child.end()


def _decode(content: Content) -> Text | InputError:
    try:
        return decode_bytes(content.data, json=content.json)
    except InputError as error:
        return error


def _processes(contents: Sequence[Content], jobs: int) -> int:
    """How many processes are worth it."""
    if len(contents) < _MIN_FILES and sum(len(content.data) for content in contents) < _MIN_BYTES:
        return 1
    return usable(jobs)


# What a child sends for a file: its text and, for each document, the arguments of Decoded; None if it could not be decoded.
_Sent = tuple[str, list[tuple[int, object, bool, bool]]] | None


def _work(contents: Sequence[Content]) -> bytes:
    """What a child sends for its files."""
    sent: list[_Sent] = []
    for content in contents:
        decoded = _decode(content)
        if isinstance(decoded, InputError):
            sent.append(None)
        else:
            sent.append((decoded[0], [(entry.index, entry.value, entry.duplicate_keys, entry.rewritten_scalars) for entry in decoded[1]]))
    return marshal.dumps(sent)


def _received(data: bytes, contents: Sequence[Content]) -> Iterator[Text | InputError]:
    """What became of each file; those that the child did not send are decoded here."""
    try:
        sent: list[_Sent] = marshal.loads(data)
    except (EOFError, ValueError, TypeError):
        sent = []
    for number, content in enumerate(contents):
        found = sent[number] if number < len(sent) else None
        yield _decode(content) if found is None else (found[0], [Decoded(*document) for document in found[1]])
