"""What the configuration could say better about the sources of a repository."""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Sequence

from linter.discovery.charts import Charts, environment_values
from linter.discovery.declarations import Declarations
from linter.discovery.listing import Listing
from linter.discovery.states import States
from linter.repository import CONFIG_NAME, printable


def hints(charts: Charts, listing: Listing, config: Declarations, states: States) -> Iterator[str]:
    """A sentence for each chart whose environments nobody declared, and for each entry that names nothing."""
    used = set()
    for chart in charts.values():
        chosen = config.values_for(chart.path)
        used |= {values.route for values in chosen}
        names = environment_values(os.path.basename(path) for path in listing.directly_in(chart.path))
        if names and not chosen and not chart.library:
            yield (
                f"{printable(chart.path)} is checked with its default values only, although it has {_list(names)}: "
                f"declare its environments under `environments:` in {CONFIG_NAME}"
            )
    for entry in states.unused:
        place = config.place(("states", entry.state, entry.index))
        yield f"{place}: no file or chart is left for `{entry.path}` of the state {entry.state}"
    for environment in config.environments.values():
        for values in environment:
            if values.route not in used:
                yield f"{config.place(values.route)}: no chart is left for `{values.chart}` of the environment {values.environment}"


def _list(names: Sequence[str]) -> str:
    shown = [printable(name) for name in names[:3]]
    if len(names) > 3:
        return f"{', '.join(shown)} and {len(names) - 3} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
