"""What the configuration could say better about the sources of a repository."""

from __future__ import annotations

import os.path
from collections.abc import Collection, Iterator, Mapping, Sequence

from linter.discovery.charts import Chart, Charts, environment_of
from linter.discovery.declarations import ChartValues, Declarations
from linter.discovery.listing import Listing
from linter.discovery.states import States
from linter.model import Route
from linter.repository import CONFIG_NAME, printable


def hints(charts: Charts, listing: Listing, config: Declarations, states: States, deployed: Collection[str] = ()) -> Iterator[str]:
    """A sentence if there are values of environments that nobody declared, and one for each entry that names nothing.

    Without any declaration every such file counts; `environments: {}` says that there are none. Otherwise those count that
    bear the name of a declared environment, in a chart that is declared or lies beside one that is: they were forgotten.
    Charts that Applications have `deployed` get their values from these, and what is declared for them has no effect.
    """
    chosen = {chart.path: config.values_for(chart.path) for chart in charts.values()}
    used = {values.route for group in chosen.values() for values in group}
    if not config.declares("environments"):
        files = [
            path for chart in charts.values() if not chart.library and chart.path not in deployed for path in _values_files(chart, listing)
        ]
        if files:
            yield (
                f"only the default values of charts are checked, although there {'is' if len(files) == 1 else 'are'} {_list(files)}: "
                f"declare `environments:` in {CONFIG_NAME}, as `gitops-lint init --print` shows"
            )
    elif forgotten := [
        path for path in _forgotten(charts, listing, chosen, set(config.environments)) if os.path.dirname(path) not in deployed
    ]:
        yield f"{config.place(('environments',))}: no environment uses {_list(forgotten)}"
    for entry in states.unused:
        place = config.place(("states", entry.state, entry.index))
        yield f"{place}: no file or chart is left for `{entry.path}` of the state {entry.state}"
    yield from _without_effect(chosen, config, deployed)
    for environment in config.environments.values():
        for values in environment:
            if values.route not in used:
                yield f"{config.place(values.route)}: no chart is left for `{values.chart}` of the environment {values.environment}"


def _without_effect(chosen: Mapping[str, Sequence[ChartValues]], config: Declarations, deployed: Collection[str]) -> Iterator[str]:
    """A sentence if all charts that some entries mean are deployed by Applications."""
    meant: dict[Route, list[str]] = {}
    for chart, group in chosen.items():
        for values in group:
            meant.setdefault(values.route, []).append(chart)
    idle = {route: charts for route, charts in meant.items() if all(chart in deployed for chart in charts)}
    if idle:
        charts = list(dict.fromkeys(chart for charts in idle.values() for chart in charts))
        first = min(idle, key=lambda route: (config.where(route)[0], config.where(route)[1] or 0))
        entries = "an entry of `environments:` has" if len(idle) == 1 else f"{len(idle)} entries of `environments:` have"
        yield f"{config.place(first)}: {entries} no effect, because Applications deploy {_list(charts)} and say with which values"


def _forgotten(charts: Charts, listing: Listing, chosen: Mapping[str, Sequence[ChartValues]], environments: set[str]) -> Iterator[str]:
    folders = {os.path.dirname(path) for path, group in chosen.items() if group}
    for chart in charts.values():
        if chart.library or os.path.dirname(chart.path) not in folders:
            continue
        named = {os.path.basename(name) for values in chosen[chart.path] for name in values.values}
        declared = {values.environment for values in chosen[chart.path]}
        for path in _values_files(chart, listing):
            name = os.path.basename(path)
            if name not in named and environment_of(name) in environments - declared:
                yield path


def _values_files(chart: Chart, listing: Listing) -> list[str]:
    return [path for path in listing.directly_in(chart.path) if environment_of(os.path.basename(path)) is not None]


def _list(names: Sequence[str]) -> str:
    shown = [printable(name) for name in names[:3]]
    if len(names) > 3:
        return f"{', '.join(shown)} and {len(names) - 3} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
