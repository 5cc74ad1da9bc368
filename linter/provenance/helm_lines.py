"""From a line of a rendered chart to the template line that made it.

The templates are rendered a second time with invisible markers in them. What a marker precedes or follows in that output
says where it came from; content is always taken from the plain rendering, line by line. A marker is three private-use
characters, the last two counting into a table. It stands in text, before the first visible character of a line, and after
each action that prints; never in white space, which `{{-` and `-}}` have to see unchanged.

Text in a `define` is marked only if every use of that template in the chart prints it as it is (`include "name" .`,
perhaps through `indent` or `nindent`): elsewhere markers would change comparisons, truncations and checksums.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from linter.rendering.helm.includes import parse_uses, printed_as_is
from linter.rendering.helm.template_language import SPACE, Action, literals

Level = Literal["text", "helper", "call-site"]

_LEADS = ("\uf8f0", "\uf8e0", "\uf8d0", "\uf8c0")
_DIGITS = 0xE000
_BASE = 0x800
_TABLE_LIMIT = _BASE * _BASE

_MARKED_SUFFIXES = (".yaml", ".yml", ".json", ".tpl")
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


class Mark:
    """What one marker stands for: a place in a template, and whether text begins there or an action has printed."""

    __slots__ = ("action", "in_define", "line", "path", "text")

    def __init__(self, path: str, line: int, action: bool, in_define: bool, text: str | None) -> None:
        self.path = path
        self.line = line
        self.action = action
        self.in_define = in_define
        self.text = text
        """The template line without surrounding white space if no action touches it, else None."""


class Table:
    """The marks of one set of templates, and the character that begins a marker."""

    __slots__ = ("lead", "marks", "pattern")

    def __init__(self, lead: str) -> None:
        self.lead = lead
        self.marks: list[Mark] = []
        first, last = chr(_DIGITS), chr(_DIGITS + _BASE - 1)
        self.pattern = re.compile(f"{lead}([{first}-{last}])([{first}-{last}])")

    def add(self, mark: Mark) -> str:
        """Enter a mark; the marker for it, or no text when the table is full."""
        number = len(self.marks)
        if number >= _TABLE_LIMIT:
            return ""
        self.marks.append(mark)
        return f"{self.lead}{chr(_DIGITS + number // _BASE)}{chr(_DIGITS + number % _BASE)}"

    def split(self, line: str) -> list[tuple[str, Mark]]:
        """The marks of a rendered line in order, each with the text between it and the mark before."""
        pieces: list[tuple[str, Mark]] = []
        position = 0
        for match in self.pattern.finditer(line):
            number = (ord(match[1]) - _DIGITS) * _BASE + ord(match[2]) - _DIGITS
            if number < len(self.marks):
                pieces.append((line[position : match.start()], self.marks[number]))
                position = match.end()
        return pieces

    def strip(self, text: str) -> str:
        """`text` without its markers."""
        return self.pattern.sub("", text)


class Marked:
    """Templates with markers in them, by path, and the table that explains the markers."""

    __slots__ = ("table", "templates")

    def __init__(self, templates: dict[str, str], table: Table) -> None:
        self.templates = templates
        self.table = table


def mark(files: Mapping[str, str], *, helpers: bool = True, only: Collection[str] | None = None) -> Marked:
    """Templates with markers, from all templates of a chart and its subcharts (path -> text).

    A template that the engine could not parse, and one whose text already holds the marker characters, is returned as it
    is. `helpers=False` leaves every `define` unmarked: for the chart that cannot be rendered with markers in them. Where
    `only` some take part (`NeededTemplates.of`), there is nothing in the place of the others.
    """
    if only is not None:
        partial = mark({path: text for path, text in files.items() if path in only}, helpers=helpers)
        partial.templates.update((path, "") for path in files if path not in only)
        return partial
    lead = next((lead for lead in _LEADS if not any(lead in text for text in files.values())), None)
    table = Table(lead or _LEADS[0])
    if lead is None:
        return Marked(dict(files), table)
    parsed = {path: entry for path, text in files.items() if (entry := parse_uses(text)) is not None}
    complete = helpers and len(parsed) == len(files)
    open_defines = printed_as_is([uses for _, uses in parsed.values()]) if complete else frozenset()
    marked = dict(files)
    for path, (actions, _) in parsed.items():
        if path.endswith(_MARKED_SUFFIXES):
            marked[path] = _Marker(path, files[path], actions, table, open_defines).mark()
    return Marked(marked, table)


class _Marker:
    """Marks one template."""

    def __init__(self, path: str, text: str, actions: Sequence[Action], table: Table, open_defines: frozenset[str]) -> None:
        self._path = path
        self._text = text
        self._actions = actions
        self._table = table
        self._open = open_defines
        self._lines = text.split("\n")
        self._touched = {
            number for action in actions for number in range(action.line, action.line + text.count("\n", action.start, action.end) + 1)
        }

    def mark(self) -> str:
        pieces: list[str] = []
        position, line, define = 0, 1, None
        for action in self._actions:
            line = self._mark_text(pieces, position, action.start, line, define)
            pieces.append(self._text[action.start : action.end])
            line += self._text.count("\n", action.start, action.end)
            position = action.end
            printed = action if action.prints else action.closes if action.closes is not None and action.closes.keyword == "block" else None
            if printed is not None and self._may_mark(action.define):
                marker = self._table.add(Mark(self._path, printed.line, True, action.define is not None, None))
                # As plain text the marker would shield the white space that `-}}` is to remove.
                pieces.append(f'{{{{ "{marker}" -}}}}' if action.trims_right else marker)
            if action.keyword in ("define", "block"):
                define = (literals(self._text, action) or [""])[0]
            elif action.keyword == "end":
                define = action.define
        self._mark_text(pieces, position, len(self._text), line, define)
        return "".join(pieces)

    def _may_mark(self, define: str | None) -> bool:
        return define is None or define in self._open

    def _mark_text(self, pieces: list[str], start: int, end: int, line: int, define: str | None) -> int:
        """Add a stretch of text, marked before the first visible character of each line; the line it ends on."""
        if not self._may_mark(define):
            pieces.append(self._text[start:end])
            return line + self._text.count("\n", start, end)
        for number, part in enumerate(self._text[start:end].split("\n")):
            if number:
                line += 1
                pieces.append("\n")
            visible = part.lstrip(SPACE)
            if visible:
                own = None if line in self._touched else self._lines[line - 1].strip()
                pieces.append(part[: len(part) - len(visible)])
                pieces.append(self._table.add(Mark(self._path, line, False, define is not None, own)))
            pieces.append(visible or part)
        return line


def line_map(plain: str, marked: str, table: Table) -> list[TemplateLine | None] | None:
    """For each line of a plain rendering the template line behind it, from the marked rendering of the same template.

    Lines are those between line feeds. An entry is None where nothing is known (blank lines at the end), and where the two
    renderings cannot be brought together: what is random, or a checksum of other templates, may read differently, but only
    in lines that begin alike. The whole map is None if most lines read differently: nothing can be said about such a file.
    """
    lines = plain.split("\n")
    same = table.strip(marked) == plain
    pairs = range(len(lines)) if same else _aligned(lines, table.strip(marked).split("\n"))
    if pairs is None:
        return None
    origins = _origins(marked.split("\n"), table)
    found: list[TemplateLine | None] = []
    for line, at in zip(lines, pairs, strict=True):
        entry = origins[at] if at is not None else None
        found.append(_template_line(entry[0], entry[1], _is_literal(entry[2], line)) if entry is not None else None)
    return found


def _origins(marked_lines: Sequence[str], table: Table) -> list[tuple[Mark, Mark | None, list[Mark]] | None]:
    """For each line of a marked rendering the mark behind it, the action outside of any helper that printed it, and its marks."""
    found: list[tuple[Mark, Mark | None, list[Mark]] | None] = [None] * len(marked_lines)
    following: Mark | None = None
    call: Mark | None = None
    for index in range(len(marked_lines) - 1, -1, -1):
        pieces = table.split(marked_lines[index])
        marks = [entry for _, entry in pieces]
        # An action that printed nothing on this line does not account for what comes after it.
        skipped = 0
        while skipped < len(pieces) and marks[skipped].action and not pieces[skipped][0].strip():
            skipped += 1
        # A helper's text is followed, at its end, by the marker of the action that included it.
        later = next((entry for entry in marks[skipped + 1 :] if entry.action and not entry.in_define), call)
        if skipped < len(marks):
            origin: Mark | None = marks[skipped]
        else:
            # Printed by the action whose marker comes next. Where text of a helper comes next, it was printed in that helper.
            origin = following if following is None or following.action else later if following.in_define else None
        if origin is not None:
            found[index] = origin, later, marks
        if marks:
            following = marks[0]
            call = next((entry for entry in marks if entry.action and not entry.in_define), call)
    return found


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


def _is_literal(marks: Iterable[Mark], line: str) -> bool:
    texts = [entry.text for entry in marks if not entry.action]
    return len(texts) == 1 and texts[0] == line.strip()


def _template_line(mark: Mark, call: Mark | None, literal: bool) -> TemplateLine:
    via = (call.path, call.line) if mark.in_define and call is not None else None
    if mark.action:
        return TemplateLine(mark.path, mark.line, "call-site", False, via)
    return TemplateLine(mark.path, mark.line, "helper" if mark.in_define else "text", literal, via)


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
