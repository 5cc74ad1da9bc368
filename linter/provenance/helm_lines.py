"""From a line of a rendered chart to the template line that made it.

The templates are rendered a second time with invisible markers in them (`mark`). What a marker precedes or follows in that
output says where it came from; content is always taken from the plain rendering, line by line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from linter.provenance.template_marks import Mark, Marked, Placed, Table, mark

__all__ = ["Level", "Marked", "Table", "TemplateLine", "authored_item", "authored_name", "authored_value", "line_map", "mark"]

Level = Literal["text", "helper", "call-site"]

# One action, or the part of one that stands on this line. Braces in its strings and comments do not end it.
_ACTION = re.compile(r"""\{\{(?:-?\s*/\*.*?\*/|"(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)*'|(?!\}\}).)*(?:\}\}|$)""", re.DOTALL)
# The indentation of a line and its key, if it has one.
_BEGINNING = re.compile(r"\s*(?:-\s+)*(?:[^\s:]+:(?=\s|$))?")


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """The template line behind a rendered line.

    `level` is "text" if the line begins with that template line's own text, "helper" if that text stands in a `define`,
    "call-site" if an action on that template line printed it. `literal` says that the rendered line is the template
    line, without any action, so that altering the one alters the other. `via` is set where the template line stands in a
    `define`: the path and line of the action outside of any that printed it.
    """

    path: str
    line: int
    level: Level
    literal: bool = False
    via: tuple[str, int] | None = None


def line_map(plain: str, marked: str, table: Table) -> list[TemplateLine | None] | None:
    """For each line of a plain rendering the template line behind it, from the marked rendering of the same template.

    Lines are those between line feeds. An entry is None where nothing is known (blank lines at the end), and where the two
    renderings cannot be brought together: what is random, or a checksum of other templates, may read differently, but only
    in lines that begin alike. The whole map is None if most lines read differently: nothing can be said about such a file.
    """
    lines = plain.split("\n")
    stripped = table.strip(marked)
    pairs = range(len(lines)) if stripped == plain else _aligned(lines, stripped.split("\n"))
    if pairs is None:
        return None
    origins = _origins(marked.split("\n"), table)
    found: list[TemplateLine | None] = []
    for line, at in zip(lines, pairs, strict=True):
        entry = origins[at] if at is not None else None
        found.append(_template_line(entry[0], entry[1], entry[2] is not None and entry[2] == line.strip()) if entry is not None else None)
    return found


_Origin = tuple[Placed, Placed | None, str | None]
"""The mark behind a line, the action outside of any helper that printed it, and the text of the only text mark in it."""


def _origins(marked_lines: Sequence[str], table: Table) -> list[_Origin | None]:
    """For each line of a marked rendering what is behind it."""
    found: list[_Origin | None] = [None] * len(marked_lines)
    following: Placed | None = None
    call: Placed | None = None
    for index in range(len(marked_lines) - 1, -1, -1):
        pieces = table.split(marked_lines[index])
        if len(pieces) == 1 and not pieces[0][1][1].action:
            # Most lines are text of a template as it stands.
            following = pieces[0][1]
            found[index] = following, call, following[1].text
            continue
        placed = [entry for _, entry in pieces]
        # An action that printed nothing on this line does not account for what comes after it.
        skipped = 0
        while skipped < len(pieces) and placed[skipped][1].action and not pieces[skipped][0].strip():
            skipped += 1
        # A helper's text is followed, at its end, by the marker of the action that included it.
        later = next((entry for entry in placed[skipped + 1 :] if _is_call(entry[1])), call)
        if skipped < len(placed):
            origin: Placed | None = placed[skipped]
        else:
            # Printed by the action whose marker comes next. Where text of a helper comes next, it was printed in that helper.
            origin = following if following is None or following[1].action else later if following[1].in_define else None
        if origin is not None:
            texts = [entry.text for _, entry in placed if not entry.action]
            found[index] = origin, later, texts[0] if len(texts) == 1 else None
        if placed:
            following = placed[0]
            call = next((entry for entry in placed if _is_call(entry[1])), call)
    return found


def _is_call(mark: Mark) -> bool:
    return mark.action and not mark.in_define


def _aligned(plain: Sequence[str], other: Sequence[str]) -> Sequence[int | None] | None:
    """For each line of the plain rendering the same line of another one, or None; None as a whole if most differ.

    Lines that differ count as the same if the renderings have equally many lines, and these the same indentation and key.
    Otherwise only the equal lines at both ends do.
    """
    if len(plain) == len(other):
        found = [index if _alike(line, other[index]) else None for index, line in enumerate(plain)]
    else:
        head = 0
        while head < min(len(plain), len(other)) and plain[head] == other[head]:
            head += 1
        tail = 0
        while tail < min(len(plain), len(other)) - head and plain[-1 - tail] == other[-1 - tail]:
            tail += 1
        shift = len(other) - len(plain)
        found = [index if index < head else index + shift if index >= len(plain) - tail else None for index in range(len(plain))]
    equal = sum(1 for line, at in zip(plain, found, strict=True) if at is not None and other[at] == line)
    return found if equal * 2 > len(plain) else None


def _alike(line: str, other: str) -> bool:
    if line == other:
        return True
    begins, others = _BEGINNING.match(line), _BEGINNING.match(other)
    return begins is not None and others is not None and begins[0] == others[0]


def _template_line(origin: Placed, call: Placed | None, literal: bool) -> TemplateLine:
    path, mark = origin
    via = (call[0], call[1].line) if mark.in_define and call is not None else None
    if mark.action:
        return TemplateLine(path, mark.line, "call-site", False, via)
    return TemplateLine(path, mark.line, "helper" if mark.in_define else "text", literal, via)


def authored_name(template: str, line: int) -> str | None:
    """What the author wrote after `name:` on a line (from 1) of a template, such as `{{ include "web.name" . }}-api`.

    None if the line has no such key or no value after it.
    """
    lines = template.split("\n")
    return authored_value(lines[line - 1], "name") if 0 < line <= len(lines) else None


def authored_value(line: str, key: str) -> str | None:
    """What the author wrote behind a key on a template line; comments and quotes around a plain value are left out.

    None if the line has no such key or no value after it.
    """
    text, masked = _masked(line)
    match = re.search(rf"""(?:^|[\s{{}},\x00])(["']?){re.escape(key)}\1\s*:(?:\s+|(?=\x00))""", masked)
    if match is None:
        return None
    rest = masked[match.end() :]
    ends = r"[,}]|(?:^|(?<=\s))#" if "{" in masked[: match.start() + 1] else r"(?:^|(?<=\s))#"
    end = re.search(ends, rest)
    value = text[match.end() : match.end() + (end.start() if end else len(rest))].strip()
    return _unquoted(value.removesuffix(",") if match[1] else value)


def authored_item(line: str, index: int) -> str | None:
    """What the author wrote as a list item on a template line: behind its dash, or at this place of a list in brackets.

    None if the line shows no such item.
    """
    text, masked = _masked(line)
    dashes = re.match(r"(?:-\s+)+", masked)
    if dashes is not None and not masked.startswith(("[", "{"), dashes.end()):
        comment = re.search(r"\s#", masked)
        return _unquoted(text[dashes.end() : comment.start() if comment else len(text)].strip())
    start, stop = masked.find("[") + 1, masked.find("]")
    if not start or stop < 0 or masked.count("[") > 1 or "{" in masked[start:stop]:
        return None
    for _ in range(index):
        start = masked.find(",", start, stop) + 1
        if not start:
            return None
    end = masked.find(",", start, stop)
    return _unquoted(text[start : end if end >= 0 else stop].strip())


def _masked(line: str) -> tuple[str, str]:
    """A line without surrounding white space, and the same with every action replaced by as many NULs."""
    text = line.strip()
    return text, _ACTION.sub(lambda found: "\0" * len(found[0]), text)


def _unquoted(value: str) -> str | None:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return value or None
