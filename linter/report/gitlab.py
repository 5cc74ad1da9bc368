"""GitLab's Code Quality report.

GitLab reads `description`, `check_name`, `fingerprint`, `severity`, `location.path` and the line (`location.lines.begin`), and
ignores everything else. It shows one entry for each fingerprint, and compares those of two branches by fingerprint.
Source: GitLab documentation, "Code Quality", section "Code Quality report format".
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from linter.model import Finding
from linter.report.model import Report, ReportedFailure
from linter.report.wording import Environments, about, at, environments_of, file_of, one_line
from linter.repository import printable

# Of info, minor, major, critical and blocker.
_SEVERITIES = {"error": "critical", "warning": "major", "info": "info"}
_KINDS = {"broken": "blocker", "unavailable": "critical"}


def render_gitlab(report: Report) -> str:
    """The findings and failures that count, as the JSON text of a Code Quality report, one entry per line."""
    environments = environments_of(report)
    entries = [_finding(finding, environments) for finding in report.shown()]
    entries += [_failure(reported) for reported in report.shown_failures()]
    lines = [json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace").decode() for entry in _told_apart(entries)]
    return "[\n" + ",\n".join(f"  {line}" for line in lines) + "\n]\n" if lines else "[]\n"


def _finding(finding: Finding, environments: Environments) -> dict[str, Any]:
    place = finding.location
    path, member = file_of(place.path)
    context = about(finding, environments)
    if member is not None:
        context.insert(0, f"line {place.line} of {one_line(member)}")
    parts = [one_line(finding.message) + (f" ({', '.join(context)})" if context else "")]
    parts += [f"See {at(related.location)}: {one_line(related.message)}" for related in finding.related]
    parts += [f"Fix: {one_line(finding.fix)}"] if finding.fix else []
    parts += [one_line(finding.docs)] if finding.docs else []
    # The line of a packed file is none of the archive's.
    line = place.line if member is None else 1
    return _entry(" · ".join(parts), finding.rule, finding.fingerprint, _SEVERITIES[finding.severity], path, line)


def _failure(reported: ReportedFailure) -> dict[str, Any]:
    failure = reported.failure
    path, member = file_of(failure.path)
    parts = ["Could not be checked: " + one_line(failure.message)]
    if member is not None:
        parts[0] += f" ({f'line {failure.line} of ' if failure.line is not None else ''}{one_line(member)})"
    parts += [f"Fix: {one_line(failure.fix)}"] if failure.fix else []
    line = failure.line if failure.line is not None and member is None else 1
    return _entry(" · ".join(parts), failure.id, reported.fingerprint, _KINDS[failure.kind], path, line)


def _entry(description: str, check: str, fingerprint: str, severity: str, path: str, line: int) -> dict[str, Any]:
    return {
        "description": description,
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": printable(path).removeprefix("./") or ".", "lines": {"begin": max(line, 1)}},
    }


def _told_apart(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The entries, each with a fingerprint of its own: of those with one fingerprint GitLab would show only one."""
    used = {entry["fingerprint"] for entry in entries}
    seen: Counter[str] = Counter()
    for entry in entries:
        given = entry["fingerprint"]
        seen[given] += 1
        if seen[given] > 1:
            while f"{given}-{seen[given]}" in used:
                seen[given] += 1
            entry = {**entry, "fingerprint": f"{given}-{seen[given]}"}
            used.add(entry["fingerprint"])
        yield entry
