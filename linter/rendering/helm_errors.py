"""What the Helm engine says when it fails, as failures that name the author's file and line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from linter.model import Failure, Route
from linter.rendering.charts import Chart
from linter.rendering.helm_dependencies import Instance
from linter.rendering.helm_values import ValueLayer

Locate = Callable[[str], str | None]
"""The path in the repository of a template as the engine names it (`shop/templates/a.yaml`), or None if it is none."""

_MAX_MESSAGE = 300

_PLACED = re.compile(r"(execution|parse) error (?:at|in) \((.+?)\): (.*)", re.DOTALL)
_PLACE = re.compile(r"(.+?):(\d+)(?::\d+)?")
_CHAINED_FRAME = re.compile(r'template: ([^\n]+?):(\d+):\d+: executing "[^"\n]*" at <(.*?)>: ', re.DOTALL)
_LISTED_FRAME = re.compile(r'^(\S[^\n]*?):(\d+):\d+\n\s+executing "[^"\n]*" at <(.*?)>:\n', re.MULTILINE | re.DOTALL)
_INNER_PLACE = re.compile(r"^.*template: gotpl:\d+(?::\d+)?: ", re.DOTALL)
_WRAPPING = re.compile(r"^(?:template: |error calling \w+: |error during tpl function execution for \".*?\": )+", re.DOTALL)
_SCHEMA_CHART = re.compile(r"^(\S.*):$")
_SCHEMA_LINE = re.compile(r"^- at '(.*?)': (.*)$")
_MISSING_PROPERTY = re.compile(r"missing propert(?:y|ies) (.+)")

_NIL = re.compile(r"nil pointer evaluating .*?\.(\w+)$")
_NO_FUNCTION = re.compile(r'function "(.*?)" not defined')
_NO_TEMPLATE = re.compile(r'(?:no template|template) "(.*?)" (?:associated with template|not defined)')
_NESTED = re.compile(r"nested reference name: ([^:]+)")

_FIX_TEMPLATE = "correct the template"
_FIX_VALUES = "set what the chart asks for in its values"
_FIX_NIL = "give it a value, or guard it with `with`, `dig` or `default`"
_FIX_ENDLESS = "give the recursion an end"


def render_failure(text: str, chart: Chart, locate: Locate) -> Failure:
    """The failure behind an error of the engine: the innermost place in a file of the chart, and the cause alone."""
    text = text.strip()
    placed = _PLACED.fullmatch(text)
    if placed is not None:
        path, line = _author_place(placed[2], locate)
        if placed[1] == "execution":
            return _failure(chart, path, line, f"the chart refuses to be rendered: {placed[3]}", _FIX_VALUES)
        return _failure(chart, path, line, *_explained(placed[3], None))
    path, line, code = "", None, None
    rest = text
    frame_pattern = _CHAINED_FRAME if text.startswith("template: ") else _LISTED_FRAME
    for frame in frame_pattern.finditer(text):
        author = locate(frame[1])
        if author is not None:
            path, line = author, int(frame[2])
        code = frame[3]
        rest = text[frame.end() :]
    return _failure(chart, path, line, *_explained(rest, code))


def _author_place(place: str, locate: Locate) -> tuple[str, int | None]:
    match = _PLACE.fullmatch(place)
    author = locate(match[1] if match else place)
    return (author or "", int(match[2]) if match and author else None)


def _explained(cause: str, code: str | None) -> tuple[str, str]:
    """The message and the remedy for what the template engine reports, `code` being what it was evaluating."""
    cause = _WRAPPING.sub("", _INNER_PLACE.sub("", cause.strip())).strip()
    code = " ".join(code.split()) if code else None
    if (match := _NO_FUNCTION.search(cause)) is not None:
        return f"there is no template function `{match[1]}`", _FIX_TEMPLATE
    if (match := _NO_TEMPLATE.search(cause)) is not None:
        return f"no template named `{match[1]}` is defined", "define it, or vendor the library chart that does"
    if (match := _NESTED.search(cause)) is not None:
        return f"the template `{match[1]}` includes itself without end", _FIX_ENDLESS
    if "exceeded maximum template depth" in cause:
        return "a template calls itself without end", _FIX_ENDLESS
    if (match := _NIL.search(cause)) is not None:
        what = f"`{code}` cannot be evaluated: what" if code else "what"
        return f"{what} `.{match[1]}` is read from has no value", _FIX_NIL
    return (f"`{code}` cannot be evaluated: {cause}" if code else f"the template cannot be parsed: {cause}"), _FIX_TEMPLATE


def load_failure(text: str, chart: Chart) -> Failure:
    """The failure for a chart that the engine would not load."""
    message = f"Helm cannot load the chart: {_short(text)}"
    return Failure("helm-chart-invalid", "broken", "render", chart.metadata.path, None, message, "correct the chart")


def process_failure(kind: str, detail: str, chart: Chart) -> Failure:
    """The failure for a chart whose rendering ended with its process, or could not begin."""
    path = chart.metadata.path
    if kind == "timeout":
        message = f"the chart was not rendered after {detail} seconds"
        fix = "look for a loop over very many items, or a template that calls itself"
        return Failure("helm-timeout", "broken", "render", path, None, message, fix)
    if kind == "memory":
        message = "rendering the chart takes more memory than it may have"
        if "larger than" in detail:
            message = detail
        return Failure("helm-memory", "broken", "render", path, None, message, "look for a loop over very many items")
    if kind == "recursion":
        return Failure("helm-crashed", "broken", "render", path, None, "a template of the chart calls itself without end", _FIX_ENDLESS)
    if kind == "missing":
        message = "the chart cannot be rendered: the Helm SDK is not installed"
        if "No module named" not in detail:
            message = f"the chart cannot be rendered: the Helm SDK cannot be loaded ({_short(detail)})"
        return Failure("helm-backend-missing", "broken", "render", path, None, message, 'run `pip install "gitops-lint[helm]"`')
    message = f"the process that renders charts ended unexpectedly ({_short(detail)})"
    return Failure("helm-crashed", "broken", "render", path, None, message, "render the chart with `helm template` to see whether Helm can")


def values_failures(text: str, chart: Chart, instances: list[Instance], layers: list[ValueLayer]) -> list[Failure]:
    """One failure for each violation of a values.schema.json, at the value if it can be found."""
    failures: list[Failure] = []
    owner = instances[0]
    for line in text.splitlines():
        heading = _SCHEMA_CHART.match(line)
        if heading is not None:
            owner = next((entry for entry in instances if entry.key.rpartition("/")[2] == heading[1]), owner)
        violation = _SCHEMA_LINE.match(line)
        if violation is not None:
            failures.append(_schema_failure(violation[1], violation[2], owner, instances, layers))
    if not failures:
        failures = [Failure("helm-values-invalid", "broken", "render", chart.metadata.path, None, _short(text), _FIX_VALUES)]
    return failures


def _schema_failure(pointer: str, problem: str, owner: Instance, instances: list[Instance], layers: list[ValueLayer]) -> Failure:
    own: Route = tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
    route: Route = (*owner.route, *own)
    shown = ".".join(map(str, route))
    missing = _MISSING_PROPERTY.fullmatch(problem)
    if missing is not None:
        names = ", ".join(f"`{shown + '.' if shown else ''}{name}`" for name in re.findall(r"'(.*?)'", missing[1]))
        message = f"the chart's schema requires the value {names}"
    else:
        message = f"the value `{shown or '.'}` does not meet the chart's schema: {problem}"
    path, line = _value_place(route, owner, instances, layers)
    schema = owner.chart.origin("values.schema.json")
    return Failure("helm-values-schema", "broken", "render", path or schema, line, _short(message), f"set the value as {schema} asks")


def _value_place(route: Route, owner: Instance, instances: list[Instance], layers: list[ValueLayer]) -> tuple[str, int | None]:
    """The file and line that give the value at `route`: the last layer that has it, else the chart's own values."""
    candidates = [(layer, route) for layer in reversed(layers) if layer.path]
    above = [instance for instance in instances if owner.route[: len(instance.route)] == instance.route]
    candidates += [(instance.chart.values_layer, route[len(instance.route) :]) for instance in above]
    for layer, at in candidates:
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


def _failure(chart: Chart, path: str, line: int | None, message: str, fix: str) -> Failure:
    return Failure("helm-render", "broken", "render", path or chart.metadata.path, line, _short(message), fix)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MAX_MESSAGE else f"{text[: _MAX_MESSAGE - 1]}…"
