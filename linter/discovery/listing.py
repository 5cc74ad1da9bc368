"""The files of a repository, by directory."""

from __future__ import annotations

import os.path
from bisect import bisect_left
from collections.abc import Sequence


class Listing:
    """A sorted list of paths that is asked for parts of it."""

    def __init__(self, files: Sequence[str]) -> None:
        """`files` are sorted and have no duplicates."""
        self.files = files
        self._by_directory: dict[str, list[str]] | None = None

    def below(self, path: str) -> Sequence[str]:
        """The files in a directory and its subdirectories; of a file, the file itself."""
        if path == ".":
            return self.files
        start = bisect_left(self.files, path)
        if start < len(self.files) and self.files[start] == path:
            return (path,)
        return self.files[bisect_left(self.files, f"{path}/") : bisect_left(self.files, f"{path}0")]  # 0 follows / in ASCII

    def directly_in(self, directory: str) -> Sequence[str]:
        """The files in a directory, without its subdirectories."""
        if self._by_directory is None:
            self._by_directory = {}
            for path in self.files:
                self._by_directory.setdefault(os.path.dirname(path) or ".", []).append(path)
        return self._by_directory.get(directory, ())
