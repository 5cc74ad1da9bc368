"""Charts of a run: rendered once per set of values, their output read, and lines mapped back where there are findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from linter.discovery import Discovery
from linter.engine.options import LintOptions
from linter.engine.reading import Reading, read_rendered
from linter.errors import InputError
from linter.model import ChartFacts, Document, Failure, ManifestFile, Source, SourceStatus
from linter.repository import Tree

if TYPE_CHECKING:
    from linter.engine.run import Session
    from linter.provenance.locating import LineMap
    from linter.rendering.charts import Chart
    from linter.rendering.helm import ChartRequest


class ChartRun:
    """What became of the charts.

    `texts` are the templates by path, `documents` the Chart.yaml documents that rules about charts point into.
    `line_maps` fills as `map_lines` is asked for files.
    """

    def __init__(self, session: Session, discovery: Discovery) -> None:
        self._session = session
        self._discovery = discovery
        self.texts: dict[str, str] = {}
        self.documents: dict[str, Document] = {}
        self.line_maps: dict[ManifestFile, LineMap] = {}
        self._failures: dict[Source, list[Failure]] = {}
        self._charts: dict[Source, Chart] = {}
        self._requests: dict[Source, ChartRequest] = {}
        self._files: dict[Source, list[ManifestFile]] = {}
        self._members: dict[str, list[Source]] = {}

    def status(self, source: Source) -> tuple[SourceStatus, str | None]:
        """Whether a source could be rendered, and why not."""
        failures = self._failures.get(source, [])
        worst = next((failure for failure in failures if failure.kind == "broken"), failures[0] if failures else None)
        return (worst.kind, worst.message) if worst is not None else self._discovery.status(source)

    def facts(self) -> Iterator[tuple[Source, ChartFacts]]:
        """Each chart once, whatever its environments."""
        seen = set()
        for source, chart in self._charts.items():
            if chart.path not in seen:
                seen.add(chart.path)
                yield source, chart.facts()

    def sources_of(self, path: str) -> list[Source]:
        """The sources whose rendering a template takes part in."""
        return self._members.get(path, [])

    def map_lines(self, files: Iterable[ManifestFile]) -> None:
        """Find the template line behind each line of these rendered files."""


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
    return run
