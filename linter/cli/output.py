"""Where reports go: standard output, files written atomically, and progress on a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from linter.errors import UsageError

if TYPE_CHECKING:
    from linter.engine.render import Rendering
    from linter.report.model import Report

FORMATS = ("text", "json")
_PROGRESS_AFTER_SECONDS = 0.5


def use_color(choice: str) -> bool:
    """Whether text on standard output is coloured; NO_COLOR and a pipe say no."""
    if choice != "auto":
        return choice == "always"
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def parse_outputs(entries: Sequence[str]) -> list[tuple[str, str]]:
    """`FORMAT=FILE` entries as (format, path).

    Raises UsageError for an unknown format, a missing file name or a folder that does not exist: better now than after the run.
    """
    sinks = []
    for entry in entries:
        name, equals, path = entry.partition("=")
        if name not in FORMATS or not equals or not path:
            raise UsageError(f"--output {entry}: write it as FORMAT=FILE, with FORMAT one of {', '.join(FORMATS)}")
        if not os.path.isdir(os.path.dirname(os.path.abspath(path))):
            raise UsageError(f"--output {entry}: there is no folder {os.path.dirname(path)}")
        sinks.append((name, path))
    return sinks


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None] | None]:
    """A function that shows what is being done on standard error, or None if nobody would see it."""
    if quiet or not sys.stderr.isatty():
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
    """Print the report, and write each further copy to its file."""
    for name, path in sinks:
        write_file(path, _formatted(report, name, False, quiet, show_suppressed, statistics))
    text = _formatted(report, output_format, color, quiet, show_suppressed, statistics)
    write_standard_output(text)
    if output_format == "text" and not quiet:
        for hint in report.hints:
            complain(f"hint: {hint}")


def _formatted(report: Report, name: str, color: bool, quiet: bool, show_suppressed: bool, statistics: bool) -> str:
    if name == "json":
        from linter.report.json import render_json

        return render_json(report, show_suppressed=show_suppressed)
    from linter.report.text import render_text

    return render_text(report, color=color, quiet=quiet, show_suppressed=show_suppressed, statistics=statistics)


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

    for line in text.split("\n"):
        print(safe(line), file=sys.stderr)


def write_standard_output(text: str) -> None:
    """Print text as UTF-8, whatever the terminal's encoding says; what it cannot show is escaped."""
    if text and not text.endswith("\n"):
        text += "\n"
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def write_file(path: str, text: str) -> None:
    """Write a file whole or not at all. A device or pipe is written to; a symbolic link stays one.

    Raises UsageError if the folder is missing or not writable.
    """
    import tempfile

    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as stream:
                stream.write(text.encode("utf-8", "backslashreplace"))
            return
        target = os.path.realpath(path)
        descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".gitops-lint-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode("utf-8", "backslashreplace"))
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
