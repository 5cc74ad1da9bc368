"""How the paths of a repository are named and shown."""

from __future__ import annotations

import os
from collections.abc import Iterator

from linter.errors import UsageError

CONFIG_NAME = ".gitops-lint.yaml"
BASELINE_NAME = ".gitops-lint-baseline.json"


def is_git_root(directory: str) -> bool:
    """Whether a Git work tree begins here: `.git` is a repository, or the file that a linked work tree has instead."""
    git = os.path.join(directory, ".git")
    return os.path.isfile(os.path.join(git, "HEAD")) or os.path.isfile(git)


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


def inside(path: str, directory: str) -> bool:
    """Whether an absolute path is a directory or something below it, compared as text."""
    return path == directory or path.startswith(directory.rstrip("/") + "/")
