"""Looking up paths in a tree as kustomize would on a disk: symbolic links are followed, and nothing outside is reached."""

from __future__ import annotations

import os.path
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from linter.errors import InputError
from linter.rendering.kustomize.references import read_kustomization
from linter.repository import Tree

_MAX_LINKS = 100
# Where a build with origins may differ from one without: what a patch or a replacement does to the annotations as a whole,
# and names that are made of a whole object.
_ABOUT_ANNOTATIONS = (b"metadata/annotations", b"metadata.annotations", b"needs-hash")


class NotFoundError(Exception):
    """There is nothing at a path."""


class OutsideError(Exception):
    """A path leads out of the repository."""


class Lookup:
    """The files of one tree. `contents` replaces the content of files by their path; `local` gives the folder of the
    repository that a remote reference stands for, or None."""

    def __init__(
        self,
        tree: Tree,
        contents: Mapping[str, bytes] | None = None,
        local: Callable[[str], str | None] | None = None,
    ) -> None:
        self._tree = tree
        self._files = tree.files()
        self._known = frozenset(self._files)
        self._contents = contents or {}
        self._local = local
        self._kustomizations: dict[str, tuple[str, dict[str, Any]]] = {}
        self._about_annotations: dict[str, bool] = {}

    def read(self, path: str) -> bytes:
        """The content of a file. Raises InputError as `Tree.read` does."""
        return self._contents[path] if path in self._contents else self._tree.read(path)

    def kustomization(self, path: str) -> tuple[str, dict[str, Any]]:
        """The text and the mapping of a kustomization. Raises InputError as `read` and `read_kustomization` do."""
        if path not in self._kustomizations:
            self._kustomizations[path] = read_kustomization(self.read(path))
        return self._kustomizations[path]

    def is_about_annotations(self, path: str) -> bool:
        """Whether a file may treat the annotations of an object as a whole. Raises InputError as `read` does."""
        if path not in self._about_annotations:
            data = self.read(path)
            self._about_annotations[path] = any(words in data for words in _ABOUT_ANNOTATIONS)
        return self._about_annotations[path]

    def locate(self, path: str, links: dict[str, str]) -> tuple[str, bool]:
        """The real path behind a path of the repository, and whether it is a directory; the links on the way go to `links`.

        Raises NotFoundError and OutsideError.
        """
        path = os.path.normpath(path)
        for _ in range(_MAX_LINKS):
            if path == ".." or path.startswith(("../", "/")):
                raise OutsideError
            if path in self._known:
                real = self._tree.links.get(path)
                if real is None:
                    return path, False
                links[path] = path = real
                continue
            link = next((prefix for prefix in _prefixes(path) if prefix in self._tree.directory_links), None)
            if link is None:
                return path, self._is_directory(path)
            target = self._tree.directory_links[link]
            links[link] = target
            path = os.path.normpath(target + path[len(link) :])
        raise NotFoundError

    def matching(self, directory: str, pattern: str) -> list[str]:
        """The directories below the tree that a path or a pattern of `*`, `?` and `[…]` names, relative to `directory`."""
        path = os.path.normpath(os.path.join(directory, pattern))
        if not any(letter in pattern for letter in "*?["):
            try:
                return [pattern] if self.locate(path, {})[1] else []
            except (NotFoundError, OutsideError):
                return []
        directories = {parent for file in self._files for parent in _prefixes(os.path.dirname(file))}
        wanted = path.split("/")
        found = (entry.split("/") for entry in directories | set(self._tree.directory_links))
        matched = [names for names in found if len(names) == len(wanted) and all(map(fnmatchcase, names, wanted))]
        return sorted(os.path.relpath("/".join(names), directory) for names in matched)

    def below(self, directory: str) -> Sequence[str]:
        """The files in a directory and its subdirectories."""
        if directory == ".":
            return self._files
        return self._files[bisect_left(self._files, f"{directory}/") : bisect_left(self._files, f"{directory}0")]  # 0 follows / in ASCII

    def links_below(self, directory: str) -> Iterator[tuple[str, str]]:
        """The symbolic links in a directory and its subdirectories."""
        for links in (self._tree.links, self._tree.directory_links):
            yield from ((link, target) for link, target in links.items() if directory == "." or link.startswith(f"{directory}/"))

    def _is_directory(self, path: str) -> bool:
        if self.below(path):
            return True
        for prefix in _prefixes(path):
            if prefix != path and prefix in self._known:  # behind a link that leads nowhere good, or behind a file
                try:
                    self._tree.read(prefix)
                except InputError as error:
                    if error.failure.id == "symlink-escape":
                        raise OutsideError from None
        raise NotFoundError

    def is_ignored(self, path: str) -> bool:
        """Whether there is a file that the listing leaves out, as Git ignores it."""
        return path not in self._known and not path.startswith("..") and self._tree.is_file(path)

    def local(self, address: str) -> str | None:
        """The folder of this repository that an address stands for."""
        return self._local(address) if self._local is not None else None


def _prefixes(path: str) -> Iterator[str]:
    """A path and the directories above it, the shortest first."""
    at = path.find("/")
    while at != -1:
        yield path[:at]
        at = path.find("/", at + 1)
    yield path
