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
        self._declaring: set[str] = set()
        # The sources of Applications that a chart or an overlay renders to.
        self._children: dict[Source, list[Source]] = {}

    def is_about(self, failure: Failure, sources: Collection[Source]) -> bool:
        """Whether a failure is about one of these sources."""
        found = (self.problems.get(source) == failure or failure in self._failures(source) for source in sources)
        return any(found) or any(source in sources for source in self._index_of(failure.path) if source.type == "directory")

    def sources_of(self, path: str) -> list[Source]:
        """Every source that a file belongs to; of a directory, those of all files below it.

        The file that declares an Application belongs to the sources of that Application as well, and what decides about a
        chart or an overlay that declares Applications to the sources of all of them.
        """
        found = dict.fromkeys(self._of_discovery(path))
        if self.applications:
            for file in self._discovery.listing.below(path):
                found |= dict.fromkeys(self._of_applications(file))
                if self._children and file not in self._declaring:
                    own = [*self._of_discovery(file), *self._of_applications(file)]
                    # A file of values decides where it is used, though its chart has other environments.
                    found |= self._descendants([source for source in own if file in source.values] or own)
        return list(found)

    def _of_discovery(self, path: str) -> Iterator[Source]:
        for source in self._discovery.sources_of(path):
            # What the options of the run have changed is no source that discovery knows.
            yield from [source] if source in self._kept else self._own.get((source.path, source.type), ())

    def _descendants(self, sources: Iterable[Source]) -> dict[Source, None]:
        """What the Applications deploy that these sources render to."""
        found: dict[Source, None] = {}
        waiting = list(sources)
        while waiting:
            for child in self._children.get(waiting.pop(), ()):
                if child not in found:
                    found[child] = None
                    waiting.append(child)
        return found

    def _index_of(self, path: str) -> Sequence[Source]:
        """The sources of Applications that a file is rendered or decides in."""
        if self._index is None:
            self._index = {}
            roots = {root.path: root for root in self._discovery.kustomize_roots}
            for source, details in self.applications.items():
                self._by_path.setdefault(source.path, []).append(source)
                root = roots.get(source.path)
                own = (*details.files, *details.uses, *source.values, *(root.files if root is not None else ()))
                declaring = details.declared.document.file
                self._declaring.add(declaring.path.partition("!")[0])
                if declaring.rendered:
                    self._children.setdefault(declaring.source, []).append(source)
                for file in dict.fromkeys((*own, declaring.path.partition("!")[0])):
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
