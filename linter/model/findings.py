"""What checks yield and users see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from linter.model.resources import Resource, Source
from linter.model.routes import Route

Severity = Literal["error", "warning", "info"]
Precision = Literal["exact", "call-site", "object", "file"]
FailureKind = Literal["broken", "unavailable"]
Stage = Literal["read", "parse", "render", "rule"]
Since = Literal["new", "base-not-judged"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


class Related:
    """Another place that explains a violation: a message, and a route in an object (by default the violation's)."""

    __slots__ = ("message", "resource", "route")

    def __init__(self, message: str, resource: Resource | None = None, route: Route = ()) -> None:
        self.message = message
        self.resource = resource
        self.route = route


class Violation:
    """What a check yields.

    `route` starts at the root of the object (use `node.route + (...)`); a part of it that does not exist means its
    nearest existing ancestor. `resource` is needed only where the match has none (`on: state`, `on: repository`) or the
    place is in another object. `fix` and `severity` replace the rule's; a severity above the rule's has no effect. `on`
    replaces the rule's as well: "key" where the key at the end of the route is wrong, whatever its value. `explains` are
    places of the same object: what other rules find there, or in comparison with it, follows from this violation, and is not
    reported beside it. In them "[]" stands for any index.
    """

    __slots__ = ("explains", "fix", "message", "on", "related", "resource", "route", "severity")

    def __init__(
        self,
        route: Route,
        message: str,
        resource: Resource | None = None,
        related: tuple[Related, ...] = (),
        fix: str | None = None,
        severity: Severity | None = None,
        on: Literal["key", "value"] | None = None,
        explains: tuple[Route, ...] = (),
    ) -> None:
        self.route = route
        self.message = message
        self.resource = resource
        self.related = related
        self.fix = fix
        self.severity = severity
        self.on = on
        self.explains = explains


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A range in an author's file. Lines and columns from 1, columns in code points, the end exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    precision: Precision = "exact"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One source in which a finding occurs, and the object as it is named there."""

    source: Source
    resource: Resource | None
    line: int


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Why a finding is not counted."""

    by: Literal["comment", "annotation", "config", "baseline"]
    reason: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class RelatedLocation:
    """Another place of a finding, and what it has to do with it.

    `origin` says that the place takes part in making what is wrong, as the values line behind a template line does: whoever
    accepts the finding there has accepted it.
    """

    message: str
    location: Location
    origin: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What a user sees: a violation with its rule, place, occurrences and suppression.

    `sensitive` says that the value at its place must not be shown. `since` is set in a comparison with an earlier
    revision: the finding is new, or nobody can tell, because the earlier revision could not be judged there.
    """

    rule: str
    severity: Severity
    message: str
    fix: str
    docs: str
    resource: Resource | None
    route: Route
    location: Location
    occurrences: tuple[Occurrence, ...]
    related: tuple[RelatedLocation, ...]
    fingerprint: str
    suppressed: Suppressed | None = None
    sensitive: bool = False
    since: Since | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Input that could not be judged.

    `id` is a stable kebab-case name ("yaml-syntax"). `line` counts from 1 and is None where only the file is known.
    `broken` is ours or the author's to mend, `unavailable` needs something that is not in the repository.
    """

    id: str
    kind: FailureKind
    stage: Stage
    path: str
    line: int | None
    message: str
    fix: str
