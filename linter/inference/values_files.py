"""Which files are values of which chart in which environment, by where they stand and what they are called.

The layouts are those in public use: `values-prod.yaml`, `values.prod.yaml` and `prod-values.yaml` in the chart,
`values/prod.yaml`, `envs/prod/values.yaml` and `environments/prod.yaml` below it, `environments/prod/<chart>.yaml`,
`<chart>/values-prod.yaml` and the like beside it.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from linter.discovery.charts import Chart, Charts
from linter.inference.names import ENVIRONMENT_FOLDERS, verdict

# Folders of values, whose entries may be environments.
_VALUES_FOLDERS = frozenset({"values", "config", "configs", "helm-values", "helmvalues", "helm_vars", "helm-vars", "values-files"})
# Folders on the way that say nothing.
_NEUTRAL = frozenset({"values", "charts", "chart", "apps", "applications", "helm", "services", "releases", "helm-values"})
_NO_VALUES = frozenset({"templates", "charts", "crds", "files", "ci", "tests", "examples", "docs", "dashboards", "scripts"})
_FILE = re.compile(r"(?P<stem>.+)\.ya?ml")
_AFFIX = re.compile(r"(?:values[-_.])(?P<behind>.+)|(?P<before>.+)[-_.]values", re.IGNORECASE)
_SHARED = frozenset({"common", "global", "globals", "shared", "_common", "_global"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may hold the values of a chart in an environment.

    `family` tells the layouts of a chart apart: files of one family have their environment in the same place of their
    path. `strong` says that the place makes `name` an environment, unless it is a word for what all share; `proven` that an
    installation names it; `quiet` that nothing needs to be said if it is none.
    """

    chart: str
    name: str
    path: str
    family: str
    strong: bool = False
    proven: bool = False
    quiet: bool = False


def candidates(files: Iterable[str], manifests: set[str], charts: Charts, usable: Sequence[Chart]) -> Iterator[Candidate]:
    """Every file that may be one environment's values. A file in which objects stand is none. `usable` are the charts
    that are asked for."""
    names: dict[str, list[str]] = {}
    for chart in usable:
        names.setdefault(os.path.basename(chart.path), []).append(chart.path)
    paths = [chart.path for chart in usable]
    known = {name: found[0] for name, found in names.items() if len(found) == 1 and name not in ("", ".")}
    root = "." in paths
    for path in files:
        if path in manifests or (match := _FILE.fullmatch(os.path.basename(path))) is None:
            continue
        around = charts.around(path)
        if around is not None:
            if around.path in paths:
                yield from _inside(around.path, path, match["stem"])
            continue
        beside = list(_beside(path, match["stem"], known)) or list(_below_one_chart(path, match["stem"], paths))
        yield from beside if beside or not root else _inside(".", path, match["stem"])


def _stem(stem: str) -> tuple[str, bool]:
    """What a file's name says apart from being values: "prod" of `values-prod`, "" of `values`; and whether it said so."""
    if stem.lower() == "values":
        return "", True
    match = _AFFIX.fullmatch(stem)
    return (stem, False) if match is None else (match["behind"] or match["before"], True)


def _inside(chart: str, path: str, stem: str) -> Iterator[Candidate]:
    folders = os.path.relpath(path, chart).split("/")[:-1]
    name, says_values = _stem(stem)
    if not folders:
        if says_values and name:
            yield Candidate(chart, name, path, "", quiet=not stem.lower().startswith("values"))
        return
    first = folders[0]
    if first in _NO_VALUES or len(folders) > 2:
        return
    strong = first in ENVIRONMENT_FOLDERS
    if strong or first in _VALUES_FOLDERS:
        if len(folders) == 1:
            yield Candidate(chart, name or "base", path, first, strong=strong and bool(name), quiet=not strong and not says_values)
        elif not name:
            yield Candidate(chart, folders[1], path, first, strong=strong)
    elif len(folders) == 1 and not name and verdict(first) in ("environment", "base", "alone"):
        yield Candidate(chart, first, path, "*", strong=True)


def _beside(path: str, stem: str, charts: Mapping[str, str]) -> Iterator[Candidate]:
    """Values outside their chart, whose path names the chart and the environment."""
    folders = path.split("/")[:-1]
    telling = [folder for folder in folders if folder not in _NEUTRAL]
    above = telling[-1] if telling else ""
    further = telling[-2] if len(telling) > 1 else ""
    name, _ = _stem(stem)
    pairs: list[tuple[str, str]] = []
    if name in charts:
        pairs = [(name, above), (name, further)]
    elif not name:
        pairs = [(above, further), (further, above)]
    else:
        pairs = [(chart, word) for chart in charts for word in _apart(name, chart)]
        pairs += [(above, name), (further, name)]
    for chart, environment in pairs:
        if chart in charts and _is_name(environment):
            family = "/" + path.replace(environment, "*", 1)
            yield Candidate(charts[chart], environment, path, family, strong=True)
            return


def _apart(name: str, chart: str) -> Iterator[str]:
    """The environment in `shop-prod` and `prod-shop`."""
    for separator in "-_.":
        if name.startswith(chart + separator):
            yield name[len(chart) + 1 :]
        elif name.endswith(separator + chart):
            yield name[: -len(chart) - 1]


def _below_one_chart(path: str, stem: str, charts: Sequence[str]) -> Iterator[Candidate]:
    """Values beside the only chart of a folder: `deploy/values-prod.yaml`, `deploy/values/prod.yaml`, `environments/prod/values.yaml`."""
    folders = path.split("/")[:-1]
    name, says_values = _stem(stem)
    last = folders[-1] if folders else ""
    within = ENVIRONMENT_FOLDERS | _VALUES_FOLDERS
    if not name and len(folders) > 1 and folders[-2] in within:
        anchor, environment = folders[:-2], last
    elif name and last in within:
        anchor, environment = folders[:-1], name
    elif name and says_values:
        anchor, environment = folders, name
    else:
        return
    directory = "/".join(anchor)
    own = [chart for chart in charts if not directory or chart.startswith(f"{directory}/")]
    if len(own) == 1 and _is_name(environment):
        yield Candidate(own[0], environment, path, "/" + path.replace(environment, "*", 1), strong=True)


def shared_beside(path: str, files: set[str]) -> list[str]:
    """Files beside one environment's values of several charts that hold values for all of them: `environments/prod/common.yaml`."""
    directory, name = os.path.split(path)
    stem, suffix = os.path.splitext(name)
    found = [os.path.join(directory, f"{prefix}{shared}{suffix}") for shared in sorted(_SHARED) for prefix in ("", "values-")]
    return [each for each in found if each in files and stem not in _SHARED]


def _is_name(word: str) -> bool:
    return verdict(word) in ("environment", "base", "alone")
