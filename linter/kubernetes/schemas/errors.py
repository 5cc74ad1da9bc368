"""What a compiled schema says is wrong with a value, freed of what follows from something else that is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from linter.kubernetes.schemas.validators import Schema
from linter.model import Route, dig, items

# Keywords about the value of a scalar: they say nothing more where the type is wrong, and of several the first tells most.
_OF_THE_VALUE = (
    "enum",
    "const",
    "format",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "pattern",
)


class Problem(NamedTuple):
    """One error: the keyword that found it, its route, what the keyword wants (`detail`: types, words, a bound, names) and the
    value at the route.

    `definition` is the name of the definition in which the keyword stands ("" for the root of the schema), and `field` the
    way from there to the place: `ports`, `args[]`, `labels{}`. For "required" and "additionalProperties" the name of the
    field is not part of it.
    """

    keyword: str
    route: Route
    detail: Any
    value: Any
    definition: str = ""
    field: str = ""


def problems_of(schema: Schema, body: Any) -> list[Problem]:
    """The errors of a value, each once; choices between shapes are replaced by what is wrong with the shape that was meant."""
    found = [_with_written_route(problem, body) for problem in _flattened(schema.errors(body), schema.document)]
    wrong_type = {problem.route for problem in found if problem.keyword == "type"}
    of_the_value: dict[Route, Problem] = {}
    kept: dict[tuple[str, Route, str], Problem] = {}
    for problem in found:
        keyword, route = problem.keyword, problem.route
        if keyword not in _OF_THE_VALUE:
            kept.setdefault((keyword, route, "" if keyword == "type" else repr(problem.detail)), problem)
        elif route not in wrong_type:
            known = of_the_value.get(route)
            if known is None or _OF_THE_VALUE.index(keyword) < _OF_THE_VALUE.index(known.keyword):
                of_the_value[route] = problem
    return [*kept.values(), *of_the_value.values()]


def _is_number(key: str, number: int) -> bool:
    """Whether the library takes a key for this number: `08080` and `+8080` for 8080."""
    digits = key.removeprefix("+").lstrip("0") or "0"
    return digits == str(number) and key not in ("", "+")


def _with_written_route(problem: Problem, body: Any) -> Problem:
    """The problem with route and value as they are written: the library gives a key such as "8080" as a number."""
    route: list[str | int] = []
    value = body
    for step in problem.route:
        if isinstance(value, dict):
            if isinstance(step, int):
                step = str(step) if str(step) in value else next((key for key in value if _is_number(key, step)), str(step))
            value = value.get(step)
        else:
            value = value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None
        route.append(step)
    detail = problem.detail
    if problem.keyword == "additionalProperties" and detail is None:
        detail = list(value) if isinstance(value, dict) else []
    # The library rounds large numbers.
    return problem._replace(route=tuple(route), value=value, detail=detail)


def _flattened(errors: Iterable[Any], document: Mapping[str, Any]) -> Iterator[Problem]:
    for error in errors:
        kind = error.kind
        if kind.name in ("anyOf", "oneOf"):
            yield from _of_choice(error, document)
        elif kind.name == "not":
            yield _problem(error, "not", _required_names([kind.schema], error.instance))
        elif kind.name == "propertyNames":
            yield _problem(error, "propertyNames", kind.error.instance)
        elif kind.name == "additionalProperties":
            yield _problem(error, kind.name, list(kind.unexpected))
        elif kind.name == "falseSchema" and error.schema_path[-1] == "additionalProperties":
            # A mapping that may have no field at all: the library says where it is, and not which fields it has.
            yield _problem(error, "additionalProperties", None)
        elif kind.name == "falseSchema":
            yield Problem("additionalProperties", tuple(error.instance_path[:-1]), [error.instance_path[-1]], None)
        else:
            yield _problem(error, kind.name, kind.value)


def _problem(error: Any, keyword: str, detail: Any) -> Problem:
    definition, field = _position(error.schema_path)
    if keyword == "type" and isinstance(detail, str):
        detail = [detail]
    return Problem(keyword, tuple(error.instance_path), detail, error.instance, definition, field)


def _position(path: Sequence[str | int]) -> tuple[str, str]:
    definition = str(path[1]) if len(path) > 1 and path[0] == "$defs" else ""
    steps = iter(path[2:-1] if definition else path[:-1])
    field = ""
    for step in steps:
        if step == "properties":
            name = str(next(steps, ""))
            field += f".{name}" if field else name
        elif step == "items":
            field += "[]"
        elif step == "additionalProperties":
            field += "{}"
    return definition, field


def _of_choice(error: Any, document: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong where one of several shapes is wanted."""
    branches: list[list[Any]] = error.kind.context
    if type(error.kind).__name__ == "OneOfMultipleValid":
        yield _problem(error, "tooMany", _required_names(dig(document, *error.schema_path), error.instance))
        return
    route = tuple(error.instance_path)
    types = [_only_types(branch, route) for branch in branches]
    if all(types):
        yield _problem(error, "type", sorted({name for names in types for name in names or ()}))
        return
    if all(
        branch and all(inner.kind.name == "required" and tuple(inner.instance_path) == route for inner in branch) for branch in branches
    ):
        yield _problem(error, "oneRequired", list(dict.fromkeys(inner.kind.property for branch in branches for inner in branch)))
        return
    possible = [branch for branch, only in zip(branches, types, strict=True) if not only and not _is_of_other_type(branch, route)]
    meant = sorted(possible or branches, key=_unlikeliness)[0]
    yield from _flattened(meant, document)


def _required_names(shapes: Any, value: Any) -> list[str]:
    """The fields of a mapping that shapes ask for."""
    if not isinstance(value, dict):
        return []
    found: dict[str, None] = {}
    waiting = [shape for shape in items(shapes) if isinstance(shape, dict)]
    for shape in waiting:
        found |= dict.fromkeys(name for name in items(shape.get("required")) if name in value)
        waiting += [inner for keyword in ("anyOf", "allOf", "oneOf") for inner in items(shape.get(keyword)) if isinstance(inner, dict)]
    return list(found)


def _only_types(branch: Sequence[Any], route: Route) -> list[str] | None:
    """The types that a shape wants if nothing else than the type of the value itself is wrong with it."""
    if len(branch) == 1 and branch[0].kind.name == "type" and tuple(branch[0].instance_path) == route:
        types = branch[0].kind.types
        return [types] if isinstance(types, str) else list(types)
    return None


def _is_of_other_type(branch: Sequence[Any], route: Route) -> bool:
    return any(inner.kind.name == "type" and tuple(inner.instance_path) == route for inner in branch)


def _unlikeliness(branch: Sequence[Any]) -> tuple[int, int, int]:
    """Least for the shape that the author meant: words that tell shapes apart agree, and little and deep is wrong."""
    words = sum(inner.kind.name in ("const", "enum") for inner in branch)
    depth = max((len(inner.instance_path) for inner in branch), default=0)
    return words, len(branch), -depth
