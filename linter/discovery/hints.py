"""What the configuration could say better about the sources of a repository."""

from __future__ import annotations

import os.path
from collections.abc import Collection, Iterator, Mapping, Sequence

from linter.discovery.charts import Chart, Charts, environment_of
from linter.discovery.declarations import ChartValues, Declarations
from linter.discovery.listing import Listing
from linter.discovery.states import States
from linter.repository import CONFIG_NAME, printable


def hints(charts: Charts, listing: Listing, config: Declarations, states: States, deployed: Collection[str] = ()) -> Iterator[str]:
    """A sentence if there are values of environments that nobody declared, and one for each entry that names nothing.

    Without any declaration every such file counts; `environments: {}` says that there are none. Otherwise those count that
    bear the name of a declared environment, in a chart that is declared or lies beside one that is: they were forgotten.
    Charts that Applications have `deployed` get their values from these.
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
    for environment in config.environments.values():
        for values in environment:
            if values.route not in used:
                yield f"{config.place(values.route)}: no chart is left for `{values.chart}` of the environment {values.environment}"


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
