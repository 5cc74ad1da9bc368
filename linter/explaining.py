"""Why a file does not satisfy one of our schemas, in a person's words.

A schema says under `x-accepted` what a place accepts, so that a message need not quote a pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from linter.model import Route

Written = Callable[[Route], str | None]

_NOUNS = {
    "object": "a mapping", "array": "a list", "string": "text", "integer": "a whole number", "number": "a number",
    "boolean": "true or false", "null": "nothing",
}  # fmt: skip


def explain_mistakes(schema: dict[str, Any], value: object, written: Written) -> list[tuple[Route, str]]:
    """Every mistake as its route in `value` and a sentence. `written` gives a scalar as it stands in the file."""
    import jsonschema

    errors = jsonschema.validators.validator_for(schema)(schema).iter_errors(value)  # type: ignore[arg-type]
    return [(route, message) for error in _innermost(errors) for route, message in _explain(error, written)]


def _innermost(errors: Iterable[Any]) -> Iterator[Any]:
    """The errors, with a choice between shapes replaced by what is wrong with the shape the author chose."""
    for error in errors:
        if error.validator not in ("anyOf", "oneOf") or not error.context:
            yield error
            continue
        branches: dict[int, list[Any]] = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        chosen = [branch for branch in branches.values() if not any(inner.validator == "type" and not inner.path for inner in branch)]
        if chosen:
            yield from _innermost(chosen[0])
        else:
            yield error


def _explain(error: Any, written: Written) -> Iterator[tuple[Route, str]]:
    route: Route = tuple(error.absolute_path)
    accepted = _accepted(error.schema)
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", ()))
        for key in error.instance:
            if key not in known:
                yield (*route, key), _unknown_key(route, key, known)
    elif error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                yield route, f"{_named(route)} needs the key `{key}`"
    elif "propertyNames" in error.absolute_schema_path:
        yield (*route, error.instance), f"`{error.instance}` cannot be a key of {_named(route)}: write {accepted}"
    else:
        yield route, _wrong_value(route, error.instance, accepted, error.schema, written)


def _accepted(schema: dict[str, Any]) -> str:
    """What a place accepts, by the author of the schema or, where that says nothing, by its plainest keywords."""
    if "x-accepted" in schema:
        return str(schema["x-accepted"])
    if "const" in schema or "enum" in schema:
        return _list([f"`{choice}`" for choice in schema.get("enum", [schema.get("const")])], "or")
    types = schema.get("type", [])
    nouns = [_NOUNS[name] for name in ([types] if isinstance(types, str) else types)]
    return (_list(nouns, "or") if nouns else "something else") + (f" that matches {schema['pattern']}" if "pattern" in schema else "")


def _unknown_key(route: Route, key: str, known: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    where = f" of {_named(route)}" if route else ""
    hint = f" (did you mean `{near[0]}`?)" if near else ""
    return f"`{key}` is no key{where}{hint}: known are {_list([f'`{name}`' for name in known])}"


def _wrong_value(route: Route, value: object, accepted: str, schema: dict[str, Any], written: Written) -> str:
    where = _named(route)
    if (
        route[:1] == ("rules",)
        and route[2:] == ("severity",)
        and (value is False or value in ("off", "none", "ignore", "disable", "disabled"))
    ):
        return f"{where} must be {accepted}; to switch the rule off, write `ignore: [{route[1]}]`"
    if value is None:
        return f"{where} has no value: write {accepted}"
    bare = _if_only_quoted(route, value, schema, written)
    if bare is not None:
        meaning = str(value).lower() if isinstance(value, bool) else f"the number {value}"
        return f'{where} must be {accepted}: without quotes, {bare} is {meaning}, so write "{bare}"'
    if schema.get("type") == "array" and isinstance(value, str):
        return f"{where} must be {accepted}: write [{value}]"
    return f"{where} must be {accepted}, not {_shown(value)}"


def _if_only_quoted(route: Route, value: object, schema: dict[str, Any], written: Written) -> str | None:
    """A number, true or false as it is written, if the same characters in quotes would be accepted."""
    import jsonschema

    if not isinstance(value, bool | int | float) or schema.get("type") != "string":
        return None
    bare = written(route)
    return bare if bare is not None and jsonschema.Draft7Validator(schema).is_valid(bare) else None


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "an empty list" if not value else "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "empty text" if value == "" else f"`{str(value)[:60]}`"


def _named(route: Route) -> str:
    """A place as messages name it: `ignores[0].until`."""
    if not route:
        return "the file"
    name = ""
    for step in route:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return f"`{name}`"


def _list(words: list[str], conjunction: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {conjunction} {words[-1]}"
