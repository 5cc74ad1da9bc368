"""Where the Git directory of a repository is: in its work tree, linked to it, or bare."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from linter.errors import UsageError
from linter.repository.paths import absolute_path, inside, is_git_root, printable


@dataclass(frozen=True, slots=True)
class GitLocation:
    """The places of a repository, as absolute paths.

    `top` is the top of the work tree, None if the repository is bare. `directory` is the Git directory, `common` the one
    that all linked work trees share.
    """

    top: str | None
    directory: str
    common: str

    def environment(self) -> dict[str, str]:
        """The variables that point every Git command at this repository, whatever a hook has set them to."""
        index = self._own(os.environ.get("GIT_INDEX_FILE"), self.directory)
        # While a push is being received, its objects stand in a directory of their own ("quarantine").
        objects = self._own(os.environ.get("GIT_OBJECT_DIRECTORY"), self.common)
        return {
            "GIT_DIR": self.directory,
            "GIT_COMMON_DIR": self.common,
            "GIT_WORK_TREE": self.top or self.directory,
            "GIT_INDEX_FILE": index or os.path.join(self.directory, "index"),
            "GIT_OBJECT_DIRECTORY": objects or os.path.join(self.common, "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.environ.get("GIT_ALTERNATE_OBJECT_DIRECTORIES", "") if objects else "",
            "GIT_NAMESPACE": "",
        }

    def _own(self, path: str | None, directory: str) -> str | None:
        """The absolute form of a path that a hook was given, if it is there and lies in this directory of Git."""
        if not path:
            return None
        # Hooks start at the top of the work tree, but what they call may have gone elsewhere.
        for base in (os.curdir, self.top or self.directory):
            absolute = os.path.abspath(os.path.join(base, path))
            if os.path.exists(absolute) and inside(os.path.realpath(absolute), os.path.realpath(directory)):
                return absolute
        return None


def locate(paths: Sequence[str], asked: str) -> GitLocation:
    """The repository that holds all the given paths; they need not exist (any more).

    `asked` is the option that needs Git, for messages. Raises UsageError for paths in no repository or in
    several.
    """
    found: dict[str, GitLocation] = {}
    for path in paths or (".",):
        location = _around(_existing(absolute_path(path)))
        if location is None:
            raise UsageError(f"{asked} needs a Git repository, and {printable(path)} is in none")
        found.setdefault(os.path.realpath(location.directory), location)
    if len(found) > 1:
        first, second, *_ = sorted(location.top or location.directory for location in found.values())
        raise UsageError(f"{printable(first)} and {printable(second)} are different repositories: check them one at a time")
    [location] = found.values()
    return location


def bare_around(path: str) -> str | None:
    """The bare repository that holds a path, if it is in one."""
    location = _around(_existing(os.path.abspath(path)))
    return location.directory if location is not None and location.top is None else None


def _existing(path: str) -> str:
    """A directory, or the nearest one above it that exists."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def _around(directory: str) -> GitLocation | None:
    while True:
        if is_git_root(directory):
            return _of_work_tree(directory)
        if _is_git_directory(directory):
            if os.path.basename(directory) == ".git":
                return _of_work_tree(os.path.dirname(directory))
            return GitLocation(None, directory, _common(directory))
        above = os.path.dirname(directory)
        if above == directory:
            return None
        directory = above


def _of_work_tree(top: str) -> GitLocation:
    directory = os.path.join(top, ".git")
    if os.path.isfile(directory):
        written = _first_line(directory).removeprefix("gitdir:").strip()
        directory = os.path.normpath(os.path.join(top, written))
        if not os.path.isdir(directory):
            raise UsageError(f"{printable(os.path.join(top, '.git'))} names {printable(directory)}, which is no Git directory")
    return GitLocation(top, directory, _common(directory))


def _common(directory: str) -> str:
    written = _first_line(os.path.join(directory, "commondir"))
    return os.path.normpath(os.path.join(directory, written)) if written else directory


def _is_git_directory(directory: str) -> bool:
    """Whether this is what Git takes for a repository.

    Source: gitrepository-layout(5).
    """
    return os.path.isfile(os.path.join(directory, "HEAD")) and all(
        os.path.isdir(os.path.join(directory, name)) for name in ("objects", "refs")
    )


def _first_line(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return os.fsdecode(file.readline(4096)).rstrip("\r\n")
    except OSError:
        return ""
