"""Values behind the output of charts: what was traced to a layer of values, as places in files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from linter.engine.placing.declared import DeclaredPlaces, Said
from linter.model import Location, ManifestFile, Route, Source
from linter.model.applications import ApplicationSource
from linter.model.findings import RelatedLocation
from linter.provenance.locating import Locator, Place, Traced
from linter.provenance.values import ChartToTrace, UnsetKey, ValueOrigin, WantedPlace, definition, trace, unset_keys
from linter.rendering.helm.values import ValueLayer

if TYPE_CHECKING:
    from linter.provenance.locating import LineMap, On
    from linter.provenance.needed_templates import NeededTemplates
    from linter.rendering.helm.charts import Chart
    from linter.rendering.helm.renderer import ChartRequest, RenderedChart

Needed = Callable[["Chart"], "NeededTemplates"]
"""How the templates of a chart depend on each other."""

OptionPlace = Callable[[Source, int], "Location | None"]
"""The place of a `--set` of a source, counted through all that its request has; None if it stands in no file."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the world around the charts: the places of options, and what Applications say."""

    option_place: OptionPlace
    declared: DeclaredPlaces
    applications: Mapping[Source, ApplicationSource]


class ValuesTracer:
    """Traces the places of a run."""

    def __init__(
        self,
        locator: Locator,
        keys: Mapping[ManifestFile, str],
        line_maps: Mapping[ManifestFile, LineMap],
        surroundings: Surroundings,
    ) -> None:
        self._locator = locator
        self._keys = keys
        self._line_maps = line_maps
        self._option_place = surroundings.option_place
        self._declared = surroundings.declared
        self._applications = surroundings.applications

    def chart(self, request: ChartRequest, rendered: RenderedChart, places: Iterable[Place], needed: Needed) -> ChartToTrace:
        """A chart, and what is asked about it."""
        files = {place.document.file: None for place in places}
        line_maps = {self._keys[file]: self._line_maps[file] for file in files if file in self._line_maps}
        return ChartToTrace(request, rendered, list(dict.fromkeys(map(self._wanted, places))), line_maps, needed(request.chart))

    def trace(
        self,
        sources: Sequence[Source],
        charts: Sequence[ChartToTrace],
        places: Mapping[Source, Sequence[Place]],
        render: Callable[[Sequence[ChartRequest]], Iterable[RenderedChart]],
    ) -> dict[Place, Traced]:
        """The places of values behind the places in each source."""
        found: dict[Place, Traced] = {}
        known = list(zip(sources, charts, trace(charts, render), strict=True))
        self._declared.prepare(
            said for source, _, origins in known for group in origins.values() for origin in group for said in self._said(source, origin)
        )
        for source, chart, origins in known:
            for place in places[source]:
                traced = self._traced(source, chart, place, origins.get(self._wanted(place), ()))
                if traced is not None:
                    found[place] = traced
        return found

    def _said(self, source: Source, origin: ValueOrigin) -> Iterator[Said]:
        """What an Application says that decides about a place."""
        details = self._applications.get(source)
        if origin.layer is not None:
            if isinstance(origin.layer.origin, ApplicationSource):
                yield origin.layer.origin, self._declared.inline_route(origin.layer.origin, origin.route)
        elif details is not None and origin.option is not None:
            option = self._declared.option(details, origin.option)
            if option is not None:
                yield details, option[0]

    def _wanted(self, place: Place) -> WantedPlace:
        return WantedPlace(self._keys[place.document.file], place.document.index, place.route)

    def _traced(self, source: Source, chart: ChartToTrace, place: Place, origins: Sequence[ValueOrigin]) -> Traced | None:
        if len(origins) == 1 and origins[0].whole:
            [origin] = origins
            if place.on == "key" and (not place.route or origin.key[-1] != place.route[-1]):
                # The values say what stands there, and the template under which key.
                return None
            location = self._location(source, origin.layer, origin.route, origin.option, place.on)
            return Traced(location) if location is not None else None
        related = []
        for origin in origins:
            location = self._location(source, origin.layer, origin.route, origin.option, "value")
            if location is not None:
                related.append(RelatedLocation(f"`{_dotted(origin.key)}` is set here", location, True))
        absent = self._absent(source, chart.request, place)
        if not related or absent is None:
            return Traced(None, tuple(related)) if related else absent
        return replace(absent, related=(*related, *absent.related))

    def absent(self, requests: Mapping[Source, ChartRequest], places: Iterable[Place]) -> dict[Place, Traced]:
        """What would add fields that are missing where the template says everything else."""
        found = ((place, self._absent(source := place.document.file.source, requests[source], place)) for place in places)
        return {place: traced for place, traced in found if traced is not None}

    def _absent(self, source: Source, request: ChartRequest, place: Place) -> Traced | None:
        unset = self._unset(request, place)
        if not unset:
            return None
        related = []
        for key in unset:
            location = self._location(source, key.layer, key.route, key.option, "value")
            if location is not None:
                related.append(RelatedLocation(f"`{_dotted(key.key)}` is left empty here", location, True))
        return Traced(None, tuple(related), f"the chart prints it once `{_dotted(unset[0].key)}` is set in its values")

    def _unset(self, request: ChartRequest, place: Place) -> list[UnsetKey]:
        """The keys that would add a field which is missing."""
        document = place.document
        lines = self._line_maps.get(document.file)
        positions = self._locator.positions(document.file)
        if lines is None or not place.route or positions.has(document.index, place.route):
            return []
        depth = next(depth for depth in range(len(place.route) - 1, -1, -1) if positions.has(document.index, place.route[:depth]))
        field = place.route[depth]
        if not isinstance(field, str):
            return []
        first, last = positions.lines_of(document.index, place.route[:depth])
        origins = [origin for origin in lines[first - 1 : last] if origin is not None]
        path = origins[0].path if origins else ""
        own = [origin.line for origin in origins if origin.path == path]
        if not own:
            return []
        # What is left out may stand in front of what is printed of a mapping, or behind it.
        around = {origin.line for origin in lines if origin is not None and origin.path == path}
        first = max((line for line in around if line < min(own)), default=0) + 1
        last = min((line for line in around if line > max(own)), default=len(request.chart.templates().get(path, "").splitlines()) + 1) - 1
        return unset_keys(request, self._keys[document.file], path, (min(own), max(own)), field, (first, last))

    def _location(self, source: Source, layer: ValueLayer | None, route: Route, option: int | None, on: On) -> Location | None:
        if layer is None:
            return self._option_place(source, option) if option is not None else None
        found = definition(layer, route, on)
        if isinstance(layer.origin, ApplicationSource):
            return self._declared.inline(layer.origin, layer, route, on)
        if not layer.path or layer.path.startswith("/") or found is None:
            return None
        return Location(layer.path, *found)


def _dotted(key: Route) -> str:
    """A values key as people write it: `ingress.hosts[0].host`."""
    text = ""
    for step in key:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
