"""JUnit XML, the format of test results that Jenkins, GitLab and Azure DevOps show.

A rule is a test suite and a class (`probes/liveness-missing` is the class `liveness-missing` of the package `probes`), a finding
is a test that failed. What does not make the exit code other than 0 (a finding below `--fail-on`, something unavailable,
something suppressed) is a skipped test, so that a server's verdict on the tests is that of the exit code. Each source that
could be judged is a test that passed: a report without any test is an error to Jenkins.

GitLab tells tests apart, and finds them again in another branch, by class and name: a name holds no line, and no two are equal.
Sources: the `junit-10.xsd` of Jenkins' xUnit plugin; GitLab documentation, "Unit test reports"; Azure DevOps documentation,
"PublishTestResults@2", section "Result formats mapping".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from linter.model import Finding
from linter.report.model import Report, ReportedFailure, ReportedSource
from linter.report.terminal import safe
from linter.report.wording import (
    Environments,
    about,
    accepted,
    at,
    environments_of,
    excerpt,
    file_of,
    one_line,
    place_of,
    shortened,
)

Outcome = Literal["passed", "failure", "error", "skipped"]

# Azure DevOps and GitLab keep about 255 characters of a name.
_NAME = 240
_WIDTH = 120
# What XML 1.0 cannot hold, even as a reference; and the controls of the second set, which nobody wants to read.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Case:
    """One test: the suite it belongs to, its name, how it ended and, unless it passed, why."""

    suite: str
    name: str
    outcome: Outcome
    message: str = ""
    text: str = ""
    type: str = ""
    file: str | None = None
    line: int | None = None


def render_junit(report: Report, *, show_suppressed: bool = False) -> str:
    """The report as JUnit XML; suppressed findings and failures only on demand, as skipped tests. Times are always 0."""
    environments = environments_of(report)
    cases = [_finding(finding, report, environments) for finding in report.shown(suppressed=show_suppressed)]
    cases += [_failure(reported, report) for reported in report.shown_failures(suppressed=show_suppressed)]
    cases += [_source(reported) for reported in report.sources]
    if not cases:
        cases = [_Case("sources", "nothing to report", "passed")]
    cases = list(_told_apart(cases))
    suites: dict[str, list[_Case]] = {}
    for case in cases:
        suites.setdefault(case.suite, []).append(case)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{_attributes(name='gitops-lint', **_counts(cases), time='0')}>"]
    for suite in sorted(suites, key=lambda name: ("/" not in name, name)):
        lines.append(f"  <testsuite{_attributes(name=suite, **_counts(suites[suite]), time='0')}>")
        lines += [line for case in suites[suite] for line in _xml(case)]
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _finding(finding: Finding, report: Report, environments: Environments) -> _Case:
    message = one_line(finding.message)
    words = [one_line(str(finding.resource))] if finding.resource is not None else []
    outcome: Outcome = "failure" if report.fails(finding) else "skipped"
    path, _ = file_of(finding.location.path)
    return _Case(
        suite=safe(finding.rule),
        name=_name(message, [*words, safe(finding.location.path)]),
        outcome=outcome,
        message=f"{finding.severity}: {message}",
        text="\n".join(_body(finding, report, environments)),
        type=finding.severity,
        file=safe(path),
        line=finding.location.line if path == finding.location.path else None,
    )


def _body(finding: Finding, report: Report, environments: Environments) -> Iterator[str]:
    yield f"{at(finding.location)}: {finding.severity}: {one_line(finding.message)} [{safe(finding.rule)}]"
    words = about(finding, environments)
    if words:
        yield ", ".join(words)
    shown = excerpt(finding, report, _WIDTH)
    if shown is not None:
        number = str(finding.location.line)
        yield f"{number} | {shown[0]}"
        yield f"{' ' * len(number)} | {shown[1]}"
    for related in finding.related:
        yield f"see: {at(related.location)} {one_line(related.message)}"
    if finding.fix:
        yield f"fix: {one_line(finding.fix)}"
    if finding.docs:
        yield f"docs: {one_line(finding.docs)}"
    if finding.suppressed is not None:
        yield accepted(finding.suppressed)


def _failure(reported: ReportedFailure, report: Report) -> _Case:
    failure = reported.failure
    message = one_line(failure.message)
    path, _ = file_of(failure.path)
    text = [f"{place_of(failure)}: {failure.kind}: {message} [{safe(failure.id)}]"]
    text += [f"fix: {one_line(failure.fix)}"] if failure.fix else []
    text += [accepted(reported.suppressed)] if reported.suppressed is not None else []
    return _Case(
        suite="failures",
        name=_name(f"{safe(failure.id)}: {message}", [safe(failure.path) or "."]),
        outcome="error" if report.fails(reported) else "skipped",
        message=f"could not be checked: {message}",
        text="\n".join(text),
        type=safe(failure.id),
        file=safe(path) or None,
        line=failure.line if path == failure.path else None,
    )


def _source(reported: ReportedSource) -> _Case:
    source = reported.source
    name = _name(one_line(source.path), [one_line(source.environment)] if source.environment is not None else [])
    if reported.status == "ok":
        return _Case("sources", name, "passed")
    why = one_line(reported.reason) if reported.reason else f"{source.type} source, {reported.status}"
    return _Case("sources", name, "skipped", f"not checked: {why}", why)


def _name(text: str, details: list[str]) -> str:
    """A name of limited length that says the same in every run; of a long one the middle is left out."""
    behind = f" ({', '.join(one_line(detail) for detail in details)})" if details else ""
    if len(behind) > _NAME // 2:
        behind = " (…" + behind[-_NAME // 2 :]
    return shortened(text, _NAME - len(behind)) + behind


def _told_apart(cases: Iterable[_Case]) -> Iterator[_Case]:
    """The tests, those of a suite with names of their own."""
    used: Counter[tuple[str, str]] = Counter()
    names: set[tuple[str, str]] = set()
    for case in cases:
        used[case.suite, case.name] += 1
        name, number = case.name, used[case.suite, case.name]
        while (case.suite, name) in names:
            name = f"{case.name} #{number}"
            number += 1
        names.add((case.suite, name))
        yield case if name == case.name else replace(case, name=name)


def _counts(cases: Iterable[_Case]) -> dict[str, int]:
    outcomes = Counter(case.outcome for case in cases)
    return {
        "tests": outcomes.total(),
        "failures": outcomes["failure"],
        "errors": outcomes["error"],
        "skipped": outcomes["skipped"],
    }


def _xml(case: _Case) -> Iterator[str]:
    # Jenkins reads what stands before the last dot of a class as its package.
    owner = case.suite.replace("/", ".") if "/" in case.suite else f"gitops-lint.{case.suite}"
    start = f"    <testcase{_attributes(classname=owner, name=case.name, file=case.file, line=case.line, time='0')}"
    if case.outcome == "passed":
        yield f"{start}/>"
        return
    yield f"{start}>"
    kind = None if case.outcome == "skipped" else case.type
    attributes = _attributes(message=case.message, type=kind)
    yield f"      <{case.outcome}{attributes}>{escape(_allowed(case.text))}</{case.outcome}>"
    yield "    </testcase>"


def _attributes(**values: str | int | None) -> str:
    return "".join(f" {name}={quoteattr(_allowed(str(value)))}" for name, value in values.items() if value is not None)


def _allowed(text: str) -> str:
    """Text without the characters that no XML 1.0 document may hold."""
    return _FORBIDDEN.sub("\ufffd", text)
