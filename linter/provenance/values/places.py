"""The places asked about, and the scalars each is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from linter.errors import InputError
from linter.manifest.positions import Positions, index_positions
from linter.model.routes import Route
from linter.provenance.helm_lines import TemplateLine
from linter.provenance.needed_templates import NeededTemplates
from linter.provenance.values.definitions import Definitions, Leaf, leaves_below
from linter.provenance.values.mentions import ANY, Mentions, Path, covers
from linter.provenance.values.origins import ChartToTrace, ValueOrigin, WantedPlace
from linter.provenance.values.spots import Candidates, Outputs, Spot, nearest

# A mapping or list with more in it is no single setting, and altering all of it would alter everything.
_LARGEST_NODE = 400


class Place:
    """A wanted place and its spots, each with its route from there on."""

    __slots__ = ("spots", "wanted")

    def __init__(self, wanted: WantedPlace, spots: list[tuple[Route, Spot]]) -> None:
        self.wanted = wanted
        self.spots = spots

    def origins(self, instance: tuple[str, ...]) -> tuple[ValueOrigin, ...]:
        """Where it comes from, by what the probes have found."""
        found = [(end, spot.found) for end, spot in self.spots]
        leaves = [(end, leaf) for end, leaf in found if leaf is not None]
        if len(leaves) < len(found):
            if len(found) == 1 and not found[0][0]:
                return tuple(_origin(leaf, leaf.route, leaf.key(instance), False) for leaf in self.spots[0][1].parts)
            return ()
        # The strongest of the definitions that make up a mapping stands for it.
        end, leaf = max(leaves, key=lambda entry: entry[1].holder.rank)
        routes = {_without(leaf.key(instance), end) for end, leaf in leaves}
        if len(routes) != 1 or (key := routes.pop()) is None:
            return ()
        route = _without(leaf.route, end)
        return (_origin(leaf, route, key, True),) if route is not None else ()


def _origin(leaf: Leaf, route: Route, key: Route, whole: bool) -> ValueOrigin:
    holder = leaf.holder
    return ValueOrigin(key, whole, holder.layer, route, holder.number if holder.kind == "option" else None)


def _without(route: Route, end: Route) -> Route | None:
    if not end:
        return route
    return route[: -len(end)] if len(route) > len(end) and route[-len(end) :] == end else None


class Places:
    """Every wanted place of a chart whose value some definition can account for."""

    def __init__(self, chart: ChartToTrace, definitions: Definitions, outputs: Outputs, mentions: Callable[[], Mentions]) -> None:
        self._chart = chart
        self._definitions = definitions
        self._outputs = outputs
        self._mentions = mentions
        self._candidates = Candidates(definitions.leaves)
        self._spots: dict[tuple[str, int, Route], Spot] = {}
        self._positions: dict[str, Positions | None] = {}
        self._texts = {file.key: file.text for file in chart.rendered.files if file.rendered}
        self._named_at: dict[tuple[object, ...], frozenset[Leaf]] = {}
        self._covered_by: dict[tuple[Path, tuple[str, ...]], frozenset[Leaf]] = {}
        self._prefixes: dict[tuple[str, ...], dict[Route, list[Leaf]]] = {}
        self.all = [place for wanted in dict.fromkeys(chart.wanted) if (place := self._place(wanted)) is not None]

    @property
    def spots(self) -> list[Spot]:
        """The scalars of all places, each once."""
        return list(dict.fromkeys(spot for place in self.all for _, spot in place.spots))

    def instance(self, wanted: WantedPlace) -> tuple[str, ...]:
        """The place in the values of the chart that a wanted place belongs to."""
        return self._definitions.instance_of(wanted.key).route

    def _place(self, wanted: WantedPlace) -> Place | None:
        found = nearest(self._outputs.documents(wanted.key), wanted.document, wanted.route) if wanted.key in self._texts else None
        if found is None:
            return None
        route, value = found
        if not isinstance(value, (dict, list)):
            return self._scalar(wanted, route, value)
        if not value and (place := self._scalar(wanted, route, value)) is not None:
            return place
        return self._node(wanted, route, value)

    def _scalar(self, wanted: WantedPlace, route: Route, value: object) -> Place | None:
        spot = self._spot(wanted, route, value)
        self._candidates.fill(spot, self._mentioned(wanted, route))
        return Place(wanted, [((), spot)]) if spot.sure or spot.likely or spot.falsy or spot.weak else None

    def _node(self, wanted: WantedPlace, route: Route, value: object) -> Place | None:
        """A mapping or list: all that is in it may come from one node of the values."""
        ends = []
        for end, entry in leaves_below(value):
            ends.append((end, entry))
            if not end or len(ends) > _LARGEST_NODE:
                return None
        instance = self.instance(wanted)
        trials = [(end, Spot(wanted.key, wanted.document, (*route, *end), entry)) for end, entry in ends]
        nodes: set[Route] | None = None
        for end, spot in trials:
            self._candidates.fill_below(spot, end)
            own = {node for leaf in (*spot.likely, *spot.falsy) if (node := _without(leaf.key(instance), end)) is not None}
            nodes = own if nodes is None else nodes & own
            if not nodes:
                return None
        spots: list[tuple[Route, Spot]] = []
        for end, trial in trials:
            spot = self._spot(wanted, trial.route, trial.value)
            fit = [leaf for leaf in trial.likely if _without(leaf.key(instance), end) in (nodes or ())]
            falsy = [leaf for leaf in trial.falsy if _without(leaf.key(instance), end) in (nodes or ())]
            spot.likely = list(dict.fromkeys([*spot.likely, *fit]))
            spot.falsy = list(dict.fromkeys([*spot.falsy, *falsy]))
            spots.append((end, spot))
        return Place(wanted, spots)

    def _spot(self, wanted: WantedPlace, route: Route, value: object) -> Spot:
        return self._spots.setdefault((wanted.key, wanted.document, route), Spot(wanted.key, wanted.document, route, value))

    def _mentioned(self, wanted: WantedPlace, route: Route) -> frozenset[Leaf] | None:
        """The definitions that the template line of a place names; None if that line is not known."""
        lines = self._chart.line_maps.get(wanted.key)
        if lines is None:
            return None
        line = self._line(wanted.key, wanted.document, route)
        origin = lines[line - 1] if line is not None and 0 < line <= len(lines) else None
        if origin is None:
            return None
        instance = self.instance(wanted)
        place = (origin.path, origin.line, origin.via, instance)
        if place not in self._named_at:
            found: set[Leaf] = set()
            for path in self._named(origin, instance):
                found |= self._covered(path, instance)
            self._named_at[place] = frozenset(found)
        return self._named_at[place]

    def _covered(self, path: Path, instance: tuple[str, ...]) -> frozenset[Leaf]:
        """The definitions at and below a key of the root chart's values."""
        if (path, instance) not in self._covered_by:
            known = path[: path.index(ANY)] if ANY in path else path
            below = self._below(instance).get(known, ())
            self._covered_by[path, instance] = frozenset(leaf for leaf in below if covers((path,), leaf.key(instance)))
        return self._covered_by[path, instance]

    def _below(self, instance: tuple[str, ...]) -> dict[Route, list[Leaf]]:
        """The definitions by each key above them, as the templates of a chart see them."""
        if instance not in self._prefixes:
            prefixes: dict[Route, list[Leaf]] = {}
            for leaf in self._definitions.leaves:
                key = leaf.key(instance)
                for depth in range(len(key) + 1):
                    prefixes.setdefault(key[:depth], []).append(leaf)
            self._prefixes[instance] = prefixes
        return self._prefixes[instance]

    def _named(self, origin: TemplateLine, instance: tuple[str, ...]) -> Sequence[Path]:
        """The keys, in the root chart's values, that a template line and the line that includes it name."""
        mentions = self._mentions()
        keys = set(mentions.at(origin.path, origin.line))
        if origin.via is not None:
            keys |= mentions.at(*origin.via)
        found: set[Path] = set()
        for key in keys:
            found.add((*instance, *key))
            if key[0] == "global":
                found |= {(*instance[:depth], *key) for depth in range(len(instance))}
        return sorted(found)

    def _line(self, key: str, document: int, route: Route) -> int | None:
        if key not in self._positions:
            try:
                self._positions[key] = index_positions(self._texts[key])
            except InputError:
                self._positions[key] = None
        positions = self._positions[key]
        return positions.line_of(document, route) if positions is not None and document < len(positions) else None


def by_chart() -> Callable[[ChartToTrace], Mentions]:
    """What those templates of charts mention that are needed for the wanted files, read once for each chart."""
    needed: dict[int, NeededTemplates] = {}
    known: dict[tuple[int, frozenset[str]], Mentions] = {}

    def mentions(chart: ChartToTrace) -> Mentions:
        """What the templates needed for a chart's wanted files mention."""
        own = chart.request.chart
        if id(own) not in needed:
            needed[id(own)] = chart.needed or NeededTemplates(own.templates())
        keys = {wanted.key for wanted in chart.wanted}
        taking_part = needed[id(own)].of({file.path for file in chart.rendered.files if file.key in keys})
        if (id(own), taking_part) not in known:
            known[id(own), taking_part] = Mentions(own.templates(), taking_part)
        return known[id(own), taking_part]

    return mentions


def texts_of(chart: ChartToTrace, keys: Mapping[str, object] | None = None) -> dict[str, str]:
    """The text of each rendered template by its key, perhaps only of some."""
    return {file.key: file.text for file in chart.rendered.files if file.rendered and (keys is None or file.key in keys)}
