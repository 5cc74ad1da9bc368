"""What a schema finds in an object, one value for one mistake of its author."""

from __future__ import annotations

from typing import Literal, NamedTuple

from linter.model import Related, Route
from linter.model.findings import Severity

MistakeKind = Literal[
    "unknown-field", "missing-field", "wrong-type", "invalid-value", "field-not-in-version", "failed-rule", "version-not-served"
]


class Mistake(NamedTuple):
    """One mistake: its kind, its route in the object and a sentence.

    The route of an unknown field is the field's own, that of a missing field its parent's. `on` is what is underlined there.
    `severity` is lower than the rule's own where the schema may not be that of the cluster. `explains` are the places that
    are empty or odd only because of this mistake: where a misspelt field should be.
    """

    kind: MistakeKind
    route: Route
    message: str
    fix: str | None = None
    on: Literal["key", "value"] = "value"
    severity: Severity | None = None
    related: tuple[Related, ...] = ()
    explains: tuple[Route, ...] = ()
