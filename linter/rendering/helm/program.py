"""The program `helm` as the engine that renders charts: one process for each chart, watched and killed like the workers.

The program is run in a private directory that holds all it may write, with none of the user's Helm settings, plugins
and clusters.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import IO, Any

from linter.rendering.helm.process import MIN_MEMORY, Reply, ended
from linter.rendering.helm.template_command import Command
from linter.rendering.helm.worker import MAX_REPLY, OUT_OF_MEMORY

_CHUNK = 1 << 20
_COMPLAINT_BYTES = 8 << 20
_VERSION_SECONDS = 30.0
_WATCH_SECONDS = 0.5
# What the Go runtime reserves of the address space when the program starts, and mostly never uses (measured: 1.7 GiB).
_RESERVED = 7 << 28
_VERSION = re.compile(r"v?(\d+)\.\d+\S*")
_MIN_MAJOR = 3


def find_helm() -> str | None:
    """The program `helm` on PATH, or None. Relative entries of PATH do not count: they may lead into a repository."""
    entries = [entry for entry in os.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(entry)]
    return shutil.which("helm", path=os.pathsep.join(entries)) if entries else None


class _Running:
    """One process of the program, and what it has written."""

    def __init__(self, task: int, command: Command, process: subprocess.Popen[bytes], paths: Sequence[str], deadline: float) -> None:
        self.task = task
        self.command = command
        self.process = process
        self.paths = paths
        self.deadline = deadline
        self.watched = time.monotonic()
        self.output = bytearray()
        self.complaint = bytearray()
        assert process.stdout is not None
        assert process.stderr is not None
        self._stdout = process.stdout.fileno()
        self.streams: dict[int, IO[bytes]] = {stream.fileno(): stream for stream in (process.stdout, process.stderr)}

    def read(self, descriptor: int) -> bool:
        """Take what a descriptor holds; whether that was all of it."""
        try:
            chunk = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return False
        if descriptor == self._stdout:
            self.output += chunk
        else:
            self.complaint += chunk[: _COMPLAINT_BYTES - len(self.complaint)]
        return not chunk


class Programs:
    """Up to `jobs` runs of the program `helm` at a time. Not for use by several threads.

    A chart may take `seconds`, and `memory` bytes; `limit` is that of `linter.rendering.helm.worker.main`.
    """

    def __init__(self, program: str, jobs: int, seconds: float, memory: int, limit: str) -> None:
        self.program = program
        self._jobs = max(1, jobs)
        self._seconds = seconds
        self._memory = max(memory, MIN_MEMORY)
        self._limit = limit
        self._folder: str | None = None
        self._version: str | None = None

    def run(self, requests: Sequence[Callable[[], Mapping[str, Any]]]) -> Generator[tuple[int, Reply], None, None]:
        """The answers to all requests, as `linter.rendering.helm.process.Pool.run` gives them."""
        problem = self._problem() if requests else None
        if problem is not None:
            for task in range(len(requests)):
                yield task, {"kind": "unusable", "error": problem}
            return
        pending = deque(range(len(requests)))
        running: list[_Running] = []
        with selectors.DefaultSelector() as selector:
            try:
                while pending or running:
                    while pending and len(running) < self._jobs:
                        task = pending.popleft()
                        started = self._start(task, requests[task]())
                        if not isinstance(started, _Running):
                            yield task, started
                            continue
                        running.append(started)
                        for descriptor in started.streams:
                            selector.register(descriptor, selectors.EVENT_READ, started)
                    for entry, reply in self._step(selector, running):
                        running.remove(entry)
                        self._remove(entry, selector)
                        yield entry.task, reply
            finally:
                for entry in running:
                    self._remove(entry, selector)

    def version(self) -> str:
        """The version of the program, such as "v4.1.0"; "" if it does not tell."""
        if self._version is None:
            try:
                command = [self.program, "version", "--template", "{{ .Version }}"]
                done = subprocess.run(
                    command, env=self._environment(), cwd=self._home(), stdin=subprocess.DEVNULL, capture_output=True,
                    timeout=_VERSION_SECONDS, check=False,
                )  # fmt: skip
                self._version = done.stdout.decode("utf-8", "replace").strip()
            except (OSError, subprocess.TimeoutExpired):
                self._version = ""
        return self._version

    def close(self) -> None:
        """Remove the private directory."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _problem(self) -> str | None:
        """Why the program cannot be used."""
        match = _VERSION.match(self.version())
        if match is None:
            return f"{self.program} does not tell its version"
        if int(match[1]) < _MIN_MAJOR:
            return f"{self.program} is {self.version()}, and Helm 3 or newer is needed"
        return None

    def _home(self) -> str:
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix="gitops-lint-helm-")
        return self._folder

    def _environment(self) -> dict[str, str]:
        home = self._home()
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("HELM_", "KUBE"))}
        for name in ("CACHE", "CONFIG", "DATA"):
            environment[f"HELM_{name}_HOME"] = os.path.join(home, name.lower())
        # Near its limit the program is to collect garbage rather than ask for more.
        own = {"KUBECONFIG": os.path.join(home, "none"), "GOTRACEBACK": "none", "GOMEMLIMIT": str(self._memory // 2), "TMPDIR": home}
        return {**environment, **own}

    def _start(self, task: int, request: Mapping[str, Any]) -> _Running | Reply:
        try:
            command = Command(request, os.urandom(12).hex())
        except ValueError:
            return {"kind": "values", "error": "invalid values JSON"}
        paths = [os.path.join(self._home(), f"{task}.tgz"), os.path.join(self._home(), f"{task}.yaml")]
        try:
            for path, data in zip(paths, (command.chart, command.values), strict=True):
                with open(path, "wb") as file:
                    file.write(data)
            process = subprocess.Popen(
                [self.program, *command.arguments(*paths)], env=self._environment(), cwd=self._home(), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, process_group=0,
            )  # fmt: skip
        except OSError as error:
            return {"kind": "crashed", "error": f"it could not be started: {error.strerror}"}
        self._bound(process.pid)
        running = _Running(task, command, process, paths, time.monotonic() + self._seconds)
        for descriptor in running.streams:
            os.set_blocking(descriptor, False)
        return running

    def _bound(self, pid: int) -> None:
        """Limit what a process may take, as far as the system lets another process do that. It may have ended already."""
        if sys.platform == "linux":
            import resource

            limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_CPU: math.ceil(self._seconds) * (os.cpu_count() or 1) + 1}
            if self._limit == "address-space":
                limits[resource.RLIMIT_AS] = self._memory + _RESERVED
            for name, wanted in limits.items():
                hard = resource.getrlimit(name)[1]
                bound = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
                with contextlib.suppress(OSError):
                    resource.prlimit(pid, name, (bound, bound))

    def _step(self, selector: selectors.BaseSelector, running: Sequence[_Running]) -> list[tuple[_Running, Reply]]:
        """Wait for something to happen; the runs that it ends, with their answers."""
        if not running:
            return []
        done: dict[int, tuple[_Running, Reply]] = {}
        patience = min(entry.deadline for entry in running) - time.monotonic()
        if self._limit != "address-space":
            patience = min(patience, _WATCH_SECONDS)
        for key, _ in selector.select(max(0.0, patience)):
            entry: _Running = key.data
            if entry.read(key.fd):
                selector.unregister(key.fd)
                entry.streams.pop(key.fd).close()
                if not entry.streams:
                    done[entry.task] = entry, self._answer(entry)
            elif len(entry.output) > MAX_REPLY:
                done[entry.task] = entry, {"kind": "memory", "error": f"the rendered chart is larger than {MAX_REPLY // 1048576} MiB"}
        now = time.monotonic()
        for entry in running:
            if entry.task in done:
                continue
            if entry.deadline <= now:
                done[entry.task] = entry, {"kind": "timeout", "error": f"{self._seconds:g}"}
            elif self._limit != "address-space" and now - entry.watched > _WATCH_SECONDS:
                entry.watched = now
                if _resident(entry.process.pid) > self._memory:
                    done[entry.task] = entry, {"kind": "memory", "error": OUT_OF_MEMORY}
        return list(done.values())

    def _answer(self, entry: _Running) -> Reply:
        code = entry.process.wait()
        if code in (0, 1):
            answer = entry.command.answer(bytes(entry.output), entry.complaint.decode("utf-8", "replace"))
            if "rendered" in answer or code == 1:
                return answer
        return ended(code, bytes(entry.complaint))

    def _remove(self, entry: _Running, selector: selectors.BaseSelector) -> None:
        """End a run, and everything that was made for it."""
        for descriptor, stream in entry.streams.items():
            with contextlib.suppress(KeyError):
                selector.unregister(descriptor)
            stream.close()
        if entry.process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                # A version manager may have put a script in the place of the program.
                os.killpg(entry.process.pid, signal.SIGKILL)
            entry.process.wait()
        for path in entry.paths:
            with contextlib.suppress(OSError):
                os.unlink(path)


def _resident(pid: int) -> int:
    """The memory that a process occupies, in bytes, asked of `ps`; 0 if that does not tell."""
    try:
        done = subprocess.run(["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, timeout=5, check=False)
        return int(done.stdout) * 1024
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0
