"""The template line behind each line of rendered files, found by rendering their charts with markers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from linter.model import ManifestFile, Source
from linter.provenance.helm_lines import Marked, line_map, mark
from linter.provenance.locating import LineMap
from linter.provenance.needed_templates import NeededTemplates
from linter.rendering.helm.charts import Chart
from linter.rendering.helm.renderer import ChartRequest, RenderedChart

Wanted = Mapping[Source, Sequence[ManifestFile]]
Render = Callable[[Sequence[ChartRequest]], Iterable[RenderedChart]]


class LineMapper:
    """Maps the lines of a run's rendered files. `keys` are what the engine calls them, `line_maps` takes what is found."""

    def __init__(
        self,
        requests: Mapping[Source, ChartRequest],
        keys: Callable[[], Mapping[ManifestFile, str]],
        line_maps: dict[ManifestFile, LineMap],
    ) -> None:
        self._requests = requests
        self._keys = keys
        self._line_maps = line_maps
        self._needed: dict[str, NeededTemplates] = {}
        self._marked: dict[tuple[str, frozenset[str] | None, bool], Marked] = {}

    def needed(self, chart: Chart) -> NeededTemplates:
        """How the templates of a chart depend on each other."""
        if chart.path not in self._needed:
            self._needed[chart.path] = NeededTemplates(chart.templates())
        return self._needed[chart.path]

    def map(self, wanted: Wanted, render: Render) -> None:
        """Map the lines of files, by their sources. A file that cannot be brought together with its marked rendering gets no map."""
        paths: dict[str, set[str]] = {}
        for source, files in wanted.items():
            paths.setdefault(self._requests[source].chart.path, set()).update(file.path for file in files)
        charts = {self._requests[source].chart.path: self._requests[source].chart for source in wanted}
        only = {path: self.needed(chart).of(paths[path]) for path, chart in charts.items()}
        partial = {path for path, chart in charts.items() if len(only[path]) < len(chart.templates())}
        self._map(wanted, only, render, helpers=True)
        # Rarely a chart prints something else without its other templates, or with markers in its helpers.
        left = {source: files for source, files in self._left(wanted).items() if self._requests[source].chart.path in partial}
        self._map(left, {}, render, helpers=True)
        self._map(self._left(wanted), {}, render, helpers=False)

    def _left(self, wanted: Wanted) -> Wanted:
        left = {source: [file for file in files if file not in self._line_maps] for source, files in wanted.items()}
        return {source: files for source, files in left.items() if files}

    def _map(self, wanted: Wanted, only: Mapping[str, frozenset[str]], render: Render, *, helpers: bool) -> None:
        """Map what can be mapped, with the templates `only` has for a chart, and with or without markers in helpers."""
        if not wanted:
            return
        marked = [self._mark(self._requests[source].chart, only, helpers) for source in wanted]
        pairs = zip(wanted, marked, strict=True)
        requests = [replace(self._requests[source], overrides=entry.templates, include_crds=False) for source, entry in pairs]
        keys = self._keys()
        for source, entry, rendered in zip(wanted, marked, render(requests), strict=True):
            texts = {file.key: file.text for file in rendered.files}
            for file in wanted[source]:
                lines = line_map(file.text, texts.get(keys[file], ""), entry.table)
                if lines is not None:
                    self._line_maps[file] = lines

    def _mark(self, chart: Chart, only: Mapping[str, frozenset[str]], helpers: bool) -> Marked:
        key = (chart.path, only.get(chart.path), helpers)
        if key not in self._marked:
            self._marked[key] = mark(chart.templates(), helpers=helpers, only=key[1])
        return self._marked[key]
