"""What a run reports on. The whole repository is always read; the paths of the user only limit what is shown."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from linter.engine.options import LintOptions
from linter.errors import NothingToCheckError
from linter.model import Failure, Source
from linter.model.resources import SourceType
from linter.repository import MemoryTree, Tree, printable


class Members(Protocol):
    """The sources of a run, why some of them cannot be rendered, and which files belong to each."""

    @property
    def sources(self) -> Sequence[Source]: ...

    @property
    def problems(self) -> Mapping[Source, Failure]: ...

    def sources_of(self, path: str) -> list[Source]:
        """Every source that a file belongs to; of a directory, those of all files below it."""
        ...


class Judged(Members, Protocol):
    """The same once they were rendered."""

    def is_about(self, failure: Failure, sources: Collection[Source]) -> bool:
        """Whether a failure is about one of these sources."""
        ...


class Scope:
    """The user's paths, relative to the repository root ("." for all of it), the types of sources asked for (all if none), and
    the Application, if one was named."""

    def __init__(self, tree: Tree, paths: Sequence[str], types: Sequence[SourceType] = (), application: str | None = None) -> None:
        self._tree = tree
        self._application = application
        self._types = frozenset(types)
        self.everything = "." in paths
        self._paths = tuple(dict.fromkeys(paths))
        self._in_memory = isinstance(tree, MemoryTree)
        if self._in_memory:
            self.named_files = frozenset(tree.files()) if len(tree.files()) == 1 else frozenset()
        else:
            self.named_files = frozenset(path for path in self._paths if path != "." and tree.is_file(path))

    def counts(self, type: SourceType) -> bool:
        """Whether the report is about sources of this type."""
        return not self._types or type in self._types

    def counts_any(self, sources: Iterable[Source]) -> bool:
        """Whether the report is about something that occurs in these sources; if it is in none, it counts."""
        return not self._types or not (types := {source.type for source in sources}) or not types.isdisjoint(self._types)

    def covers(self, path: str) -> bool:
        """Whether a file is one of the paths or below one of them. Members of archives count as their archive.

        In a report on one Application its sources count, and no file by itself.
        """
        return self._application is None and self.is_below(path)

    def is_below(self, path: str) -> bool:
        """Whether a file is one of the paths or below one of them, whatever Application the report is about."""
        return self.everything or any(path == own or path.startswith((own + "/", own + "!")) for own in self._paths)

    def covers_plain(self, path: str) -> bool:
        """Whether a file that is read as it stands is one to report on."""
        return self.counts("directory") and self.covers(path)

    def whole(self, sources: Iterable[Source], members: Members) -> set[Source]:
        """The sources that report everything they yield: charts and overlays below a path, or that a file at or below one
        belongs to."""
        sources = [source for source in sources if self.counts(source.type) and self._application in (None, source.application)]
        if self.everything:
            return set(sources)
        named = {source for path in self._paths for source in members.sources_of(path)}
        # What the options have changed is no source that discovery knows.
        known = frozenset(members.sources)
        changed = {source for source in sources if source not in known and any(source.path == other.path for other in named)}
        return {
            source
            for source in sources
            # A plain directory that an Application deploys is reported file by file, unless the Application was asked for.
            if (source.type != "directory" or self._application is not None) and (source in named | changed or self.is_below(source.path))
        }

    def partly(self, sources: Iterable[Source]) -> set[Source]:
        """The plain directories of which some file may be in scope."""
        return {
            source
            for source in sources
            if source.type == "directory"
            and self._application is None
            and self.counts("directory")
            and (
                self.everything
                or source.path == "."
                or any(
                    path == source.path or path.startswith(source.path + "/") or source.path.startswith(path + "/") for path in self._paths
                )
            )
        }

    def covers_failure(self, failure: Failure, whole: set[Source], members: Judged) -> bool:
        """Whether a failure counts: its file is in scope, or it is about a chart or overlay that is."""
        path = failure.path
        if self._types and failure.path and not self.counts_any(self._sources_with(failure, members)):
            return False
        if self._application is not None:
            return not path or members.is_about(failure, whole)
        return (
            not path
            or self.covers(path)
            or any(members.problems.get(source) == failure for source in whole)
            or any(source.type != "directory" and (path == source.path or path.startswith(source.path + "/")) for source in whole)
        )

    def _sources_with(self, failure: Failure, members: Members) -> list[Source]:
        """The sources that a failure is about."""
        affected = [source for source, problem in members.problems.items() if problem == failure]
        archive = failure.path.partition("!")[0]
        return affected or members.sources_of(archive)

    def single_chart(self, sources: Sequence[Source], options: LintOptions) -> list[Source]:
        """The sources of the run, the one chart in scope rendered as the options say.

        Values come on top of those of its environment, or of the chart's own where it has several environments and none
        was chosen; a release name and a namespace hold for each environment.

        Raises UsageError if such options are given and the paths do not name exactly one chart.
        """
        if not (options.values or options.set_values or options.release or options.namespace):
            return list(sources)
        charts = sorted({source.path for source in sources if source.type == "helm"})
        named = {chart for path in self._paths for chart in self._charts_at(path, charts)}
        if len(named) != 1:
            words = f"{self.words()} holds {len(named)} charts" if named else f"{self.words()} is no chart"
            raise NothingToCheckError(f"--values, --set, --release and --namespace are for one chart, and {words}")
        [path] = named
        chosen = [source for source in sources if source.type == "helm" and source.path == path]
        if len(chosen) > 1 and (options.values or options.set_values):
            # Values of the command line go with no environment in particular, so none of them is guessed.
            chosen = [Source(path, "helm", path)]
        changed = [
            replace(
                source,
                values=(*source.values, *(self._values_file(file) for file in options.values)),
                set_values=(*source.set_values, *options.set_values),
                release=options.release or source.release,
                namespace=options.namespace or source.namespace,
            )
            for source in chosen
        ]
        others = [source for source in sources if not (source.type == "helm" and source.path == path)]
        return sorted([*others, *changed], key=lambda source: (source.path, source.type, source.environment or "", source.state))

    def _values_file(self, path: str) -> str:
        """A values file of the command line: relative to the repository root if the tree has it, else absolute."""
        absolute = os.path.abspath(path)
        root = self._tree.root
        if root is not None and absolute.startswith(root.rstrip("/") + "/"):
            relative = os.path.relpath(absolute, root)
            if self._tree.is_file(relative) or not os.path.isfile(absolute):
                return relative
        return absolute

    def words(self) -> str:
        """What the report is about, as a message names it: an Application, or the paths."""
        if self._in_memory and self.named_files:
            return "standard input"
        if self._application is not None:
            return f"the Application {printable(self._application)}"
        return "the repository" if self.everything else ", ".join(printable(path) for path in self._paths)

    def _charts_at(self, path: str, charts: Sequence[str]) -> Sequence[str]:
        """The charts at or below a path, else the innermost one around it."""
        below = [chart for chart in charts if path in (".", chart) or chart.startswith(path + "/")]
        around = [chart for chart in charts if chart == "." or path.startswith(chart + "/")]
        return below or sorted(around, key=lambda chart: (chart != ".", len(chart)))[-1:]
