"""Builds as processes: several at a time, each in a group of its own, watched, bounded, and killed if need be."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

MIN_MEMORY = 1 << 30
MAX_OUTPUT = 256 << 20
_COMPLAINT_BYTES = 1 << 18
_CHUNK = 1 << 18
# What the Go runtime writes before it ends a process that cannot get more memory.
_MEMORY_WORDS = (b"out of memory", b"cannot allocate memory", b"errno=12", b"failed to reserve", b"failed to create new OS thread")

Outcome = Literal["built", "failed", "timeout", "memory", "too-large", "crashed"]


@dataclass(slots=True)
class Build:
    """What became of a command: its output, and what it wrote about it."""

    outcome: Outcome
    output: bytes = b""
    complaint: bytes = b""


@dataclass(slots=True, eq=False)
class _Running:
    task: int
    process: subprocess.Popen[bytes]
    deadline: float
    output: list[bytes] = field(default_factory=list)
    size: int = 0
    complaint: bytearray = field(default_factory=bytearray)
    open: int = 2


class Builds:
    """Runs commands, up to `jobs` at a time, each for at most `seconds` and with at most `memory` bytes (Linux only)."""

    def __init__(self, jobs: int, seconds: float, memory: int, environment: Mapping[str, str], directory: str) -> None:
        self._jobs = max(1, jobs)
        self._seconds = seconds
        self._memory = max(memory, MIN_MEMORY)
        self._environment = {**environment, "GOTRACEBACK": "none", "GOMEMLIMIT": str(self._memory // 2)}
        self._directory = directory

    def run(self, commands: Sequence[Callable[[], Sequence[str] | None]]) -> Generator[tuple[int, Build | None], None, None]:
        """What became of all commands, as they end, each with its number. A command is made when it is about to run; with
        None there is nothing to run, and nothing becomes of it.

        Closing the generator ends those that are still running.
        """
        running: list[_Running] = []
        started = 0
        with selectors.DefaultSelector() as selector:
            try:
                while started < len(commands) or running:
                    while started < len(commands) and len(running) < self._jobs:
                        command = commands[started]()
                        if command is None:
                            yield started, None
                            started += 1
                            continue
                        try:
                            running.append(self._start(started, command, selector))
                        except OSError as error:
                            yield started, Build("crashed", complaint=f"it could not be started: {error.strerror}".encode())
                        started += 1
                    if not running:
                        continue
                    for found in self._step(running, selector):
                        running.remove(found[0])
                        yield found[0].task, found[1]
            finally:
                for build in running:
                    _end(build.process)

    def _start(self, task: int, command: Sequence[str], selector: selectors.BaseSelector) -> _Running:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
            env=self._environment, cwd=self._directory, process_group=0,
        )  # fmt: skip
        if sys.platform == "linux":
            import resource

            with contextlib.suppress(OSError):  # it has ended already
                resource.prlimit(process.pid, resource.RLIMIT_AS, (self._memory, self._memory))
                resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, 0))
        build = _Running(task, process, time.monotonic() + self._seconds)
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            os.set_blocking(stream.fileno(), False)
            selector.register(stream, selectors.EVENT_READ, build)
        return build

    def _step(self, running: Sequence[_Running], selector: selectors.BaseSelector) -> list[tuple[_Running, Build]]:
        """Wait for something to happen; the builds that it brought to their end."""
        patience = max(0.0, min(build.deadline for build in running) - time.monotonic())
        ended: list[tuple[_Running, Build]] = []
        for key, _ in selector.select(patience):
            build: _Running = key.data
            if build.process.returncode is not None:
                continue
            chunk = os.read(key.fd, _CHUNK)
            if not chunk:
                selector.unregister(key.fileobj)
                build.open -= 1
                if build.open == 0:
                    ended.append((build, _ended(build, max(0.0, build.deadline - time.monotonic()))))
            elif key.fileobj is build.process.stderr:
                build.complaint += chunk[: _COMPLAINT_BYTES - len(build.complaint)]
            else:
                build.output.append(chunk)
                build.size += len(chunk)
                if build.size > MAX_OUTPUT:
                    _forget(build, selector)
                    ended.append((build, Build("too-large")))
        for build in running:
            if build.process.returncode is None and build.deadline <= time.monotonic():
                _forget(build, selector)
                ended.append((build, Build("timeout")))
        return ended


def _ended(build: _Running, seconds: float) -> Build:
    try:
        code = build.process.wait(seconds)
    except subprocess.TimeoutExpired:
        _end(build.process)
        return Build("timeout")
    _end(build.process)
    complaint = bytes(build.complaint)
    if code == 0:
        return Build("built", b"".join(build.output), complaint)
    if code == -signal.SIGKILL or any(words in complaint for words in _MEMORY_WORDS):
        return Build("memory", complaint=complaint)
    if code < 0 or b"goroutine " in complaint or complaint.startswith((b"panic:", b"fatal error:")):
        return Build("crashed", complaint=f"signal {-code}".encode() if code < 0 else complaint)
    return Build("failed", complaint=complaint)


def _forget(build: _Running, selector: selectors.BaseSelector) -> None:
    for stream in (build.process.stdout, build.process.stderr):
        if stream is not None and stream.fileno() in selector.get_map():
            selector.unregister(stream)
    _end(build.process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process, all it started, and what leads to it."""
    if process.returncode is None:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
