"""Numbers whose author wrote something else than YAML reads: which field they are for, and which of them lose what counts.

Source for how numbers are read: resolve.go of go.yaml.in/yaml/v2, through which kubectl and Argo CD read manifests: a leading
zero makes a number octal, one with an 8 or 9 is read as a decimal, `12e5` has an exponent.
"""

from __future__ import annotations

import re
from decimal import Decimal

from linter.kubernetes.labels.fields import label_fields
from linter.kubernetes.schemas.judging import mistakes_of
from linter.kubernetes.schemas.places import Places
from linter.model import DesiredState, Resource, Route

# Fields that hold permissions, which are written as octal numbers on purpose.
_PERMISSIONS = re.compile(r"(?i)(mode|umask|perm|perms|permissions?)\Z")
# Fields that hold a version, a commit or the like, by the end of their name.
_TEXT_FIELD = re.compile(r"(?i)(tag|version|revision|release|commit|sha|hash|digest|branch|ref)\Z")
_LEADING_ZERO = re.compile(r"[-+]?0_*[0-9][0-9_]*\Z")
_HASH = re.compile(r"[0-9]+[eE][0-9]+\Z")
_DECIMAL = re.compile(r"[-+]?[0-9]+\.[0-9]+\Z")


def loses_leading_zero(written: str, value: float) -> str | None:
    """What becomes of a number with a leading zero: "changed" to another number, or only "shortened"; None for other numbers."""
    if _LEADING_ZERO.match(written) is None:
        return None
    return "shortened" if value == int(written.replace("_", "")) else "changed"


def is_permission(route: Route) -> bool:
    """Whether the field at a route holds file permissions, by its name."""
    name = next((step for step in reversed(route) if isinstance(step, str)), "")
    return _PERMISSIONS.search(name) is not None


def holds_text(route: Route) -> bool:
    """Whether the field at a route holds a version, a commit or the like, by its name."""
    return bool(route) and isinstance(route[-1], str) and _TEXT_FIELD.search(route[-1]) is not None


def is_like_hash(written: str) -> bool:
    """Whether a number is written as an abbreviated commit hash might be: `12e5`, `4190e17`."""
    return _HASH.match(written) is not None


def loses_decimals(written: str, value: float) -> bool:
    """Whether a decimal number is printed with fewer decimals: `1.10` as 1.1, `2.0` as 2."""
    return _DECIMAL.match(written) is not None and written.lstrip("+") != repr(value)


def loses_digits(written: str, value: float) -> bool:
    """Whether a whole number is too large to keep its digits: beyond 64 bits it becomes a float."""
    digits = written.replace("_", "").lstrip("+")
    return digits.lstrip("-").isdecimal() and isinstance(value, float) and int(digits) != Decimal(repr(value))


def is_reported(resource: Resource, state: DesiredState, route: Route) -> bool:
    """Whether other checks say already that no number may stand at a route: as a label, or where the structure has text."""
    if any(field.route == route[:-1] for field in label_fields(resource).maps):
        return True
    return any(mistake.route == route[: len(mistake.route)] for mistake in mistakes_of(resource, state))


def wants_number(resource: Resource, state: DesiredState, route: Route) -> bool:
    """Whether the schema of the object's kind has a number at a route. False where nothing describes the place."""
    places = _places(resource, state)
    types = places.node_at(route).get("type") if places is not None else None
    return "number" in types or "integer" in types if isinstance(types, list | str) else False


def _places(resource: Resource, state: DesiredState) -> Places | None:
    from linter.kubernetes.definitions.lookup import CustomSchema, schema_of
    from linter.kubernetes.schemas.table import minor_or_newest
    from linter.kubernetes.schemas.validators import built_in_schema

    built_in = built_in_schema(resource.api_version, resource.kind, minor_or_newest(state.targets.get("kubernetes")))
    if built_in is not None:
        return Places(built_in.document)
    known = schema_of(resource, state)
    if isinstance(known, CustomSchema):
        for version in known.versions:
            if version.schema is not None:
                return Places(version.schema.document)
    return None
