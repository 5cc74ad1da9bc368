"""The files of a revision and of the index, read from Git without touching the work tree."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from linter.errors import InputError, UsageError
from linter.repository.git.commands import GitCommands
from linter.repository.git.location import GitLocation
from linter.repository.paths import inside, printable, relative_path
from linter.repository.trees import MAX_FILE_BYTES, Tree, escapes, too_large, unreadable

_LINK = "120000"
_SUBMODULE = "160000"
_CONFLICT = "conflict"

# More links than this in one path are a circle. Source: the kernel's limit (path_resolution(7)).
_MAX_LINKS = 40

# What most runs read.
_USUALLY_READ = re.compile(r"\.(?:ya?ml|json|tpl|tgz)\Z|(?:\A|/)(?:templates/|Chart\.|requirements\.|\.helmignore|Kustomization\Z)")
_LFS_OBJECT = re.compile(rb"version https://git-lfs\.github\.com/spec/.*^oid sha256:([0-9a-f]{64})$", re.DOTALL | re.MULTILINE)


class Entry(NamedTuple):
    """A file of a tree: its mode as Git writes it, or "conflict", and the name of its blob."""

    mode: str
    blob: str


class GitTree(Tree):
    """The files of a commit (named by `commit`) or of the index. `list_entries` gives them by path; it is called once.

    `root` is the top of the work tree, if there is one: it only gives a meaning to the user's paths.
    """

    def __init__(
        self,
        commands: GitCommands,
        location: GitLocation,
        place: str,
        list_entries: Callable[[], Mapping[str, Entry]],
        commit: str | None = None,
    ) -> None:
        super().__init__()
        self.root = location.top
        self.place = place
        self.commit = commit
        self.commands = commands
        self.location = location
        self._list_entries = list_entries
        self._entries: Mapping[str, Entry] | None = None
        self._files: tuple[str, ...] = ()
        self._targets: dict[str, str] = {}
        self._unread: dict[str, InputError] = {}
        self._directories: frozenset[str] = frozenset()
        self._read_ahead = False

    def files(self) -> Sequence[str]:
        self._list()
        return self._files

    def named(self, path: str) -> str:
        real, own = os.path.realpath(path), os.path.realpath(self.location.directory)
        if inside(real, own):
            # Hooks of a server run inside the Git directory, where nothing can be meant but the files of the tree.
            return os.path.relpath(real, own)
        if self.root is None:
            raise UsageError(
                f"{printable(path)} is outside the repository {printable(self.location.directory)}: check it in a run of its own"
            )
        return relative_path(self.root, path)

    def exists(self, path: str) -> bool:
        if super().exists(path):
            return True
        try:
            return self._real(path) in self._listed_paths()
        except InputError:
            return False

    def is_file(self, path: str) -> bool:
        entries = self._list()
        try:
            entry = entries.get(self._real(path))
        except InputError as error:
            return error.failure.id == "symlink-escape" and path in entries
        return entry is not None and entry.mode not in (_SUBMODULE, _LINK)

    def _content(self, path: str) -> bytes:
        entries = self._list()
        entry = entries.get(path)
        if entry is None or entry.mode == _LINK:
            real = self._real(path)
            entry = entries.get(real)
            if entry is None and real in self._directories:
                raise unreadable(path, "it is a directory")
            if entry is None:
                raise unreadable(path, "it is a symbolic link to nothing" if path in entries else "there is no such file")
        if entry.mode == _SUBMODULE:
            raise unreadable(path, "it is a directory")
        if entry.mode == _CONFLICT:
            raise InputError(
                "merge-conflict",
                "this file is in conflict, so the index holds no content for it",
                fix="resolve the conflict and `git add` the file",
                path=path,
                stage="read",
            )
        if not self._read_ahead:
            self._read_many()
        content = self._blob(entry.blob, path)
        pointer = _LFS_OBJECT.match(content) if len(content) < 1024 else None
        return content if pointer is None else self._lfs_object(pointer[1].decode()) or content

    def _blob(self, name: str, path: str) -> bytes:
        content = self.commands.blob(name)
        if content is None and not self.commands.may_lack_blobs():
            raise InputError(
                "unreadable",
                "git cannot read the content of this file",
                fix="`git fsck` tells what is damaged",
                path=path,
                stage="read",
            )
        if content is None:
            raise InputError(
                "git-object-missing",
                "the content of this file is not in this clone",
                fix="fetch it with `git fetch --refetch --no-filter`",
                path=path,
                kind="unavailable",
                stage="read",
            )
        if isinstance(content, int):
            raise too_large(path, content)
        return content

    def _read_many(self) -> None:
        self._read_ahead = True
        entries = self._entries or {}
        self.commands.read_ahead(
            entry.blob
            for path, entry in entries.items()
            if entry.mode == _LINK or (entry.mode.startswith("100") and _USUALLY_READ.search(path))
        )

    def _lfs_object(self, digest: str) -> bytes | None:
        """What Git LFS has fetched for a pointer. Source: the specification of Git LFS, "The Local Storage"."""
        try:
            with open(os.path.join(self.location.common, "lfs/objects", digest[:2], digest[2:4], digest), "rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except OSError:
            return None
        return data if len(data) <= MAX_FILE_BYTES else None

    def _list(self) -> Mapping[str, Entry]:
        if self._entries is not None:
            return self._entries
        self._entries = entries = {path: entry for path, entry in self._list_entries().items() if not _is_forged(path)}
        directories = {"."}
        for path in entries:
            while (path := os.path.dirname(path)) and path not in directories:
                directories.add(path)
        self._directories = frozenset(directories | {path for path, entry in entries.items() if entry.mode == _SUBMODULE})
        files = {path for path, entry in entries.items() if entry.mode not in (_LINK, _SUBMODULE)}
        self.notices += [
            f"{printable(path)} is a Git repository of its own; its files are not read"
            for path, entry in entries.items()
            if entry.mode == _SUBMODULE
        ]
        symlinks = [path for path, entry in entries.items() if entry.mode == _LINK]
        if symlinks:
            self._read_many()
        for path in symlinks:
            try:
                self._targets[path] = os.fsdecode(self._blob(entries[path].blob, path))
            except InputError as error:
                self._unread[path] = error
        links: dict[str, str] = {}
        directory_links: dict[str, str] = {}
        for path in symlinks:
            try:
                real = self._real(path)
            except InputError:
                files.add(path)  # reading it says why it is refused
                continue
            if real in self._directories:
                directory_links[path] = real
                continue
            files.add(path)
            if real in entries:
                links[path] = real
        self.links = dict(sorted(links.items()))
        self.directory_links = dict(sorted(directory_links.items()))
        self._files = tuple(sorted(files))
        return entries

    def _real(self, path: str) -> str:
        """The path behind all symbolic links, whether something is there or not.

        Raises InputError `symlink-escape` if it leads out of the tree, `unreadable` for links in a circle, and what keeps a
        link from being read.
        """
        entries = self._entries if self._entries is not None else self._list()
        left = path.split("/")[::-1]
        done: list[str] = []
        followed = 0
        while left:
            part = left.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not done:
                    raise escapes(path)
                done.pop()
                continue
            here = "/".join((*done, part))
            entry = entries.get(here)
            if entry is None or entry.mode != _LINK:
                done.append(part)
                continue
            if here in self._unread:
                raise self._unread[here]
            followed += 1
            target = self._targets.get(here, "")
            if followed > _MAX_LINKS or not target:
                raise unreadable(path, "it is a symbolic link to nothing")
            if target.startswith("/"):
                if self.root is None or not inside(os.path.normpath(target), self.root):
                    raise escapes(path)
                target = os.path.relpath(target, self.root)
                done = []
            left += target.split("/")[::-1]
        return "/".join(done) or "."


def commit_entries(commands: GitCommands, commit: str) -> dict[str, Entry]:
    """The files of a commit by path. Raises UsageError if Git cannot list them."""
    entries: dict[str, Entry] = {}
    for line in commands.demand("ls-tree", "-r", "-z", "--full-tree", commit).words():
        description, _, path = line.partition("\t")
        mode, _, blob = description.split(" ")
        entries[path] = Entry(mode, blob)
    return entries


def index_entries(commands: GitCommands) -> dict[str, Entry]:
    """The files of the index by path. Raises UsageError if Git cannot list them."""
    entries: dict[str, Entry] = {}
    for line in commands.demand("ls-files", "-s", "-z", "--full-name").words():
        description, _, path = line.partition("\t")
        mode, blob, stage = description.split(" ")
        entries[path] = Entry(mode if stage == "0" else _CONFLICT, blob)
    return _without_intended(commands, entries)


def _without_intended(commands: GitCommands, entries: dict[str, Entry]) -> dict[str, Entry]:
    """The entries without those of `git add -N`, which no commit would contain; they look like empty files."""
    empty = {path for path, entry in entries.items() if entry.blob.startswith(_EMPTY_BLOBS)}
    if not empty:
        return entries
    empty_tree = _EMPTY_TREES[len(next(iter(entries.values())).blob)]
    answer = commands.run("diff-index", "--cached", "--ita-invisible-in-index", "--no-renames", "--name-only", "-z", empty_tree)
    if answer.status != 0:
        return entries
    contained = set(answer.words())
    return {path: entry for path, entry in entries.items() if path not in empty or path in contained}


# The empty blob, and the empty tree by the length of names, in SHA-1 and in SHA-256 repositories.
_EMPTY_BLOBS = ("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813")
_EMPTY_TREES = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


def _is_forged(path: str) -> bool:
    """Whether no work tree could hold this path: Git refuses to write such names, but a tree object can hold them."""
    return ("." in path or "//" in path) and not {"", ".", "..", ".git"}.isdisjoint(path.split("/"))
