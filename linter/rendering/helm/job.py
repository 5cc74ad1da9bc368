"""One chart on its way through an engine: what is known before, the message, and the reading of the answer.

What the engine leaves out is done here: missing dependencies, `kubeVersion`, custom resource definitions, hooks of tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from linter.model import Failure
from linter.rendering.helm.capabilities import asks_for_api_versions, normalized_version
from linter.rendering.helm.charts import Chart, join_path
from linter.rendering.helm.dependencies import Plan, Problem, kube_version_problem, plan
from linter.rendering.helm.requests import ChartRequest, RenderedChart, RenderedFile
from linter.rendering.helm.values import compose, integers_template

if TYPE_CHECKING:
    from linter.rendering.helm.process import Reply

_RELEASE_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_RELEASE_NAME_LENGTH = 53
_FALLBACK_RELEASE = "release-name"


class Job:
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
        """The message for the engine; see `worker.Engine.answer`."""
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
            "api_versions": self._api_versions(),
            "vendored": [subchart.name for subchart in request.chart.subcharts],
        }

    def _api_versions(self) -> list[str]:
        """Those asked for, and those of the cluster's version with their kinds, which only a chart can miss that asks for any."""
        request = self.request
        if request.api_versions_replace or self._kube_version is None or not asks_for_api_versions(request.chart):
            return list(request.api_versions)
        from linter.kubernetes.api_versions.served_kinds import served_kinds

        served = served_kinds(self._kube_version)
        # The engine itself knows no version of groups that have a server of their own, such as apiregistration.k8s.io.
        return list(dict.fromkeys((*request.api_versions, *(kind.rpartition("/")[0] for kind in served), *served)))

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
                yield RenderedFile(paths.get(key) or join_path(self.request.chart.path, key.partition("/")[2]), text, key)

    def _explained(self, kind: str, text: str) -> list[Failure]:
        from linter.rendering.helm.errors import kube_version_failure, load_failure, process_failure, render_failure
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
        if kind == "kube-version":
            return [kube_version_failure(text, chart)]
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


def _default_release(name: str) -> str:
    return name if _RELEASE_NAME.fullmatch(name) and len(name) <= _RELEASE_NAME_LENGTH else _FALLBACK_RELEASE


def _fatal(id: str, chart: Chart, message: str, fix: str) -> Problem:
    return Problem(Failure(id, "broken", "render", chart.metadata.path, None, message, fix), True)
