"""The program that kubectl asks for completions of `kubectl gitops-lint`."""

from __future__ import annotations

import sys


def complete() -> None:
    """Complete `kubectl gitops-lint …`: kubectl asks the program kubectl_complete-gitops_lint.

    It prints a word per line and, last, how the shell treats them: `:4` says that they are no files, `:0` that files are
    welcome. Source: kubectl's documentation of shell completion for plugins.
    """
    import typer.main
    from click.shell_completion import ShellComplete

    from linter.cli.app import app

    *arguments, incomplete = sys.argv[1:] or [""]
    found = ShellComplete(typer.main.get_command(app), {}, "gitops-lint", "").get_completions(arguments, incomplete)
    words = [item.value for item in found if item.type == "plain"]
    print("\n".join([*words, ":4" if words else ":0"]))
