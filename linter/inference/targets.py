"""The versions the manifests are for, from what a repository says about its clusters and systems."""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from linter.discovery.charts import Charts
from linter.errors import InputError
from linter.inference.apart import Apart, is_example
from linter.inference.deployments import Deployment
from linter.inference.evidence import minor, newest_first
from linter.inference.findings import Evidence, Target
from linter.inference.survey import Survey
from linter.manifest.decoder import decode_bytes
from linter.model import dig, items, mapping, text
from linter.repository import Tree
from linter.version import NEWEST_TARGETS
from linter.versions import Constraint, Version

_ISTIO_CHARTS = frozenset({"istiod", "base", "cni", "ztunnel", "gateway", "ambient", "istio-discovery"})
_SHOWN = 3


class ChartFile:
    """What a Chart.yaml says, with lines."""

    def __init__(self, path: str, content: str, body: dict[str, object]) -> None:
        self.path = path
        self.content = content
        self.body = body

    def line_of(self, *route: str | int) -> int:
        """The line of the value at a route."""
        from linter.manifest.positions import index_positions

        return index_positions(self.content).line_of(0, route)


def chart_files(tree: Tree, charts: Charts, apart: Apart) -> Iterator[ChartFile]:
    """The Chart.yaml of each chart that belongs to the repository's own, and can be read."""
    for chart in charts:
        path = os.path.normpath(os.path.join(chart, "Chart.yaml"))
        if apart.holds(path):
            continue
        try:
            content, documents = decode_bytes(tree.read(path))
        except InputError:
            continue
        if documents:
            yield ChartFile(path, content, mapping(documents[0].value))


def choose_targets(tree: Tree, charts: Charts, found: Survey) -> tuple[Target, ...]:
    """A target for each system. Of several clusters the oldest version counts: what it accepts, the others accept too,
    apart from APIs that were removed."""
    files = list(chart_files(tree, charts, found.apart))
    others = [*_of_charts(tree, files), *_of_deployments(found.deployments)]
    all_of_them = [*found.evidence, *(replace(each, rank=3) if is_example(each.path) else each for each in others)]
    unknown = _charts_without_version(files, found.deployments)
    return (
        _kubernetes(_choose("kubernetes", all_of_them), files),
        _choose("istio", all_of_them),
        _with_reasons(_choose("external-dns", all_of_them), unknown),
    )


def _choose(system: str, found: Iterable[Evidence]) -> Target:
    own = sorted(
        {each for each in found if each.system == system}, key=lambda each: (each.rank, newest_first(each.version), each.path, each.line)
    )
    if not own:
        return Target(system, None)
    best = [each for each in own if each.rank == own[0].rank]
    version = best[0].version
    reasons = [_place(each) for each in _one_per_version(best)[:_SHOWN]]
    versions = len({each.version for each in best})
    if versions > 1:
        more = f", {versions - _SHOWN} more versions" if versions > _SHOWN else ""
        reasons.append(f"This is the oldest of them{more}; a file of its own per cluster, with --config, can name the others.")
    others = [each for each in _one_per_version(own) if each.rank > own[0].rank and each.version != version]
    if others:
        reasons.append(f"Not taken, as weaker evidence: {_place(others[0])}")
    if own[0].rank == 3:
        return Target(system, None, version, ("Only an example or a client's image says something, which need not be what runs:", *reasons))
    return Target(system, version, None, tuple(reasons))


def _one_per_version(found: Sequence[Evidence]) -> list[Evidence]:
    return list({each.version: each for each in reversed(found)}.values())[::-1]


def _place(evidence: Evidence) -> str:
    return f"{evidence.version}: {evidence.path}:{evidence.line} ({evidence.said})"


def _kubernetes(target: Target, files: Sequence[ChartFile]) -> Target:
    """The target held against `kubeVersion` of the charts: a version that a chart refuses cannot be rendered with it."""
    asking: list[tuple[Constraint, ChartFile]] = []
    for file in files:
        written = text(file.body.get("kubeVersion"))
        try:
            asking += [(Constraint(written), file)] if written else []
        except ValueError:
            continue  # the rendering of the chart reports it
    if not asking:
        return target
    newest = int((NEWEST_TARGETS["kubernetes"] or "1.0").rpartition(".")[2])
    if target.version is not None:
        refusing = [pair for pair in asking if not _admits(pair[0], int(target.version.rpartition(".")[2]))]
        return _with_reasons(target, [f"{_asks(*pair)}, which this version does not satisfy." for pair in refusing[:_SHOWN]])
    if all(_admits(constraint, newest) for constraint, _ in asking):
        lowest = max((_lowest(constraint, newest), file.path) for constraint, file in asking)[0]
        reason = next(_asks(*pair) for pair in asking if _lowest(pair[0], newest) == lowest)
        return _with_reasons(target, [f"At least 1.{lowest}: {reason}."])
    fitting = [number for number in range(newest, 15, -1) if all(_admits(constraint, number) for constraint, _ in asking)]
    limits = [pair for pair in asking if not _admits(pair[0], newest)]
    reasons = [f"{_asks(*pair)}." for pair in limits[:_SHOWN]]
    if not fitting:
        return _with_reasons(target, ["No version satisfies `kubeVersion` of all charts:", *reasons])
    return Target("kubernetes", f"1.{fitting[0]}", None, ("The newest version that all charts admit:", *reasons, *target.reasons))


def _admits(constraint: Constraint, number: int) -> bool:
    """Whether some release of that minor version is admitted; Helm is told the first one."""
    return constraint.admits(Version(1, number, 0))


def _lowest(constraint: Constraint, newest: int) -> int:
    return next((number for number in range(16, newest + 1) if _admits(constraint, number)), newest)


def _asks(constraint: Constraint, file: ChartFile) -> str:
    return f"{file.path}:{file.line_of('kubeVersion')} asks for {constraint.text.strip()}"


def _of_charts(tree: Tree, files: Iterable[ChartFile]) -> Iterator[Evidence]:
    """Dependencies on Istio's charts, and charts of ExternalDNS that say which version they install."""
    for file in files:
        name, app_version = text(file.body.get("name")), file.body.get("appVersion")
        if name == "external-dns" and isinstance(app_version, str) and (version := minor("external-dns", app_version)) is not None:
            yield Evidence("external-dns", version, file.path, file.line_of("appVersion"), f"appVersion: {app_version}")
        for index, dependency in enumerate(map(mapping, items(file.body.get("dependencies")))):
            chart, written = text(dependency.get("name")), text(dependency.get("version"))
            route = ("dependencies", index, "version")
            if (
                chart in _ISTIO_CHARTS
                and "istio" in text(dependency.get("repository"))
                and (version := minor("istio", written)) is not None
            ):
                yield Evidence("istio", version, file.path, file.line_of(*route), f"chart {chart} {written}")
            if chart == "external-dns":
                yield from _tag_in_values(
                    tree, os.path.join(os.path.dirname(file.path), "values.yaml"), text(dependency.get("alias")) or chart
                )


def _tag_in_values(tree: Tree, path: str, key: str) -> Iterator[Evidence]:
    """The image tag that a chart's values give to its dependency ExternalDNS."""
    if not tree.exists(path):
        return
    try:
        content, documents = decode_bytes(tree.read(path))
    except InputError:
        return
    route = (key, "image", "tag")
    tag = text(dig(documents[0].value, *route)) if documents else ""
    if (version := minor("external-dns", tag)) is not None:
        yield Evidence("external-dns", version, path, ChartFile(path, content, {}).line_of(*route), f"{'.'.join(route)}: {tag}")


def _of_deployments(deployed: Iterable[tuple[Deployment, str, int]]) -> Iterator[Evidence]:
    for deployment, path, line in deployed:
        if deployment.chart is not None:
            continue
        if (
            deployment.name in _ISTIO_CHARTS
            and "istio" in deployment.repository
            and (version := minor("istio", deployment.version)) is not None
        ):
            yield Evidence("istio", version, path, line, f"chart {deployment.name} {deployment.version}")
        if deployment.name == "external-dns":
            tag = text(dig(deployment.settings, "image", "tag"))
            if (version := minor("external-dns", tag)) is not None:
                yield Evidence("external-dns", version, path, line, f"image.tag: {tag}")


def _charts_without_version(files: Iterable[ChartFile], deployed: Iterable[tuple[Deployment, str, int]]) -> list[str]:
    """Installations of ExternalDNS by a chart from elsewhere, whose version says nothing about that of ExternalDNS."""
    found = []
    for file in files:
        for index, dependency in enumerate(map(mapping, items(file.body.get("dependencies")))):
            if dependency.get("name") == "external-dns":
                line = file.line_of("dependencies", index, "name")
                found.append((text(dependency.get("version")), f"{file.path}:{line}"))
    found += [
        (deployment.version, f"{path}:{line}")
        for deployment, path, line in deployed
        if deployment.chart is None and deployment.name == "external-dns"
    ]
    return [
        f"Its chart {version or 'of some version'} is installed by {place}; `helm show chart` names its appVersion."
        for version, place in found[:_SHOWN]
    ]


def _with_reasons(target: Target, reasons: Sequence[str]) -> Target:
    if target.system == "external-dns" and target.version is not None:
        return target
    return Target(target.system, target.version, target.suggestion, (*target.reasons, *reasons))
