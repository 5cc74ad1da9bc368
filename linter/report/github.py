"""GitHub Actions workflow commands: annotations on the lines of a pull request, without uploading anything.

Facts from GitHub's documentation ("Workflow commands for GitHub Actions") and the sources of actions/toolkit and
actions/runner: a command is a line that begins with `::`; in its message `%`, CR and LF are written as `%25`, `%0D` and
`%0A`, in its properties `:` and `,` as `%3A` and `%2C` besides. Of the commands of a step at most 10 errors, 10 warnings
and 10 notices become annotations; all of them are printed in the log. A message ends after 4,096 characters, and columns
count only where the range ends on the line it begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from linter.model import Failure, Finding
from linter.report.model import Report, ReportedFailure
from linter.report.wording import Environments, about, at, environments_of, file_of, one_line, place_of, shortened, summed_up

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice", "broken": "error", "unavailable": "warning"}
# The order decides which ten of each kind are annotations.
_ORDER = ("error", "warning", "notice")
_ANNOTATIONS = 10
_MESSAGE = 4000
_SENTENCE = 1500
_RELATED = 5
# No command can hold them and no terminal should see them. CR and LF have an escape of their own.
_CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def render_github(report: Report) -> str:
    """The report as a workflow command for each failure and finding that counts, the worst first, and a line that sums up."""
    environments = environments_of(report)
    failures, findings = report.shown_failures(), report.shown()
    # What could not be judged comes first among its equals: it says why the other findings may not be all.
    commands = [_failure(reported) for reported in failures] + [_finding(finding, environments) for finding in findings]
    commands.sort(key=lambda command: _ORDER.index(command[0]))
    names = [name for name, _ in commands]
    return "".join(f"{line}\n" for _, line in commands) + "".join(f"{line}\n" for line in _summary(report, names))


def _finding(finding: Finding, environments: Environments) -> tuple[str, str]:
    place = finding.location
    path, member = file_of(place.path)
    properties = {"file": _path(path)}
    if member is None:
        properties |= {"line": str(place.line), "endLine": str(place.end_line)}
        if place.line == place.end_line:
            properties |= {"col": str(place.column), "endColumn": str(place.end_column)}
    lines = [_sentence(finding.message), ", ".join([f"{finding.rule} at {at(place)}", *about(finding, environments)])]
    lines += [f"see: {at(related.location)} {_sentence(related.message)}" for related in finding.related[:_RELATED]]
    lines += [f"and {len(finding.related) - _RELATED} more places"] if len(finding.related) > _RELATED else []
    lines += [f"fix: {_sentence(finding.fix)}"] if finding.fix else []
    lines += [one_line(finding.docs)] if finding.docs else []
    return _command(_COMMANDS[finding.severity], {**properties, "title": f"gitops-lint {finding.rule}"}, lines)


def _failure(reported: ReportedFailure) -> tuple[str, str]:
    failure: Failure = reported.failure
    path, member = file_of(failure.path)
    properties = {"file": _path(path)} if path not in ("", ".") else {}
    if properties and failure.line is not None and member is None:
        properties["line"] = str(failure.line)
    lines = [f"could not be checked: {_sentence(failure.message)}", f"{failure.id} at {place_of(failure)}"]
    lines += [f"fix: {_sentence(failure.fix)}"] if failure.fix else []
    return _command(_COMMANDS[failure.kind], {**properties, "title": f"gitops-lint {failure.id}"}, lines)


def _command(name: str, properties: Mapping[str, str], lines: list[str]) -> tuple[str, str]:
    """A command: its name, and its line."""
    written = ",".join(f"{key}={_escaped(value).replace(':', '%3A').replace(',', '%2C')}" for key, value in properties.items())
    return name, f"::{name} {written}::{_escaped(shortened(chr(10).join(lines), _MESSAGE))}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _sentence(text: str) -> str:
    return shortened(one_line(text), _SENTENCE)


def _path(path: str) -> str:
    """A path as the runner reads it back; what cannot be in one line of text is spelled out."""
    spelled = _CONTROL.sub(_spelled, path)
    # The runner drops what stands between the equals sign of a property and its value if it is another one.
    return f"./{spelled}" if spelled.startswith("=") else spelled


def _spelled(match: re.Match[str]) -> str:
    code = ord(match[0])
    byte = code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code  # a byte of a file name that is not UTF-8
    return f"\\x{byte:02x}" if byte < 0x100 else f"\\u{byte:04x}"


def _summary(report: Report, names: list[str]) -> Iterator[str]:
    """What the run found, in words of our own only: a plain line of the log is a place for commands, too."""
    compared = [f"compared with {one_line(report.compared_with)}"] if report.compared_with is not None else []
    yield f"gitops-lint: {'; '.join([*summed_up(report), *compared])}"
    if any(names.count(name) > _ANNOTATIONS for name in _ORDER):
        yield f"GitHub annotates at most {_ANNOTATIONS} errors, warnings and notices each of a step; this log has them all."
