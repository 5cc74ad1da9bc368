"""Rendering charts: what `helm template` would print, file by file, with the author's paths.

Charts are rendered by worker processes (`linter.rendering.helm.process`); this process never loads the Helm SDK. What the
SDK's engine leaves out is done here: missing dependencies, `kubeVersion`, custom resource definitions, hooks of tests.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

from linter.model import Failure
from linter.rendering.helm.capabilities import normalized_version
from linter.rendering.helm.charts import Chart
from linter.rendering.helm.dependencies import Plan, Problem, kube_version_problem, plan
from linter.rendering.helm.values import ValueLayer, compose, integers_template

if TYPE_CHECKING:
    from linter.rendering.helm.process import Pool, Reply

DEFAULT_DEADLINE = 60.0
DEFAULT_MEMORY = 2 << 30

_RELEASE_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_RELEASE_NAME_LENGTH = 53
_FALLBACK_RELEASE = "release-name"


@dataclass(frozen=True, slots=True)
class ChartRequest:
    """A chart to be rendered, and what `helm template` would be told.

    `values` are layered over the chart's own in order, then come `set_values` (`--set`), `set_strings` (`--set-string`)
    and `set_files` (`--set-file`, as key and content). `release` is the chart's name if None. `kube_version` ("1.31") and
    `api_versions` (added to those Helm knows) are what the chart sees of the cluster; None leaves the version to Helm and
    the chart's `kubeVersion` unchecked. `overrides` replaces the text of templates, by their path in the repository.
    """

    chart: Chart
    values: Sequence[ValueLayer] = ()
    set_values: Sequence[str] = ()
    set_strings: Sequence[str] = ()
    set_files: Sequence[tuple[str, str]] = ()
    release: str | None = None
    namespace: str = "default"
    include_crds: bool = True
    skip_tests: bool = False
    skip_schema: bool = False
    kube_version: str | None = None
    api_versions: Sequence[str] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """What one template rendered to, or a file of crds/ as it is (`rendered` is False).

    `path` is the author's file; `key` the engine's name for it, which tells two instances of one subchart apart.
    """

    path: str
    text: str
    key: str
    rendered: bool = True


@dataclass(frozen=True, slots=True)
class RenderedChart:
    """The files of a chart in the order of their keys, CRDs first, and what went wrong.

    Both can be present: with a remote dependency missing, what the chart itself renders is still here. `unread_schemas`
    are the files values.schema.json that refer to other schemas: those are not read, and the values not checked against them.
    """

    request: ChartRequest
    files: tuple[RenderedFile, ...]
    failures: tuple[Failure, ...]
    unread_schemas: tuple[str, ...] = ()


class HelmRenderer:
    """Renders charts in up to `jobs` worker processes, which start with the first chart and end with this context.

    A chart may take `deadline_seconds` and its process `memory_bytes` (at least 1 GiB). A chart that takes more is a
    failure of that chart alone. With `remember`, what is rendered again from the same files and values is not rendered
    again, as most charts are not when two revisions are compared.
    """

    def __init__(
        self, jobs: int, deadline_seconds: float = DEFAULT_DEADLINE, memory_bytes: int = DEFAULT_MEMORY, *, remember: bool = False
    ) -> None:
        self._known: dict[bytes, Reply] | None = {} if remember else None
        self._jobs = jobs
        self._deadline = deadline_seconds
        self._memory = memory_bytes
        # Only Linux holds a process to its address space; elsewhere the worker watches what it occupies.
        self._limit = "address-space" if sys.platform == "linux" else "resident"
        self._pool: Pool | None = None

    def __enter__(self) -> HelmRenderer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def render(self, requests: Sequence[ChartRequest]) -> Iterator[RenderedChart]:
        """The rendered charts, in the order of the requests, each as soon as it and those before it are done."""
        jobs = [_Job(request) for request in requests]
        done: dict[int, RenderedChart] = {number: job.without_rendering() for number, job in enumerate(jobs) if not job.payload_needed}
        digests: dict[int, bytes] = {}
        if self._known is not None:
            for number, job in enumerate(jobs):
                if job.payload_needed:
                    digests[number] = job.digest()
                    if digests[number] in self._known:
                        done[number] = job.result(self._known[digests[number]])
        sent = [number for number in range(len(jobs)) if number not in done]
        if sent and self._pool is None:
            from linter.rendering.helm.process import Pool

            self._pool = Pool(self._jobs, self._deadline, self._memory, self._limit)
        replies = self._pool.run([jobs[number].payload for number in sent]) if self._pool is not None else None
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


class _Job:
    """One request on its way: what is known before rendering, the message for the worker, and the reading of its answer."""

    def __init__(self, request: ChartRequest) -> None:
        self.request = request
        self._plan = Plan()
        self._problems: list[Problem] = []
        self._values: dict[str, Any] = {}
        self._integers: Sequence[tuple[str | int, ...]] = ()
        self._kube_version: str | None = None
        self._schemas: dict[str, bytes] = {}
        self._unread_schemas: list[str] = []
        self._release = request.release or _default_release(request.chart.name)
        if not request.chart.is_library:
            self._problems = list(self._prepare())
        self.payload_needed = not request.chart.is_library and not any(problem.fatal for problem in self._problems)

    def _prepare(self) -> Iterator[Problem]:
        request = self.request
        chart = request.chart
        if not _RELEASE_NAME.fullmatch(self._release) or len(self._release) > _RELEASE_NAME_LENGTH:
            message = f"`{self._release}` cannot be the name of a Helm release"
            fix = f"use at most {_RELEASE_NAME_LENGTH} lower-case letters, digits and hyphens, with a letter or digit at both ends"
            yield _fatal("helm-release-invalid", chart, message, fix)
        try:
            self._values, self._integers = compose(request.values, request.set_values, request.set_strings, request.set_files)
        except ValueError as error:
            yield _fatal("helm-set-invalid", chart, str(error), "correct the expression")
            return
        if request.kube_version is not None:
            try:
                self._kube_version = normalized_version(request.kube_version)
            except ValueError as error:
                yield _fatal("helm-kube-version", chart, str(error), "give a version such as 1.31")
                return
            refused = kube_version_problem(chart, request.kube_version)
            if refused is not None:
                yield refused
        self._plan = plan(chart, self._values)
        yield from self._plan.problems
        if not request.skip_schema:
            yield from self._read_schemas()

    def _read_schemas(self) -> Iterator[Problem]:
        """Take references to other files out of the schemas of values; what is no JSON is not shown to the engine."""
        taking_part = {instance.chart for instance in self._plan.instances}
        for chart in self.request.chart.tree():
            data = chart.files.get("values.schema.json")
            if data is None:
                continue
            from linter.rendering.helm.values_schema import offline_schema, schema_failure

            path = chart.origin("values.schema.json")
            try:
                self._schemas[path], complete = offline_schema(data)
            except ValueError as error:
                if chart in taking_part:
                    yield Problem(schema_failure(error, chart), True)
                continue
            if not complete and chart in taking_part:
                self._unread_schemas.append(path)

    def payload(self) -> dict[str, Any]:
        """The message for the worker; see `worker.Engine.answer`."""
        request = self.request
        files = dict(_chart_files(request.chart, request.overrides, self._schemas, ""))
        if self._integers:
            depth = max(name.count("/") for name in files) + len(self._plan.instances)
            routes = [instance.route for instance in self._plan.instances[1:]]
            # The engine renders the templates that stand deepest first.
            name = f"templates/{'set/' * depth}values.yaml"
            files[name] = integers_template(self._values, self._integers, routes).encode("utf-8", "replace")
        return {
            "files": files,
            "values": self._values,
            "release": self._release,
            "namespace": request.namespace,
            "kube_version": self._kube_version,
            "api_versions": list(request.api_versions),
        }

    def digest(self) -> bytes:
        """What the worker's answer depends on, in a few bytes."""
        import marshal
        from hashlib import sha256

        # From version 3 on, equal values can be written in several ways.
        return sha256(marshal.dumps(self.payload(), 2)).digest()

    def without_rendering(self) -> RenderedChart:
        return RenderedChart(self.request, (), tuple(problem.failure for problem in self._problems))

    def result(self, reply: Reply) -> RenderedChart:
        """The rendered chart, from a worker's answer."""
        failures = [problem.failure for problem in self._problems]
        files = list(self._crds()) if self.request.include_crds else []
        if "rendered" in reply:
            files += self._rendered(reply["rendered"])
        else:
            failures += self._explained(reply["kind"], reply["error"])
        return RenderedChart(self.request, tuple(files), tuple(failures), tuple(self._unread_schemas))

    def _crds(self) -> Iterator[RenderedFile]:
        seen: set[str] = set()
        for instance in self._plan.instances:
            for file in instance.chart.crds():
                path = instance.chart.origin(file)
                if path not in seen:
                    seen.add(path)
                    yield RenderedFile(path, instance.chart.files[file].decode("utf-8-sig", "replace"), f"{instance.key}/{file}", False)

    def _rendered(self, texts: Mapping[str, str]) -> Iterator[RenderedFile]:
        paths = self._paths()
        for key, text in sorted(texts.items()):
            if self.request.skip_tests:
                from linter.rendering.helm.hooks import without_tests

                text = without_tests(text)
            if text.strip():
                yield RenderedFile(paths.get(key) or _join(self.request.chart.path, key.partition("/")[2]), text, key)

    def _explained(self, kind: str, text: str) -> list[Failure]:
        from linter.rendering.helm.errors import load_failure, process_failure, render_failure
        from linter.rendering.helm.values_schema import values_failures

        chart = self.request.chart
        if kind in ("render", "values") and any(problem.failure.id.startswith("helm-dependency-") for problem in self._problems):
            # What is missing has been named; what comes of it would only repeat that.
            return []
        if kind == "render":
            return [render_failure(text, chart, self._paths().get)]
        if kind == "values":
            return values_failures(text, chart, self._plan.instances, list(self.request.values))
        if kind in ("load", "other"):
            return [load_failure(text, chart)]
        return [process_failure(kind, text, chart)]

    def _paths(self) -> dict[str, str]:
        """The author's file of each template, by the engine's name for it."""
        return {
            f"{instance.key}/{file}": instance.chart.origin(file)
            for instance in self._plan.instances
            for file in instance.chart.files
            if file.startswith("templates/")
        }


def _chart_files(chart: Chart, overrides: Mapping[str, str], schemas: Mapping[str, bytes], prefix: str) -> Iterator[tuple[str, bytes]]:
    """The files of a chart and its subcharts as the engine is to see them; packed subcharts become directories."""
    for file, data in chart.files.items():
        if file == "values.schema.json":
            if (schema := schemas.get(chart.origin(file))) is not None:
                yield prefix + file, schema
            continue
        if file.startswith("crds/") and not chart.reads_files:
            continue
        replaced = overrides.get(chart.origin(file)) if overrides else None
        yield prefix + file, data if replaced is None else replaced.encode("utf-8", "replace")
    for number, subchart in enumerate(chart.subcharts):
        yield from _chart_files(subchart, overrides, schemas, f"{prefix}charts/{number}-{subchart.name}/")


def _join(directory: str, file: str) -> str:
    return file if directory == "." else f"{directory}/{file}"


def _default_release(name: str) -> str:
    return name if _RELEASE_NAME.fullmatch(name) and len(name) <= _RELEASE_NAME_LENGTH else _FALLBACK_RELEASE


def _fatal(id: str, chart: Chart, message: str, fix: str) -> Problem:
    return Problem(Failure(id, "broken", "render", chart.metadata.path, None, message, fix), True)
