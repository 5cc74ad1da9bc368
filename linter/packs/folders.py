"""Where the files of a pack stand: a folder on disk, or a folder of the tree that is being linted."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

from linter.errors import ConfigurationError, InputError
from linter.repository import Tree, parents


class PackFolder(Protocol):
    """The files of one pack. `path` is the folder as messages name it."""

    path: str

    def names(self) -> Sequence[str]:
        """The files directly in the folder, sorted.

        Raises ConfigurationError if there is no such folder, or it cannot be read.
        """
        ...

    def read(self, name: str) -> bytes:
        """The content of one of these files.

        Raises ConfigurationError if it cannot be read.
        """
        ...

    def on_disk(self, name: str) -> str:
        """Where Python can import a file from, or "" if the folder is not on disk."""
        ...


class DiskFolder:
    """A folder on disk: a shipped pack, or one that the user named on the command line."""

    def __init__(self, path: str, shown: str | None = None) -> None:
        """`shown` is the path that messages name, if it is another."""
        self._folder = path
        self.path = path if shown is None else shown

    def names(self) -> Sequence[str]:
        try:
            return sorted(os.listdir(self._folder))
        except OSError as error:
            raise ConfigurationError(self.path, None, f"cannot read this pack: {error.strerror}") from None

    def read(self, name: str) -> bytes:
        try:
            with open(os.path.join(self._folder, name), "rb") as file:
                return file.read()
        except OSError as error:
            raise ConfigurationError(os.path.join(self.path, name), None, f"cannot read this file: {error.strerror}") from None

    def on_disk(self, name: str) -> str:
        return os.path.join(self._folder, name)


class TreeFolder:
    """A folder of a repository, read as everything in it is read: also from a Git revision, and never outside of it."""

    def __init__(self, tree: Tree, path: str) -> None:
        """`path` is relative to the root of the tree."""
        self._tree = tree
        self.path = path
        self._prefix = ""

    def names(self) -> Sequence[str]:
        files = self._tree.files()
        links = self._tree.directory_links
        linked = next((above for above in (self.path, *parents(self.path)) if above in links), None)
        folder = self.path if linked is None else links[linked] + self.path[len(linked) :]
        self._prefix = "" if folder == "." else f"{folder}/"
        below = (file[len(self._prefix) :] for file in files if file.startswith(self._prefix))
        names = sorted(name for name in below if "/" not in name)
        if not names:
            raise ConfigurationError(self.path, None, "cannot read this pack: the repository holds no files there")
        return names

    def read(self, name: str) -> bytes:
        try:
            return self._tree.read(self._prefix + name)
        except InputError as error:
            raise ConfigurationError(f"{self.path}/{name}", None, error.failure.message) from None

    def on_disk(self, name: str) -> str:
        return ""
