"""The report for people: findings by file with the line they are about, failures, and one line that sums up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from linter.model import Finding, Location
from linter.report.frame import frame
from linter.report.model import Report, ReportedFailure
from linter.report.redaction import redacted
from linter.report.terminal import Paint, painter, safe

_STYLES = {"error": "bold red", "warning": "bold yellow", "info": "bold cyan", "broken": "bold red", "unavailable": "bold yellow"}
_INDENT = "    "
_IMPRECISE = {"object": "somewhere in this object", "call-site": "emitted by the call on this line", "file": "somewhere in this file"}
_MANY = 4


def render_text(
    report: Report, *, color: bool = False, quiet: bool = False, show_suppressed: bool = False, statistics: bool = False, width: int = 100
) -> str:
    """The report as text. `quiet` is one line per finding; `width` is the number of cells a line of code may take."""
    paint = painter(color)
    findings = report.shown(suppressed=show_suppressed)
    if quiet:
        return "".join(f"{line}\n" for line in _quiet(findings, report.failures, paint))
    environments = _environments(report)
    blocks = []
    for path, group in groupby(findings, key=lambda finding: finding.location.path):
        blocks.append(paint(safe(path), "bold underline"))
        blocks += ["\n".join(_finding(finding, report, environments, paint, width)) + "\n" for finding in group]
    if report.failures:
        blocks.append(paint("Could not be checked", "bold underline"))
        blocks.append("\n".join(line for failure in report.failures for line in _failure(failure, paint)) + "\n")
    if statistics and findings:
        blocks.append("\n".join(_statistics(report, paint)) + "\n")
    blocks.append(_summary(report, findings, paint))
    return "\n".join(blocks) + "\n"


def _quiet(findings: Iterable[Finding], failures: Iterable[ReportedFailure], paint: Paint) -> Iterator[str]:
    for finding in findings:
        place = finding.location
        severity = paint(finding.severity, _STYLES[finding.severity])
        yield f"{safe(place.path)}:{place.line}:{place.column}: {severity} {finding.rule} {safe(finding.message)}"
    for reported in failures:
        failure = reported.failure
        yield f"{_place(failure.path, failure.line)}: {paint(failure.kind, _STYLES[failure.kind])} {failure.id} {safe(failure.message)}"


def _finding(finding: Finding, report: Report, environments: dict[str, list[str]], paint: Paint, width: int) -> Iterator[str]:
    place = finding.location
    severity = paint(finding.severity, _STYLES[finding.severity] if finding.suppressed is None else "dim")
    yield f"  {place.line}:{place.column} {severity} {paint(safe(finding.message), 'bold')} {paint(f'[{finding.rule}]', 'dim')}"
    about = [safe(str(finding.resource))] if finding.resource is not None else []
    about += _where(finding, environments)
    if place.precision in _IMPRECISE:
        about.append(_IMPRECISE[place.precision])
    if about:
        yield _INDENT + paint(", ".join(about), "dim")
    yield from _code(finding, report, paint, width)
    for related in finding.related:
        yield f"{_INDENT}see: {_at(related.location)} {safe(related.message)}"
    if finding.fix:
        yield f"{_INDENT}{paint('fix:', 'green')} {safe(finding.fix)}"
    if finding.suppressed is not None:
        until = f" until {safe(finding.suppressed.until)}" if finding.suppressed.until else ""
        reason = f": {safe(finding.suppressed.reason)}" if finding.suppressed.reason else ""
        yield f"{_INDENT}{paint(f'suppressed by {finding.suppressed.by}{until}{reason}', 'dim')}"


def _code(finding: Finding, report: Report, paint: Paint, width: int) -> Iterator[str]:
    place = finding.location
    line = report.source_line(place.path, place.line) if place.precision != "file" else None
    if line is None or not line.strip():
        return
    end = place.end_column - 1 if place.end_line == place.line else None
    shown, underline = frame(*redacted(finding, line, place.column - 1, end), width)
    number = str(place.line)
    yield f"{_INDENT}{paint(f'{number} │', 'blue')} {shown}"
    yield f"{_INDENT}{' ' * len(number)} {paint('│', 'blue')} {paint(underline, _STYLES[finding.severity])}"


def _where(finding: Finding, environments: dict[str, list[str]]) -> list[str]:
    """The environments of a chart, when the finding occurs only in some; the sources, when it occurs in several."""
    found = {occurrence.source.path for occurrence in finding.occurrences}
    if len(found) > 1:
        return [f"in {_some(sorted(safe(path) for path in found))}"]
    own = {occurrence.source.environment for occurrence in finding.occurrences}
    every = [environment for path in found for environment in environments.get(path, ())]
    named = [environment for environment in every if environment in own]
    return [f"in {_some([safe(environment) for environment in named])}"] if named and len(named) < len(every) else []


def _environments(report: Report) -> dict[str, list[str]]:
    """The environments of each chart."""
    found: dict[str, list[str]] = {}
    for reported in report.sources:
        if reported.source.environment is not None:
            found.setdefault(reported.source.path, []).append(reported.source.environment)
    return found


def _failure(reported: ReportedFailure, paint: Paint) -> Iterator[str]:
    failure = reported.failure
    kind = paint(failure.kind, _STYLES[failure.kind])
    yield f"  {_place(failure.path, failure.line)} {kind} {paint(safe(failure.message), 'bold')} {paint(f'[{failure.id}]', 'dim')}"
    if failure.fix:
        yield f"{_INDENT}{paint('fix:', 'green')} {safe(failure.fix)}"


def _statistics(report: Report, paint: Paint) -> Iterator[str]:
    rows = report.statistics()
    digits = max((len(str(count)) for _, _, count in rows), default=0)
    for rule, severity, count in rows:
        yield f"  {count:>{digits}} {paint(f'{severity:<7}', _STYLES[severity])} {rule}"


def _summary(report: Report, findings: Iterable[Finding], paint: Paint) -> str:
    summary = report.summary
    counts = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.infos, "info")]
    words = [paint(_count(count, noun), _STYLES[noun]) for count, noun in counts if count]
    if words:
        files = len({finding.location.path for finding in findings if finding.suppressed is None})
        parts = [f"{', '.join(words)} in {files} of {_count(summary.files, 'file')}"]
    else:
        parts = [f"{paint('no findings', 'bold green' if not report.failures else 'bold')} in {_count(summary.files, 'file')}"]
    if summary.suppressed:
        parts.append(f"{summary.suppressed} suppressed")
    if summary.failures:
        parts.append(paint(_count(summary.failures, "failure"), "bold red"))
    unsupported = sum(reported.status == "unsupported" for reported in report.sources)
    if unsupported:
        parts.append(f"{_count(unsupported, 'source')} not checked, see `gitops-lint sources`")
    return "; ".join(parts)


def _at(location: Location) -> str:
    return f"{safe(location.path)}:{location.line}:{location.column}"


def _place(path: str, line: int | None) -> str:
    return (f"{safe(path)}:{line}" if line is not None else safe(path)) or "."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _some(words: list[str]) -> str:
    """The first few of a list, in words."""
    if len(words) > _MANY:
        return f"{', '.join(words[: _MANY - 1])} and {len(words) - _MANY + 1} more"
    return ", ".join(words)
