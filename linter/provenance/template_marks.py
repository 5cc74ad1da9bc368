"""Templates with invisible markers in them, and what the markers stand for.

A marker is three private-use characters, the last two counting into a table. It stands in text, before the first visible
character of a line, and after each action that prints; never in white space, which `{{-` and `-}}` have to see unchanged.

Text in a `define` is marked only if every use of that template in the chart prints it as it is (`include "name" .`,
perhaps through `indent` or `nindent`): elsewhere markers would change comparisons, truncations and checksums.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from itertools import chain, repeat

from linter.rendering.helm.includes import parse_uses, printed_as_is
from linter.rendering.helm.template_language import SPACE, Action, literals

_LEADS = ("\uf8f0", "\uf8e0", "\uf8d0", "\uf8c0")
_DIGITS = 0xE000
_BASE = 0x800
_TABLE_LIMIT = _BASE * _BASE

_MARKED_SUFFIXES = (".yaml", ".yml", ".json", ".tpl")
# From the first visible character of a line on.
_VISIBLE = re.compile(rf"[^{SPACE}][^\n]*")
_BEFORE, _AFTER = '{{ "', '" -}}'


class Mark:
    """What one marker stands for: a line of a template, and whether text begins there or an action has printed."""

    __slots__ = ("action", "in_define", "line", "text")

    def __init__(self, line: int, action: bool, in_define: bool, text: str | None) -> None:
        self.line = line
        self.action = action
        self.in_define = in_define
        self.text = text
        """The template line without surrounding white space if no action touches it, else None."""


Placed = tuple[str, Mark]
"""A mark and the path of its template."""


class Table:
    """The marks of one set of templates, and the character that begins a marker."""

    __slots__ = ("lead", "marks", "pattern")

    def __init__(self, lead: str) -> None:
        self.lead = lead
        self.marks: list[Placed] = []
        first, last = chr(_DIGITS), chr(_DIGITS + _BASE - 1)
        self.pattern = re.compile(f"{lead}([{first}-{last}])([{first}-{last}])")

    def add(self, path: str, marks: Sequence[Mark]) -> list[str] | None:
        """Enter the marks of a template; the marker for each, or None if they do not fit."""
        first = len(self.marks)
        if first + len(marks) > _TABLE_LIMIT:
            return None
        self.marks += zip(repeat(path), marks)
        return _markers(self.lead, first, first + len(marks))

    def split(self, line: str) -> list[tuple[str, Placed]]:
        """The marks of a rendered line in order, each with the text between it and the mark before."""
        if self.lead not in line:
            return []
        pieces: list[tuple[str, Placed]] = []
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


# The markers of each lead by their numbers, as far as they were needed: every chart counts from zero.
_made: dict[str, list[str]] = {}


def _markers(lead: str, first: int, last: int) -> list[str]:
    made = _made.setdefault(lead, [])
    made += (f"{lead}{chr(_DIGITS + number // _BASE)}{chr(_DIGITS + number % _BASE)}" for number in range(len(made), last))
    return made[first:last]


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
    for path, (_, uses) in parsed.items():
        if path.endswith(_MARKED_SUFFIXES):
            chunks, marks = _gaps(files[path], open_defines & uses.defined)
            markers = table.add(path, marks)
            if markers is not None:
                marked[path] = "".join((*chain.from_iterable(zip(chunks, markers, strict=False)), chunks[-1]))
    return Marked(marked, table)


@lru_cache(maxsize=1024)
def _gaps(text: str, open_defines: frozenset[str]) -> tuple[list[str], list[Mark]]:
    """A template in pieces, between which markers belong, and what these stand for. Charts often carry the same templates."""
    parsed = parse_uses(text)
    return _Gaps(text, parsed[0] if parsed is not None else (), open_defines).find()


class _Gaps:
    """Finds the places for markers in one template."""

    def __init__(self, text: str, actions: Sequence[Action], open_defines: frozenset[str]) -> None:
        self._text = text
        self._actions = actions
        self._open = open_defines
        self._lines = text.split("\n")
        self._touched: set[int] = set()
        self._chunks: list[str] = []
        self._marks: list[Mark] = []
        # Where the text begins that is in no piece yet, and what is to stand before it.
        self._taken = 0
        self._after = ""

    def find(self) -> tuple[list[str], list[Mark]]:
        text = self._text
        spans = [text.count("\n", action.start, action.end) for action in self._actions]
        for action, span in zip(self._actions, spans, strict=True):
            self._touched.update(range(action.line, action.line + span + 1))
        position, line, define = 0, 1, None
        for action, span in zip(self._actions, spans, strict=True):
            self._mark_text(position, action.start, line, define)
            line = action.line + span
            position = action.end
            printed = action if action.prints else action.closes if action.closes is not None and action.closes.keyword == "block" else None
            if printed is not None and self._may_mark(action.define):
                # As plain text the marker would shield the white space that `-}}` is to remove.
                self._add(position, Mark(printed.line, True, action.define is not None, None), as_action=action.trims_right)
            if action.keyword in ("define", "block"):
                define = (literals(text, action) or [""])[0]
            elif action.keyword == "end":
                define = action.define
        self._mark_text(position, len(text), line, define)
        self._chunks.append(self._after + text[self._taken :])
        return self._chunks, self._marks

    def _add(self, position: int, mark: Mark, as_action: bool = False) -> None:
        self._chunks.append(f"{self._after}{self._text[self._taken : position]}{_BEFORE if as_action else ''}")
        self._after = _AFTER if as_action else ""
        self._marks.append(mark)
        self._taken = position

    def _may_mark(self, define: str | None) -> bool:
        return define is None or define in self._open

    def _mark_text(self, start: int, end: int, line: int, define: str | None) -> None:
        """Mark a stretch of text before the first visible character of each line."""
        if not self._may_mark(define):
            return
        in_define = define is not None
        counted = start
        for visible in _VISIBLE.finditer(self._text, start, end):
            line += self._text.count("\n", counted, visible.start())
            counted = visible.start()
            own = None if line in self._touched else self._lines[line - 1].strip()
            self._add(counted, Mark(line, False, in_define, own))
