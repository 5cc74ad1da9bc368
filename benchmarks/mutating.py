"""Small changes to a line of a manifest, a template or a values file.

The operators, in the order in which they are tried:

    scalar   the scalar at the claimed range, or the one the line ends with, becomes another of its type: a number grows by
             one, true and false change places, any other text becomes `altered`
    key      if the claimed range is a key, the key becomes `altered`
    action   an action that prints on the line becomes a constant: first text, then a mapping if the action is indented as a
             block, then nothing. Its white space trimming and its indentation stay. Every such action of the line is tried
    node     a key without a value on its line, a list item, or a range of several lines is removed with all that is inside it
    line     the line is removed

All lines keep their numbers, because a finding that only moves has not changed. What steers a template (`if`, `range`, `end`
and so on) stays where it is when text around it is removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from linter.model import Location
from linter.rendering.helm.template_language import Action, parse_actions

ALTERED = "altered"

_QUOTES = "\"'"

_NUMBER = re.compile(r"(-?\d+)((?:\.\d+)?[A-Za-z]*)")
_VALUE = re.compile(
    r"(?P<head>\s*(?:-\s+)*(?:\"[^\"]*\"|'[^']*'|[^\s\"'{}\[\]#&*!|>,][^{}#]*?)\s*:\s+)(?P<value>[^\s#].*?)(?P<tail>,?\s*|\s+#.*)"
)
_ITEM = re.compile(r"(?P<head>\s*(?:-\s+)+)(?P<value>[^\s#].*?)(?P<tail>\s*|\s+#.*)")
_OPENS = re.compile(
    r"\s*(?:-\s+)*(?:\"[^\"]*\"|'[^']*'|[^\s\"'{}\[\]#][^{}#]*?)\s*:(?:\s+[|>][-+0-9]*|\s*\{\{.*\}\})?(?:\s+[&!]\S+)*\s*(?:#.*)?"
)
_BLOCK = re.compile(r"\|\s*(n?indent)\s+(\d+)\s*$")


@dataclass(frozen=True, slots=True)
class Mutation:
    """A changed text, and the operator that made it."""

    operator: str
    text: str


def mutations(text: str, place: Location) -> Iterator[Mutation]:
    """The text with the claimed line changed, once for each operator that fits it."""
    lines = text.split("\n")
    if not 0 < place.line <= len(lines):
        return
    line = lines[place.line - 1]
    actions = _actions(text)
    seen = {text}
    # What stands in an action is code, and not YAML.
    inside = any(place.line in _lines_of(text, action)[1:] for action in actions)
    for operator, changed in (
        *(() if inside else _at_range(lines, line, place)),
        *(() if inside else _at_scalar(lines, line, place)),
        *_at_actions(text, lines, place.line, actions),
        *_without_node(text, lines, line, place, actions),
        ("line", _without(text, lines, place.line, place.line, actions)),
    ):
        if changed not in seen:
            seen.add(changed)
            yield Mutation(operator, changed)


def another(value: str) -> str:
    """Another scalar of the same type, quoted as the one given."""
    quote = value[0] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else ""
    inner = value[1:-1] if quote else value
    if inner in ("true", "false"):
        inner = "false" if inner == "true" else "true"
    elif (number := _NUMBER.fullmatch(inner)) is not None:
        inner = f"{int(number[1]) + 1}{number[2]}"
    else:
        inner = ALTERED
    return f"{quote}{inner}{quote}"


def _put(lines: list[str], number: int, content: str) -> str:
    return "\n".join([*lines[: number - 1], content, *lines[number:]])


def _at_range(lines: list[str], line: str, place: Location) -> Iterator[tuple[str, str]]:
    start, end = place.column - 1, place.end_column - 1
    if place.end_line != place.line or not 0 <= start < end <= len(line):
        return
    claimed = line[start:end]
    if "{{" in line or claimed[0] in "{[&*!|>-" or ": " in claimed or claimed.endswith(":"):
        return
    if re.match(r"\s*:(?:\s|$)", line[end:]):
        yield "key", _put(lines, place.line, f"{line[:start]}{another(claimed) if claimed[0] in _QUOTES else ALTERED}{line[end:]}")
    else:
        yield "scalar", _put(lines, place.line, f"{line[:start]}{another(claimed)}{line[end:]}")


def _at_scalar(lines: list[str], line: str, place: Location) -> Iterator[tuple[str, str]]:
    found = _VALUE.fullmatch(line.rstrip("\r")) or _ITEM.fullmatch(line.rstrip("\r"))
    if found is None or "{{" in found["value"] or found["value"][0] in "{[&*!|>":
        return
    if _VALUE.fullmatch(line) is None and re.match(r"[^\s\"'][^\"']*:(\s|$)", found["value"]):
        return
    yield "scalar", _put(lines, place.line, f"{found['head']}{another(found['value'])}{found['tail']}")


def _actions(text: str) -> list[Action]:
    try:
        return parse_actions(text) if "{{" in text else []
    except ValueError:
        return []


def _lines_of(text: str, action: Action) -> range:
    return range(action.line, action.line + text.count("\n", action.start, action.end) + 1)


def _at_actions(text: str, lines: list[str], number: int, actions: list[Action]) -> Iterator[tuple[str, str]]:
    for action in actions:
        if not action.prints or number not in _lines_of(text, action):
            continue
        code = text[action.code_start : action.code_end]
        breaks = "\n" * text.count("\n", action.start, action.end)
        block = _BLOCK.search(code)
        pipe = f" | {block[1]} {block[2]}" if block else ""
        for constant in (f'"{ALTERED}"{pipe}', *((f'"{ALTERED}: {ALTERED}"{pipe}',) if block else ()), '""'):
            space = " " if text[action.start : action.code_start] == "{{" else ""
            yield "action", f"{text[: action.code_start]}{space}{constant}{breaks} {text[action.code_end :]}"


def _without_node(text: str, lines: list[str], line: str, place: Location, actions: list[Action]) -> Iterator[tuple[str, str]]:
    stripped = line.strip()
    is_item = stripped.startswith("- ") or stripped == "-"
    if not (is_item or place.end_line > place.line or _OPENS.fullmatch(line.rstrip("\r"))):
        return
    indent = len(line) - len(line.lstrip(" "))
    last = place.end_line if place.end_line > place.line and place.end_column > 1 else max(place.line, place.end_line - 1)
    last = min(last, len(lines))
    for number in range(last + 1, len(lines) + 1):
        depth = _depth(lines[number - 1], indent, is_item)
        if depth is not None and depth <= indent:
            break
        if depth is not None:
            last = number
    if last > place.line:
        yield "node", _without(text, lines, place.line, last, actions)


def _depth(line: str, indent: int, is_item: bool) -> int | None:
    """The indentation of a line, as far as it says whether the line is part of a node; None if it does not."""
    stripped = line.strip()
    if not stripped or stripped.startswith("#"):
        return None
    own = len(line) - len(line.lstrip(" "))
    if stripped.startswith("{{"):
        block = re.search(r"nindent\s+(\d+)", stripped)
        return int(block[1]) if block else None if re.match(r"\{\{-?\s*(?:if|else|end|range|with|/\*|\$)", stripped) else own
    # The items of a list may stand as far left as the key above them.
    return own + 1 if not is_item and own == indent and stripped.startswith("-") and not stripped.startswith("---") else own


def _without(text: str, lines: list[str], first: int, last: int, actions: list[Action]) -> str:
    """The text without some lines; what steers the template stays, and so do the line feeds."""
    start = sum(len(line) + 1 for line in lines[: first - 1])
    end = start + sum(len(line) + 1 for line in lines[first - 1 : last]) - 1
    touched = [action for action in actions if action.end > start and action.start < end]
    # A printing action that began above, or ends below, goes as a whole.
    start = min([start, *(action.start for action in touched if action.prints)])
    end = max([end, *(action.end for action in touched if action.prints)])
    kept: list[str] = []
    position = start
    for action in touched:
        if not action.prints:
            kept.append("\n" * text.count("\n", position, action.start))
            kept.append(text[action.start : action.end])
            position = action.end
    kept.append("\n" * text.count("\n", position, max(position, end)))
    return text[:start] + "".join(kept) + text[max(position, end) :]
