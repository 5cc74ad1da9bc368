"""Values with marks in them: a request like another, in which some definitions are recognisable in what they become."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from linter.model.routes import Route
from linter.provenance.values.definitions import Holder, Leaf
from linter.provenance.values.scalars import is_integer_text
from linter.rendering.helm.renderer import ChartRequest
from linter.rendering.helm.values import ValueLayer

# Numbers stay small, as templates count up to some of them, and fit a port. They lie seven apart, so that adding one to
# a number does not make the mark of another.
_FIRST_NUMBER, _LAST_NUMBER, _STEP = 1013, 64_000, 7
_FIRST_TEXT, _LAST_TEXT = 100_003, 999_000
# Names may be cut at 63 characters; a mark behind the text would be cut off.
_LONG = 54
_TEXT_MARK = re.compile(r"q(\d{6})(.*?)\1q", re.DOTALL)
_BREAKS = {"\x7f": "\\u007f", "\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029", "\ufeff": "\\ufeff"}


class Marks:
    """What stands for each definition in a probe. No number or run of digits in the plain output `texts` is used."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._taken: set[str] = set()
        for text in texts:
            for digits in re.findall(r"\d{4,}", text):
                self._taken.add(digits)
                self._taken.update(digits[at : at + 6] for at in range(len(digits) - 5))
        self._number = _FIRST_NUMBER
        self._text = _FIRST_TEXT
        self._of: dict[Leaf, Any] = {}
        self._leaves: dict[str, Leaf] = {}

    def of(self, leaf: Leaf) -> Any:
        """The value to be put in the place of a definition, of the same type where that can be printed."""
        if leaf not in self._of:
            self._of[leaf] = self._made(leaf)
        return self._of[leaf]

    def around(self, text: str) -> tuple[Leaf, str] | None:
        """The definition whose marks stand around what a template made of it, and that text."""
        found = _TEXT_MARK.fullmatch(text.strip())
        leaf = self._leaves.get(found[1]) if found is not None else None
        return (leaf, found[2]) if leaf is not None and found is not None else None

    def _made(self, leaf: Leaf) -> Any:
        value = leaf.value
        if isinstance(value, int) and not isinstance(value, bool):
            return self._next_number()
        if isinstance(value, float):
            return int(self._next_text(leaf)) + 0.5
        if isinstance(value, dict):
            return {f"q{self._next_text(leaf)}": "q"}
        if isinstance(value, list):
            return [f"q{self._next_text(leaf)}"]
        if not isinstance(value, str):
            return self._next_text(leaf)
        if is_integer_text(value):
            return str(self._next_number())
        mark = self._next_text(leaf)
        body = value.rstrip("\r\n")
        rest = value[len(body) :]
        if "{{" in value:
            return f"q{mark}{body}{mark}q{rest}"
        if len(body) > _LONG and "\n" not in body:
            return body[: max(_LONG, len(body) - 6)] + mark + rest
        return body + mark + rest

    def _next_number(self) -> int:
        while True:
            number = self._number
            self._number += _STEP
            if number > _LAST_NUMBER:
                # More numbers than ports: six digits, which floats still print as they are.
                return int(self._next_text(None))
            if str(number) not in self._taken:
                return number

    def _next_text(self, leaf: Leaf | None) -> str:
        while True:
            text = str(self._text)
            self._text += _STEP
            if self._text > _LAST_TEXT:
                self._text = _FIRST_TEXT + 1
            if text not in self._taken:
                if leaf is not None:
                    self._leaves[text] = leaf
                return text


def probe(request: ChartRequest, replaced: Mapping[Leaf, Any], templates: Mapping[str, str]) -> ChartRequest:
    """The request with other values in the place of some definitions, which are altered where they stand.

    `templates` are used in the place of those at the same paths.
    """
    by_holder: dict[Holder, dict[Route, Any]] = {}
    for leaf, value in replaced.items():
        by_holder.setdefault(leaf.holder, {})[leaf.route] = value
    layers = list(request.values)
    overrides = {**templates, **request.overrides}
    sets, strings, files = list(request.set_values), list(request.set_strings), list(request.set_files)
    for holder, changes in by_holder.items():
        if holder.kind == "layer":
            layers[holder.number] = ValueLayer(_replaced(holder.values, changes))
        elif holder.chart is not None:
            overrides[holder.chart.origin("values.yaml")] = _as_json(_replaced(holder.values, changes))
        else:
            at = holder.number - len(request.set_values) - len(request.set_strings)
            for route, value in changes.items():
                if at >= 0:
                    files[at] = (files[at][0], str(value))
                elif isinstance(value, int) and not isinstance(value, bool) and holder.number < len(request.set_values):
                    sets.append(f"{_expression(route)}={value}")
                elif isinstance(value, bool):
                    sets.append(f"{_expression(route)}={str(value).lower()}")
                elif isinstance(value, (str, int)):
                    strings.append(f"{_expression(route)}={_escaped(str(value))}")
    return replace(
        request, values=layers, set_values=sets, set_strings=strings, set_files=files, overrides=overrides, skip_schema=True,
        include_crds=False,
    )  # fmt: skip


def _replaced(values: Any, changes: Mapping[Route, Any]) -> Any:
    """A copy of `values` with other values at some routes; what lies beside them is shared."""
    if () in changes:
        return changes[()]
    below: dict[str | int, dict[Route, Any]] = {}
    for route, value in changes.items():
        below.setdefault(route[0], {})[route[1:]] = value
    copy: Any = dict(values) if isinstance(values, Mapping) else list(values)
    for step, inner in below.items():
        copy[step] = _replaced(copy[step], inner)
    return copy


def _as_json(values: Mapping[str, Any]) -> str:
    """Values as JSON that reads the same as YAML, in which some characters would break a line."""
    text = json.dumps(values, ensure_ascii=False)
    for character, escape in _BREAKS.items():
        text = text.replace(character, escape)
    return text


def _expression(route: Route) -> str:
    """The key of a `--set` expression that leads to `route`."""
    text = ""
    for step in route:
        text += f"[{step}]" if isinstance(step, int) else f".{_escaped(step)}" if text else _escaped(step)
    return text


def _escaped(text: str) -> str:
    return re.sub(r"([\\,.=\[\]{}])", r"\\\1", text)
