"""Where a repository begins."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

from linter.errors import UsageError
from linter.repository.paths import CONFIG_NAME, absolute_path, is_git_root, printable, relative_path

_ROOT_TRUE = re.compile(rb"^root:[ \t]+true[ \t]*(?:#.*)?\r?$", re.MULTILINE)


def find_root(paths: Sequence[str]) -> str:
    """The absolute directory of the repository that holds all the given files and directories.

    That is the Git top level; without Git the nearest directory upward whose .gitops-lint.yaml says `root: true`; else
    the deepest directory that holds every path. Raises UsageError for a path that does not exist, for paths of several
    repositories, and in a bare repository, which has no files.
    """
    absolute = [absolute_path(path) for path in paths or (".",)]
    for given, path in zip(paths or (".",), absolute, strict=True):
        if not os.path.lexists(path):
            raise UsageError(f"{printable(given)}: no such file or directory")
    starts = [path if os.path.isdir(path) else os.path.dirname(path) for path in absolute]
    for begins_here in (is_git_root, _is_declared_root):
        roots = {os.path.realpath(root): root for start in starts if (root := _nearest(start, begins_here)) is not None}
        if len(roots) > 1:
            first, second, *_ = sorted(roots.values())
            raise UsageError(f"{printable(first)} and {printable(second)} are different repositories: check them one at a time")
        for root in roots.values():
            for path in absolute:
                relative_path(root, path)
            return root
        if begins_here is is_git_root:
            _refuse_bare(starts)
    return os.path.commonpath(starts)


def _nearest(start: str, begins_here: Callable[[str], bool]) -> str | None:
    directory = start
    while not begins_here(directory):
        above = os.path.dirname(directory)
        if above == directory:
            return None
        directory = above
    return directory


def _refuse_bare(starts: Sequence[str]) -> None:
    # Every bare repository has these two; only then is it worth to load what can tell.
    if any(
        _nearest(start, lambda directory: os.path.isfile(f"{directory}/HEAD") and os.path.isdir(f"{directory}/refs")) for start in starts
    ):
        from linter.repository.git.location import bare_around

        for start in starts:
            if (bare := bare_around(start)) is not None:
                raise UsageError(f"{printable(bare)} is a bare repository, which has no work tree: name a revision, as in `--rev HEAD`")


def _is_declared_root(directory: str) -> bool:
    """Whether the configuration here says `root: true` as a line of its own.

    Read as text: which files belong to the repository must be known before any of them is trusted to a parser.
    """
    try:
        with open(os.path.join(directory, CONFIG_NAME), "rb") as file:
            return _ROOT_TRUE.search(file.read(1_000_000)) is not None
    except OSError:
        return False
