"""values.schema.json: what of it the engine may read, and what its violations mean for an author."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from linter.model import Failure, Route
from linter.rendering.helm.charts import Chart
from linter.rendering.helm.dependencies import Instance
from linter.rendering.helm.errors import shortened
from linter.rendering.helm.values import ValueLayer

SCHEMA = "values.schema.json"

_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
_DRAFT = re.compile(r"https?://json-schema\.org/(?:draft-0[467]/schema|draft/20(?:19-09|20-12)/schema)#?")
_FIX_VALUES = "set what the chart asks for in its values"

_CHART = re.compile(r"^(\S.*):$")
_VIOLATION = re.compile(r"^- at '(.*?)': (.*)$")
# As Helm wrote it before 3.18.
_OLDER_VIOLATION = re.compile(r"^- ([^\s:]+): (.*)$")
_OLDER_MISSING = re.compile(r"(\S+) is required")
_MISSING = re.compile(r"missing propert(?:y|ies) (.+)")
_UNKNOWN = re.compile(r"additional properties (.+) not allowed")
_QUOTED_VALUE = re.compile(r"^'.*' (does not match|is not valid)", re.DOTALL)
_TYPE_MISMATCH = re.compile(r"type mismatch on (.+?): ")


def offline_schema(data: bytes) -> tuple[bytes, bool]:
    """A schema without references to other files, which the engine would fetch from the network or read from this machine,
    and whether it is complete: what such a reference would demand is not demanded then, everything else still is.

    Raises ValueError for a text that is no JSON.
    """
    try:
        schema = json.loads(data.removeprefix(b"\xef\xbb\xbf").decode())
        removed = _remove_references(schema)
        return json.dumps(schema).encode() if removed else data, not removed
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _remove_references(schema: object) -> bool:
    removed = False
    if isinstance(schema, dict):
        for key in [key for key, value in schema.items() if isinstance(value, str) and _leads_elsewhere(key, value)]:
            del schema[key]
            removed = True
        for value in schema.values():
            removed |= _remove_references(value)
    elif isinstance(schema, list):
        for value in schema:
            removed |= _remove_references(value)
    return removed


def _leads_elsewhere(key: str, value: str) -> bool:
    return (key in _REFERENCES and not value.startswith("#")) or (key == "$schema" and _DRAFT.fullmatch(value) is None)


def schema_failure(error: ValueError, chart: Chart) -> Failure:
    """The failure for a values.schema.json that is no JSON."""
    line = error.lineno if isinstance(error, json.JSONDecodeError) else None
    message = f"the schema of the chart's values is no JSON: {error.msg if isinstance(error, json.JSONDecodeError) else error}"
    return Failure("helm-schema-invalid", "broken", "render", chart.origin(SCHEMA), line, message, "correct the schema")


def values_failures(text: str, chart: Chart, instances: Sequence[Instance], layers: Sequence[ValueLayer]) -> list[Failure]:
    """What is wrong with the values, from the engine's words: each violation of a schema at the value, if it can be found."""
    mismatch = _TYPE_MISMATCH.match(text)
    if mismatch is not None:
        path, line = _value_place((mismatch[1],), instances[0], instances, layers)
        message = f"the values of the subchart `{mismatch[1]}` have to be a mapping"
        fix = "write them as `key: value`"
        return [Failure("helm-values-invalid", "broken", "render", path or chart.metadata.path, line, message, fix)]
    owner = instances[0]
    failures: list[Failure] = []
    for line_text in text.splitlines():
        heading = _CHART.match(line_text)
        if heading is not None:
            owner = next((entry for entry in instances if entry.key.rpartition("/")[2] == heading[1]), owner)
        violation = _VIOLATION.match(line_text)
        older = _OLDER_VIOLATION.match(line_text) if violation is None else None
        if "is not valid against metaschema" in line_text:
            message = "the schema of the chart's values is not a valid JSON Schema"
            failures.append(_invalid_schema(owner, f"{message}: {text.rpartition(': ')[2]}"))
            break
        if violation is not None:
            failures.append(_violation(violation[1], violation[2], owner, instances, layers))
        elif older is not None:
            pointer = "" if older[1] == "(root)" else "/" + older[1].replace(".", "/")
            failures.append(_violation(pointer, _OLDER_MISSING.sub(r"missing property '\1'", older[2]), owner, instances, layers))
    if not failures and text.startswith("values don't meet"):
        failures = [_invalid_schema(owner, f"the schema of the chart's values cannot be used: {text.rpartition(chr(10))[2]}")]
    if not failures:
        message = f"the values cannot be given to the chart: {text}"
        if "invalid values JSON" in text:
            message = "the values cannot be given to the chart: one of them is an infinite number or none (`.inf`, `.nan`)"
        failures = [Failure("helm-values-invalid", "broken", "render", chart.metadata.path, None, shortened(message), _FIX_VALUES)]
    # The engine walks through mappings in random order.
    return sorted(failures, key=lambda failure: (failure.path, failure.line or 0, failure.message))


def _invalid_schema(owner: Instance, message: str) -> Failure:
    path = owner.chart.origin(SCHEMA)
    return Failure("helm-schema-invalid", "broken", "render", path, None, shortened(message), "correct the schema")


def _violation(pointer: str, problem: str, owner: Instance, instances: Sequence[Instance], layers: Sequence[ValueLayer]) -> Failure:
    own: Route = tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
    route: Route = (*owner.route, *own)
    prefix = "".join(f"{step}." for step in route)
    missing, unknown = _MISSING.fullmatch(problem), _UNKNOWN.fullmatch(problem)
    names = re.findall(r"'(.*?)'", (missing or unknown or [""])[0])
    shown = ", ".join(f"`{prefix}{name}`" for name in names)
    path, line = "", None
    for candidate in (*((*route, name) for name in names), route):
        path, line = _value_place(candidate, owner, instances, layers)
        if path:
            break
    if missing is not None:
        message = f"the chart's schema requires the value {shown}"
    elif unknown is not None:
        message = f"the chart's schema knows no value {shown}"
    else:
        # The engine quotes the value, which may be a secret.
        cause = _QUOTED_VALUE.sub(r"it \1", problem)
        message = f"the value `{prefix[:-1] or '.'}` does not meet the chart's schema: {cause}"
    schema = owner.chart.origin(SCHEMA)
    return Failure("helm-values-schema", "broken", "render", path or schema, line, shortened(message), f"set the value as {schema} asks")


def _value_place(route: Route, owner: Instance, instances: Sequence[Instance], layers: Sequence[ValueLayer]) -> tuple[str, int | None]:
    """The file and line that give the value at `route`: the last layer that has it, else the chart's own values."""
    candidates = [(layer, route) for layer in reversed(layers) if layer.path or layer.place]
    above = [instance for instance in instances if owner.route[: len(instance.route)] == instance.route]
    candidates += [(instance.chart.values_layer, route[len(instance.route) :]) for instance in above]
    for layer, at in candidates:
        if layer.place is not None and _holds(layer.values, at):
            return layer.place(_typed(layer.values, at))
        if layer.path and _holds(layer.values, at):
            return layer.path, _line(layer, at) if at else None
    return "", None


def _holds(values: object, route: Route) -> bool:
    for step in route:
        if isinstance(values, Mapping) and step in values:
            values = values[step]
        elif isinstance(values, list) and str(step).isdecimal() and int(step) < len(values):
            values = values[int(step)]
        else:
            return False
    return True


def _line(layer: ValueLayer, route: Route) -> int | None:
    from linter.errors import InputError
    from linter.manifest.positions import index_positions

    try:
        positions = index_positions(layer.text)
    except InputError:
        return None
    typed = _typed(layer.values, route)
    for document in reversed(range(len(positions))):
        if positions.has(document, typed):
            return positions.line_of(document, typed)
    return None


def _typed(values: Any, route: Route) -> Route:
    """A route whose list indexes are numbers: a JSON pointer does not tell them from keys."""
    typed: list[str | int] = []
    for step in route:
        index = int(step) if isinstance(values, list) else None
        typed.append(step if index is None else index)
        values = values[index] if index is not None else values[step]
    return tuple(typed)
