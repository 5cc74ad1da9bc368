"""The sources of a run, and which files belong to each."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from linter.discovery import Discovery
from linter.model import Failure, Source
from linter.model.applications import ApplicationSource


class Membership:
    """The sources that are rendered: those of Applications, and those of discovery that no Application deploys.

    `applications` tells more about the former. `problems` says for each source that cannot be rendered why not, as far as
    that is known before rendering, `failures` why it was not rendered whole.
    """

    def __init__(
        self,
        discovery: Discovery,
        sources: Iterable[Source],
        applications: Mapping[Source, ApplicationSource],
        problems: Mapping[Source, Failure],
        failures: Callable[[Source], Iterable[Failure]],
    ) -> None:
        self.sources = tuple(sorted(sources, key=_order))
        self.applications = applications
        self.problems = problems
        self._failures = failures
        self._discovery = discovery
        self._kept = frozenset(self.sources)
        self._own: dict[tuple[str, str], list[Source]] = {}
        for source in self.sources:
            if source not in applications:
                self._own.setdefault((source.path, source.type), []).append(source)
        self._index: dict[str, list[Source]] | None = None
        self._by_path: dict[str, list[Source]] = {}

    def is_about(self, failure: Failure, sources: Collection[Source]) -> bool:
        """Whether a failure is about one of these sources."""
        found = (self.problems.get(source) == failure or failure in self._failures(source) for source in sources)
        return any(found) or any(source in sources for source in self._index_of(failure.path) if source.type == "directory")

    def sources_of(self, path: str) -> list[Source]:
        """Every source that a file belongs to; of a directory, those of all files below it.

        The file that declares an Application belongs to the sources of that Application as well.
        """
        found: dict[Source, None] = {}
        for source in self._discovery.sources_of(path):
            # What the options of the run have changed is no source that discovery knows.
            found |= dict.fromkeys([source] if source in self._kept else self._own.get((source.path, source.type), ()))
        if self.applications:
            for file in self._discovery.listing.below(path):
                found |= dict.fromkeys(self._of_applications(file))
        return list(found)

    def _index_of(self, path: str) -> Sequence[Source]:
        """The sources of Applications that a file is rendered or decides in."""
        if self._index is None:
            self._index = {}
            roots = {root.path: root for root in self._discovery.kustomize_roots}
            for source, details in self.applications.items():
                self._by_path.setdefault(source.path, []).append(source)
                root = roots.get(source.path)
                own = (*details.files, *details.uses, *source.values, *(root.files if root is not None else ()))
                for file in (*own, details.declared.document.file.path.partition("!")[0]):
                    self._index.setdefault(file, []).append(source)
        return self._index.get(path, ())

    def _of_applications(self, path: str) -> Iterator[Source]:
        yield from self._index_of(path)
        yield from self._by_path.get(path, ())
        chart = self._discovery.charts.around(path)
        if chart is not None:
            for dependent in self._discovery.charts.rendered_with(chart.path):
                yield from self._of_type_helm(dependent.path)
        directory = os.path.dirname(path)
        while directory:
            if chart is None or directory != chart.path:
                yield from self._of_type_helm(directory)
            directory = os.path.dirname(directory)

    def _of_type_helm(self, path: str) -> Iterator[Source]:
        return (source for source in self._by_path.get(path, ()) if source.type == "helm")


def _order(source: Source) -> tuple[str, str, str, str, str, int]:
    return (source.path, source.type, source.environment or "", source.state, source.application or "", source.index)
