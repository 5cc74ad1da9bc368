"""One line of an author's file with the offending range underlined."""

from __future__ import annotations

from linter.report.terminal import safe, width

_TAB = 4
_ELLIPSIS = "…"


def frame(line: str, start: int, end: int | None, limit: int) -> tuple[str, str]:
    """A line as it is shown, and the underline below it.

    `start` and `end` are code points from 0, the end exclusive and None for the end of the line; an empty range is one
    caret. The result takes at most `limit` cells; a longer line is cut around the range.
    """
    line = line.rstrip("\r\n")
    start = min(start, len(line))
    end = len(line.rstrip()) if end is None else min(end, len(line))
    end = max(end, start)
    # Far more than will be shown, but not the megabytes that a line of JSON can have.
    left, right = max(0, start - limit), min(len(line), start + 2 * limit)
    cells = _cells(line[left:right])
    start, end = start - left, min(end, right) - left
    first, last = _window(cells, start, end, limit)
    head = _ELLIPSIS if first > 0 or left > 0 else ""
    tail = _ELLIPSIS if last < len(cells) or right < len(line) else ""
    shown = head + "".join(cells[first:last]) + tail
    before = width(head) + sum(width(cell) for cell in cells[first:start])
    carets = sum(width(cell) for cell in cells[start : min(end, last)])
    return shown.rstrip(), " " * before + "^" * max(carets, 1)


def _cells(line: str) -> list[str]:
    """What is shown for each character; a tab reaches to the next stop."""
    cells: list[str] = []
    column = 0
    for character in line:
        cell = " " * (_TAB - column % _TAB) if character == "\t" else safe(character)
        column += width(cell)
        cells.append(cell)
    return cells


def _window(cells: list[str], start: int, end: int, limit: int) -> tuple[int, int]:
    """The part of a line to show: all of it, else the range and as much around it as fits."""
    widths = [width(cell) for cell in cells]
    if sum(widths) <= limit:
        return 0, len(cells)
    room = limit - 2  # the ellipses
    first, last, used = start, start, 0
    while last < len(cells) and last < end and used + widths[last] <= room:
        used += widths[last]
        last += 1
    # The context in front tells what the range belongs to; what follows fills the rest.
    before = min(room - used, max(room // 3, room - used - sum(widths[last:])))
    while first > 0 and widths[first - 1] <= before:
        first -= 1
        before -= widths[first]
        used += widths[first]
    while last < len(cells) and used + widths[last] <= room:
        used += widths[last]
        last += 1
    return first, last
