"""The command `init`: look at a repository and write a configuration for it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from linter.errors import UsageError

if TYPE_CHECKING:
    from linter.inference import Inferred, PackFacts
    from linter.repository import Tree

_SHOWN = 6


def run_init(path: str, *, force: bool, to_standard_output: bool) -> int:
    """Write .gitops-lint.yaml for the repository around a folder, at its root, or print it; the exit code.

    Raises UsageError if the folder is missing, if there is a configuration already (unless `force`), or if the file
    cannot be written.
    """
    from linter.cli import output
    from linter.inference import infer, write_configuration
    from linter.repository import CONFIG_NAME, WorkTree, find_root, printable
    from linter.repository.git.remotes import remote_addresses

    if os.path.lexists(path) and not os.path.isdir(path):
        raise UsageError(f"{printable(path)} is no folder: name a folder of the repository")
    root = find_root((path,))
    target = os.path.join(root, CONFIG_NAME)
    shown = printable(os.path.relpath(target) if os.path.relpath(target).count("..") < 2 else target)
    if not to_standard_output:
        if os.path.lexists(target) and not force:
            raise UsageError(f"{shown} is there already: edit it, see another one with --print, or replace it with --force")
        if os.path.islink(target):
            raise UsageError(f"{shown} is a symbolic link, and what it leads to is not replaced: remove it first")
        if not os.access(root, os.W_OK):
            raise UsageError(f"cannot write {shown}: the folder is not writable; --print shows the configuration instead")
    tree = WorkTree(root)
    with output.progress(False) as step:
        if step is not None:
            step("looking at the repository")
        inferred = infer(tree, _packs(), remote_addresses(tree))
        text = write_configuration(inferred, root=not _has_git(root))
        problems = _check(tree, text, inferred.applications.charts)
    if to_standard_output:
        output.write_standard_output(text)
        for line in [*_summary(inferred), *problems]:
            output.complain(line)
        return 0
    output.write_file(target, text)
    from linter.report.terminal import safe

    lines = [f"{shown} written.", "", *_summary(inferred), *(f"  look at this: {problem}" for problem in problems), ""]
    lines += [
        "Next:",
        "  gitops-lint lint        shows what is found",
        "  gitops-lint baseline    accepts what is found today, so that only new problems are shown",
    ]
    output.write_standard_output("\n".join(safe(line) for line in lines))
    return 0


def _has_git(root: str) -> bool:
    from linter.repository.paths import is_git_root

    return is_git_root(root)


def _packs() -> Iterator[PackFacts]:
    """The shipped packs, as far as inference asks."""
    from linter.inference import PackFacts
    from linter.packs.catalog import load_catalog

    for pack in load_catalog().packs.values():
        matches = [rule.match for rule in pack.rules]
        kinds = frozenset(kind for how, what in matches if how == "kinds" for kind in what)
        charts = any(how == "on" and "chart" in what for how, what in matches)
        yield PackFacts(pack.name, pack.version, kinds, any(how == "each" for how, _ in matches), charts)


def _check(tree: Tree, text: str, deployed: Collection[str]) -> list[str]:
    """What discovery says against the configuration: it must name charts and values files that are there. Those of charts
    that Applications have `deployed` need not be named."""
    from linter.config import CONFIG_NAME, parse_config
    from linter.discovery import discover

    config = parse_config(text.encode())
    discovery = discover(tree, config)
    ours = [failure.message for failure in discovery.failures if failure.path == CONFIG_NAME]
    return [*ours, *(hint for hint in discovery.hints_beside(deployed) if hint.startswith(CONFIG_NAME))]


def _summary(inferred: Inferred) -> Iterator[str]:
    """What was found, a line each."""
    environments = inferred.environments
    if not inferred.manifests and not inferred.charts:
        yield "Found no manifest and no chart: there is nothing to check yet."
        return
    yield f"Found {_count(inferred.manifests, 'file')} with manifests and {_count(inferred.charts, 'chart')}."
    if environments.entries:
        charts = len({chart for group in environments.entries.values() for chart in group})
        yield f"  environments  {_list(list(environments.entries))} ({_count(charts, 'chart')})"
    elif inferred.charts > len(inferred.applications.charts):
        yield "  environments  none found: each chart is rendered once, with its default values"
    if deployed := len(inferred.applications.charts):
        yield f"  Applications  deploy {_count(deployed, 'chart')}, rendered as they say"
    sure = [f"{target.system} {target.version}" for target in inferred.targets if target.version is not None]
    yield f"  targets       {', '.join(sure) if sure else 'no versions found: the newest known are assumed'}"
    yield f"  packs         {', '.join(pin.name for pin in inferred.pins if pin.wanted)}"
    guesses = [
        (len(environments.unsure), "name of values files", "names of values files"),
        (sum(not entry.certain for entry in inferred.exclusions), "path to exclude", "paths to exclude"),
        (sum(not each.certain for each in inferred.applications.repositories), "address of Applications", "addresses of Applications"),
        (int(inferred.applications.clusters is not None), "example of clusters", "examples of clusters"),
        (len(inferred.elsewhere), "namespace declared elsewhere", "namespaces declared elsewhere"),
    ]
    told = [f"{number} {one if number == 1 else many}" for number, one, many in guesses if number]
    if told:
        yield f"  commented out {', '.join(told)}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
