"""A tree as if its files had the names that they got later."""

from __future__ import annotations

import os.path
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from linter.errors import InputError
from linter.repository.paths import parents
from linter.repository.trees import Tree


class RenamedTree(Tree):
    """The files of `tree`, under new names.

    `renames` maps old paths to new ones; `later` are all files of the tree in which these are the names. Where a directory
    has gone there, the rest of its files is taken to have gone where most of them went; what refers to the directory of a
    chart by its old name still finds it. Those of `needed` that were not there yet are empty files.
    """

    def __init__(self, tree: Tree, renames: Mapping[str, str], later: Iterable[str], needed: Iterable[str] = ()) -> None:
        super().__init__()
        self.root = tree.root
        self.place = tree.place
        # Whose remotes are this repository's.
        self.location = getattr(tree, "location", None)
        self._tree = tree
        names, directories = _names(tree.files(), renames, frozenset(later))
        self._old = {new: old for old, new in names.items()}
        self._empty = frozenset(needed) - self._old.keys()
        self._files = tuple(sorted({*names.values(), *self._empty}))
        self.links = {names[link]: names[target] for link, target in tree.links.items()}
        moved = {link: directories.get(target, target) for link, target in tree.directory_links.items()}
        self.directory_links = {**moved, **_moved_charts(tree.files(), directories)}

    def files(self) -> Sequence[str]:
        return self._files

    def named(self, path: str) -> str:
        return self._tree.named(path)

    def exists(self, path: str) -> bool:
        return super().exists(path) or super().exists(self._behind_link(path))

    def is_file(self, path: str) -> bool:
        path = self._behind_link(path)
        return path in self._empty or self._tree.is_file(self._old.get(path, path))

    def _content(self, path: str) -> bytes:
        if self._behind_link(path) in self._empty:
            return b""
        old = self._old.get(self._behind_link(path), path)
        try:
            return self._tree.read(old)
        except InputError as error:
            was = error.failure
            raise InputError(was.id, was.message, fix=was.fix, path=path, line=was.line, kind=was.kind, stage=was.stage) from None

    def _behind_link(self, path: str) -> str:
        if path in self._old or path in self._empty:
            return path
        for link, target in self.directory_links.items():
            if path == link or path.startswith(f"{link}/"):
                return os.path.normpath(target + path[len(link) :])
        return path


def _names(files: Sequence[str], renames: Mapping[str, str], later: frozenset[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The new name of every file, and of every directory that has gone elsewhere."""
    staying = {directory for path in later for directory in parents(path)}
    votes: dict[str, Counter[str]] = {}
    for old, new in renames.items():
        for before, after in _moves(old, new):
            if before not in staying:
                votes.setdefault(before, Counter())[after] += 1
    directories = {before: min(counts, key=lambda after: (-counts[after], after)) for before, counts in votes.items()}
    names = {path: renames.get(path, path) for path in files}
    taken = set(names.values())
    for path in files:
        if path in later or path in renames:
            continue
        gone = next((parent for parent in parents(path) if parent in directories), None)
        if gone is not None:
            new = os.path.normpath(os.path.join(directories[gone], path[len(gone) + 1 :]))
            if new not in taken:
                names[path] = new
                taken.add(new)
    return names, directories


def _moves(old: str, new: str) -> Iterator[tuple[str, str]]:
    """The directories that have moved if this file has: its own, and those above as far as their names are the same."""
    before, after = os.path.split(old), os.path.split(new)
    while before[1] == after[1] and before[0]:
        yield before[0], after[0] or "."
        before, after = os.path.split(before[0]), os.path.split(after[0])


def _moved_charts(files: Sequence[str], directories: Mapping[str, str]) -> dict[str, str]:
    """The directories of charts, as far as they are no part of another, by their old names."""
    charts = {os.path.dirname(path) or "." for path in files if os.path.basename(path) == "Chart.yaml"}
    return {before: after for before, after in directories.items() if before in charts and charts.isdisjoint(parents(before))}
