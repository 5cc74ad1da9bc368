"""Violations -> findings: severity, place, identity, and one finding for all environments it occurs in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from linter.engine.fingerprints import fingerprint, route_identity
from linter.engine.running import Hit
from linter.model import Document, Finding, Location, Occurrence, Resource, Route, Source, StateOptions, Suppressed, dig
from linter.model.findings import SEVERITIES, RelatedLocation, Severity
from linter.packs.binding import BoundRule
from linter.provenance.locating import Locator

HIDDEN = "•••"


@dataclass(frozen=True, slots=True)
class Draft:
    """A finding in one source, before suppression and before environments are merged."""

    bound: BoundRule
    source: Source
    finding: Finding


class Drafter:
    """Turns the hits of a run into drafts. One per run: it counts repeated identities in document order."""

    def __init__(self, locator: Locator, options: StateOptions, chart_documents: dict[str, Document]) -> None:
        """`chart_documents` are the Chart.yaml documents that rules about charts point into, by path."""
        self._locator = locator
        self._options = options
        self._chart_documents = chart_documents
        self._ordinals: Counter[tuple[Source, str]] = Counter()
        self._names: dict[int, str] = {}

    def draft(self, hit: Hit) -> Draft | None:
        """The finding a violation makes, or None if its value is a placeholder nobody can judge."""
        document, resource, prefix = self._home(hit)
        body = document.value if resource is None else resource.body
        route = hit.violation.route
        rule = hit.bound.rule
        value = dig(body, *route)
        if rule.on == "value" and self._is_opaque(value):
            return None
        location = self._locator.locate(document, (*prefix, *route), rule.on)
        source = document.file.source
        return Draft(
            hit.bound,
            source,
            Finding(
                rule=rule.id,
                severity=_severity(hit),
                message=_redacted(hit.violation.message, resource, route, value),
                fix=hit.violation.fix or rule.fix,
                docs=rule.docs,
                resource=resource,
                route=route,
                location=location,
                occurrences=(Occurrence(source, resource, location.line),),
                related=tuple(self._related(hit, resource)),
                fingerprint=self._fingerprint(rule.id, document, resource, body, route, source),
            ),
        )

    def draft_at(self, bound: BoundRule, message: str, location: Location, source: Source, identity: str) -> Draft:
        """A finding about text that belongs to no object, such as a suppression comment."""
        key = (source, f"{bound.rule.id}\x00{location.path}\x00{identity}")
        self._ordinals[key] += 1
        return Draft(
            bound,
            source,
            Finding(
                rule=bound.rule.id,
                severity=bound.severity,
                message=message,
                fix=bound.rule.fix,
                docs=bound.rule.docs,
                resource=None,
                route=(),
                location=location,
                occurrences=(Occurrence(source, None, location.line),),
                related=(),
                fingerprint=fingerprint((bound.rule.id, location.path, identity, str(self._ordinals[key]))),
            ),
        )

    def _home(self, hit: Hit) -> tuple[Document, Resource | None, Route]:
        """The document a hit stands in, its object, and the route of that object in the document."""
        if hit.resource is not None:
            return hit.resource.document, hit.resource, hit.resource.prefix
        if hit.document is not None:
            return hit.document, None, ()
        if hit.chart is not None:
            return self._chart_documents[hit.chart[1]], None, ()
        raise LookupError(f"rule {hit.bound.rule.id} names no object for its violation")

    def _is_opaque(self, value: object) -> bool:
        pattern = self._options.opaque
        if pattern is None:
            return False
        if isinstance(value, str):
            return pattern.search(value) is not None
        return isinstance(value, list) and any(isinstance(item, str) and pattern.search(item) for item in value)

    def _related(self, hit: Hit, resource: Resource | None) -> Iterable[RelatedLocation]:
        for related in hit.violation.related:
            target = related.resource or resource
            if target is not None:
                route = related.route or ("kind",)
                yield RelatedLocation(related.message, self._locator.locate(target.document, (*target.prefix, *route)))

    def _fingerprint(self, rule: str, document: Document, resource: Resource | None, body: object, route: Route, source: Source) -> str:
        kind = resource.kind if resource is not None else ""
        identity = (rule, document.file.path, kind, self._name(resource), route_identity(body, route))
        key = (source, "\x00".join(identity))
        self._ordinals[key] += 1
        return fingerprint((*identity, str(self._ordinals[key])))

    def _name(self, resource: Resource | None) -> str:
        if resource is None:
            return ""
        key = id(resource)
        if key not in self._names:
            self._names[key] = self._locator.authored_name(resource)
        return self._names[key]


def _severity(hit: Hit) -> Severity:
    """The violation's severity, no higher than the rule's; the configuration's word is final."""
    bound = hit.bound
    wanted = hit.violation.severity
    if bound.severity_overridden or wanted is None:
        return bound.severity
    return SEVERITIES[max(SEVERITIES.index(wanted), SEVERITIES.index(bound.severity))]


def _redacted(message: str, resource: Resource | None, route: Route, value: object) -> str:
    if resource is not None and resource.type == "Secret" and route[:1] in (("data",), ("stringData",)) and isinstance(value, str | int | float):
        return message.replace(str(value), HIDDEN) if str(value) else message
    return message


def merge(findings: Iterable[Finding]) -> list[Finding]:
    """One finding per fingerprint, with all its occurrences; suppressed only if it is suppressed in all of them.

    The result is sorted by path, line, column and rule.
    """
    merged: dict[str, Finding] = {}
    for finding in findings:
        first = merged.get(finding.fingerprint)
        if first is None:
            merged[finding.fingerprint] = finding
            continue
        suppressed: Suppressed | None = first.suppressed if finding.suppressed is not None else None
        merged[finding.fingerprint] = replace(first, occurrences=(*first.occurrences, *finding.occurrences), suppressed=suppressed)
    return sorted(merged.values(), key=sort_key)


def sort_key(finding: Finding) -> tuple[str, int, int, str, str]:
    """The order of every report."""
    location = finding.location
    return location.path, location.line, location.column, finding.rule, finding.fingerprint
