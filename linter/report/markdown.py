"""The report as Markdown, for a comment on a pull request or the summary of a CI job.

A comment on GitHub holds 65,536 characters, the summary of a step 1 MiB. The report never has more than `LIMIT` characters: what
does not fit is counted in its last line.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from linter.model import Finding
from linter.model.findings import SEVERITIES
from linter.report.markup import block, cell, code, html_code, link, prose
from linter.report.model import SCHEMA_REMEDY, Report, ReportedFailure
from linter.report.wording import (
    Environments,
    about,
    accepted,
    at,
    counted,
    environments_of,
    excerpt,
    found,
    place_of,
    shortened,
    suppressed,
    unjudged_sources,
)

LIMIT = 60_000

_FIRST = 5
_IN_FULL = 20
_RULES = 10
_RELATED = 3
_LISTED = 10
_WIDTH = 100
_WORDS = 600
_PATH = 300
# What the last line may take.
_RESERVE = 400


class _Page:
    """Blocks of Markdown, of which no more are taken than there is room for."""

    def __init__(self, limit: int) -> None:
        self._room = limit - _RESERVE
        self._blocks: list[str] = []

    def add(self, markdown: str) -> bool:
        """Put one or more blocks at the end; whether there was room."""
        if not self._take(len(markdown) + 2):
            return False
        self._blocks.append(markdown)
        return True

    def add_list(self, items: list[str]) -> int:
        """Put as many items of a list at the end as there is room for; how many."""
        taken = []
        for item in items:
            if not self._take(len(item) + 2):
                break
            taken.append(item)
        if taken:
            self._blocks.append("\n".join(taken))
        return len(taken)

    def unfold(self, title: str) -> bool:
        """Begin a folded part, its title in HTML; whether there was room for it and for its end."""
        if not self._take(len(title) + len("<details><summary></summary></details>") + 4):
            return False
        self._blocks.append(f"<details><summary>{title}</summary>")
        return True

    def fold(self) -> None:
        """End a folded part."""
        self._blocks.append("</details>")

    def text(self, last: str = "") -> str:
        """Everything put so far, and a last line of up to 300 characters."""
        return "\n\n".join([*self._blocks, *([last] if last else [])]) + "\n"

    def _take(self, size: int) -> bool:
        fits = size <= self._room
        self._room -= size if fits else 0
        return fits


def render_markdown(report: Report, *, show_suppressed: bool = False, statistics: bool = False) -> str:
    """The report as GitHub Flavored Markdown of at most `LIMIT` characters. `statistics` adds the kinds without a schema."""
    page = _Page(LIMIT)
    findings = report.shown(suppressed=show_suppressed)
    failures = report.shown_failures(suppressed=show_suppressed)
    environments = environments_of(report)
    page.add(_headline(report))
    left_failures = _add_failures(page, failures)
    first = _first(findings, report)
    rest = findings
    if first:
        page.add("### Findings" if len(findings) == len(first) else "### Mend first" if report.fails(first[0]) else "### Look at first")
        shown = {id(finding) for finding in first if page.add("\n\n".join(_whole(finding, report, environments)))}
        rest = [finding for finding in findings if id(finding) not in shown]
    if len(findings) > len(first):
        _add_rules(page, report)
    left_sources = _add_sources(page, report)
    left_kinds = _add_kinds(page, report) if statistics else 0
    left = _add_files(page, rest, report, environments)
    more = [(left, "finding"), (left_failures, "failure"), (left_sources, "source"), (left_kinds, "kind")]
    words = [counted(number, f"more {noun}") for number, noun in more if number]
    return page.text(f"_Not shown here for want of room: {', '.join(words)}. `gitops-lint lint` shows everything._" if words else "")


def _headline(report: Report) -> str:
    summary = report.summary
    unjudged = sum(1 for _ in unjudged_sources(report))
    more = [counted(summary.failures, "failure")] if summary.failures else []
    more += [f"{counted(unjudged, 'source')} not checked"] if unjudged else []
    more += [suppressed(report)] if summary.suppressed else []
    more += [counted(summary.resources, "object")] if summary.resources else []
    more += [f"compared with {_said(report.compared_with)}"] if report.compared_with is not None else []
    return f"## gitops-lint: {found(report)}" + (f"\n\n{' · '.join(more)}" if more else "")


def _first(findings: list[Finding], report: Report) -> list[Finding]:
    """The few findings to begin with: all if there are no more, else the most severe, one of each rule before a second of any.

    Those that fail the run are not mixed with others.
    """
    if len(findings) <= _FIRST:
        return findings
    counting = [finding for finding in findings if finding.suppressed is None]
    seen: dict[str, int] = {}
    ranked = []
    for index, finding in enumerate([finding for finding in counting if report.fails(finding)] or counting):
        seen[finding.rule] = seen.get(finding.rule, 0) + 1
        ranked.append((SEVERITIES.index(finding.severity), seen[finding.rule], index, finding))
    return [finding for *_, finding in sorted(ranked, key=lambda entry: entry[:3])[:_FIRST]]


def _add_failures(page: _Page, failures: list[ReportedFailure]) -> int:
    """Put what could not be checked; how many did not fit."""
    if not failures:
        return 0
    page.add("### Could not be checked")
    lines = [_failure(reported) for reported in failures]
    done = page.add_list(lines[:_LISTED])
    if done == _LISTED and len(lines) > done:
        done += _add_folded(page, counted(len(lines) - done, "more failure"), lines[done:])
    return len(lines) - done


def _failure(reported: ReportedFailure) -> str:
    failure = reported.failure
    place = code(shortened(place_of(failure), _PATH))
    fix = f" Fix: {_said(failure.fix)}" if failure.fix else ""
    why = f" ({prose(shortened(accepted(reported.suppressed), _WORDS))})" if reported.suppressed is not None else ""
    return f"- **{failure.kind}** {place} {_said(failure.message)} ({code(failure.id)}){_stop(fix)}{fix}{why}"


def _stop(following: str) -> str:
    return "." if following else ""


def _whole(finding: Finding, report: Report, environments: Environments) -> Iterator[str]:
    """A finding with the line it is about."""
    yield f"**{finding.severity}** {_place(finding)} {_said(finding.message)} ({_rule(finding)})"
    shown = excerpt(finding, report, _WIDTH)
    if shown is not None:
        number = str(finding.location.line)
        yield block([f"{number} │ {shown[0]}", f"{' ' * len(number)} │ {shown[1]}"])
    notes = list(_notes(finding, environments))
    if notes:
        yield "  \n".join(notes)


def _brief(finding: Finding, environments: Environments) -> str:
    """A finding as an item of the list of its file."""
    place = finding.location
    notes = "".join(f" · {note}" for note in _notes(finding, environments))
    return f"- **{finding.severity}** {place.line}:{place.column} {_said(finding.message)} ({_rule(finding)}){notes}"


def _notes(finding: Finding, environments: Environments) -> Iterator[str]:
    words = about(finding, environments)
    if words:
        yield prose(shortened(", ".join(words), _WORDS))
    for related in finding.related[:_RELATED]:
        yield f"See {code(shortened(at(related.location), _PATH))} {_said(related.message)}"
    if len(finding.related) > _RELATED:
        yield f"and {counted(len(finding.related) - _RELATED, 'more place')}"
    if finding.fix:
        yield f"Fix: {_said(finding.fix)}"
    if finding.suppressed is not None:
        yield f"_{prose(shortened(accepted(finding.suppressed), _WORDS))}_"


def _said(text: str) -> str:
    return prose(shortened(" ".join(text.split()), _WORDS))


def _place(finding: Finding) -> str:
    return code(shortened(at(finding.location), _PATH))


def _rule(finding: Finding) -> str:
    return link(code(finding.rule), finding.docs)


def _add_rules(page: _Page, report: Report) -> None:
    """Put the table of the most frequent rules, if there are several."""
    rows = report.statistics()
    docs = {finding.rule: finding.docs for finding in report.shown()}
    if len(rows) < 2:
        return
    lines = ["| Findings | Severity | Rule | Title |", "| ---: | --- | --- | --- |"]
    for rule, severity, number in rows[:_RULES]:
        info = report.rule_info(rule)
        title = cell(_said(info.title)) if info is not None else ""
        lines.append(f"| {number} | {severity} | {cell(link(code(rule), docs[rule]))} | {title} |")
    if len(rows) > _RULES:
        others = rows[_RULES:]
        lines.append(f"| {sum(number for *_, number in others)} | | {counted(len(others), 'other rule')} | |")
    page.add("### Most frequent\n\n" + "\n".join(lines))


def _add_files(page: _Page, findings: list[Finding], report: Report, environments: Environments) -> int:
    """Put findings by file, each file folded; how many did not fit."""
    if not findings:
        return 0
    page.add("### By file")
    in_full = _IN_FULL
    left = 0
    for path, group in groupby(findings, key=lambda finding: finding.location.path):
        of_file = list(group)
        done = 0
        if page.unfold(f"{html_code(shortened(path, _PATH))}: {_numbers(of_file)}"):
            while done < min(len(of_file), in_full) and page.add("\n\n".join(_whole(of_file[done], report, environments))):
                done += 1
            in_full -= done
            done += page.add_list([_brief(finding, environments) for finding in of_file[done:]])
            page.fold()
        left += len(of_file) - done
    return left


def _numbers(findings: list[Finding]) -> str:
    counting = [finding for finding in findings if finding.suppressed is None]
    numbers = [(sum(finding.severity == severity for finding in counting), severity) for severity in SEVERITIES]
    words = [counted(number, severity) for number, severity in numbers if number]
    words += [f"{len(findings) - len(counting)} suppressed"] if len(counting) < len(findings) else []
    return ", ".join(words)


def _add_sources(page: _Page, report: Report) -> int:
    """Put what was not judged; how many did not fit."""
    lines = [f"- {code(shortened(name, _PATH))} {_said(reason)}" for name, reason in unjudged_sources(report)]
    if not lines:
        return 0
    return len(lines) - _add_folded(page, f"{counted(len(lines), 'source')} not checked", lines)


def _add_kinds(page: _Page, report: Report) -> int:
    """Put the kinds whose structure nothing describes; how many did not fit."""
    kinds = report.without_schema
    lines = [f"- {code(shortened(f'{kind.api_version} {kind.kind}', _PATH))}: {counted(kind.resources, 'object')}" for kind in kinds]
    if not lines:
        return 0
    title = f"{counted(len(lines), 'kind')} of custom resources without a schema"
    return len(lines) - _add_folded(page, title, [*lines, f"\nFix: {SCHEMA_REMEDY}"])


def _add_folded(page: _Page, title: str, lines: list[str]) -> int:
    """Put a list below a line that unfolds it; how many of its items were put."""
    if not page.unfold(title):
        return 0
    done = page.add_list(lines)
    page.fold()
    return done
