"""Work that several processes share, on systems where a fork is safe and costs a few milliseconds.

A forked process knows everything that this one knows and hands back bytes. It only ever saves time: whoever uses it does
the work here when nothing comes back, for whatever reason.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def usable(jobs: int) -> int:
    """As many processes as may take part, this one included. A fork is safe only while this process has no other thread."""
    if sys.platform != "linux" or jobs < 2 or _thread._count() > 0:
        return 1
    return min(jobs, len(os.sched_getaffinity(0)))


def shares(items: Sequence[T], count: int, size: Callable[[T], int] = lambda item: 1) -> list[Sequence[T]]:
    """The items in `count` parts of about the same size, in their order; some are empty where there are few items."""
    total = sum(map(size, items))
    parts: list[Sequence[T]] = []
    start = reached = 0
    for index, item in enumerate(items):
        reached += size(item)
        if reached * count >= total * (len(parts) + 1) and len(parts) < count - 1:
            parts.append(items[start : index + 1])
            start = index + 1
    return [*parts, items[start:]]


class Child:
    """A forked process that does some work, if it can be started."""

    def __init__(self, work: Callable[[], bytes]) -> None:
        self._process: int | None = None
        self._reader, writer = os.pipe()
        try:
            self._process = os.fork()
        except OSError:  # too many processes, or too little memory
            pass
        else:
            if self._process == 0:
                _live(work, writer)
        finally:
            os.close(writer)

    def result(self) -> bytes:
        """What the work gave, when it is done; nothing if it failed."""
        with open(self._reader, "rb", closefd=False) as pipe:
            return pipe.read()

    def end(self) -> None:
        """End the process, if it still runs, and forget it."""
        os.close(self._reader)
        if self._process is not None:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)


def _live(work: Callable[[], bytes], writer: int) -> None:
    """The life of a child; it leaves nothing to the interpreter's exit, which would flush the parent's output again."""
    try:
        import gc

        gc.disable()
        result = work()
        with open(writer, "wb") as pipe:
            pipe.write(result)
    finally:
        os._exit(0)
