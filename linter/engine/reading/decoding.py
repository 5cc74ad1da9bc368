"""Decoding the files of a large repository in several processes.

Decoding is the largest part of a run, needs nothing but the bytes, and yields plain values, which `marshal` moves between
processes at a tenth of the time it takes to decode them. On Linux, forking costs a few milliseconds. The result is the same as in
one process: what a child cannot deliver, for whatever reason, is decoded here.
"""

from __future__ import annotations

import _thread
import marshal
import os
import signal
import sys
from collections.abc import Generator, Iterator, Sequence
from typing import NamedTuple

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
    own, *shares = _shares(contents, _processes(contents, jobs))
    children: list[_Child] = []
    try:
        for share in shares:
            children.append(_Child(share))  # noqa: PERF401 - those that started have to end, whatever happens
        yield from map(_decode, own)
        for child in children:
            yield from child.results()
    finally:
        for child in children:
            child.end()


def _decode(content: Content) -> Text | InputError:
    try:
        return decode_bytes(content.data, json=content.json)
    except InputError as error:
        return error


def _processes(contents: Sequence[Content], jobs: int) -> int:
    """How many processes are worth it. A fork is safe only while this process has no other thread."""
    if sys.platform != "linux" or jobs < 2 or _thread._count() > 0:
        return 1
    if len(contents) < _MIN_FILES and sum(len(content.data) for content in contents) < _MIN_BYTES:
        return 1
    return min(jobs, len(os.sched_getaffinity(0)))


def _shares(contents: Sequence[Content], count: int) -> list[Sequence[Content]]:
    """The files in `count` parts of about the same number of bytes, in their order."""
    total = sum(len(content.data) for content in contents)
    shares: list[Sequence[Content]] = []
    start = size = 0
    for index, content in enumerate(contents):
        size += len(content.data)
        if size * count >= total * (len(shares) + 1) and len(shares) < count - 1:
            shares.append(contents[start : index + 1])
            start = index + 1
    return [*shares, contents[start:]]


# What a child sends for a file: its text and, for each document, the arguments of Decoded; None if it could not be decoded.
_Sent = tuple[str, list[tuple[int, object, bool]]] | None


class _Child:
    """A process that decodes some of the files, if it can be started."""

    def __init__(self, contents: Sequence[Content]) -> None:
        self._contents = contents
        self._process = None
        self._reader, writer = os.pipe()
        try:
            self._process = os.fork()
        except OSError:  # too many processes, or too little memory
            pass
        else:
            if self._process == 0:
                _work(contents, writer)
        finally:
            os.close(writer)

    def results(self) -> Iterator[Text | InputError]:
        """What became of each file; those that the child did not send are decoded here."""
        sent = self._receive()
        for number, content in enumerate(self._contents):
            found = sent[number] if number < len(sent) else None
            yield _decode(content) if found is None else (found[0], [Decoded(*document) for document in found[1]])

    def _receive(self) -> list[_Sent]:
        with open(self._reader, "rb", closefd=False) as pipe:
            data = pipe.read()
        try:
            return marshal.loads(data)  # type: ignore[no-any-return]
        except (EOFError, ValueError, TypeError):
            return []

    def end(self) -> None:
        """End the process, if it still runs, and forget it."""
        os.close(self._reader)
        if self._process is not None:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)


def _work(contents: Sequence[Content], writer: int) -> None:
    """The life of a child; it leaves nothing to the interpreter's exit, which would flush the parent's output again."""
    try:
        import gc

        gc.disable()
        sent: list[_Sent] = []
        for content in contents:
            decoded = _decode(content)
            if isinstance(decoded, InputError):
                sent.append(None)
            else:
                sent.append((decoded[0], [(entry.index, entry.value, entry.duplicate_keys) for entry in decoded[1]]))
        with open(writer, "wb") as pipe:
            pipe.write(marshal.dumps(sent))
    finally:
        os._exit(0)
