"""Which subcharts of a chart take part in a rendering, and what its dependencies lack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from linter.model import Failure, mapping
from linter.rendering.helm.charts import Chart
from linter.rendering.helm.metadata import Dependency
from linter.rendering.helm.values import effective_values
from linter.versions import parse_constraint, satisfies
from linter.wording import without_credentials

_KUBE_VERSION = re.compile(r"v?\d+(?:\.\d+){0,2}")


class Instance:
    """One chart as it takes part: a dependency with an alias is an instance of its own.

    `key` is what the engine puts before the chart's templates (`shop/charts/cache`), `route` its place in the values.
    """

    __slots__ = ("chart", "key", "route")

    def __init__(self, chart: Chart, key: str, route: tuple[str, ...]) -> None:
        self.chart = chart
        self.key = key
        self.route = route


class Problem:
    """What is wrong with a chart before it is rendered. `fatal` means that Helm would not render it at all."""

    __slots__ = ("failure", "fatal")

    def __init__(self, failure: Failure, fatal: bool) -> None:
        self.failure = failure
        self.fatal = fatal


class Plan:
    """The charts that take part in a rendering, the root first, and the problems of their dependencies."""

    __slots__ = ("instances", "problems")

    def __init__(self) -> None:
        self.instances: list[Instance] = []
        self.problems: list[Problem] = []


def plan(chart: Chart, values: Mapping[str, Any]) -> Plan:
    """What takes part when `chart` is rendered with `values` (without the chart's own, which are added here)."""
    result = Plan()
    _visit(result, Instance(chart, chart.name, ()), values)
    return result


def _visit(result: Plan, instance: Instance, values: Mapping[str, Any]) -> None:
    """Add a chart and what it brings. `values` are those of the chart above it, and not only its own part of them: Helm
    adds a subchart's defaults to them and looks conditions up from the root."""
    result.instances.append(instance)
    chart = instance.chart
    if any(entry.conditions or entry.tags for part in chart.tree() for entry in part.metadata.dependencies):
        values = _coalesced(chart, values, _slots(chart))
    disabled = {entry.key for entry in chart.metadata.dependencies if not _enabled(entry, values, instance.route)}
    met: set[str] = set()
    for name, dependency, subchart in _slots(chart):
        if dependency is not None:
            met.add(dependency.key)
        if name not in disabled:
            below = Instance(subchart, f"{instance.key}/charts/{name}", (*instance.route, name))
            _visit(result, below, values)
    for dependency in chart.metadata.dependencies:
        if dependency.key not in met and dependency.key not in disabled:
            problem = _unmet(chart, dependency, not instance.route)
            if problem is not None:
                result.problems.append(problem)


def _slots(chart: Chart) -> Iterator[tuple[str, Dependency | None, Chart]]:
    """The subcharts under the names they get, with the dependency that asks for each.

    A subchart that no dependency asks for, also because its version is out of range, takes part under its own name.
    """
    for subchart in chart.subcharts:
        if not any(entry.name == subchart.name and _in_range(subchart, entry) for entry in chart.metadata.dependencies):
            yield subchart.name, None, subchart
    for dependency in chart.metadata.dependencies:
        found = next((entry for entry in chart.subcharts if entry.name == dependency.name and _in_range(entry, dependency)), None)
        if found is not None:
            yield dependency.key, dependency, found


def _in_range(chart: Chart, dependency: Dependency) -> bool:
    try:
        return satisfies(chart.version, dependency.version)
    except ValueError:
        return False


def _enabled(dependency: Dependency, values: Mapping[str, Any], route: tuple[str, ...]) -> bool:
    """Tags decide first; the first condition that finds a boolean overrides them."""
    for condition in dependency.conditions:
        value: Any = values
        for step in ".".join((*route, condition)).split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, bool):
            return value
    tags = mapping(values.get("tags"))
    decided = [value for tag in dependency.tags if isinstance(value := tags.get(tag), bool)]
    return any(decided) or not decided


def _coalesced(chart: Chart, values: Mapping[str, Any], slots: Iterable[tuple[str, Dependency | None, Chart]]) -> dict[str, Any]:
    """`values` over the defaults of the chart and, under the names in `slots`, of its subcharts; `global` reaches all of
    them. Helm knows the aliases of further levels only later."""
    charts = [(name, subchart) for name, _, subchart in slots]
    result = effective_values(values, chart.values, frozenset(name for name, _ in charts))
    for name, subchart in charts:
        own = dict(mapping(result.get(name)))
        own["global"] = effective_values(mapping(result.get("global")), mapping(own.get("global")), keep_nulls=True)
        result[name] = _coalesced(subchart, own, [(below.name, None, below) for below in subchart.subcharts])
    return result


def _unmet(chart: Chart, dependency: Dependency, is_root: bool) -> Problem | None:
    """Why no subchart meets an enabled dependency. Only for the chart itself does Helm take that for an error."""
    found = next((subchart for subchart in chart.subcharts if subchart.name == dependency.name), None)
    if found is not None:
        return _version_problem(chart, dependency, found, is_root)
    if dependency.name in chart.unresolved:
        return Problem(chart.unresolved[dependency.name], is_root)
    directory = "charts" if chart.path == "." else f"{chart.path}/charts"
    if not dependency.repository:
        message = f"the dependency `{dependency.name}` is not in {directory}/, and no repository is named for it"
        fix = f"put the chart into {directory}/{dependency.name}, or add `repository:`"
        return Problem(_failure("helm-dependency-missing", dependency, message, fix), is_root)
    # Neither a version nor what lies beside it: an update must not bring back what was accepted.
    message = (
        f"the dependency `{dependency.name}` from {without_credentials(dependency.repository)} is not vendored, so nothing of it is checked"
    )
    fix = f"run `helm dependency build {chart.path}` and commit {directory}/, which Git must not ignore"
    return Problem(_failure("helm-dependency-unavailable", dependency, message, fix, "unavailable"), False)


def _version_problem(chart: Chart, dependency: Dependency, found: Chart, is_root: bool) -> Problem | None:
    local = dependency.name in chart.local
    if not dependency.version and not dependency.alias and not local:
        return None
    try:
        parse_constraint(dependency.version)
        message = f"the dependency `{dependency.name}` asks for version {dependency.version}, but {found.path} is version {found.version}"
        fix = f"run `helm dependency update {chart.path}`, or change the range"
    except ValueError as error:
        message = f"the version of the dependency `{dependency.name}` cannot be read: {error}"
        if not dependency.version:
            message = f"the dependency `{dependency.name}` names no version, so Helm ignores its alias `{dependency.alias}`"
        fix = f"write a range that holds {found.version}"
    return Problem(_failure("helm-dependency-version", dependency, message, fix), is_root and local)


def kube_version_problem(chart: Chart, kube_version: str) -> Problem | None:
    """Why Helm refuses the chart for this version of Kubernetes. The constraints of subcharts have no effect in Helm."""
    constraint = chart.metadata.kube_version
    if not constraint:
        return None
    number = _KUBE_VERSION.match(kube_version)
    try:
        if satisfies(number[0] if number else kube_version, constraint):
            return None
        message = f"the chart accepts Kubernetes {constraint} only, and the target is {kube_version}"
    except ValueError as error:
        message = f"`kubeVersion` of the chart cannot be compared with the target {kube_version}: {error}"
    line = chart.metadata.line_of("kubeVersion")
    fix = "widen `kubeVersion:`, or set the target to the version of the cluster with --kube-version"
    return Problem(Failure("helm-kube-version", "broken", "render", chart.metadata.path, line, message, fix), True)


def _failure(id: str, dependency: Dependency, message: str, fix: str, kind: Any = "broken") -> Failure:
    return Failure(id, kind, "render", dependency.path, dependency.line, message, fix)
