"""What several formats say about a finding beside its message, in the same words. All of it is safe for a terminal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from linter.model import Failure, Finding, Location, Source, Suppressed
from linter.report.frame import frame
from linter.report.model import Report
from linter.report.redaction import redacted
from linter.report.terminal import STYLES, Paint, painter, safe

BASE_NOT_JUDGED = "may be older: the base could not be judged here"

_IMPRECISE = {"object": "somewhere in this object", "call-site": "emitted by the call on this line", "file": "somewhere in this file"}
_MANY = 4
_PLAIN = painter(False)
_MEMBER = re.compile(r"(?P<archive>.+?\.(?:tgz|tar\.gz))!(?P<member>.+)", re.DOTALL)

Environments = Mapping[str, Sequence[str]]


def environments_of(report: Report) -> dict[str, list[str]]:
    """The environments of each chart, by its path; of what has none, the Applications that deploy it."""
    found: dict[str, list[str]] = {}
    for reported in report.sources:
        name = _named(reported.source)
        if name is not None and name not in found.setdefault(reported.source.path, []):
            found[reported.source.path].append(name)
    return found


def _named(source: Source) -> str | None:
    return source.environment or source.application


def where(finding: Finding, environments: Environments) -> list[str]:
    """The environments of a chart, when the finding occurs only in some; the sources, when it occurs in several."""
    found = {occurrence.source.path for occurrence in finding.occurrences}
    if len(found) > 1:
        return [f"in {some(sorted(safe(path) for path in found))}"]
    own = {_named(occurrence.source) for occurrence in finding.occurrences}
    every = [environment for path in found for environment in environments.get(path, ())]
    named = [environment for environment in every if environment in own]
    return [f"in {some([safe(environment) for environment in named])}"] if named and len(named) < len(every) else []


def about(finding: Finding, environments: Environments) -> list[str]:
    """The object of a finding, where it occurs, how sure its place is, and whether it may be older than the comparison says."""
    words = [safe(str(finding.resource))] if finding.resource is not None else []
    words += where(finding, environments)
    if finding.location.precision in _IMPRECISE:
        words.append(_IMPRECISE[finding.location.precision])
    if finding.since == "base-not-judged":
        words.append(BASE_NOT_JUDGED)
    return words


def excerpt(finding: Finding, report: Report, width: int) -> tuple[str, str] | None:
    """The line a finding is about, without what must not be shown, and its underline; None if there is nothing to show.

    `width` is the number of cells it may take.
    """
    place = finding.location
    line = report.source_line(place.path, place.line) if place.precision != "file" else None
    if line is None or not line.strip():
        return None
    end = place.end_column - 1 if place.end_line == place.line else None
    return frame(*redacted(finding, line, place.column - 1, end), width)


def accepted(suppressed: Suppressed) -> str:
    """What accepts a finding or failure, in words."""
    until = f" until {safe(suppressed.until)}" if suppressed.until else ""
    reason = f": {safe(suppressed.reason)}" if suppressed.reason else ""
    return f"suppressed by {suppressed.by}{until}{reason}"


def found(report: Report, paint: Paint = _PLAIN) -> str:
    """How many findings count, and in how many files."""
    summary = report.summary
    total = counted(summary.files, "file")
    counts = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.infos, "info")]
    words = [paint(counted(count, noun), STYLES[noun]) for count, noun in counts if count]
    if words:
        return f"{', '.join(words)} in {len({finding.location.path for finding in report.shown()})} of {total}"
    nothing = "no new findings" if report.compared_with is not None else "no findings"
    return f"{paint(nothing, 'bold green' if not summary.failures else 'bold')} in {total}"


def suppressed(report: Report) -> str:
    """How many findings and failures are accepted, and by what; "" for none."""
    if not report.summary.suppressed:
        return ""
    accepting = [*(entry.suppressed for entry in report.findings), *(entry.suppressed for entry in report.failures)]
    numbers = sorted(Counter(entry.by for entry in accepting if entry is not None).items())
    by = f"by {numbers[0][0]}" if len(numbers) == 1 else ", ".join(f"{number} by {name}" for name, number in numbers)
    # Where something could not be judged, no findings are no good news.
    failed = report.summary.suppressed and sum(entry.suppressed is not None for entry in report.failures)
    by += f"; {counted(failed, 'failure')} among them" if failed else ""
    return f"{report.summary.suppressed} suppressed" + (f" ({by})" if by else "")


def summed_up(report: Report, paint: Paint = _PLAIN) -> Iterator[str]:
    """The parts of the line that ends a report."""
    summary = report.summary
    yield found(report, paint)
    if summary.suppressed:
        yield suppressed(report)
    if summary.failures:
        yield paint(counted(summary.failures, "failure"), "bold red")
    unsupported = sum(reported.status == "unsupported" for reported in report.sources)
    if unsupported:
        yield f"{counted(unsupported, 'source')} not checked, see `gitops-lint sources`"


def at(location: Location) -> str:
    """A place as `path:line:column`."""
    return f"{safe(location.path)}:{location.line}:{location.column}"


def place_of(failure: Failure) -> str:
    """A failure's file, and its line if that is known; "." for the repository."""
    return (f"{safe(failure.path)}:{failure.line}" if failure.line is not None else safe(failure.path)) or "."


def file_of(path: str) -> tuple[str, str | None]:
    """The file in the repository that a path leads to and, for `archive.tgz!member`, the member."""
    match = _MEMBER.fullmatch(path)
    return (match["archive"], match["member"]) if match is not None else (path, None)


def counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def some(words: Sequence[str]) -> str:
    """The first few of a list, in words."""
    if len(words) > _MANY:
        return f"{', '.join(words[: _MANY - 1])} and {len(words) - _MANY + 1} more"
    return ", ".join(words)


def one_line(text: str) -> str:
    """Text of one or more lines as one line, safe for a terminal."""
    return safe(" ".join(text.split()))


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters of a text; what is left out shows as an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def unjudged_sources(report: Report) -> Iterable[tuple[str, str]]:
    """Each source that was not judged: its path with its environment, and why."""
    for reported in report.sources:
        if reported.status != "ok":
            source = reported.source
            name = f"{safe(source.path)} ({safe(source.environment)})" if source.environment is not None else safe(source.path)
            reason = one_line(reported.reason) if reported.reason else f"{source.type} source, {reported.status}"
            yield name, reason
