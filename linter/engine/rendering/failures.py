"""Whose failures they are: those of some renderings of a chart or an overlay, and those of what an Application says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from linter.engine.reading.files import Reading
from linter.model import Failure, Route, Source
from linter.model.applications import ApplicationSource
from linter.repository import printable

_NAMED = 2


def named_failures(failures: Mapping[Source, Sequence[Failure]], rendered: Iterable[Source]) -> dict[Failure, Failure]:
    """For each failure that says too little, the one that says for which Applications or environments it happens.

    Nothing needs to be said of what happens in all renderings of a path alike, or where there is one rendering only.
    """
    renderings: dict[str, int] = {}
    for source in rendered:
        renderings[source.path] = renderings.get(source.path, 0) + 1
    holders: dict[Failure, list[Source]] = {}
    for source, found in failures.items():
        for failure in found:
            holders.setdefault(failure, []).append(source)
    named = {}
    for failure, sources in holders.items():
        every = sum(renderings.get(path, 0) for path in {source.path for source in sources})
        labels = sorted({label for source in sources if (label := _label(source))})
        if labels and len(sources) < every:
            named[failure] = replace(failure, message=f"{failure.message} (in {_list(labels)})")
    return named


class SourceFailures(dict[Source, list[Failure]]):
    """Why sources could not be rendered whole. What is recorded here stands in what was read as well."""

    def add(self, source: Source, failures: Iterable[Failure], reading: Reading) -> None:
        """Record why a source could not be judged whole."""
        for failure in failures:
            self.setdefault(source, []).append(failure)
            if failure not in reading.failures:
                reading.failures.append(failure)

    def forget(self, source: Source, reading: Reading) -> None:
        """Leave out a source; what others share with it stays."""
        outdated = self.pop(source, [])
        left = {failure for failures in self.values() for failure in failures}
        reading.failures[:] = [failure for failure in reading.failures if failure not in outdated or failure in left]

    def say_where(self, rendered: Iterable[Source], reading: Reading) -> None:
        """Replace failures by those that say for whom they happen."""
        named = named_failures(self, rendered)
        if named:
            for found in self.values():
                found[:] = [named.get(failure, failure) for failure in found]
            reading.failures[:] = [named.get(failure, failure) for failure in reading.failures]


def _label(source: Source) -> str:
    environment = f"environment {printable(source.environment)}" if source.environment else ""
    if not source.application:
        return environment
    return f"Application {printable(source.application)}" + (f" of {environment}" if environment else "")


def _list(labels: Sequence[str]) -> str:
    if len(labels) <= _NAMED:
        return " and ".join(labels)
    return f"{', '.join(labels[:_NAMED])} and {len(labels) - _NAMED} more"


def inline_place(details: ApplicationSource, route: Route) -> tuple[str, int | None]:
    """The file and the line of a route in the inline values of an Application."""
    inline = details.helm.inline if details.helm is not None else None
    if inline is None or inline.file:
        return inline.file if inline is not None else details.declared.document.file.path, None
    return place_in_application(details, inline.route if inline.as_text else (*inline.route, *route))


def place_in_application(details: ApplicationSource, route: Route) -> tuple[str, int | None]:
    """The file and the line of a route in an Application; no line if that was rendered itself."""
    document = details.declared.document
    if document.file.rendered:
        return document.file.path, None
    from linter.manifest.positions import index_positions

    positions = index_positions(document.file.text, json=document.file.path.endswith(".json"))
    return document.file.path, positions.line_of(document.index, (*details.declared.prefix, *route))
