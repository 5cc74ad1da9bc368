"""Which engine renders: the Helm SDK in worker processes, or the program `helm` where there is no SDK or it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from linter.rendering.helm.process import Pool, Reply

if TYPE_CHECKING:
    from linter.rendering.helm.program import Programs

Request = Callable[[], Mapping[str, Any]]

NO_PROGRAM = "there is no program `helm` on the PATH"


class Engines:
    """The engines that `backend` (see `linter.rendering.helm.renderer.HelmRenderer`) allows. Not for use by several threads."""

    def __init__(self, backend: Literal["auto", "sdk", "helm"], jobs: int, seconds: float, memory: int, limit: str) -> None:
        self._backend = backend
        self._bounds = (jobs, seconds, memory, limit)
        self.pool = Pool(*self._bounds)
        self._programs: Programs | None = None
        self._name = ""

    @property
    def name(self) -> str:
        """The engine that rendered last, and its version; "" if none did."""
        return self._name or (f"Helm SDK {self.pool.version}" if self.pool.version else "")

    def run(self, requests: Sequence[Request]) -> Generator[tuple[int, Reply], None, None]:
        """The answers to all requests, as they come, each with the number of its request."""
        if self._backend == "helm":
            yield from self._by_program(requests, {"kind": "unusable", "error": NO_PROGRAM})
            return
        left: list[int] = []
        for task, reply in self.pool.run(requests):
            # No worker can start: this is the answer to everything that is left.
            if self._backend == "auto" and reply is self.pool.missing:
                left.append(task)
            else:
                yield task, reply
        if left and self.pool.missing is not None:
            for number, reply in self._by_program([requests[task] for task in left], self.pool.missing):
                yield left[number], reply

    def close(self) -> None:
        """End all processes."""
        self.pool.close()
        if self._programs is not None:
            self._programs.close()
            self._programs = None

    def _by_program(self, requests: Sequence[Request], otherwise: Reply) -> Generator[tuple[int, Reply], None, None]:
        """What the program answers, or `otherwise` to all requests if there is none."""
        from linter.rendering.helm.program import Programs, find_helm

        if self._programs is None:
            program = find_helm()
            if program is None:
                yield from ((task, otherwise) for task in range(len(requests)))
                return
            self._programs = Programs(program, *self._bounds)
        for task, reply in self._programs.run(requests):
            self._name = f"{self._programs.program} {self._programs.version()}"
            yield task, reply
