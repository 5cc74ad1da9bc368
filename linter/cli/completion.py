"""Words that a shell may complete: names of rules and packs, and the whole command line when it runs below kubectl."""

from __future__ import annotations

import sys


def rules(incomplete: str) -> list[str]:
    """The ids of the shipped rules that begin so."""
    from linter.packs.catalog import load_catalog

    return [rule for rule in load_catalog().rules if rule.startswith(incomplete)]


def rules_and_packs(incomplete: str) -> list[str]:
    """The names of packs and, once a slash is typed, the ids of rules that begin so; of a list, its last word."""
    from linter.packs.catalog import load_catalog

    before, comma, word = incomplete.rpartition(",")
    catalog = load_catalog()
    words = list(catalog.rules) if "/" in word else ["ALL", *catalog.packs]
    return [f"{before}{comma}{name}" for name in words if name.startswith(word)]


def kubectl_main() -> None:
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
