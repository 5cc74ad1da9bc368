"""The values files that an environment names."""

from __future__ import annotations

import os.path

from linter.discovery.declarations import ChartValues, Declarations
from linter.model import Failure
from linter.repository import Tree, printable


def resolve_values(tree: Tree, config: Declarations, chart: str, entry: ChartValues) -> tuple[tuple[str, ...], list[Failure]]:
    """The values files of a chart in one environment, relative to the repository root, and what is wrong with others.

    A path is relative to the chart's directory, or with a leading `/` to the repository root.
    Source: how Argo CD resolves `valueFiles`.
    """
    found: list[str] = []
    failures: list[Failure] = []
    for index, written in enumerate(entry.values):
        path = os.path.normpath(written.lstrip("/") if written.startswith("/") else os.path.join(chart, written))
        problem = "which is no file in this repository" if "://" in written else _problem(tree, path)
        if problem is None:
            found.append(path)
            continue
        file, line = config.where((*entry.route, "values", index))
        named = printable(written if path.startswith("..") or "://" in written else path)
        message = f"the environment {entry.environment} of {printable(chart)} names the values file {named}, {problem}"
        failures.append(Failure("values-missing", "broken", "render", file, line, message, "correct the path, or remove the entry"))
    return tuple(found), failures


def _problem(tree: Tree, path: str) -> str | None:
    """Why a file cannot be used, as the end of a sentence."""
    if path == ".." or path.startswith("../"):
        return "which is outside the repository"
    if not tree.is_file(path):
        return "which does not exist"
    return None if tree.exists(path) else "which Git ignores"
