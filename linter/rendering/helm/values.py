"""The values a chart is rendered with: value files, inline values and `--set`, layered as Helm layers them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from linter.errors import InputError
from linter.manifest.decoder import decode_bytes
from linter.model import Route
from linter.rendering.helm.set_flags import SetPath, apply_set, apply_set_file


class ValueLayer:
    """One layer of values over a chart's own.

    `path` is the file it comes from, relative to the repository root, or "" for inline values; `text` is that file's text.
    `origin` is for whoever makes the layer: where inline values stand. Nothing here looks at it. `place` gives the file and
    the line of a route in inline values.
    """

    __slots__ = ("origin", "path", "place", "text", "values")

    def __init__(
        self,
        values: Mapping[str, Any],
        path: str = "",
        text: str = "",
        origin: object | None = None,
        place: Callable[[Route], tuple[str, int | None]] | None = None,
    ) -> None:
        self.values = values
        self.path = path
        self.text = text
        self.origin = origin
        self.place = place


def decode_values(data: bytes, path: str) -> ValueLayer:
    """A value file as Helm 4 reads it: all its documents are merged, and an empty one has no effect.

    Raises InputError with `path`: `helm-values-invalid` if a document is no mapping, else those of the YAML decoder.
    """
    try:
        text, documents = decode_bytes(data)
    except InputError as error:
        failure = error.at(path)
        raise InputError(
            failure.id, failure.message, fix=failure.fix, path=path, line=failure.line, kind=failure.kind, stage=failure.stage
        ) from None
    values: dict[str, Any] = {}
    for document in documents:
        if document.value is None:
            continue
        if not isinstance(document.value, dict):
            raise InputError(
                "helm-values-invalid",
                f"a values file holds a mapping at its top, and this one holds a {_noun(document.value)}",
                fix="write the values as `key: value`",
                path=path,
                line=1 if len(documents) == 1 else None,
            )
        values = merged(values, document.value) if values else document.value
    return ValueLayer(values, path, text)


def merged(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """`upper` laid over `lower`: mappings are merged, everything else is replaced. A null stays: it deletes the chart's default."""
    result = dict(lower)
    for key, value in upper.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return result


def compose(
    layers: Iterable[ValueLayer], sets: Sequence[str] = (), set_strings: Sequence[str] = (), set_files: Sequence[tuple[str, str]] = ()
) -> tuple[dict[str, Any], list[SetPath]]:
    """The values that all layers and `--set` options make together, and the routes of the integers `--set` wrote.

    The options apply in Helm's order: value files, `--set`, `--set-string`, `--set-file` (key and content).
    Raises ValueError for an expression that Helm would refuse.
    """
    values: dict[str, Any] = {}
    for layer in layers:
        values = merged(values, layer.values)
    if not (sets or set_strings or set_files):
        return values, []
    values = dict(values)
    typed = [path for expression in sets for path in apply_set(values, expression)]
    for expression in set_strings:
        apply_set(values, expression, as_string=True)
    for key, content in set_files:
        apply_set_file(values, key, content)
    return values, [path for path in dict.fromkeys(typed) if _holds_integer(_at(values, path))]


def effective_values(
    values: Mapping[str, Any], defaults: Mapping[str, Any], subcharts: frozenset[str] = frozenset(), *, keep_nulls: bool = False
) -> dict[str, Any]:
    """`values` over a chart's own: a null removes the default, and a value of another type hides it.

    Below the names of its `subcharts` a null is kept: there it has the subchart's own default to remove.
    """
    result = dict(values)
    for key, default in defaults.items():
        if isinstance(default, dict) and not keep_nulls and (key not in result or key not in subcharts):
            default = _without_nulls(default)
        if key not in result:
            if default is not None or keep_nulls:
                result[key] = default
        elif result[key] is None:
            if not keep_nulls:
                del result[key]
        elif isinstance(result[key], dict) and isinstance(default, dict):
            result[key] = effective_values(result[key], default, keep_nulls=keep_nulls or key in subcharts)
    return result


def _without_nulls(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _without_nulls(value) if isinstance(value, dict) else value for key, value in values.items() if value is not None}


def integers_template(values: Mapping[str, Any], paths: Sequence[SetPath], subcharts: Sequence[tuple[str, ...]]) -> str:
    """A template that turns the numbers `--set` wrote back into integers, to be rendered before all others.

    Values reach the engine as JSON, where Helm's 64-bit integers become floats and print as `1.048576e+07`. `subcharts`
    are the routes of the subcharts, whose copies of `global` are corrected too.
    """
    lines: list[str] = []
    for path in paths:
        value = _literal(_at(values, path))
        if value is None:
            continue
        holders = [path[:-1]]
        if path[0] == "global":
            holders += [(*route, *path[:-1]) for route in subcharts]
        lines += [_assignment(holder, path[-1], value) for holder in holders]
    return "".join(lines)


def _assignment(holder: SetPath, key: str | int, value: str) -> str:
    """The actions that store `value` under `key` of the mapping at `holder`, if it is there."""
    if not isinstance(key, str):
        return ""
    opened = ""
    current = ".Values"
    for depth, step in enumerate(holder):
        if isinstance(step, str):
            test, read = f'and (kindIs "map" {current}) (hasKey {current} {quoted(step)})', f"get {current} {quoted(step)}"
        else:
            test, read = f'and (kindIs "slice" {current}) (gt (len {current}) {step})', f"index {current} {step}"
        current = f"$m{depth}"
        opened += f"{{{{ if {test} }}}}{{{{ {current} := {read} }}}}"
    body = f'{{{{ if kindIs "map" {current} }}}}{{{{ $_ := set {current} {quoted(key)} {value} }}}}{{{{ end }}}}'
    return opened + body + "{{ end }}" * len(holder)


def _literal(value: object) -> str | None:
    """A Go template expression for a value that `--set` can write."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"(int64 {value})"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        items = [_literal(item) for item in value]
        return None if None in items else f"(list {' '.join(item or '' for item in items)})"
    return None


def quoted(text: str) -> str:
    """A Go string constant. JSON's escapes are all Go's, too, except for surrogate pairs, which stay as they are here."""
    import json

    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _at(values: object, path: SetPath) -> Any:
    for step in path:
        if isinstance(values, dict):
            values = values.get(step)
        elif isinstance(values, list) and isinstance(step, int) and step < len(values):
            values = values[step]
        else:
            return None
    return values


def _holds_integer(value: object) -> bool:
    if isinstance(value, list):
        return any(_holds_integer(item) for item in value)
    return isinstance(value, int) and not isinstance(value, bool)


def _noun(value: object) -> str:
    return "list" if isinstance(value, list) else "single value"
