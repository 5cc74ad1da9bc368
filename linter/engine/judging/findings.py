"""Violations -> findings: severity, place, identity, and one finding for all environments it occurs in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from linter.engine.judging.fingerprints import file_identity, fingerprint, route_identity
from linter.engine.judging.running import Hit
from linter.engine.secrets import HIDDEN
from linter.manifest.resources import resources_of
from linter.model import Document, Finding, Location, ManifestFile, Occurrence, Resource, Route, Source, StateOptions, Violation, dig
from linter.model.findings import SEVERITIES, RelatedLocation, Severity
from linter.packs.binding import BoundRule
from linter.provenance.locating import Locator

# Of how many other environments the places are shown.
_MOST_ELSEWHERE = 12
# Stands for the source of a file that belongs to none.
_NOWHERE = Source("", "directory", "")


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
        self._names: dict[int, tuple[Resource, str]] = {}
        self._objects: dict[int, tuple[Document, list[Resource]]] = {}

    def drafts(self, hits: Iterable[Hit]) -> list[Draft]:
        """The findings that violations make, file by file; hits of one file keep their order."""
        by_file: dict[ManifestFile, list[Hit]] = {}
        for hit in hits:
            by_file.setdefault(self._home(hit)[0].file, []).append(hit)
        return [draft for group in by_file.values() for hit in group if (draft := self.draft(hit)) is not None]

    def draft(self, hit: Hit) -> Draft | None:
        """The finding a violation makes, or None if its value is a placeholder nobody can judge."""
        document, resource, route = self._home(hit)
        prefix = resource.prefix if resource is not None else ()
        body = document.value if resource is None else resource.body
        value = dig(body, *route)
        rule = hit.bound.rule
        on = hit.violation.on or rule.on
        if self._is_opaque(value if on == "value" else route[-1] if route else None):
            return None
        location = self._locator.locate(document, (*prefix, *route), on)
        related = (*self._related(hit, resource), *self._locator.related(document, (*prefix, *route), on))
        source = document.file.source
        fix = hit.violation.fix or rule.fix
        return Draft(
            hit.bound,
            source,
            Finding(
                rule=rule.id,
                severity=_severity(hit),
                # A message that is nothing but the value can be empty.
                message=_redacted(hit.violation.message, resource, route, value, rule.sensitive).strip() or rule.title,
                fix=fix if (advice := self._locator.advice(document, (*prefix, *route), on)) is None else f"{fix.rstrip('.')}; {advice}",
                docs=rule.docs,
                resource=resource,
                route=route,
                location=location,
                occurrences=(Occurrence(source, resource, location.line),),
                related=related,
                fingerprint=self._fingerprint(rule.identity, document, resource, body, route, source),
                sensitive=rule.sensitive,
            ),
        )

    def draft_at(
        self, bound: BoundRule, violation: Violation, location: Location, sources: Iterable[Source], identity: Iterable[str]
    ) -> list[Draft]:
        """A finding about text that belongs to no object, such as a suppression comment: one draft for each source of its
        file, or one without occurrences if it belongs to none, as the configuration does. `identity` tells it from others
        of its rule in its file."""
        parts = (bound.rule.identity, file_identity(location.path), *identity)
        drafts = []
        for source in tuple(sources) or (_NOWHERE,):
            key = (source, "\x00".join(parts))
            self._ordinals[key] += 1
            finding = Finding(
                rule=bound.rule.id,
                severity=bound.severity,
                message=violation.message,
                fix=violation.fix or bound.rule.fix,
                docs=bound.rule.docs,
                resource=None,
                route=(),
                location=location,
                occurrences=(Occurrence(source, None, location.line),) if source is not _NOWHERE else (),
                related=(),
                fingerprint=fingerprint((*parts, str(self._ordinals[key]))),
            )
            drafts.append(Draft(bound, source, finding))
        return drafts

    def _home(self, hit: Hit) -> tuple[Document, Resource | None, Route]:
        """The document a hit stands in, its object, and the route from the root of that object, or of the document."""
        route = hit.violation.route
        if hit.resource is not None:
            return hit.resource.document, hit.resource, route
        if hit.document is not None:
            resource = self._object_at(hit.document, route)
            return hit.document, resource, route[len(resource.prefix) :] if resource is not None else route
        if hit.chart is not None:
            return self._chart_documents[hit.chart[1]], None, route
        raise LookupError(f"rule {hit.bound.rule.id} names no object for its violation")

    def _object_at(self, document: Document, route: Route) -> Resource | None:
        """The object of a document that a route leads into."""
        if id(document) not in self._objects:
            self._objects[id(document)] = document, list(resources_of(document))
        around = [resource for resource in self._objects[id(document)][1] if route[: len(resource.prefix)] == resource.prefix]
        return max(around, key=lambda resource: len(resource.prefix), default=None)

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
        prefix = resource.prefix if resource is not None else ()
        path = route_identity(
            body,
            route,
            lambda inner: self._locator.authored_text(document, (*prefix, *inner)),
            lambda inner: self._locator.is_printed(document, (*prefix, *inner)),
        )
        identity = (rule, file_identity(document.file.path), kind, self._name(resource), path)
        key = (source, "\x00".join(identity))
        self._ordinals[key] += 1
        return fingerprint((*identity, str(self._ordinals[key])))

    def _name(self, resource: Resource | None) -> str:
        if resource is None:
            return ""
        key = id(resource)
        if key not in self._names:
            self._names[key] = resource, self._locator.authored_name(resource)
        return self._names[key][1]


def _severity(hit: Hit) -> Severity:
    """The violation's severity, no higher than the rule's; the configuration's word is final."""
    bound = hit.bound
    wanted = hit.violation.severity
    if bound.severity_overridden or wanted is None:
        return bound.severity
    return SEVERITIES[max(SEVERITIES.index(wanted), SEVERITIES.index(bound.severity))]


def _redacted(message: str, resource: Resource | None, route: Route, value: object, sensitive: bool) -> str:
    """The message without the value it is about, if that is data of a Secret or `sensitive`, however a rule writes it."""
    is_data = resource is not None and resource.type == "Secret" and route[:1] in (("data",), ("stringData",))
    if not is_data and not sensitive:
        return message
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            message = _redacted(message, resource, route, inner, sensitive)
    elif isinstance(value, str | int | float):
        for spelling in sorted({str(value), json.dumps(value), json.dumps(value, ensure_ascii=False), repr(value)}, key=len, reverse=True):
            message = message.replace(spelling, HIDDEN) if spelling else message
    return message


def merge(findings: Iterable[Finding]) -> list[Finding]:
    """One finding per fingerprint, with all its occurrences; suppressed only if it is suppressed in all of them.

    What is shown is the worst of those that count, and where these occur. The result is sorted by path, line, column and
    rule.
    """
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.fingerprint, []).append(finding)
    return sorted((group[0] if len(group) == 1 else _one(group) for group in groups.values()), key=sort_key)


def _one(group: Sequence[Finding]) -> Finding:
    counted = [finding for finding in group if finding.suppressed is None] or group
    worst = min(counted, key=lambda finding: SEVERITIES.index(finding.severity))
    return replace(
        worst,
        occurrences=tuple(dict.fromkeys(occurrence for finding in counted for occurrence in finding.occurrences)),
        related=tuple(dict.fromkeys((*worst.related, *_elsewhere(worst, counted)))),
    )


def _elsewhere(shown: Finding, group: Iterable[Finding]) -> Iterable[RelatedLocation]:
    """The other places that decide the same elsewhere: the values files of other environments, and what else takes part there."""
    places = {shown.location: ""}
    parts: dict[RelatedLocation, None] = {}
    for finding in group:
        if finding.location not in places and finding.occurrences:
            source = finding.occurrences[0].source
            places[finding.location] = source.environment or source.application or source.state
        parts |= dict.fromkeys(related for related in finding.related if related.origin and related not in shown.related)
    found = [RelatedLocation(f"the same in {name}", place) for place, name in places.items() if name]
    return [*found, *parts][:_MOST_ELSEWHERE]


def sort_key(finding: Finding) -> tuple[str, int, int, str, str, str]:
    """The order of every report."""
    location = finding.location
    return location.path, location.line, location.column, finding.rule, finding.message, finding.fingerprint
