"""From places in charts' output to the definitions of the values that stand there, by rendering with other values.

What a text search would guess is tried: definitions that may account for a place get a mark where they stand, the chart
is rendered again, and where the mark comes out, the definition is known, with all that Helm does in between.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from linter.provenance.values.definitions import Leaf, definitions_of
from linter.provenance.values.marks import Marks, probe
from linter.provenance.values.mentions import Mentions
from linter.provenance.values.origins import ChartToTrace, ValueOrigin, WantedPlace
from linter.provenance.values.places import Places, by_chart, texts_of
from linter.provenance.values.reading import read
from linter.provenance.values.scalars import forms, is_scalar
from linter.provenance.values.spots import Outputs, Spot, same_place
from linter.rendering.helm.renderer import ChartRequest, RenderedChart

MOST_PROBES = 6
_MOST_FLIPS = 3
_LAST_ROUNDS = 3
_BOOLEANS = {"true", "false"}
# How much rendering a chart's probes may take, in plain renderings of it, before each has to decide about a good part of
# its places; and what a rendering of hardly anything takes. Sizes count, not seconds: every run does the same.
_BUDGET = 1.5
_FIXED_COST = 0.15
_GOOD_PART = 25

Origins = dict[WantedPlace, tuple[ValueOrigin, ...]]
Render = Callable[[Sequence[ChartRequest]], Iterable[RenderedChart]]
_Probing = Generator[ChartRequest, RenderedChart, Origins]


def trace(charts: Sequence[ChartToTrace], render: Render, most_probes: int = MOST_PROBES) -> list[Origins]:
    """For each chart, the definitions behind its wanted places.

    A place has one origin with `whole`, or those that take part in it, in the order of the text, or is left out. `render`
    is called once per round with one request of each chart that needs another; no chart gets more than `most_probes`.
    """
    mentions = by_chart()
    results: list[Origins] = [{} for _ in charts]
    running: dict[int, tuple[_Probing, ChartRequest]] = {}
    for number, chart in enumerate(charts):
        probing = _Tracer(chart, mentions, most_probes).run()
        _advance(running, results, number, probing, None)
    while running:
        numbers = list(running)
        rendered = render([running[number][1] for number in numbers])
        for number, result in zip(numbers, list(rendered), strict=True):
            _advance(running, results, number, running.pop(number)[0], result)
    return results


def _advance(
    running: dict[int, tuple[_Probing, ChartRequest]], results: list[Origins], number: int, probing: _Probing, result: RenderedChart | None
) -> None:
    try:
        running[number] = probing, (next(probing) if result is None else probing.send(result))
    except StopIteration as end:
        results[number] = end.value


class _Tracer:
    """Traces one chart."""

    def __init__(self, chart: ChartToTrace, mentions: Callable[[ChartToTrace], Mentions], most_probes: int) -> None:
        self._chart = chart
        self._of_chart = mentions
        self._left = most_probes
        self._budget = _BUDGET
        # The sets of definitions that were altered together, and whether that broke the rendering or a place in it.
        self._tried: dict[frozenset[Leaf], bool] = {}

    def run(self) -> _Probing:
        """Yields requests, takes their renderings, returns the origins."""
        chart = self._chart
        if not chart.wanted or chart.request.chart.is_library:
            return {}
        try:
            definitions = definitions_of(chart.request)
        except ValueError:
            # Nothing was rendered either.
            return {}
        files = {wanted.key: None for wanted in chart.wanted}
        texts = texts_of(chart, files)
        self._plain = Outputs(texts)
        places = Places(chart, definitions, self._plain, lambda: self._mentions)
        self._spots = places.spots
        self._marks = Marks(texts.values())
        self._files = files
        self._cost = self._cost_of_probe()
        yield from self._rounds()
        origins = {place.wanted: place.origins(places.instance(place.wanted)) for place in places.all}
        return {wanted: found for wanted, found in origins.items() if found}

    def _rounds(self) -> Generator[ChartRequest, RenderedChart, None]:
        yield from self._mark_all(self._spots, _any, keep=_LAST_ROUNDS)
        yield from self._mark_all(self._open(), _falsy, keep=_LAST_ROUNDS - 2)
        yield from self._mark_all(self._open(), _weak, keep=1)
        yield from self._flip()

    @cached_property
    def _mentions(self) -> Mentions:
        return self._of_chart(self._chart)

    def _cost_of_probe(self) -> float:
        """The cost of a probe, in plain renderings of the chart: what it prints, and some more."""
        sizes = [(len(file.text), file.path) for file in self._chart.rendered.files if file.rendered]
        printed = sum(size for size, path in sizes if self._mentions.has(path))
        return _FIXED_COST + (1 - _FIXED_COST) * printed / max(1, sum(size for size, _ in sizes))

    def _is_worth(self, places: int) -> bool:
        """Whether so many places are worth another probe."""
        return places > 0 and (self._cost <= self._budget or places * _GOOD_PART >= len(self._spots))

    def _open(self) -> list[Spot]:
        return [spot for spot in self._spots if spot.found is None]

    def _mark_all(self, spots: list[Spot], kind: _Kind, keep: int) -> Generator[ChartRequest, RenderedChart, None]:
        """Probe with all definitions of a kind; with fewer of them where that breaks the rendering or a place in it.

        `keep` renderings are left for what follows.
        """
        pending: deque[tuple[list[Spot], _Kind]] = deque([(spots, kind)])
        while pending and self._left > keep:
            group, choose = pending.popleft()
            group = [spot for spot in group if spot.found is None]
            chosen = dict.fromkeys(leaf for spot in group for leaf in choose(spot))
            if not chosen:
                continue
            broken = group if self._tried.get(frozenset(chosen)) else None
            if broken is None:
                if frozenset(chosen) in self._tried or not self._is_worth(sum(1 for spot in group if any(True for _ in choose(spot)))):
                    continue
                outputs = yield from self._render({leaf: self._marks.of(leaf) for leaf in chosen})
                broken = group if outputs.empty else self._read(outputs, chosen, group)
                self._tried[frozenset(chosen)] = len(broken) == len(group)
            if broken and choose is _any:
                pending += [(broken, self._calm), (broken, _booleans), (broken, _likely)]
            elif broken and choose in _BY_TYPE:
                pending += [(broken, kind) for kind in _BY_TYPE[choose]]
            elif broken and len(broken) < len(group):
                pending.append((broken, choose))
            elif broken and len(group) > 1:
                half = len(group) // 2
                pending += [(group[:half], choose), (group[half:], choose)]

    def _calm(self, spot: Spot) -> Iterable[Leaf]:
        """The definitions that no template seems to test."""
        compared = self._mentions.literals
        return (leaf for leaf in (*spot.sure, *spot.likely) if not isinstance(leaf.value, bool) and leaf.value not in compared)

    def _flip(self) -> Generator[ChartRequest, RenderedChart, None]:
        """Booleans that templates test rather than print: each is turned over alone."""
        counted: dict[Leaf, list[Spot]] = {}
        for spot in self._open():
            # Also as a text, as variables of the environment are.
            if is_scalar(spot.value) and forms(spot.value) <= _BOOLEANS:
                for leaf in dict.fromkeys((*spot.likely, *spot.falsy, *spot.weak)):
                    if isinstance(leaf.value, bool) and forms(leaf.value) == forms(spot.value):
                        counted.setdefault(leaf, []).append(spot)
        for leaf, group in sorted(counted.items(), key=lambda entry: -len(entry[1]))[:_MOST_FLIPS]:
            if not self._left:
                return
            if not self._is_worth(sum(1 for spot in group if spot.found is None)):
                continue
            outputs = yield from self._render({leaf: not leaf.value})
            for spot in group:
                present, value = same_place(self._plain, outputs, spot)
                if present and spot.found is None and is_scalar(value) and forms(value) == forms(not leaf.value):
                    spot.found = leaf

    def _render(self, replaced: Mapping[Leaf, Any]) -> Generator[ChartRequest, RenderedChart, Outputs]:
        self._left -= 1
        self._budget -= self._cost
        rendered = yield probe(self._chart.request, replaced, self._mentions.without_refusals)
        return Outputs({file.key: file.text for file in rendered.files if file.rendered and file.key in self._files})

    def _read(self, outputs: Outputs, marked: Iterable[Leaf], group: Iterable[Spot]) -> list[Spot]:
        """Note what the marks show; those of `group` that cannot be found any more."""
        lost: list[Spot] = []
        members = set(group)
        shown = {leaf: self._marks.of(leaf) for leaf in marked}
        for spot, present in read(self._plain, outputs, self._open(), shown, self._marks):
            if not present and spot in members:
                lost.append(spot)
        return lost


_Kind = Callable[[Spot], Iterable[Leaf]]


def _any(spot: Spot) -> Iterable[Leaf]:
    return (*spot.sure, *spot.likely)


def _likely(spot: Spot) -> Iterable[Leaf]:
    return (leaf for leaf in spot.likely if not isinstance(leaf.value, bool))


def _booleans(spot: Spot) -> Iterable[Leaf]:
    return (leaf for leaf in spot.likely if isinstance(leaf.value, bool))


def _falsy(spot: Spot) -> Iterable[Leaf]:
    return spot.falsy


def _weak(spot: Spot) -> Iterable[Leaf]:
    return (*spot.falsy, *spot.weak)


def _only(kind: _Kind, booleans: bool) -> _Kind:
    return lambda spot: (leaf for leaf in kind(spot) if isinstance(leaf.value, bool) is booleans)


# A boolean with a text in its place breaks the templates that hand it to `ternary` or compare it.
_BY_TYPE = {kind: (_only(kind, False), _only(kind, True)) for kind in (_falsy, _weak)}
