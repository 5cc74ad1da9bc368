"""Rendering charts: what `helm template` would print, file by file, with the author's paths.

Charts are rendered by other processes: workers that load the Helm SDK, which this process never does, or the program
`helm`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from linter.rendering.helm.job import Job
from linter.rendering.helm.requests import ChartRequest, RenderedChart, RenderedFile

if TYPE_CHECKING:
    from linter.rendering.helm.engines import Engines
    from linter.rendering.helm.process import Reply

__all__ = ["Backend", "ChartRequest", "HelmRenderer", "RenderedChart", "RenderedFile"]

Backend = Literal["auto", "sdk", "helm"]

DEFAULT_DEADLINE = 60.0
DEFAULT_MEMORY = 2 << 30


class HelmRenderer:
    """Renders charts in up to `jobs` worker processes, which start with the first chart and end with this context.

    A chart may take `deadline_seconds` and its process `memory_bytes` (at least 1 GiB). A chart that takes more is a
    failure of that chart alone. With `remember`, what is rendered again from the same files and values is not rendered
    again, as most charts are not when two revisions are compared.

    `backend` is "sdk" for the Helm SDK, "helm" for the program `helm` (3 or 4) on PATH, or "auto" for the program only where
    the SDK is not installed or cannot be loaded.
    """

    def __init__(
        self,
        jobs: int,
        deadline_seconds: float = DEFAULT_DEADLINE,
        memory_bytes: int = DEFAULT_MEMORY,
        *,
        remember: bool = False,
        backend: Backend = "auto",
    ) -> None:
        self._known: dict[bytes, Reply] | None = {} if remember else None
        self._jobs = jobs
        self._deadline = deadline_seconds
        self._memory = memory_bytes
        self._backend: Backend = backend
        # Only Linux holds a process to its address space; elsewhere it is watched what a process occupies.
        self._limit = "address-space" if sys.platform == "linux" else "resident"
        self._engines: Engines | None = None

    @property
    def engine(self) -> str:
        """What has rendered the charts, such as "Helm SDK v4.2.3" or "/usr/bin/helm v4.1.0"; "" before the first one."""
        return self._engines.name if self._engines is not None else ""

    def __enter__(self) -> HelmRenderer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._engines is not None:
            self._engines.close()
            self._engines = None

    def render(self, requests: Sequence[ChartRequest]) -> Iterator[RenderedChart]:
        """The rendered charts, in the order of the requests, each as soon as it and those before it are done."""
        jobs = [Job(request) for request in requests]
        done: dict[int, RenderedChart] = {number: job.without_rendering() for number, job in enumerate(jobs) if not job.payload_needed}
        digests: dict[int, bytes] = {}
        if self._known is not None:
            for number, job in enumerate(jobs):
                if job.payload_needed:
                    digests[number] = job.digest()
                    if digests[number] in self._known:
                        done[number] = job.result(self._known[digests[number]])
        sent = [number for number in range(len(jobs)) if number not in done]
        if sent and self._engines is None:
            from linter.rendering.helm.engines import Engines

            self._engines = Engines(self._backend, self._jobs, self._deadline, self._memory, self._limit)
        replies = self._engines.run([jobs[number].payload for number in sent]) if self._engines is not None else None
        try:
            for number in range(len(jobs)):
                while number not in done and replies is not None:
                    task, reply = next(replies)
                    done[sent[task]] = jobs[sent[task]].result(reply)
                    if self._known is not None:
                        self._known[digests[sent[task]]] = reply
                yield done.pop(number)
        finally:
            if replies is not None:
                replies.close()
