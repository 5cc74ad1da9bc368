"""Why a file does not satisfy one of our schemas, in a person's words.

A schema says under `x-accepted` what a place accepts, so that a message need not quote a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from linter.model import Route
from linter.wording import joined

Written = Callable[[Route], str | None]
Accepts = Callable[[dict[str, Any], str], bool]

# As many characters of a value as messages quote.
MOST_SHOWN = 100

_NOUNS = {
    "object": "a mapping", "array": "a list", "string": "text", "integer": "a whole number", "number": "a number",
    "boolean": "true or false", "null": "nothing",
}  # fmt: skip


def explain_mistakes(schema: dict[str, Any], value: object, written: Written) -> list[tuple[Route, str]]:
    """Every mistake as its route in `value` and a sentence. `written` gives a scalar as it stands in the file."""
    import jsonschema

    validator: Any = jsonschema.validators.validator_for(schema)(schema)

    def accepts(part: dict[str, Any], text: str) -> bool:
        return bool(validator.evolve(schema=part).is_valid(text))

    return [found for error in _innermost(validator.iter_errors(value)) for found in _explain(error, written, accepts)]


def _innermost(errors: Iterable[Any]) -> Iterator[Any]:
    """The errors, with a choice between shapes replaced by what is wrong with the shape the author chose."""
    for error in errors:
        if error.validator not in ("anyOf", "oneOf") or not error.context or _is_missing_keys(error):
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


def _is_missing_keys(error: Any) -> bool:
    """Whether a mapping has none of the keys of which it needs one."""
    return error.validator == "anyOf" and all(set(branch) == {"required"} for branch in error.validator_value)


def _explain(error: Any, written: Written, accepts: Accepts) -> Iterator[tuple[Route, str]]:
    route: Route = tuple(error.absolute_path)
    known = list(error.schema.get("properties", ())) if isinstance(error.schema, dict) else []
    if error.validator == "additionalProperties":
        for key in error.instance:
            if key not in known:
                yield (*route, key), _unknown_key(route, key, known)
    elif error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance and not _is_misspelt([key], error.instance, known):
                yield route, f"{_named(route)} needs the key `{key}`"
    elif _is_missing_keys(error):
        keys = [key for branch in error.validator_value for key in branch["required"]]
        if not _is_misspelt(keys, error.instance, known):
            which = "one of the keys" if len(keys) > 2 else "the key"
            yield route, f"{_named(route)} needs {which} {joined([f'`{key}`' for key in keys], 'or')}"
    elif "propertyNames" in error.absolute_schema_path:
        yield (*route, error.instance), f"`{error.instance}` cannot be a key of {_named(route)}: write {_accepted(error.schema)}"
    else:
        yield route, _wrong_value(route, error.instance, error.schema, written, accepts)


def _is_misspelt(wanted: list[str], mapping: dict[str, Any], known: list[str]) -> bool:
    """Whether an unknown key stands for one of the wanted ones; then it is named, and the missing one need not be."""
    return any(_near(key, known) in wanted for key in mapping if key not in known)


def _accepted(schema: dict[str, Any]) -> str:
    """What a place accepts, by the author of the schema or, where that says nothing, by its plainest keywords."""
    if "x-accepted" in schema:
        return str(schema["x-accepted"])
    if "const" in schema or "enum" in schema:
        return joined([f"`{choice}`" for choice in schema.get("enum", [schema.get("const")])], "or")
    types = schema.get("type", [])
    nouns = [_NOUNS[name] for name in ([types] if isinstance(types, str) else types)]
    return (joined(nouns, "or") if nouns else "something else") + (f" that matches {schema['pattern']}" if "pattern" in schema else "")


def _near(word: str, known: Iterable[str]) -> str | None:
    """The known word that a misspelt one most likely means. Settings have few words, so more than slips of the pen is
    understood: `warn` is `warning`, and `configuration` is `config`."""
    import difflib

    folded = {name.lower().replace("_", "-"): name for name in known}
    near = difflib.get_close_matches(word.lower().replace("_", "-"), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else None


def _did_you_mean(word: object, known: Iterable[object]) -> str:
    near = _near(word, [name for name in known if isinstance(name, str)]) if isinstance(word, str) else None
    return f" (did you mean `{near}`?)" if near is not None else ""


def _unknown_key(route: Route, key: str, known: list[str]) -> str:
    where = f" of {_named(route)}" if route else ""
    return f"`{key}` is no key{where}{_did_you_mean(key, known)}: known are {joined([f'`{name}`' for name in known])}"


def _wrong_value(route: Route, value: object, schema: dict[str, Any], written: Written, accepts: Accepts) -> str:
    where, accepted = _named(route), _accepted(schema)
    if (
        route[:1] == ("rules",)
        and route[2:] == ("severity",)
        and (value is False or value in ("off", "none", "ignore", "disable", "disabled"))
    ):
        return f"{where} must be {accepted}; to switch the rule off, write `ignore: [{route[1]}]`"
    if value is None:
        return f"{where} has no value: write {accepted}"
    bare = written(route) if isinstance(value, bool | int | float) else None
    if bare is not None and accepts(schema, bare):
        meaning = str(value).lower() if isinstance(value, bool) else f"the number {value}"
        return f'{where} must be {accepted}: without quotes, {bare} is {meaning}, so write "{bare}"'
    if schema.get("type") == "array" and isinstance(value, str) and accepts(schema.get("items", {}), value):
        return f"{where} must be {accepted}: write [{_as_item(value, written(route))}]"
    return f"{where} must be {accepted}, not {_shown(value)}{_did_you_mean(value, schema.get('enum', ()))}"


def _as_item(value: str, written: str | None) -> str:
    """Text as an item of a list in brackets: as its author wrote it, if that means the same there."""
    import json

    same = written is not None and re.fullmatch(r"""[\w./@-][\w./@:*-]*|"[^"\\]*"|'[^']*'""", written) is not None
    return str(written) if same else json.dumps(value, ensure_ascii=False)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "an empty mapping" if not value else "a mapping"
    if isinstance(value, list):
        return "an empty list" if not value else "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return "empty text" if text == "" else f"`{text}`" if len(text) <= MOST_SHOWN else f"`{text[:MOST_SHOWN]}…`"


def _named(route: Route) -> str:
    """A place as messages name it: `ignores[0].until`."""
    if not route:
        return "the file"
    name = ""
    for step in route:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return f"`{name}`"
