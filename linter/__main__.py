"""`python -m linter` and the installed commands: run the command line and turn what happens into an exit code."""

from __future__ import annotations

import errno
import gc
import os
import sys
from contextlib import suppress

EXIT_USAGE = 2
EXIT_INTERNAL = 4
EXIT_INTERRUPTED = 130

_CLEANING_SECONDS = 2.0


class Stopped(BaseException):
    """A signal asks the program to end. No `except Exception` holds it up; whatever cleans up does so on its way."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main() -> None:
    """Run the command line and exit.

    Exit codes: 0 clean, 1 findings, 2 usage or configuration error, 3 incomplete, 4 internal error, 130 interrupted, 143
    terminated (128 and the number of the signal).
    """
    # A run keeps every decoded document alive and makes no cycles worth collecting; collecting costs more than decoding.
    gc.disable()
    try:
        _heed_signals()
        code = _flushed(_run())
    except Stopped as stop:
        code = 128 + stop.number
        _say("gitops-lint: interrupted" if code == EXIT_INTERRUPTED else "gitops-lint: terminated")
    # Every file is closed and every worker has ended; freeing hundreds of megabytes one object at a time helps nobody.
    os._exit(code)


def _heed_signals() -> None:
    """End in order when asked to: files that are being written are taken away, and workers ended.

    What the caller has chosen to ignore, as `nohup` does, stays ignored.
    """
    import signal
    from time import monotonic

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    asked = float("-inf")

    def stop(number: int, _: object) -> None:
        nonlocal asked
        # A second request must not interrupt the cleaning up after the first. But should the first have got lost in code that
        # cannot raise, there has to be another chance.
        if monotonic() - asked > _CLEANING_SECONDS:
            asked = monotonic()
            raise Stopped(number)

    for number in numbers:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, stop)


def _run() -> int:
    from linter.errors import GitopsLintError

    try:
        # What an incomplete installation lacks must not end with the exit code that means findings.
        from linter.cli.app import app

        code = app(standalone_mode=False)
    except GitopsLintError as error:
        from linter.cli.output import complain

        complain(f"gitops-lint: {error}")
        return EXIT_USAGE
    except KeyboardInterrupt:
        _say("gitops-lint: interrupted")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe went away while a command was printing, which is no error.
        return 0
    except SystemExit as error:
        # That is how click ends after completing a word, and when its reader went away.
        return 0 if isinstance(error.__context__, BrokenPipeError) or not isinstance(error.code, int) else error.code
    except Exception as error:
        return _unexpected(error) if getattr(error, "errno", None) != errno.ENOSPC else _unwritable(error)
    return code if isinstance(code, int) else 0


def _flushed(code: int) -> int:
    """The exit code, once everything printed is out; 2 where it cannot be written."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        return code
    except OSError as error:
        return _unwritable(error)
    return code


def _unwritable(error: Exception) -> int:
    _say(f"gitops-lint: cannot write to standard output: {getattr(error, 'strerror', error)}")
    if sys.stdout is not None:
        from linter.cli.files import drop_standard_output

        drop_standard_output()
    return EXIT_USAGE


def _say(text: str) -> None:
    if sys.stderr is not None:
        with suppress(OSError):
            print(text, file=sys.stderr, flush=True)


def _unexpected(error: Exception) -> int:
    with suppress(ImportError):
        import click

        if isinstance(error, click.exceptions.Exit):
            return error.exit_code
        if isinstance(error, click.Abort):
            _say("gitops-lint: interrupted")
            return EXIT_INTERRUPTED
        if isinstance(error, click.ClickException):
            with suppress(OSError):
                error.show()
            return EXIT_USAGE
    if os.environ.get("GITOPS_LINT_DEBUG"):
        import traceback

        traceback.print_exc()
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f" at {os.path.basename(frame.tb_frame.f_code.co_filename)}:{frame.tb_lineno}" if frame is not None else ""
    from linter.report.terminal import safe

    _say(
        f"gitops-lint: internal error{where}: {type(error).__name__}: {safe(str(error))}\n"
        "This is a fault of gitops-lint, not of your repository. Set GITOPS_LINT_DEBUG=1 for a traceback to report."
    )
    return EXIT_INTERNAL


if __name__ == "__main__":
    main()
