"""The sources of a repository: plain directories, charts with their values, Kustomize roots."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from linter.discovery.charts import Chart, Charts, find_charts
from linter.discovery.declarations import ChartValues, Declarations
from linter.discovery.hints import hints
from linter.discovery.kustomize import KUSTOMIZATION_NAMES, KustomizeRoot, find_kustomize_roots
from linter.discovery.listing import Listing
from linter.discovery.states import States
from linter.discovery.values import resolve_values
from linter.model import Failure, Source, SourceStatus
from linter.repository import BASELINE_NAME, CONFIG_NAME, Tree

_MANIFEST_SUFFIXES = (".yaml", ".yml", ".json")


class Discovery:
    """What a repository holds.

    `sources` are sorted by path, type and environment. `manifest_files` maps each file that is read as it stands to the
    plain directories it belongs to; a symbolic link is read under the path of the file it leads to. `chart_sources` are the
    sources of each chart by its path, `kustomize_sources` the roots that are built. `problems` says for
    each source that cannot be rendered why not, as far as that is known before rendering. `failures` holds these and
    all others.
    """

    def __init__(
        self,
        charts: Charts,
        chart_sources: Mapping[str, Sequence[Source]],
        kustomize_sources: Mapping[Source, KustomizeRoot],
        kustomize_roots: Sequence[KustomizeRoot],
        manifest_files: Mapping[str, tuple[Source, ...]],
        problems: Mapping[Source, Failure],
        failures: Sequence[Failure],
        hints: Callable[[Collection[str]], Iterable[str]],
        listing: Listing,
        links: Mapping[str, str],
    ) -> None:
        self.charts = charts
        self.kustomize_roots = tuple(kustomize_roots)
        self.manifest_files = manifest_files
        self.problems = problems
        self.failures = tuple(failures)
        self._hints = hints
        plain = dict.fromkeys(source for group in manifest_files.values() for source in group)
        found = [*plain, *(source for group in chart_sources.values() for source in group), *kustomize_sources]
        self.sources = tuple(sorted(found, key=lambda source: (source.path, source.type, source.environment or "", source.state)))
        self.chart_sources = chart_sources
        self.kustomize_sources = kustomize_sources
        self.listing = listing
        self._links = links
        self._belonging: dict[str, list[Source]] | None = None

    def status(self, source: Source) -> tuple[SourceStatus, str | None]:
        """What is known of a source before it is rendered, and why it is not "ok"."""
        if source in self.problems:
            return self.problems[source].kind, self.problems[source].message
        return "ok", None

    @property
    def hints(self) -> tuple[str, ...]:
        """Sentences about what is left out, and what the configuration could say better."""
        return self.hints_beside(())

    def hints_beside(self, deployed: Collection[str]) -> tuple[str, ...]:
        """The same for those who know the charts that Applications deploy: these have their values from Applications."""
        return tuple(self._hints(deployed))

    def sources_of(self, path: str) -> list[Source]:
        """Every source that a file belongs to; of a directory, those of all files below it."""
        if self._belonging is None:
            self._belonging = self._index()
        found: dict[Source, None] = {}
        for file in self.listing.below(path):
            found |= dict.fromkeys(self._belonging.get(file, ()))
            found |= dict.fromkeys(self._of_chart_around(file))
        return list(found)

    def _index(self) -> dict[str, list[Source]]:
        """File -> sources; the files of charts are left out, because their directory tells."""
        index: dict[str, list[Source]] = {path: list(sources) for path, sources in self.manifest_files.items()}
        for group in self.chart_sources.values():
            for source in group:
                for path in source.values:
                    index.setdefault(path, []).append(source)
        for source, root in self.kustomize_sources.items():
            for path in root.files:
                index.setdefault(path, []).append(source)
        for link, target in self._links.items():
            index.setdefault(target, []).extend([*index.get(link, ()), *self._of_chart_around(link)])
        index.update({link: index[target] for link, target in self._links.items()})
        return index

    def _of_chart_around(self, path: str) -> Iterator[Source]:
        chart = self.charts.around(path)
        if chart is not None:
            for dependent in self.charts.rendered_with(chart.path):
                yield from self.chart_sources[dependent.path]


def discover(tree: Tree, config: Declarations) -> Discovery:
    """The sources of a repository, and the files that belong to each."""
    files = tree.files()
    listing = Listing(files)
    included = [path for path in files if not config.exclude.match(path)] if config.exclude else files
    states = States(config.states)
    failures: list[Failure] = []
    problems: dict[Source, Failure] = {}

    charts = find_charts(tree, included)
    kustomizations = [path for path in included if os.path.basename(path) in KUSTOMIZATION_NAMES and not charts.has_in_its_folders(path)]
    roots = find_kustomize_roots(tree, kustomizations, listing)
    inflated = {path for root in roots for path in root.charts}
    chart_sources: dict[str, list[Source]] = {path: [] for path in charts}
    for chart in charts.values():
        if chart.library or (chart.path in inflated and not config.values_for(chart.path)):
            # What an overlay inflates is checked as part of it.
            continue
        for source, found in _chart_sources(chart, tree, config, states):
            chart_sources[chart.path].append(source)
            failures += found
            problems |= {source: found[0]} if found else {}

    kustomize_sources = {Source(root.path, "kustomize", states.of(root.path) or root.path): root for root in _overlays(roots)}
    failures += [root.failure for root in roots if root.failure is not None]
    problems |= _broken(kustomize_sources, roots)

    taken = {path for root in roots for path in root.files}
    taken |= {path for group in chart_sources.values() for source in group for path in source.values}
    plain = [path for path in included if _may_be_manifest(path) and path not in taken and charts.around(path) is None]
    manifest_files = _plain_files(plain, states, {link: target for link, target in tree.links.items() if not config.exclude.match(target)})
    return Discovery(
        charts,
        chart_sources,
        kustomize_sources,
        roots,
        manifest_files,
        problems,
        failures,
        lambda deployed: [*tree.notices, *hints(charts, listing, config, states, deployed)],
        listing,
        tree.links,
    )


def _chart_sources(chart: Chart, tree: Tree, config: Declarations, states: States) -> Iterator[tuple[Source, list[Failure]]]:
    """A chart once for each environment, or with its defaults, and what is wrong with the values it names."""
    environments = config.values_for(chart.path)
    if not environments:
        yield Source(chart.path, "helm", states.of(chart.path) or chart.path), []
    for entry in environments:
        values, failures = resolve_values(tree, config, chart.path, entry)
        yield _in_environment(chart, entry, states.of(chart.path, entry.environment), values), failures


def _in_environment(chart: Chart, entry: ChartValues, state: str | None, values: tuple[str, ...]) -> Source:
    return Source(
        chart.path,
        "helm",
        state or f"{chart.path}@{entry.environment}",
        environment=entry.environment,
        cluster=entry.cluster,
        namespace=entry.namespace,
        release=entry.release,
        values=values,
        set_values=entry.set_values,
    )


def _overlays(roots: Sequence[KustomizeRoot]) -> Iterator[KustomizeRoot]:
    """The roots that no other root builds upon: overlays, and bases that nobody uses."""
    bases = {root.path: root.bases for root in roots}
    used = {base for root in roots for base in root.bases if root.path not in bases[base]}
    return (root for root in roots if root.path not in used and not root.component)


def _broken(sources: Mapping[Source, KustomizeRoot], roots: Sequence[KustomizeRoot]) -> dict[Source, Failure]:
    """The sources whose kustomization, or one of its bases, cannot be used."""
    failures = {root.path: root.failure for root in roots if root.failure is not None}
    found: dict[Source, Failure] = {}
    for source, root in sources.items():
        for path in (root.path, *sorted(root.bases)):
            if path in failures:
                found.setdefault(source, failures[path])
    return found


def _may_be_manifest(path: str) -> bool:
    return path.endswith(_MANIFEST_SUFFIXES) and os.path.basename(path) not in (CONFIG_NAME, BASELINE_NAME)


def _plain_files(paths: Iterable[str], states: States, links: Mapping[str, str]) -> dict[str, tuple[Source, ...]]:
    """The files that are read as they stand, under their real paths, and the directories they belong to."""
    groups: dict[tuple[str, str], list[str]] = {}
    for path in paths:
        top, slash, _ = path.partition("/")
        directory = top if slash else "."
        entry = states.entry(path)
        groups.setdefault((directory, directory) if entry is None else (entry.state, entry.path), []).append(path)
    found: dict[str, dict[Source, None]] = {}
    for (state, pattern), members in groups.items():
        directory = state if pattern == state else os.path.commonpath([os.path.dirname(path) for path in members]) or "."
        source = Source(directory, "directory", state)
        for path in members:
            found.setdefault(links.get(path, path), {})[source] = None
    return {path: tuple(found[path]) for path in sorted(found)}
