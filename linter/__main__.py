"""`python -m linter` and the installed commands: run the command line and turn what happens into an exit code."""

from __future__ import annotations

import gc
import os
import sys

EXIT_USAGE = 2
EXIT_INTERNAL = 4
EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit.

    Exit codes: 0 clean, 1 findings, 2 usage or configuration error, 3 incomplete, 4 internal error, 130 interrupted.
    """
    # A run keeps every decoded document alive and makes no cycles worth collecting; collecting costs more than decoding.
    gc.disable()
    from linter.cli.app import app
    from linter.errors import GitopsLintError

    try:
        code = app(standalone_mode=False)
    except GitopsLintError as error:
        from linter.cli.output import complain

        complain(f"gitops-lint: {error}")
        code = EXIT_USAGE
    except KeyboardInterrupt:
        print("gitops-lint: interrupted", file=sys.stderr)
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe went away; point standard output at nothing so that the interpreter's flush stays quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        code = _unexpected(error)
    sys.stdout.flush()
    # Every file is closed and every worker has ended; freeing hundreds of megabytes one object at a time helps nobody.
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0)


def _unexpected(error: Exception) -> int:
    import click

    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.Abort):
        print("gitops-lint: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    if isinstance(error, click.ClickException):
        error.show()
        return EXIT_USAGE
    if os.environ.get("GITOPS_LINT_DEBUG"):
        import traceback

        traceback.print_exc()
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f" at {os.path.basename(frame.tb_frame.f_code.co_filename)}:{frame.tb_lineno}" if frame is not None else ""
    print(
        f"gitops-lint: internal error{where}: {type(error).__name__}: {error}\n"
        "This is a fault of gitops-lint, not of your repository. Set GITOPS_LINT_DEBUG=1 for a traceback to report.",
        file=sys.stderr,
    )
    return EXIT_INTERNAL


if __name__ == "__main__":
    main()
