"""The worker processes that render charts: started when needed, watched, killed, and replaced."""

from __future__ import annotations

import contextlib
import marshal
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import IO, Any

from linter.rendering.helm.worker import OUT_OF_MEMORY

MIN_MEMORY = 1 << 30

NEVER = float("inf")
_START_SECONDS = 60.0
_START_ATTEMPTS = 3
_EXIT_SECONDS = 5.0
_COMPLAINT_BYTES = 8192
_CHUNK = 1 << 16

# What the Go runtime writes before it ends a process that cannot get more memory.
_MEMORY_WORDS = (OUT_OF_MEMORY.encode(), b"cannot allocate memory", b"errno=12", b"MemoryError", b"failed to create new OS thread")
_ENDLESS_WORDS = (b"stack exceeds", b"stack overflow")

Reply = Mapping[str, Any]
"""What an engine answered, or `{"kind": …, "error": …}` with a kind of ours: "timeout", "memory", "recursion", "crashed",
"missing" (no SDK), "unusable" (no `helm`), "kube-version" (refused by `helm`)."""


class Worker:
    """One worker process and the messages under way to and from it."""

    def __init__(self, memory: int, limit: str, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._unsent = memoryview(b"")
        self._received = bytearray()
        self._complaint = b""
        self.ready = False
        self.task: int | None = None
        self.deadline = time.monotonic() + _START_SECONDS
        start = "import os, sys; sys.path[:] = sys.argv.pop().split(os.pathsep); from linter.rendering.helm.worker import main; "
        start += "main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])"
        command = [sys.executable, "-P", "-S", "-c", start, str(memory), str(os.getpid()), limit, os.pathsep.join(_import_path())]
        pipe = subprocess.PIPE
        # Near its limit the engine is to collect garbage rather than ask for more.
        environment = {**os.environ, "GOTRACEBACK": "none", "GOMEMLIMIT": str(memory // 2), "MALLOC_ARENA_MAX": "1"}
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, env=environment)
        streams = (self.process.stdin, self.process.stdout, self.process.stderr)
        self._streams: list[IO[bytes]] = [stream for stream in streams if stream is not None]
        self._stdin, self._stdout, self._stderr = (stream.fileno() for stream in self._streams)
        for descriptor in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(descriptor, False)
        selector.register(self._stdout, selectors.EVENT_READ, self)
        selector.register(self._stderr, selectors.EVENT_READ, self)

    def send(self, task: int, request: Mapping[str, Any], seconds: float) -> None:
        """Give the worker something to do; it has `seconds` for it."""
        data = marshal.dumps(dict(request))
        self.task = task
        self.deadline = time.monotonic() + seconds
        self._unsent = memoryview(len(data).to_bytes(8, "big") + data)
        self._selector.register(self._stdin, selectors.EVENT_WRITE, self)

    def handle(self, descriptor: int) -> Reply | None:
        """Move the bytes a descriptor is ready for; a complete answer, if there is one. Raises EOFError when the process ended."""
        if descriptor == self._stdin:
            self._write()
        elif descriptor == self._stderr:
            # A dying Go runtime writes without end; only its first words say why.
            chunk = os.read(self._stderr, _CHUNK)
            self._complaint += chunk[: _COMPLAINT_BYTES - len(self._complaint)]
            if not chunk:
                self._selector.unregister(self._stderr)
        else:
            chunk = os.read(self._stdout, _CHUNK * 16)
            if not chunk:
                raise EOFError
            self._received += chunk
            return self._reply()
        return None

    def _write(self) -> None:
        try:
            self._unsent = self._unsent[os.write(self._stdin, self._unsent) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._unsent = memoryview(b"")
        if not self._unsent:
            self._selector.unregister(self._stdin)

    def _reply(self) -> Reply | None:
        size = int.from_bytes(self._received[:8], "big")
        if len(self._received) < 8 or len(self._received) < 8 + size:
            return None
        reply: Reply = marshal.loads(memoryview(self._received)[8 : 8 + size])
        self._received = bytearray()
        return reply

    def kill(self) -> None:
        """End the process and close everything that leads to it."""
        for descriptor in (self._stdin, self._stdout, self._stderr):
            if descriptor in self._selector.get_map():
                self._selector.unregister(descriptor)
        self.process.kill()
        self.process.wait()
        for stream in self._streams:
            stream.close()

    def obituary(self) -> Reply:
        """Why the process ended by itself; everything that led to it is closed."""
        try:
            code = self.process.wait(_EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            code = 0
        with contextlib.suppress(BlockingIOError):
            self._complaint += os.read(self._stderr, _CHUNK) if len(self._complaint) < _COMPLAINT_BYTES else b""
        self.kill()
        return ended(code, self._complaint)


def ended(code: int, complaint: bytes) -> Reply:
    """Why a process of the engine ended by itself, from its exit code (negative: the signal) and its last words."""
    if code == -signal.SIGKILL or any(words in complaint for words in _MEMORY_WORDS):
        return {"kind": "memory", "error": OUT_OF_MEMORY}
    if any(words in complaint for words in _ENDLESS_WORDS):
        return {"kind": "recursion", "error": "stack overflow"}
    return {"kind": "crashed", "error": f"signal {-code}" if code < 0 else f"exit code {code}"}


class Pool:
    """Up to `jobs` workers. Not for use by several threads."""

    def __init__(self, jobs: int, seconds: float, memory: int, limit: str) -> None:
        self._jobs = max(1, jobs)
        self._seconds = seconds
        self._memory = max(memory, MIN_MEMORY)
        self._limit = limit
        self._selector: selectors.BaseSelector | None = None
        self._workers: list[Worker] = []
        self._missing: Reply | None = None
        self._failed_starts = 0
        # That of the engine, once a worker has started.
        self.version = ""

    @property
    def missing(self) -> Reply | None:
        """The answer to every request where no worker can start."""
        return self._missing

    def run(self, requests: Sequence[Callable[[], Mapping[str, Any]]]) -> Generator[tuple[int, Reply], None, None]:
        """The answers to all requests, as they come, each with the number of its request.

        A request is made when a worker is free for it. Whatever happens to a worker is the answer to its request. Closing
        the generator ends the workers that are still at work.
        """
        pending = deque(range(len(requests)))
        left = len(requests)
        try:
            while left:
                if self._missing is not None:
                    for task in (*pending, *(worker.task for worker in self._workers if worker.task is not None)):
                        yield task, self._missing
                    return
                self._start(min(self._jobs, left))
                if self._missing is not None:
                    continue
                for worker in self._workers:
                    if pending and worker.ready and worker.task is None:
                        task = pending.popleft()
                        worker.send(task, requests[task](), self._seconds)
                for task, reply in self._step():
                    left -= 1
                    yield task, reply
        finally:
            for worker in [worker for worker in self._workers if worker.task is not None]:
                self._discard(worker)

    def close(self) -> None:
        """End all workers."""
        for worker in list(self._workers):
            self._discard(worker)
        if self._selector is not None:
            self._selector.close()
            self._selector = None

    def _start(self, wanted: int) -> None:
        if self._selector is None:
            self._selector = selectors.DefaultSelector()
        try:
            while len(self._workers) < wanted:
                self._workers.append(Worker(self._memory, self._limit, self._selector))
        except OSError as error:
            if not self._workers:
                self._missing = {"kind": "crashed", "error": f"it could not be started: {error.strerror}"}

    def _discard(self, worker: Worker) -> None:
        self._workers.remove(worker)
        worker.kill()

    def _step(self) -> Iterator[tuple[int, Reply]]:
        """Wait for something to happen, and yield the answers it brings."""
        assert self._selector is not None
        patience = min(worker.deadline for worker in self._workers) - time.monotonic()
        for key, _ in self._selector.select(None if patience == NEVER else max(0.0, patience)):
            worker: Worker = key.data
            if worker not in self._workers:
                continue
            try:
                reply = worker.handle(key.fd)
            except EOFError:
                self._workers.remove(worker)
                reply = worker.obituary()
                if not worker.ready:
                    self._note_start(worker, reply)
                elif worker.task is not None:
                    yield worker.task, reply
                continue
            if reply is None:
                continue
            if not worker.ready:
                self._note_start(worker, reply)
            elif worker.task is not None:
                task, worker.task, worker.deadline = worker.task, None, NEVER
                yield task, reply
        for worker in [worker for worker in self._workers if worker.deadline <= time.monotonic()]:
            self._discard(worker)
            if not worker.ready:
                self._note_start(worker, {"kind": "crashed", "error": f"it did not start within {_START_SECONDS:.0f} seconds"})
            elif worker.task is not None:
                yield worker.task, {"kind": "timeout", "error": f"{self._seconds:g}"}

    def _note_start(self, worker: Worker, reply: Reply) -> None:
        """A worker has started, or has not. Without an SDK none will, and one failure is enough to know."""
        if "ready" in reply:
            worker.ready = True
            worker.deadline = NEVER
            self.version = reply["ready"]
            self._failed_starts = 0
            return
        self._failed_starts += 1
        if "missing" in reply:
            self._missing = {"kind": "missing", "error": reply["missing"]}
        elif self._failed_starts >= _START_ATTEMPTS:
            self._missing = reply


def _import_path() -> list[str]:
    """Where the worker is to find this package and the SDK: where this process found them, but not in the directory it
    happens to stand in, which may be an untrusted repository."""
    package = os.path.abspath(__file__)
    for _ in __name__.split("."):
        package = os.path.dirname(package)
    here = os.getcwd()
    return [package, *(entry for entry in sys.path if os.path.isabs(entry) and entry not in (package, here))]
