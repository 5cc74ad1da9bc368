"""Where reports go: standard output, files written whole, and progress on a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO

from linter.cli.files import identity, refusal, write_file, write_files, write_standard_output
from linter.errors import UsageError

if TYPE_CHECKING:
    from linter.engine.render import Rendering
    from linter.report.model import Report

__all__ = [
    "FORMATS",
    "columns",
    "complain",
    "parse_outputs",
    "progress",
    "use_color",
    "write_file",
    "write_rendering",
    "write_report",
    "write_sources",
    "write_standard_output",
]

# Each format, and what can be asked of it. The function `render_<format>` in the module `linter.report.<format>` writes it.
_OPTIONS: Mapping[str, frozenset[str]] = {
    "text": frozenset(("color", "quiet", "show_suppressed", "statistics", "width")),
    "json": frozenset(("show_suppressed",)),
    "sarif": frozenset(("show_suppressed",)),
    "github": frozenset(),
    "gitlab": frozenset(),
    "junit": frozenset(("show_suppressed",)),
    "markdown": frozenset(("show_suppressed", "statistics")),
}
FORMATS = tuple(_OPTIONS)
_PROGRESS_AFTER_SECONDS = 0.5
_CODE_WIDTH = 100
# The indentation, the number of a line, and the bar behind it.
_CODE_MARGIN = 14


def use_color(choice: str) -> bool:
    """Whether text on standard output is coloured; NO_COLOR and a pipe say no."""
    if choice != "auto":
        return choice == "always"
    return _is_terminal(sys.stdout) and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def parse_outputs(entries: Sequence[str]) -> list[tuple[str, str]]:
    """`FORMAT=FILE` entries as (format, path).

    Raises UsageError for an unknown format, a file that cannot be written, or one that is named twice: better now than
    after the run.
    """
    sinks: list[tuple[str, str]] = []
    taken: dict[object, str] = {}
    for entry in entries:
        name, equals, path = entry.partition("=")
        if name not in FORMATS or not equals or not path:
            raise UsageError(f"--output {entry}: write it as FORMAT=FILE, with FORMAT one of {', '.join(FORMATS)}")
        if path == "-":
            raise UsageError(f"--output {entry}: what goes to standard output is chosen with --format {name}")
        problem = refusal(path)
        if problem is not None:
            raise UsageError(f"--output {entry}: {problem}")
        file = identity(path)
        if file in taken:
            raise UsageError(f"--output {entry}: --output {taken[file]} writes to the same file")
        if file is not None:
            taken[file] = entry
        sinks.append((name, path))
    return sinks


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None] | None]:
    """A function that shows what is being done on standard error, or None if nobody would see it."""
    if quiet or not _is_terminal(sys.stderr) or os.environ.get("TERM") == "dumb":
        yield None
        return
    began = time.monotonic()
    shown = False

    def step(text: str) -> None:
        nonlocal shown
        if time.monotonic() - began > _PROGRESS_AFTER_SECONDS:
            sys.stderr.write(f"\r\x1b[2K{text[:100]}")
            sys.stderr.flush()
            shown = True

    try:
        yield step
    finally:
        if shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def write_report(
    report: Report,
    output_format: str,
    sinks: Sequence[tuple[str, str]],
    *,
    color: bool,
    quiet: bool,
    show_suppressed: bool,
    statistics: bool,
) -> None:
    """Write each further copy of the report to its file, and print the report.

    Raises UsageError if something cannot be written.
    """
    options = {"quiet": quiet, "show_suppressed": show_suppressed, "statistics": statistics}
    write_files([(path, _formatted(report, name, {**options, "color": False})) for name, path in sinks])
    write_standard_output(_formatted(report, output_format, {**options, "color": color, "width": _code_width()}))
    if output_format == "text" and not quiet:
        for hint in report.hints:
            complain(f"hint: {hint}")


def _formatted(report: Report, name: str, options: Mapping[str, Any]) -> str:
    from importlib import import_module

    render: Callable[..., str] = getattr(import_module(f"linter.report.{name}"), f"render_{name}")
    return render(report, **{option: value for option, value in options.items() if option in _OPTIONS[name]})


def columns() -> int | None:
    """How wide the terminal is that standard output is; None if it is none, or does not say."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (OSError, ValueError, AttributeError):  # no terminal; standard output is closed or no file
        return None


def _code_width() -> int:
    """How many cells a line of code may take, so that a narrow terminal does not break it above its underline."""
    terminal = columns()
    return _CODE_WIDTH if terminal is None else min(_CODE_WIDTH, max(terminal - _CODE_MARGIN, _CODE_MARGIN))


def write_sources(report: Report, output_format: str, *, color: bool) -> None:
    """Print the table of sources."""
    from linter.report import sources

    write_standard_output(sources.render_json(report) if output_format == "json" else sources.render_text(report, color=color))
    if output_format == "text":
        for hint in report.hints:
            complain(f"hint: {hint}")


def write_rendering(rendering: Rendering) -> int:
    """Print rendered manifests, and what could not be rendered on standard error; the exit code."""
    write_standard_output(rendering.text)
    for failure in rendering.failures:
        place = f"{failure.path}:{failure.line}" if failure.line is not None else failure.path
        complain(f"gitops-lint: {place}: {failure.message}\n  {failure.fix}")
    return 3 if any(failure.kind == "broken" for failure in rendering.failures) else 0


def complain(text: str) -> None:
    """Print lines on standard error; what came from a repository must not steer the terminal."""
    from linter.report.terminal import safe

    if sys.stderr is None:  # closed by whoever started us; print would take standard output instead
        return
    with suppress(OSError):
        for line in text.split("\n"):
            print(safe(line), file=sys.stderr)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()
