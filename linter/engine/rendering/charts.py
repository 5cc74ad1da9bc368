"""Charts of a run: rendered once per set of values, their output read, and lines mapped back where there are findings."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from linter.engine.reading.files import Reading, read_rendered
from linter.engine.rendering.failures import SourceFailures, inline_place
from linter.engine.secrets import without_excerpts
from linter.errors import InputError
from linter.model import ChartFacts, Document, Failure, ManifestFile, Source
from linter.model.applications import ApplicationSource
from linter.repository import Tree

if TYPE_CHECKING:
    from linter.engine.placing.template_lines import LineMapper
    from linter.engine.placing.values import Surroundings
    from linter.engine.session import Session
    from linter.provenance.locating import LineMap, Locator, Place, Traced
    from linter.rendering.helm.charts import Chart
    from linter.rendering.helm.renderer import ChartRequest, RenderedChart


class ChartRun:
    """What became of the charts. `unread_schemas` are schemas of values that refer to others, which are not read.

    `texts` are the templates by path, `documents` the Chart.yaml documents that rules about charts point into.
    `requests` are the charts that loaded, by source. `line_maps` fills as `map_lines` is asked for files.
    """

    def __init__(self, tree: Tree, session: Session, targets: Mapping[str, str | None], api_versions: Sequence[str]) -> None:
        """`targets` and `api_versions` are what charts see of the cluster."""
        self._tree = tree
        self._session = session
        self._targets = targets
        self._api_versions = api_versions
        self._charts: dict[str, Chart | InputError] = {}
        self.texts: dict[str, str] = {}
        # Files of values that may hold suppressions.
        self.commented_values: dict[str, str] = {}
        self.documents: dict[str, Document] = {}
        self.unread_schemas: dict[str, None] = {}
        self.line_maps: dict[ManifestFile, LineMap] = {}
        self._failures = SourceFailures()
        self.requests: dict[Source, ChartRequest] = {}
        self._rendered: dict[Source, RenderedChart] = {}
        self._keys: dict[ManifestFile, str] = {}
        self._members: dict[str, list[Source]] = {}
        self._lines: LineMapper | None = None
        self._printed: dict[str, set[int]] = {}
        self._invalid: list[tuple[ManifestFile, InputError]] = []

    def failures(self, source: Source) -> Sequence[Failure]:
        """Why a source could not be rendered whole."""
        return self._failures.get(source, ())

    def render(
        self,
        sources: Sequence[Source],
        details: Mapping[Source, ApplicationSource],
        reading: Reading,
        step: Callable[[str], None],
    ) -> None:
        """Render Helm sources, and read what comes out. `details` are what Applications tell Helm."""
        pending: list[tuple[Source, ChartRequest]] = []
        for source in sources:
            request = self._request(source, details.get(source), reading)
            if request is not None:
                self.add_chart(source, request)
                pending.append((source, request))
        if pending:
            self._render(pending, reading, step)

    def render_with(self, sources: Mapping[Source, Sequence[str]], reading: Reading, step: Callable[[str], None]) -> None:
        """Render sources again for a cluster that offers more API versions, in place of what they have rendered to."""
        from dataclasses import replace

        again = frozenset(sources)
        reading.leave_out(lambda file: file.source in again)
        self._keys = {file: key for file, key in self._keys.items() if file.source not in again}
        self._invalid = [entry for entry in self._invalid if entry[0].source not in again]
        for source in sources:
            outdated = self._failures.pop(source, [])
            reading.failures[:] = [failure for failure in reading.failures if failure not in outdated]
            request = self.requests[source]
            self.requests[source] = replace(request, api_versions=(*request.api_versions, *sources[source]))
        self._render([(source, self.requests[source]) for source in sources], reading, step)

    def asking_for_api_versions(self) -> list[Source]:
        """The sources whose templates look at the API versions that the cluster offers."""
        if not self.requests:
            return []
        from linter.rendering.helm.capabilities import asks_for_api_versions

        return [source for source, request in self.requests.items() if asks_for_api_versions(request.chart)]

    def forget(self, source: Source, reading: Reading) -> None:
        """Leave out a source that something else deploys: its requests, members and failures. Its documents stay."""
        self.requests.pop(source, None)
        for members in self._members.values():
            if source in members:
                members.remove(source)
        self._failures.forget(source, reading)
        self._keys = {file: key for file, key in self._keys.items() if file.source != source}
        self._invalid = [entry for entry in self._invalid if entry[0].source != source]

    def chart(self, path: str) -> Chart | InputError:
        """The chart in a directory or archive of the repository, or why it cannot be loaded."""
        if path not in self._charts:
            from linter.rendering.helm.charts import load_chart

            tree = self._tree
            try:
                self._charts[path] = load_chart(path, tree.files(), tree.read, {**tree.links, **tree.directory_links})
            except InputError as error:
                self._charts[path] = error
        return self._charts[path]

    def _request(self, source: Source, details: ApplicationSource | None, reading: Reading) -> ChartRequest | None:
        """How a source is to be rendered; None, with a failure, if its chart or its values cannot be used."""
        from linter.rendering.helm.renderer import ChartRequest
        from linter.rendering.helm.values import ValueLayer, decode_values

        chart = self.chart(source.path)
        if isinstance(chart, InputError):
            self._failures.add(source, [chart.at(source.path)], reading)
            return None
        try:
            layers = [decode_values(_values_file(self._tree, path), path) for path in source.values]
        except InputError as error:
            self._failures.add(source, [error.at(source.path)], reading)
            return None
        helm = details.helm if details is not None else None
        if details is None or helm is None:
            return ChartRequest(
                chart,
                layers,
                source.set_values,
                release=source.release,
                namespace=source.namespace or "default",
                kube_version=self._targets.get("kubernetes"),
                api_versions=self._api_versions,
            )
        if helm.inline is not None:
            layers.append(ValueLayer(helm.inline.values, "", helm.inline.text, origin=details, place=partial(inline_place, details)))
        given = {kind: [entry for entry in helm.parameters if entry.kind == kind] for kind in ("set", "string", "file")}
        return ChartRequest(
            chart,
            layers,
            (*source.set_values, *(entry.expression for entry in given["set"])),
            tuple(entry.expression for entry in given["string"]),
            tuple((entry.expression, entry.content) for entry in given["file"]),
            release=source.release or helm.release,
            namespace=helm.namespace or source.namespace or "default",
            include_crds=not helm.skip_crds,
            skip_tests=helm.skip_tests,
            skip_schema=helm.skip_schema,
            kube_version=helm.kube_version or self._targets.get("kubernetes"),
            api_versions=self._api_versions if helm.api_versions is None else helm.api_versions,
            api_versions_replace=helm.api_versions is not None,
        )

    def _render(self, pending: Sequence[tuple[Source, ChartRequest]], reading: Reading, step: Callable[[str], None]) -> None:
        results = self._session.renderer.render([request for _, request in pending])
        for number, ((source, _), rendered) in enumerate(zip(pending, results, strict=True), 1):
            step(f"rendering charts: {number} of {len(pending)}")
            self._add_rendered(source, rendered, reading)

    def facts(self) -> Iterator[tuple[Source, ChartFacts]]:
        """Each chart once, whatever its environments."""
        seen = set()
        for source, request in self.requests.items():
            if request.chart.path not in seen:
                seen.add(request.chart.path)
                yield source, request.chart.facts()

    def sources_of(self, path: str) -> list[Source]:
        """The sources whose rendering a template or a Chart.yaml takes part in."""
        return self._members.get(path, [])

    def map_lines(self, files: Iterable[ManifestFile]) -> None:
        """Find the template line behind each line of these rendered files, by rendering their charts with markers."""
        wanted: dict[Source, list[ManifestFile]] = {}
        for file in files:
            if file.rendered and file not in self.line_maps and file.source in self.requests:
                wanted.setdefault(file.source, []).append(file)
        if not wanted:
            return
        self._mapper().map({source: wanted[source] for source in sorted(wanted, key=_order)}, self._session.renderer.render)

    def _mapper(self) -> LineMapper:
        if self._lines is None:
            from linter.engine.placing.template_lines import LineMapper

            self._lines = LineMapper(self.requests, lambda: self._keys, self.line_maps)
        return self._lines

    def trace(self, places: Iterable[Place], locator: Locator, surroundings: Surroundings) -> dict[Place, Traced]:
        """What values have decided at places in rendered files, by rendering their charts with other values."""
        wanted: dict[Source, list[Place]] = {}
        absent: list[Place] = []
        for place in places:
            file = place.document.file
            if file not in self._keys or not file.rendered:
                continue
            if locator.comes_from_action(place.document, place.route, place.on):
                wanted.setdefault(file.source, []).append(place)
            elif not locator.positions(file).has(place.document.index, place.route):
                absent.append(place)
        if not wanted and not absent:
            return {}
        from linter.engine.placing.values import ValuesTracer

        tracer = ValuesTracer(locator, self._keys, self.line_maps, surroundings)
        sources = sorted(wanted, key=_order)
        needed = self._mapper().needed
        charts = [tracer.chart(self.requests[source], self._rendered[source], wanted[source], needed) for source in sources]
        found = tracer.trace(sources, charts, wanted, self._session.renderer.render) if wanted else {}
        return found | tracer.absent(self.requests, absent)

    def prints(self, path: str, first: int, last: int) -> bool:
        """Whether some rendering is known to hold text from these lines of a template."""
        if path not in self._printed:
            files = [file for file in self._keys if file.rendered and file.source in self.sources_of(path)]
            self.map_lines(files)
            origins = (origin for file in files for origin in self.line_maps.get(file, ()) if origin is not None)
            places = [place for origin in origins for place in ((origin.path, origin.line), origin.via) if place is not None]
            self._printed[path] = {line for found, line in places if found == path}
        return any(first <= line <= last for line in self._printed[path])

    def add_chart(self, source: Source, request: ChartRequest) -> None:
        """Take a chart into the run: its templates, its Chart.yaml, and how to render it again."""
        chart = request.chart
        self.requests[source] = request
        for path, text in chart.templates().items():
            self.texts[path] = text
            self._members.setdefault(path, []).append(source)
        path = chart.metadata.path
        self._members.setdefault(path, []).append(source)
        if path not in self.documents:
            text = chart.files["Chart.yaml"].decode("utf-8-sig", "replace")
            self.documents[path] = Document(ManifestFile(path, text, source), 0, chart.metadata.raw)
        for layer in (chart.values_layer, *request.values):
            if layer.path and not os.path.isabs(layer.path) and "gitops-lint" in layer.text:
                self.commented_values[layer.path] = layer.text
                self._members.setdefault(layer.path, []).append(source)

    def _add_rendered(self, source: Source, rendered: RenderedChart, reading: Reading) -> None:
        """Read what a chart rendered to."""
        self._rendered[source] = rendered
        self._failures.add(source, rendered.failures, reading)
        self.unread_schemas |= dict.fromkeys(rendered.unread_schemas)
        for output in rendered.files:
            try:
                file, held = read_rendered(output.path, output.text, source, reading, output.rendered)
            except InputError as error:
                file = ManifestFile(output.path, output.text, source, output.rendered)
                self._keys[file] = output.key
                self._invalid.append((file, error))
            else:
                if held:
                    self._keys[file] = output.key

    def finish(self, reading: Reading) -> None:
        """Explain the output that was no YAML, once all charts are rendered and their lines can be mapped."""
        self.map_lines(file for file, _ in self._invalid)
        for file, error in self._invalid:
            self._failures.add(file.source, [self._unreadable_output(file, error)], reading)
        self._failures.say_where(self._rendered_or_failed(), reading)

    def _rendered_or_failed(self) -> list[Source]:
        return list(dict.fromkeys((*self.requests, *self._failures)))

    def _unreadable_output(self, file: ManifestFile, error: InputError) -> Failure:
        was = without_excerpts(error.at(file.path), file.text)
        if not file.rendered:
            return was
        lines = self.line_maps.get(file)
        origin = lines[was.line - 1] if lines is not None and was.line is not None and 0 < was.line <= len(lines) else None
        return Failure(
            "helm-output-invalid",
            "broken",
            "parse",
            origin.path if origin is not None else file.path,
            origin.line if origin is not None else None,
            f"what this template renders to is {was.message}",
            f"{was.fix}; `gitops-lint render {file.source.path}` shows the output",
        )


def _order(source: Source) -> tuple[str, str, str, str, int]:
    return (source.path, source.environment or "", source.state, source.application or "", source.index)


def _values_file(tree: Tree, path: str) -> bytes:
    """A values file of the repository, or one that the command line names by an absolute path."""
    if not os.path.isabs(path):
        return tree.read(path)
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise InputError(
            "unreadable", f"{path} cannot be read: {(error.strerror or str(error)).lower()}", fix="check the path", path=path
        ) from None
