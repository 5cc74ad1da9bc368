"""The command `baseline`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linter.engine.baseline import Acceptance
    from linter.engine.options import LintOptions


def run_baseline(options: LintOptions, output: str | None, *, prune: bool) -> int:
    """Accept everything that is found: write it to the baseline `output`, or to the one that `lint` reads, and print one line
    about it. With `prune` only what occurs no more is taken out.

    Returns the exit code: 0 if the file now holds what it should, whether or not it had to be written.

    Raises UsageError (exit code 2) for options, paths or a configuration that cannot be used, for a file that is no
    baseline or cannot be written, and for nothing to prune.
    """
    from linter.cli.files import write_file, write_standard_output
    from linter.cli.output import progress
    from linter.engine.baseline import accept

    with progress(False) as step:
        acceptance = accept(options, output, prune=prune, progress=step)
    if acceptance.text is not None:
        write_file(acceptance.path, acceptance.text)
    write_standard_output(_line(acceptance, options))
    return 0


def _line(acceptance: Acceptance, options: LintOptions) -> str:
    """What was done, and what follows from it."""
    from linter.report.terminal import safe

    if not (acceptance.added or acceptance.kept or acceptance.dropped or acceptance.left):
        return safe(f"{acceptance.name}: nothing was found, so there is nothing to accept")
    counts = f"{acceptance.added} written, {acceptance.kept} kept, {acceptance.dropped} dropped"
    if acceptance.failures:
        counts += f" (with {_many(acceptance.failures, 'failure')}, so what could not be read stays unread)"
    command = "gitops-lint lint" + (f" --baseline {acceptance.name}" if acceptance.named else "")
    below = "" if options.paths == (".",) else f" in {', '.join(options.paths)}"
    what = f"{_many(acceptance.left, 'problem')} that it does not accept" if acceptance.left else f"only what is new{below}"
    return safe(f"{acceptance.name}: {counts}; the next `{command}` reports {what}")


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
