"""Where a repository begins, and how its paths are named and shown."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence

from linter.errors import UsageError

CONFIG_NAME = ".gitops-lint.yaml"
BASELINE_NAME = ".gitops-lint-baseline.json"

_ROOT_TRUE = re.compile(rb"^root:[ \t]+true[ \t]*(?:#.*)?\r?$", re.MULTILINE)


def is_git_root(directory: str) -> bool:
    """Whether a Git work tree begins here: `.git` is a repository, or the file that a linked work tree has instead."""
    git = os.path.join(directory, ".git")
    return os.path.isfile(os.path.join(git, "HEAD")) or os.path.isfile(git)


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


def absolute_path(path: str) -> str:
    """A user's path from the root of the file system. Raises UsageError if the current directory was removed."""
    try:
        return os.path.abspath(path)
    except FileNotFoundError:
        raise UsageError("the current directory does not exist any more: change to another one") from None


def relative_path(root: str, path: str) -> str:
    """A user's path (absolute, or from the current directory) as the engine names it; "." is the root.

    Raises UsageError if it is outside the root.
    """
    absolute = os.path.abspath(path)
    if not inside(absolute, root):
        # The same place by another name, as when the current directory was entered through a symbolic link.
        absolute, root = os.path.join(os.path.realpath(os.path.dirname(absolute)), os.path.basename(absolute)), os.path.realpath(root)
        if not inside(absolute, root):
            absolute = os.path.realpath(absolute)
        if not inside(absolute, root):
            raise UsageError(f"{printable(path)} is outside the repository {printable(root)}: check it in a run of its own")
    return os.path.relpath(absolute, root)


def printable(path: str) -> str:
    """A path as it can be written anywhere: bytes that are not UTF-8 become `\\xNN`."""
    try:
        return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # no name of a file: half a character that a JSON file spells
        return path.encode("utf-8", "backslashreplace").decode()


def parents(path: str) -> Iterator[str]:
    """The directories above a repository-relative path, nearest first; the last one is "."."""
    while path not in ("", "."):
        path = os.path.dirname(path)
        yield path or "."


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


def inside(path: str, directory: str) -> bool:
    """Whether an absolute path is a directory or something below it, compared as text."""
    return path == directory or path.startswith(directory.rstrip("/") + "/")
