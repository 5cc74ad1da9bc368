"""SARIF 2.1.0, for GitHub code scanning, GitLab, Azure DevOps and SARIF viewers.

Source of the format: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0 plus Errata 01". What
GitHub reads and where it stops: GitHub documentation, "SARIF support for code scanning" (25,000 results a run, of which
the worst 5,000 are shown; 100 places a result; 10 MB compressed).

Columns are UTF-16 code units, the unit that a consumer assumes which ignores `columnKind`. The one fingerprint that GitHub
compares, `primaryLocationLineHash`, is left to its upload action: the action computes it from the file, and warns about
every result that brings another value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from linter.model import Finding, Location, Resource, Suppressed
from linter.model.findings import SEVERITIES
from linter.report.model import Report, ReportedFailure
from linter.report.redaction import redacted
from linter.report.sarif_rules import LEVELS, descriptor, notification
from linter.report.terminal import safe
from linter.report.wording import Environments, about, at, environments_of, file_of, one_line, shortened

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HOME = "https://gitops-lint.readthedocs.io/"
_ROOT = "%SRCROOT%"
_FINGERPRINT = "gitopsLint/v1"
_RESULTS = 25_000
_RELATED = 99
_EXTENSIONS = 100
_MESSAGE = 2000
_SNIPPET = 1000
_SEMANTIC = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/!$&'()*+,;=@")


def render_sarif(report: Report, *, show_suppressed: bool = False) -> str:
    """The report as SARIF text, one result per line.

    Suppressed findings are left out unless `show_suppressed` asks for them: GitHub would show them as open alerts.
    """
    every = report.shown(suppressed=show_suppressed)
    findings = _worst(every)
    rules = sorted({finding.rule for finding in findings})
    index = {rule: number for number, rule in enumerate(rules)}
    environments = environments_of(report)
    first = {finding.rule: finding for finding in reversed(findings)}
    notices = [_notice(reported) for reported in report.shown_failures(suppressed=show_suppressed)]
    notices += _unsupported(report)
    if len(every) > len(findings):
        text = f"The {len(every) - len(findings)} least severe of {len(every)} findings are left out: code scanning takes {_RESULTS}."
        notices.append({"descriptor": {"id": "results-left-out"}, "level": "warning", "message": {"text": text}})
    kinds = sorted({notice["descriptor"]["id"] for notice in notices})
    for notice in notices:
        notice["descriptor"]["index"] = kinds.index(notice["descriptor"]["id"])
    driver: dict[str, Any] = {
        "name": "gitops-lint",
        "version": report.version,
        **({"semanticVersion": report.version} if _SEMANTIC.fullmatch(report.version) else {}),
        "informationUri": _HOME,
        "rules": [descriptor(rule, report.rule_info(rule), first[rule]) for rule in rules],
        **({"notifications": [notification(kind) for kind in kinds]} if kinds else {}),
    }
    invocation = {"executionSuccessful": report.exit_code < 2, "exitCode": report.exit_code, "toolExecutionNotifications": notices}
    run: dict[str, Any] = {
        "tool": {"driver": driver, "extensions": [_pack(*pack) for pack in sorted(report.packs.items())[:_EXTENSIONS]]},
        "automationDetails": {"id": "gitops-lint/"},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [invocation],
        "properties": {"targets": dict(sorted(report.targets.items()))},
    }
    results = (_result(finding, report, index, environments, show_suppressed) for finding in findings)
    head = ",\n".join(f"    {_text(key)}: {_text(value)}" for key, value in run.items())
    body = ",\n".join(f"      {_text(result)}" for result in results)
    return (
        f'{{\n  "$schema": {_text(_SCHEMA)},\n  "version": "2.1.0",\n  "runs": [{{\n{head},\n'
        f'    "results": [{chr(10) + body + chr(10) + "    " if body else ""}]\n  }}]\n}}\n'
    )


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()


def _worst(findings: Sequence[Finding]) -> Sequence[Finding]:
    """As many findings as a run may have, in their order; those that count come before suppressed ones."""
    if len(findings) <= _RESULTS:
        return findings
    order = sorted(range(len(findings)), key=lambda at: (findings[at].suppressed is not None, SEVERITIES.index(findings[at].severity)))
    return [findings[at] for at in sorted(order[:_RESULTS])]


def _pack(name: str, version: str) -> dict[str, Any]:
    return {"name": safe(name), "version": safe(version), **({"semanticVersion": version} if _SEMANTIC.fullmatch(version) else {})}


def _result(finding: Finding, report: Report, index: dict[str, int], environments: Environments, show_suppressed: bool) -> dict[str, Any]:
    location = {"physicalLocation": _physical(finding.location, report)}
    location["physicalLocation"] |= _snippets(finding, report, location["physicalLocation"]["region"])
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": LEVELS[finding.severity],
        "message": {"text": _message(finding, report, environments)},
        "locations": [location | ({"logicalLocations": [_logical(finding.resource)]} if finding.resource is not None else {})],
        "partialFingerprints": {_FINGERPRINT: safe(finding.fingerprint)},
    }
    if finding.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _physical(related.location, report),
                "message": {"text": _unlinked(one_line(related.message))},
            }
            for number, related in enumerate(finding.related[:_RELATED], 1)
        ]
    if show_suppressed:
        # An empty list says that a result is known not to be suppressed; without the member nobody knows.
        result["suppressions"] = [_suppression(finding.suppressed)] if finding.suppressed is not None else []
    if finding.since is not None:
        result["baselineState"] = "new"
    result["properties"] = _properties(finding)
    return result


def _message(finding: Finding, report: Report, environments: Environments) -> str:
    """The message, what GitHub has no other place for, and a link to each related place."""
    context = about(replace(finding, resource=None), environments)
    member = file_of(finding.location.path)[1]
    if member is not None:
        context.insert(0, f"line {finding.location.line} of {one_line(member)}")
    text = (shortened(one_line(finding.message), _MESSAGE) or finding.rule) + (f" ({', '.join(context)})" if context else "")
    related = enumerate(finding.related[:_RELATED], 1)
    links = [f"[{_label(place.message) or _plain(at(place.location))}]({number})" for number, place in related]
    rule = report.rule_info(finding.rule)
    # Help shows the rule's own fix; one that fits this finding better has no other place.
    fix = one_line(finding.fix) if rule is not None and finding.fix != rule.fix else ""
    text += f"{_stop(text)} Fix: {shortened(fix, _MESSAGE)}" if fix else ""
    if not links:
        return _unlinked(text)
    return f"{_plain(text)}{_stop(text)} See {', '.join(links)}."


def _stop(text: str) -> str:
    """What ends a sentence before another one follows."""
    return "" if text.endswith((".", "!", "?")) else "."


def _unlinked(text: str) -> str:
    """Text that has no links, as it is written where nothing could be taken for one."""
    return _plain(text) if "](" in text else text


def _plain(text: str) -> str:
    """Text that is no embedded link, whatever brackets it has."""
    return _escaped(text) if "[" in text or "]" in text else text


def _label(message: str) -> str:
    """Text inside the brackets of a link, where a backslash always escapes."""
    return _escaped(shortened(one_line(message), _MESSAGE))


def _escaped(text: str) -> str:
    return re.sub(r"[\\\[\]]", r"\\\g<0>", text)


def _physical(location: Location, report: Report) -> dict[str, Any]:
    path, member = file_of(location.path)
    # GitHub wants a region of every place; in an archive its first character stands for all of it.
    region = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1} if member is not None else _region(location, report)
    return {"artifactLocation": _artifact(path), "region": region}


def _region(location: Location, report: Report) -> dict[str, int]:
    return {
        "startLine": location.line,
        "startColumn": _utf16(report, location.path, location.line, location.column),
        "endLine": location.end_line,
        "endColumn": _utf16(report, location.path, location.end_line, location.end_column),
    }


def _utf16(report: Report, path: str, line: int, column: int) -> int:
    """A column that counts code points as one that counts UTF-16 code units."""
    text = report.source_line(path, line) if column > 1 else None
    if text is None or text.isascii():
        return column
    return column + sum(character > "\uffff" for character in text[: column - 1])


def _artifact(path: str) -> dict[str, str]:
    return {"uri": uri(path), "uriBaseId": _ROOT}


def uri(path: str) -> str:
    """A path of the repository as a relative URI reference (RFC 3986); the bytes of its name are kept, whatever they are."""
    if path.startswith("/"):
        path = f".{path}"  # else it names a host or the root of a file system
    encoded = "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in path.encode("utf-8", _surrogates(path)))
    return encoded or "."


def _surrogates(path: str) -> str:
    """How to encode the surrogates of a path: those that stand for bytes as these bytes, others as they are."""
    return "surrogateescape" if not re.search("[\ud800-\udc7f\udd00-\udfff]", path) else "surrogatepass"


def _snippets(finding: Finding, report: Report, region: dict[str, Any]) -> dict[str, Any]:
    """The text of the place and of its line, without what must not be shown; puts the first into `region`, returns the second.

    Only for places on one line, and only where the text is short: neither may be cut.
    """
    place = finding.location
    line = report.source_line(place.path, place.line) if place.precision != "file" and place.line == place.end_line else None
    if line is None or file_of(place.path)[1] is not None:
        return {}
    shown, start, end = redacted(finding, line.rstrip("\r\n"), place.column - 1, place.end_column - 1)
    text = shown[start:end]
    if not text or len(shown) > _SNIPPET:
        return {}
    region["snippet"] = {"text": _code(text)}
    return {"contextRegion": {"startLine": place.line, "snippet": {"text": _code(shown)}}} if text != shown else {}


def _code(text: str) -> str:
    return "\t".join(map(safe, text.split("\t")))


def _logical(resource: Resource) -> dict[str, str]:
    namespace = resource.declared_namespace if resource.namespace else None
    parts = [resource.api_version, resource.kind, *([namespace] if namespace else []), resource.name]
    name = {"name": safe(resource.name)} if resource.name else {}
    return {**name, "fullyQualifiedName": safe("/".join(parts)), "kind": "resource"}


def _suppression(suppressed: Suppressed) -> dict[str, str]:
    kind = "inSource" if suppressed.by in ("comment", "annotation") else "external"
    reason = shortened(one_line(suppressed.reason), _MESSAGE) if suppressed.reason else f"accepted by {suppressed.by}"
    until = f" (until {safe(suppressed.until)})" if suppressed.until else ""
    return {"kind": kind, "status": "accepted", "justification": reason + until}


def _properties(finding: Finding) -> dict[str, Any]:
    sources = [occurrence.source for occurrence in finding.occurrences]
    place = finding.location
    member = file_of(place.path)[1]
    fields: dict[str, Any] = {
        "locationPrecision": place.precision,
        "sources": _each(source.path for source in sources),
        "environments": _each(source.environment for source in sources),
        "applications": _each(source.application for source in sources),
        "clusters": _each(source.cluster for source in sources),
        "fix": shortened(one_line(finding.fix), _MESSAGE),
        "archiveMember": None if member is None else {"path": one_line(member), "line": place.line, "column": place.column},
        "suppressedBy": None if finding.suppressed is None else finding.suppressed.by,
        "since": finding.since,
    }
    return {name: value for name, value in fields.items() if value}


def _each(words: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(safe(word) for word in words if word is not None))


def _notice(reported: ReportedFailure) -> dict[str, Any]:
    failure = reported.failure
    level = "note" if reported.suppressed is not None else "error" if failure.kind == "broken" else "warning"
    path, member = file_of(failure.path)
    text = shortened(one_line(failure.message), _MESSAGE)
    if member is not None:
        text += f" ({f'line {failure.line} of ' if failure.line is not None else ''}{one_line(member)})"
    text += f"{_stop(text)} Fix: {shortened(one_line(failure.fix), _MESSAGE)}" if failure.fix else ""
    line = {"region": {"startLine": failure.line}} if failure.line is not None and member is None else {}
    place = [{"physicalLocation": {"artifactLocation": _artifact(path), **line}}] if path not in ("", ".") else []
    return {
        "descriptor": {"id": safe(failure.id)},
        "level": level,
        "message": {"text": _unlinked(text or failure.id)},
        **({"locations": place} if place else {}),
        "properties": {
            "kind": failure.kind,
            "stage": failure.stage,
            "fingerprint": safe(reported.fingerprint),
            **({"suppressedBy": reported.suppressed.by} if reported.suppressed is not None else {}),
        },
    }


def _unsupported(report: Report) -> Iterator[dict[str, Any]]:
    """A note for each source that this version cannot judge."""
    for reported in report.sources:
        if reported.status == "unsupported":
            path = reported.source.path
            reason = one_line(reported.reason or "this version cannot read such a source")
            place = [{"physicalLocation": {"artifactLocation": _artifact(path)}}] if path not in ("", ".") else []
            yield {
                "descriptor": {"id": "source-not-checked"},
                "level": "note",
                "message": {"text": _unlinked(f"{safe(path)} was not checked: {reason}")},
                **({"locations": place} if place else {}),
            }
