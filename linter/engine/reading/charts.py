"""Charts of a run: rendered once per set of values, their output read, and lines mapped back where there are findings."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from linter.discovery import Discovery
from linter.engine.options import LintOptions
from linter.engine.reading.files import Reading, read_rendered
from linter.engine.secrets import without_excerpts
from linter.errors import InputError
from linter.model import ChartFacts, Document, Failure, ManifestFile, Source, SourceStatus
from linter.repository import Tree

if TYPE_CHECKING:
    from linter.engine.session import Session
    from linter.provenance.helm_lines import Marked
    from linter.provenance.locating import LineMap
    from linter.rendering.helm.charts import Chart
    from linter.rendering.helm.renderer import ChartRequest, RenderedChart


class ChartRun:
    """What became of the charts. `unread_schemas` are schemas of values that refer to others, which are not read.

    `texts` are the templates by path, `documents` the Chart.yaml documents that rules about charts point into.
    `requests` are the charts that loaded, by source. `line_maps` fills as `map_lines` is asked for files.
    """

    def __init__(self, session: Session, discovery: Discovery) -> None:
        self._session = session
        self._discovery = discovery
        self.texts: dict[str, str] = {}
        # Files of values that may hold suppressions.
        self.commented_values: dict[str, str] = {}
        self.documents: dict[str, Document] = {}
        self.unread_schemas: dict[str, None] = {}
        self.line_maps: dict[ManifestFile, LineMap] = {}
        self._failures: dict[Source, list[Failure]] = {}
        self.requests: dict[Source, ChartRequest] = {}
        self._keys: dict[ManifestFile, str] = {}
        self._members: dict[str, list[Source]] = {}
        self._marked: dict[str, Marked] = {}
        self._printed: dict[str, set[int]] = {}
        self._invalid: list[tuple[ManifestFile, InputError]] = []

    def status(self, source: Source) -> tuple[SourceStatus, str | None]:
        """Whether a source could be rendered, and why not."""
        failures = self._failures.get(source, [])
        worst = next((failure for failure in failures if failure.kind == "broken"), failures[0] if failures else None)
        return (worst.kind, worst.message) if worst is not None else self._discovery.status(source)

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
            if file.rendered and file not in self.line_maps:
                wanted.setdefault(file.source, []).append(file)
        if not wanted:
            return
        from dataclasses import replace

        from linter.provenance.helm_lines import line_map, mark

        sources = sorted(wanted, key=lambda source: (source.path, source.environment or ""))
        requests = []
        for source in sources:
            chart = self.requests[source].chart
            if chart.path not in self._marked:
                self._marked[chart.path] = mark(chart.templates())
            requests.append(replace(self.requests[source], overrides=self._marked[chart.path].templates, include_crds=False))
        for source, rendered in zip(sources, self._session.renderer.render(requests), strict=True):
            table = self._marked[source.path].table
            marked = {file.key: file.text for file in rendered.files}
            for file in wanted[source]:
                lines = line_map(file.text, marked.get(self._keys[file], ""), table)
                if lines is not None:
                    self.line_maps[file] = lines

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

    def fail(self, source: Source, failures: Iterable[Failure], reading: Reading) -> None:
        """Record why a source could not be judged whole."""
        for failure in failures:
            self._failures.setdefault(source, []).append(failure)
            if failure not in reading.failures:
                reading.failures.append(failure)

    def add_rendered(self, source: Source, rendered: RenderedChart, reading: Reading) -> None:
        """Read what a chart rendered to."""
        self.fail(source, rendered.failures, reading)
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
            self.fail(file.source, [self._unreadable_output(file, error)], reading)

    def _unreadable_output(self, file: ManifestFile, error: InputError) -> Failure:
        was = without_excerpts(error.at(file.path), file.text)
        if not file.rendered:
            return was
        lines = self.line_maps.get(file)
        origin = lines[was.line - 1] if lines is not None and was.line is not None and 0 < was.line <= len(lines) else None
        environment = f" in environment {file.source.environment}" if file.source.environment else ""
        return Failure(
            "helm-output-invalid",
            "broken",
            "parse",
            origin.path if origin is not None else file.path,
            origin.line if origin is not None else None,
            f"what this template renders to{environment} is {was.message}",
            f"{was.fix}; `gitops-lint render {file.source.path}` shows the output",
        )


def render_charts(
    tree: Tree,
    discovery: Discovery,
    sources: Sequence[Source],
    session: Session,
    reading: Reading,
    options: LintOptions,
    targets: Mapping[str, str | None],
    step: Callable[[str], None],
) -> ChartRun:
    """Render every Helm source, and read what comes out."""
    run = ChartRun(session, discovery)
    helm = [source for source in sources if source.type == "helm" and source not in discovery.problems]
    if not helm:
        return run
    from linter.rendering.helm.charts import load_chart
    from linter.rendering.helm.renderer import ChartRequest
    from linter.rendering.helm.values import decode_values

    charts: dict[str, Chart | InputError] = {}
    for source in helm:
        if source.path not in charts:
            try:
                charts[source.path] = load_chart(source.path, tree.files(), tree.read, {**tree.links, **tree.directory_links})
            except InputError as error:
                charts[source.path] = error
        chart = charts[source.path]
        if isinstance(chart, InputError):
            run.fail(source, [chart.at(source.path)], reading)
            continue
        try:
            layers = [decode_values(_values_file(tree, path), path) for path in source.values]
        except InputError as error:
            run.fail(source, [error.at(source.path)], reading)
            continue
        request = ChartRequest(
            chart,
            layers,
            source.set_values,
            release=source.release,
            namespace=source.namespace or "default",
            kube_version=targets.get("kubernetes"),
            api_versions=options.api_versions,
        )
        run.add_chart(source, request)
    pending = list(run.requests.items())
    for number, ((source, _), rendered) in enumerate(
        zip(pending, session.renderer.render([request for _, request in pending]), strict=True), 1
    ):
        step(f"rendering charts: {number} of {len(pending)}")
        run.add_rendered(source, rendered, reading)
    run.finish(reading)
    return run


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
