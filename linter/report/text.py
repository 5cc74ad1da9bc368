"""The report for people: findings by file with the line they are about, failures, and one line that sums up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from linter.model import Finding
from linter.report.model import SCHEMA_REMEDY, Report, ReportedFailure
from linter.report.terminal import STYLES, Paint, painter, safe
from linter.report.wording import Environments, about, accepted, at, environments_of, excerpt, place_of, summed_up

_INDENT = "    "


def render_text(
    report: Report, *, color: bool = False, quiet: bool = False, show_suppressed: bool = False, statistics: bool = False, width: int = 100
) -> str:
    """The report as text. `quiet` is one line per finding; `width` is the number of cells a line of code may take."""
    paint = painter(color)
    findings = report.shown(suppressed=show_suppressed)
    if quiet:
        return "".join(f"{line}\n" for line in _quiet(findings, report.shown_failures(suppressed=show_suppressed), paint))
    environments = environments_of(report)
    blocks = []
    for path, group in groupby(findings, key=lambda finding: finding.location.path):
        blocks.append(paint(safe(path), "bold underline"))
        blocks += ["\n".join(_finding(finding, report, environments, paint, width)) + "\n" for finding in group]
    failures = report.shown_failures(suppressed=show_suppressed)
    if failures:
        blocks.append(paint("Could not be checked", "bold underline"))
        blocks.append("\n".join(_failures(failures, paint)) + "\n")
    if statistics:
        parts = (_statistics(report, paint), _unreadable(report, paint), _without_schema(report, paint))
        blocks += ["\n".join(lines) + "\n" for lines in map(list, parts) if lines]
    blocks.append("; ".join(summed_up(report, paint)))
    return "\n".join(blocks) + "\n"


def _quiet(findings: Iterable[Finding], failures: Iterable[ReportedFailure], paint: Paint) -> Iterator[str]:
    for finding in findings:
        place = finding.location
        severity = paint(finding.severity, STYLES[finding.severity])
        yield f"{safe(place.path)}:{place.line}:{place.column}: {severity} {finding.rule} {safe(finding.message)}"
    for reported in failures:
        failure = reported.failure
        yield f"{place_of(failure)}: {paint(failure.kind, STYLES[failure.kind])} {failure.id} {safe(failure.message)}"


def _finding(finding: Finding, report: Report, environments: Environments, paint: Paint, width: int) -> Iterator[str]:
    place = finding.location
    severity = paint(finding.severity, STYLES[finding.severity] if finding.suppressed is None else "dim")
    yield f"  {place.line}:{place.column} {severity} {paint(safe(finding.message), 'bold')} {paint(f'[{finding.rule}]', 'dim')}"
    words = about(finding, environments)
    if words:
        yield _INDENT + paint(", ".join(words), "dim")
    yield from _code(finding, report, paint, width)
    for related in finding.related:
        yield f"{_INDENT}see: {at(related.location)} {safe(related.message)}"
    if finding.fix:
        yield f"{_INDENT}{paint('fix:', 'green')} {safe(finding.fix)}"
    if finding.suppressed is not None:
        yield _INDENT + paint(accepted(finding.suppressed), "dim")


def _code(finding: Finding, report: Report, paint: Paint, width: int) -> Iterator[str]:
    shown = excerpt(finding, report, width)
    if shown is None:
        return
    line, underline = shown
    number = str(finding.location.line)
    yield f"{_INDENT}{paint(f'{number} │', 'blue')} {line}"
    yield f"{_INDENT}{' ' * len(number)} {paint('│', 'blue')} {paint(underline, STYLES[finding.severity])}"


def _failures(reported: Iterable[ReportedFailure], paint: Paint) -> Iterator[str]:
    """What could not be judged. A remedy is told once: hundreds of charts from one place elsewhere have the same."""
    told: set[str] = set()
    for entry in reported:
        failure = entry.failure
        kind = paint(failure.kind, STYLES[failure.kind] if entry.suppressed is None else "dim")
        yield f"  {place_of(failure)} {kind} {paint(safe(failure.message), 'bold')} {paint(f'[{failure.id}]', 'dim')}"
        if failure.fix and failure.fix not in told:
            told.add(failure.fix)
            yield f"{_INDENT}{paint('fix:', 'green')} {safe(failure.fix)}"
        if entry.suppressed is not None:
            yield _INDENT + paint(accepted(entry.suppressed), "dim")


def _statistics(report: Report, paint: Paint) -> Iterator[str]:
    rows = report.statistics()
    digits = max((len(str(count)) for _, _, count in rows), default=0)
    for rule, severity, count in rows:
        yield f"  {count:>{digits}} {paint(f'{severity:<7}', STYLES[severity])} {rule}"


def _unreadable(report: Report, paint: Paint) -> Iterator[str]:
    if report.unreadable:
        yield paint("Neither manifests nor YAML", "bold underline")
        yield from (f"  {safe(path)}" for path in report.unreadable)


def _without_schema(report: Report, paint: Paint) -> Iterator[str]:
    kinds = report.without_schema
    if kinds:
        digits = max(len(str(kind.resources)) for kind in kinds)
        yield paint("Custom resources without a schema", "bold underline")
        yield from (f"  {kind.resources:>{digits}} {safe(kind.api_version)} {safe(kind.kind)}" for kind in kinds)
        yield f"{_INDENT}{paint('fix:', 'green')} {SCHEMA_REMEDY}"
