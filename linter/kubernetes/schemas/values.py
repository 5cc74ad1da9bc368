"""Sentences about values of a wrong type, and about values that a schema does not accept."""

from __future__ import annotations

import re
from typing import Any

from linter.kubernetes.schemas.errors import Problem
from linter.kubernetes.schemas.mistakes import Mistake
from linter.kubernetes.schemas.validators import BASE64_PATTERN, TIME_PATTERN
from linter.kubernetes.schemas.wording import accepted, choices, described, is_private, place_name, quoted
from linter.model import Route
from linter.spelling import nearest
from linter.wording import joined

_WHOLE_NUMBER = re.compile(r"[+-]?\d{1,18}")
_TRUE = ("true", "yes", "on", "y")
_FALSE = ("false", "no", "off", "n")
# What YAML knows, with and without an example.
_FORMATS = {
    "ipv4": "an IPv4 address such as 192.0.2.1",
    "ipv6": "an IPv6 address such as 2001:db8::1",
    "date-time": "a time such as 2026-01-31T12:00:00Z",
    "date": "a date such as 2026-01-31",
    "duration": "a duration such as 90s or 1h30m",
    "email": "an email address",
    "hostname": "a host name",
    "uri": "a URI",
    "uuid": "a UUID",
    "byte": "base64",
    "cidr": "an address range such as 192.0.2.0/24",
}
_MOST_OF_A_PATTERN = 120


def type_mistake(problem: Problem, kind: str) -> Mistake:
    """A value whose type is none of those that the place takes. `kind` is that of the object."""
    route, value, types = problem.route, problem.value, [name for name in problem.detail if name != "null"]
    place = place_name(route) if route else "the object"
    if value is None:
        return _empty(route, types)
    private = is_private(route, kind)
    found = described(value, private)
    wants = accepted(types)
    if types == ["string"] and isinstance(value, bool | int | float):
        return Mistake("wrong-type", route, f"{place} must be text, but YAML reads it as {found}", "Put the value in quotes.")
    fix = _type_fix(types, value, private, route, kind)
    return Mistake("wrong-type", route, f"{place} must be {wants}, but it is {found}", fix)


def _empty(route: Route, types: list[str]) -> Mistake:
    if route and isinstance(route[-1], int):
        message = f"{place_name(route)} is an empty entry, and must be {accepted(types)}"
        return Mistake("missing-field", route, message, "Write the entry behind its dash, or remove the dash.")
    message = f"{place_name(route)} is required and has no value; it must be {accepted(types)}"
    return Mistake("missing-field", route, message, "Write the value below the key; mind the indentation.", "key")


def _type_fix(types: list[str], value: Any, private: bool, route: Route, kind: str) -> str | None:
    if isinstance(value, str) and not private:
        if "integer" in types and _WHOLE_NUMBER.fullmatch(value):
            return f"Remove the quotes: {int(value)}."
        if types == ["boolean"] and value.lower() in (*_TRUE, *_FALSE):
            return f"Remove the quotes: {'true' if value.lower() in _TRUE else 'false'}."
    if types == ["array"]:
        if isinstance(value, dict):
            return "Begin each entry with a dash: `- `."
        return "Make it an entry of a list: begin it with a dash on a line of its own, or put it in `[ ]`."
    if types == ["object"] and isinstance(value, list):
        return "Remove the dashes."
    if "string" in types and isinstance(value, dict | list):
        if kind in ("ConfigMap", "Secret"):
            return "Write `|` behind the key, so that what follows is text."
        if isinstance(value, dict) and len(value) == 1 and route and isinstance(route[-1], int):
            return "Put the whole entry in quotes: a colon and a space make it a mapping."
    return None


def value_mistake(problem: Problem, kind: str) -> Mistake:
    """A value of the right type that the place does not take. `kind` is that of the object."""
    route, detail, value = problem.route, problem.detail, problem.value
    place = place_name(route) if route else "the object"
    private = is_private(route, kind)
    said = "its value" if private or isinstance(value, dict | list) else quoted(value)
    match problem.keyword:
        case "enum" | "const":
            return _word(problem, place, said)
        case "minimum" | "exclusiveMinimum":
            return _invalid(route, f"{place} is {said} and must be {'at least' if problem.keyword == 'minimum' else 'more than'} {detail}")
        case "maximum" | "exclusiveMaximum":
            return _invalid(route, f"{place} is {said} and must be {'at most' if problem.keyword == 'maximum' else 'less than'} {detail}")
        case "multipleOf":
            return _invalid(route, f"{place} is {said} and must be a multiple of {detail}")
        case "pattern" if detail == TIME_PATTERN:
            return _invalid(route, f"{place} is {said}, which is not {_FORMATS['date-time']}")
        case "pattern" if detail == BASE64_PATTERN:
            return _invalid(route, f"{place} is not base64")
        case "pattern":
            pattern = detail if len(detail) <= _MOST_OF_A_PATTERN else f"{detail[:_MOST_OF_A_PATTERN]}…"
            return _invalid(route, f"{place} is {said}, which does not have the form `{pattern}`")
        case "format":
            return _invalid(route, f"{place} is {said}, which is not {_FORMATS.get(detail, f'of the format {detail}')}")
        case "propertyNames":
            return Mistake("invalid-value", (*route, str(detail)), f"{quoted(detail)} cannot be a key of {place}", None, "key")
        case "oneRequired":
            return Mistake(
                "missing-field", route, f"{place} lacks one of the fields {joined([f'`{name}`' for name in detail], 'or')}", None, "key"
            )
        case "tooMany":
            names = f": {joined([f'`{name}`' for name in detail], 'and')} are set" if len(detail) > 1 else ""
            return _invalid(route, f"{place} has fields of which only one may be set{names}")
        case "not" if detail:
            names = joined([f"`{name}`" for name in detail], "and")
            return _invalid(route, f"{place} must not have {names}{' together' if len(detail) > 1 else ''}")
        case _:
            return _invalid(route, f"{place} {_size(problem.keyword, detail, value)}")


def _word(problem: Problem, place: str, said: str) -> Mistake:
    words = problem.detail if isinstance(problem.detail, list) else [problem.detail]
    names = [word for word in words if isinstance(word, str) and word]
    if len(words) == 1 and problem.keyword == "const":
        return _invalid(problem.route, f"{place} is {said} and must be {quoted(words[0])}", f"Write {quoted(words[0])}.")
    near = nearest(problem.value, names) if isinstance(problem.value, str) else None
    message = f"{place} is {said} and must be {choices(words)}"
    if near is not None:
        return _invalid(problem.route, f"{message}; did you mean `{near}`?", f"Write `{near}`.")
    return _invalid(problem.route, message, f"Write {choices(words)}.")


def _size(keyword: str, detail: Any, value: Any) -> str:
    count = len(value) if isinstance(value, str | list | dict) else 0
    match keyword:
        case "minLength" | "minItems" | "minProperties":
            what = {"minLength": "characters", "minItems": "entries", "minProperties": "fields"}[keyword]
            return "must not be empty" if count == 0 else f"has {count} {what} and needs at least {detail}"
        case "maxLength" | "maxItems" | "maxProperties":
            what = {"maxLength": "characters", "maxItems": "entries", "maxProperties": "fields"}[keyword]
            return f"has {count} {what} and may have {detail}"
        case "uniqueItems":
            return "has an entry twice"
        case _:
            return "does not meet a condition of its schema"


def _invalid(route: Route, message: str, fix: str | None = None) -> Mistake:
    return Mistake("invalid-value", route, message, fix)
