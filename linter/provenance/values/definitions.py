"""Every definition of a value that takes part in rendering a chart: in charts' defaults, value files and `--set` options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from linter.model.routes import Route, dig
from linter.rendering.helm.charts import Chart
from linter.rendering.helm.dependencies import Instance, plan
from linter.rendering.helm.renderer import ChartRequest
from linter.rendering.helm.set_flags import apply_set, apply_set_file
from linter.rendering.helm.values import ValueLayer, merged

HolderKind = Literal["chart", "layer", "option"]

UNDEFINED: Final = object()


class Holder:
    """What holds definitions: a chart's values.yaml, a layer of the request, or an option.

    `layer` is None for an option, whose `number` counts through `set_values`, `set_strings` and `set_files`; for a layer
    `number` is its index in the request. `prefixes` are the places of these values in those of the root chart: the
    instances of a subchart. `rank` grows with precedence. An option's `values` are kept by the routes it wrote.
    """

    __slots__ = ("chart", "kind", "layer", "number", "prefixes", "rank", "values")

    def __init__(
        self,
        kind: HolderKind,
        rank: int,
        number: int,
        values: Mapping[Any, Any],
        layer: ValueLayer | None = None,
        chart: Chart | None = None,
        prefixes: tuple[tuple[str, ...], ...] = ((),),
    ) -> None:
        self.kind = kind
        self.rank = rank
        self.number = number
        self.values: Mapping[Any, Any] = values
        self.layer = layer
        self.chart = chart
        self.prefixes = prefixes

    def get(self, route: Route) -> Any:
        """What it defines at `route`, or `UNDEFINED`."""
        if self.kind != "option":
            return _at(self.values, route)
        for written, value in self.values.items():
            if route[: len(written)] == written:
                return _at(value, route[len(written) :])
        return UNDEFINED


class Leaf:
    """One definition of a value that is no mapping or list, or an empty one. `route` leads to it in its holder's values."""

    __slots__ = ("holder", "name", "route", "value")

    def __init__(self, holder: Holder, route: Route, value: Any) -> None:
        self.holder = holder
        self.route = route
        self.value = value
        # The last key on the way to it.
        self.name = next((step for step in reversed(route) if isinstance(step, str)), "")

    def key(self, instance: tuple[str, ...] = ()) -> Route:
        """The key in the values of the root chart, as the templates of the subchart at `instance` see it."""
        prefixes = self.holder.prefixes
        if len(prefixes) == 1:
            return (*prefixes[0], *self.route)
        fit = [prefix for prefix in prefixes if instance[: len(prefix)] == prefix]
        return (*(max(fit, key=len) if fit else prefixes[0]), *self.route)


class Definitions:
    """The definitions that a request can draw on. Raises ValueError for a `--set` expression that Helm would refuse."""

    def __init__(self, request: ChartRequest) -> None:
        composed: dict[str, Any] = {}
        for layer in request.values:
            composed = merged(composed, layer.values)
        written = _apply(request, composed := dict(composed))
        self.instances: list[Instance] = plan(request.chart, composed).instances
        self.holders: list[Holder] = [*self._of_charts(), *_of_layers(request)]
        self.holders += _of_options(written, composed)
        kept = frozenset(self._conditions())
        self.leaves: list[Leaf] = [leaf for holder in self.holders for leaf in _leaves(holder) if not kept & _keys(leaf)]

    def instance_of(self, key: str) -> Instance:
        """The chart whose template the engine calls `key`."""
        return max((entry for entry in self.instances if key.startswith(entry.key + "/")), key=lambda entry: len(entry.key))

    def winning(self, key: Route) -> tuple[Holder, Route, Any] | None:
        """The definition of a key of the root chart's values that counts: its holder, its route in it, its value.

        None if nothing defines it. What `import-values` copies is not followed.
        """
        for candidate in self._copies(key):
            found = self._winning(candidate)
            if found is not None:
                return found
        return None

    def defines_below(self, key: Route) -> bool:
        """Whether something below a key of the root chart's values has a definition."""
        depth = len(key)
        return any(
            (*prefix, *leaf.route)[:depth] == key and len(prefix) + len(leaf.route) > depth and leaf.value is not None
            for leaf in self.leaves
            for prefix in leaf.holder.prefixes
        )

    def _winning(self, key: Route) -> tuple[Holder, Route, Any] | None:
        for holder in sorted(self.holders, key=lambda entry: -entry.rank):
            for prefix in holder.prefixes:
                if key[: len(prefix)] == prefix:
                    value = holder.get(key[len(prefix) :])
                    if value is not UNDEFINED:
                        return holder, key[len(prefix) :], value
        return None

    def _copies(self, key: Route) -> Iterator[Route]:
        """The keys that decide about one, the strongest first: a `global` of the charts above goes before the chart's own."""
        for instance in sorted(self.instances, key=lambda entry: len(entry.route)):
            depth = len(instance.route)
            if key[:depth] == instance.route and key[depth : depth + 1] == ("global",):
                for above in range(depth):
                    yield (*key[:above], *key[depth:])
        yield key

    def _of_charts(self) -> Iterator[Holder]:
        places: dict[str, tuple[Chart, list[tuple[str, ...]]]] = {}
        for instance in self.instances:
            _, prefixes = places.setdefault(instance.chart.origin("values.yaml"), (instance.chart, []))
            prefixes.append(instance.route)
        for chart, prefixes in places.values():
            depth = min(map(len, prefixes))
            yield Holder("chart", -depth, 0, chart.values, chart.values_layer, chart, tuple(prefixes))

    def _conditions(self) -> Iterator[Route]:
        """The keys that decide which subcharts take part: altered, the whole output would be another."""
        for instance in self.instances:
            for dependency in instance.chart.metadata.dependencies:
                for condition in dependency.conditions:
                    yield (*instance.route, *condition.strip().split("."))
                for tag in dependency.tags:
                    yield ("tags", tag)


_KEPT: Final = 4
_known: list[tuple[ChartRequest, Definitions]] = []


def definitions_of(request: ChartRequest) -> Definitions:
    """The definitions of a request; those of the last few are kept. Raises ValueError as `Definitions` does."""
    for known, found in _known:
        if known is request:
            return found
    found = Definitions(request)
    _known.insert(0, (request, found))
    del _known[_KEPT:]
    return found


def leaves_below(value: Any, route: Route = ()) -> Iterator[tuple[Route, Any]]:
    """The scalars, empty mappings and empty lists at and below a value, with their routes."""
    pending: list[tuple[Route, Any]] = [(route, value)]
    while pending:
        place, found = pending.pop()
        if isinstance(found, dict) and found:
            pending += [((*place, key), entry) for key, entry in found.items()]
        elif isinstance(found, list) and found:
            pending += [((*place, number), entry) for number, entry in enumerate(found)]
        else:
            yield place, found


def _leaves(holder: Holder) -> Iterator[Leaf]:
    if holder.kind == "option":
        for route, value in holder.values.items():
            yield from (Leaf(holder, place, found) for place, found in leaves_below(value, route))
    else:
        yield from (Leaf(holder, place, found) for place, found in leaves_below(holder.values) if place)


def _keys(leaf: Leaf) -> frozenset[Route]:
    return frozenset((*prefix, *leaf.route) for prefix in leaf.holder.prefixes)


def _of_layers(request: ChartRequest) -> Iterator[Holder]:
    for number, layer in enumerate(request.values):
        yield Holder("layer", number + 1, number, layer.values, layer)


def _apply(request: ChartRequest, values: dict[str, Any]) -> list[list[Route]]:
    """Write what the options say into `values`; the routes that each has written."""
    written: list[list[Route]] = [list(apply_set(values, expression)) for expression in request.set_values]
    written += [list(apply_set(values, expression, as_string=True)) for expression in request.set_strings]
    written += [list(apply_set_file(values, key, content)) for key, content in request.set_files]
    return written


def _of_options(written: list[list[Route]], values: Mapping[str, Any]) -> Iterator[Holder]:
    """Each option with what it says at the end: `values` by route, without what a later option has replaced."""
    taken: list[Route] = []
    for number in range(len(written) - 1, -1, -1):
        # Helm ignores an entry without a name.
        own = [route for route in written[number] if "" not in route and not any(route[: len(other)] == other for other in taken)]
        taken += own
        held: Any = {route: dig(values, *route) for route in own}
        yield Holder("option", 1_000_000 + number, number, held)


def _at(values: Any, route: Route) -> Any:
    for step in route:
        if isinstance(values, dict) and isinstance(step, str):
            values = values.get(step, UNDEFINED)
        elif isinstance(values, list) and isinstance(step, int) and step < len(values):
            values = values[step]
        else:
            return UNDEFINED
    return values
