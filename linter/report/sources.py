"""The sources of a repository, as the command `sources` lists them."""

from __future__ import annotations

from linter.report.json import document
from linter.report.model import Report, ReportedSource
from linter.report.terminal import painter, safe, width

_HEADINGS = ("PATH", "TYPE", "APPLICATION", "ENVIRONMENT", "STATE", "STATUS", "REASON")
_STYLES = {"ok": "green", "broken": "bold red", "unavailable": "yellow", "unsupported": "yellow"}
_STATUS = _HEADINGS.index("STATUS")


def render_text(report: Report, *, color: bool = False) -> str:
    """A table with a line for each source; columns that are empty throughout are left out."""
    paint = painter(color)
    rows = [_row(reported) for reported in report.sources]
    columns = [index for index in range(len(_HEADINGS)) if any(row[index] for row in rows)]
    widths = {index: max(width(_HEADINGS[index]), *(width(row[index]) for row in rows)) for index in columns}
    lines = ["  ".join(paint(_padded(_HEADINGS[index], widths[index]), "bold") for index in columns)] if rows else ["no sources"]
    for row in rows:
        cells = [_padded(row[index], widths[index]) for index in columns]
        lines.append(
            "  ".join(paint(cell, _STYLES[row[index]]) if index == _STATUS else cell for index, cell in zip(columns, cells, strict=True))
        )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def render_json(report: Report) -> str:
    """The same as JSON: version 1, and the list of sources."""
    return document({"version": 1, "sources": [_entry(reported) for reported in report.sources]})


def _row(reported: ReportedSource) -> tuple[str, ...]:
    source = reported.source
    cells = (source.path, source.type, source.application, source.environment, source.state, reported.status, reported.reason)
    return tuple(safe(text or "") for text in cells)


def _padded(text: str, cells: int) -> str:
    return text + " " * (cells - width(text))


def _entry(reported: ReportedSource) -> dict[str, str | None]:
    from linter.report.json import source_entry

    return {**source_entry(reported), "reason": reported.reason}
