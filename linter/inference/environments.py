"""In which environments each chart is rendered, and with which values."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from linter.discovery.charts import Chart, Charts
from linter.errors import InputError
from linter.inference.deployments import Deployment, setting
from linter.inference.filling import ValuesOfCharts, fill
from linter.inference.findings import Applications, ChartEntry, Environments, Unsure
from linter.inference.grouping import group_by_globs
from linter.inference.names import ENVIRONMENT_FOLDERS, ends_as_environment, verdict
from linter.inference.reaching import infer_applications
from linter.inference.readable import PLACEHOLDER
from linter.inference.survey import Survey
from linter.inference.values_files import Candidate, candidates, shared_beside
from linter.rendering.helm.values import effective_values
from linter.repository import Tree, printable

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_OWN_NAME = re.compile(
    rb"^ {0,2}(?:name|env|environment|environmentName|stage|cluster|clusterName):[ \t]*[\"']?([\w.-]+)[\"']?[ \t]*\r?$", re.MULTILINE
)


def infer_environments(tree: Tree, charts: Charts, found: Survey, remotes: Sequence[str] = ()) -> tuple[Environments, Applications]:
    """The environments that the names of values files, and what the repository says about installations, speak of; and what
    Applications deploy, whose charts need no environment. `remotes` are the addresses of the repository."""
    usable = [chart for chart in charts.values() if not chart.library and not found.apart.holds(f"{chart.path}/Chart.yaml")]
    installed: dict[str, list[Deployment]] = {}
    for deployment, path, _ in found.deployments:
        if deployment.chart in charts and not found.apart.holds(path):
            installed.setdefault(deployment.chart or "", []).append(deployment)
    files = [path for path in found.yaml if printable(path) == path and not found.apart.holds(path)]
    every = [
        *_named_by_installations(files, installed),
        *(each for each in candidates(files, found.manifests, charts, usable) if _NAME.fullmatch(each.name)),
    ]
    by_chart: dict[str, list[Candidate]] = {}
    for candidate in every:
        by_chart.setdefault(candidate.chart, []).append(candidate)
    certain = _certain_names(tree, every, found.yaml)
    certain |= _by_ending(by_chart, certain)
    entries: dict[str, dict[str, ChartEntry]] = {}
    unsure: dict[str, list[Candidate]] = {}
    known = set(files)
    chosen = {chart: _one_chart(own, certain, unsure) for chart, own in sorted(by_chart.items())}
    unset: set[str] = set()
    reader = ValuesOfCharts(tree)

    def values_of(chart: str) -> Iterator[Mapping[str, Any]]:
        yield from _values_of(chart, reader, chosen.get(chart, {}), installed.get(chart, ()))

    applications = infer_applications(tree, charts, found, remotes, values_of)
    for chart, environments in chosen.items():
        if chart in applications.charts:
            continue
        for name, values in environments.items():
            telling = []
            for deployment in installed.get(chart, ()):
                of_parent = [*_defaults(deployment.within), *chosen.get(deployment.within or "", {}).get(name, ())]
                telling.append(_filled(deployment, reader.of(of_parent) if deployment.templated else {}))
            unset.update(parameter for deployment in telling for parameter in deployment.unset)
            entries.setdefault(name, {})[chart] = _entry(chart, values, telling, known)
    entries = dict(sorted(entries.items()))
    named = {chart for group in entries.values() for chart in group} | applications.charts
    plain = tuple(sorted(chart.path for chart in usable if chart.path not in named))
    left = ((name, [each for each in files if each.chart not in applications.charts]) for name, files in unsure.items())
    found_environments = Environments(
        entries,
        {name: group_by_globs(group, _all_paths(charts.values())) for name, group in entries.items()},
        _notes(entries),
        tuple(_unsure(name, each) for name, each in sorted(left, key=lambda item: (-len(item[1]), item[0])) if each),
        plain,
        tuple(sorted(unset)),
    )
    return found_environments, applications


def _values_of(
    chart: str, reader: ValuesOfCharts, environments: Mapping[str, Sequence[str]], installed: Sequence[Deployment]
) -> Iterator[Mapping[str, Any]]:
    """The values of a chart in each environment and each installation; its defaults if there is neither."""
    defaults = _defaults(chart)
    told = [deployment for deployment in installed if not any(PLACEHOLDER in path for path in deployment.values)]
    for files in environments.values():
        yield reader.of([*defaults, *files])
    for deployment in told:
        yield effective_values(deployment.settings, reader.of([*defaults, *deployment.values]))
    if not environments and not told:
        yield reader.of(defaults)


def _all_paths(charts: Iterable[Chart]) -> list[str]:
    return [chart.path for chart in charts if not chart.library]


def _named_by_installations(files: Sequence[str], installed: Mapping[str, Sequence[Deployment]]) -> list[Candidate]:
    """Values that an installation names with a placeholder, `values-{{ .Values.name }}.yaml`: what fills it is an environment."""
    found = []
    for chart, deployments in installed.items():
        patterns = sorted({pattern for each in deployments for pattern in each.values if PLACEHOLDER in pattern})
        expressions = [
            re.compile(f"{re.escape(before)}([^/]+){re.escape(after)}") for before, _, after in (p.partition(PLACEHOLDER) for p in patterns)
        ]
        for path in files:
            for expression in expressions:
                match = expression.fullmatch(path)
                found += [Candidate(chart, match[1], path, expression.pattern, proven=True)] if match and _NAME.fullmatch(match[1]) else []
    return found


def _certain_names(tree: Tree, every: Sequence[Candidate], files: Iterable[str]) -> set[str]:
    """Names that are environments wherever they occur: by an installation, a folder of environments, or a file that says
    of itself which environment it is for."""
    found = {each.name for each in every if each.proven or (each.strong and verdict(each.name) not in ("base", "never"))}
    for path in files:
        folders = path.split("/")
        found |= {name for above, name in pairwise(folders[:-1]) if above in ENVIRONMENT_FOLDERS and verdict(name) == "environment"}
    for each in every:
        if each.name not in found and verdict(each.name) in ("unknown", "base", "alone") and _says_its_name(tree, each):
            found.add(each.name)
    return found


def _says_its_name(tree: Tree, candidate: Candidate) -> bool:
    try:
        head = tree.read(candidate.path)[:4000]
    except InputError:
        return False
    return any(match[1].decode() == candidate.name for match in _OWN_NAME.finditer(head))


def _by_ending(by_chart: Mapping[str, Sequence[Candidate]], certain: set[str]) -> set[str]:
    """Words such as `idfprod` beside a certain environment, or in several charts."""
    charts: dict[str, int] = {}
    beside = set()
    for own in by_chart.values():
        accompanied = any(each.name in certain or verdict(each.name) == "environment" for each in own)
        for name in {each.name for each in own if verdict(each.name) == "unknown" and ends_as_environment(each.name)}:
            charts[name] = charts.get(name, 0) + 1
            beside |= {name} if accompanied else set()
    return beside | {name for name, count in charts.items() if count > 1}


def _one_chart(own: Sequence[Candidate], certain: set[str], unsure: dict[str, list[Candidate]]) -> dict[str, list[str]]:
    """The values files of one chart by environment: those that all share, then its own."""
    names = {each.name for each in own if each.name in certain or verdict(each.name) == "environment"}
    names |= {each.name for each in own if verdict(each.name) == "alone" and names}
    bases: dict[str, list[str]] = {}
    chosen: dict[str, Candidate] = {}
    for each in own:
        if each.name in names:
            if each.name not in chosen:
                chosen[each.name] = each
            elif each.path != chosen[each.name].path:
                unsure.setdefault(each.name, []).append(each)
        elif verdict(each.name) == "base":
            bases.setdefault(each.family, []).append(each.path)
        elif not each.quiet and verdict(each.name) != "never":
            unsure.setdefault(each.name, []).append(each)
    return {name: [*bases.get(each.family, ()), each.path] for name, each in sorted(chosen.items())}


def _entry(chart: str, values: Sequence[str], installed: Sequence[Deployment], files: set[str]) -> ChartEntry:
    """How a chart is rendered with these values files, with what installations that use the last of them say."""
    using = [(deployment, filled) for deployment in installed if (filled := deployment.fills(values[-1])) is not None]
    own = os.path.normpath(os.path.join(chart, "values.yaml"))
    if using:
        listed = [path for path in using[0][1] if path in files or path == values[-1]]
        values = listed[1:] if listed[0] == own and len(listed) > 1 else listed
    else:
        values = [*values[:-1], *(path for path in shared_beside(values[-1], files) if path not in values), values[-1]]
    telling = [deployment for deployment, _ in using] or list(installed)
    release = _only(each.release for each in telling)
    return ChartEntry(
        tuple(_written(chart, path) for path in values),
        telling[0].parameters if len({deployment.parameters for deployment in telling}) == 1 else (),
        _only(each.namespace for each in telling),
        release if release != os.path.basename(chart) else None,
        _only(each.cluster for each in telling),
    )


def _filled(deployment: Deployment, values: Mapping[str, Any]) -> Deployment:
    """The deployment with what the templates of its parameters print, given the values of the chart it is in."""
    if not deployment.templated:
        return deployment
    filled = {name: fill(text, values) for name, text in deployment.templated}
    settings = tuple(setting(name, value) for name, value in filled.items() if value is not None)
    missing = tuple(name for name, value in filled.items() if value is None)
    return replace(deployment, parameters=(*deployment.parameters, *settings), unset=(*deployment.unset, *missing), templated=())


def _defaults(chart: str | None) -> list[str]:
    return [] if chart is None else [os.path.normpath(os.path.join(chart, "values.yaml"))]


def _only(found: Iterable[str | None]) -> str | None:
    """The one thing that all of them say, or None."""
    values = set(found)
    return values.pop() if len(values) == 1 else None


def _written(chart: str, path: str) -> str:
    """A values file as the configuration names it."""
    if chart == ".":
        return path
    return path[len(chart) + 1 :] if path.startswith(f"{chart}/") else f"/{path}"


def _notes(entries: Mapping[str, Mapping[str, ChartEntry]]) -> dict[str, tuple[str, ...]]:
    notes: dict[str, tuple[str, ...]] = {}
    for name, charts in entries.items():
        found = []
        for other, others in entries.items():
            if name.startswith((f"{other}-", f"{other}_", f"{other}.")) and not charts.keys().isdisjoint(others):
                found.append(f"If {name} also reads the values of {other}, list them first.")
        if any(len(entry.values) > 1 for entry in charts.values()):
            found.append("Later files win over earlier ones.")
        notes[name] = tuple(found)
    return notes


def _unsure(name: str, found: Sequence[Candidate]) -> Unsure:
    reasons = {
        "alone": "nothing else looks like an environment of this chart",
        "environment": "another file is taken for this environment",
    }
    reason = reasons.get(verdict(name), "the name may be that of a variant")
    return Unsure(name, tuple(sorted({each.path for each in found})), reason)
