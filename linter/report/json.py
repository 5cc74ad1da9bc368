"""The JSON report, version 1: deterministic, and additive within its version. Its schema is schemas/report.schema.json."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from linter.model import Finding, Location, Occurrence, Resource, Suppressed
from linter.report.model import Report, ReportedFailure, ReportedSource
from linter.repository import printable


def render_json(report: Report, *, show_suppressed: bool = False) -> str:
    """The report as JSON text, one finding per line."""
    summary = report.summary
    parts: dict[str, Any] = {
        "version": 1,
        "exitCode": report.exit_code,
        "tool": {"name": "gitops-lint", "version": report.version, "packs": dict(sorted(report.packs.items()))},
        "targets": dict(sorted(report.targets.items())),
        "summary": {
            "files": summary.files,
            "notManifests": summary.not_manifests,
            "sources": summary.sources,
            "resources": summary.resources,
            "errors": summary.errors,
            "warnings": summary.warnings,
            "infos": summary.infos,
            "suppressed": summary.suppressed,
            "failures": summary.failures,
        },
        "sources": [source_entry(source) for source in report.sources],
        "findings": [_finding(finding) for finding in report.shown(suppressed=show_suppressed)],
        "failures": [_failure(failure) for failure in report.shown_failures(suppressed=show_suppressed)],
        "withoutSchema": [
            {"apiVersion": kind.api_version, "kind": kind.kind, "resources": kind.resources} for kind in report.without_schema
        ],
    }
    return document(parts)


def document(parts: dict[str, Any]) -> str:
    """A JSON object as text, a line for each member and for each item of its lists."""
    return "{\n" + ",\n".join(f"  {_text(name)}: {_member(value)}" for name, value in parts.items()) + "\n}\n"


def _member(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _text(value)
    return "[\n" + ",\n".join(f"    {_text(item)}" for item in value) + "\n  ]"


def _text(value: Any) -> str:
    # A lone surrogate is no text: it can come from a JSON manifest that spells one, and no file can hold it.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()


def source_entry(reported: ReportedSource) -> dict[str, Any]:
    """A source as every report names it."""
    source = reported.source
    return {
        "path": printable(source.path),
        "type": source.type,
        "application": source.application,
        "environment": source.environment,
        "state": printable(source.state),
        "status": reported.status,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "fix": finding.fix,
        "docs": finding.docs,
        "resource": _resource(finding.resource),
        "route": list(finding.route),
        "location": _location(finding.location),
        "occurrences": _occurrences(finding.occurrences),
        "related": [{"message": related.message, "location": _location(related.location)} for related in finding.related],
        "fingerprint": finding.fingerprint,
        "suppressed": _suppressed(finding.suppressed),
        "since": finding.since,
    }


def _suppressed(suppressed: Suppressed | None) -> dict[str, str | None] | None:
    return {"by": suppressed.by, "reason": suppressed.reason, "until": suppressed.until} if suppressed is not None else None


def _resource(resource: Resource | None) -> dict[str, str | None] | None:
    """An object's identity; no namespace where the manifest and its source name none, or the kind has none."""
    if resource is None:
        return None
    namespace = resource.declared_namespace if resource.namespace else None
    return {"apiVersion": resource.api_version, "kind": resource.kind, "namespace": namespace, "name": resource.name}


def _location(location: Location) -> dict[str, str | int]:
    return {
        "path": printable(location.path),
        "line": location.line,
        "column": location.column,
        "endLine": location.end_line,
        "endColumn": location.end_column,
        "precision": location.precision,
    }


def _occurrences(occurrences: Iterable[Occurrence]) -> list[dict[str, Any]]:
    return [
        {
            "source": printable(occurrence.source.path),
            "application": occurrence.source.application,
            "cluster": occurrence.source.cluster,
            "environment": occurrence.source.environment,
            "resource": _resource(occurrence.resource),
            "line": occurrence.line,
        }
        for occurrence in occurrences
    ]


def _failure(reported: ReportedFailure) -> dict[str, Any]:
    failure = reported.failure
    return {
        "id": failure.id,
        "kind": failure.kind,
        "stage": failure.stage,
        "path": printable(failure.path),
        "line": failure.line,
        "message": failure.message,
        "fix": failure.fix,
        "fingerprint": reported.fingerprint,
        "suppressed": _suppressed(reported.suppressed),
    }
