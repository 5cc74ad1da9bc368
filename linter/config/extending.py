"""`extends:` -- configuration files that start from others, in the repository or in an installed Python package."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable
from typing import Any

from linter.config import checking
from linter.config.layers import Layer, Settings, overlay
from linter.config.settling import settle
from linter.errors import InputError
from linter.model import Route
from linter.repository import Tree, WorkTree, printable

MAX_DEPTH = 10
MAX_FILES = 100

# `acme_policies:gitops-lint.yaml`; dots lead to folders inside the package.
_PACKAGE_FILE = re.compile(r"([A-Za-z_][\w.-]*):(?!//)(.+)", re.DOTALL)

ReadLayer = Callable[[bytes, str, str, bool], Layer]
"""Content, name in messages, base of its globs, whether it belongs to the repository -> the checked file."""


class _NotExtendable(Exception):  # noqa: N818 - it never leaves this module
    """Why a file cannot be extended, as the end of a sentence."""


class Files:
    """Where the files stand that a configuration file can name by a relative path: those of the repository."""

    # Whether the files belong to the repository.
    local = True
    place = "the repository"

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def name(self, path: str) -> str:
        """What messages call a file."""
        return path

    def base(self, path: str) -> str:
        """The folder of the repository from which globs and paths in a file start."""
        return posixpath.dirname(path) or "."

    def resolve(self, path: str, reference: str) -> str:
        """The path of what a file refers to. Raises _NotExtendable if it leads to somewhere else."""
        start = "" if reference.startswith("/") else posixpath.dirname(path)
        found = posixpath.normpath(posixpath.join(start, reference.lstrip("/")))
        if found.split("/")[0] == "..":
            raise _NotExtendable(f"it leads out of {self.place}")
        return found

    def read(self, path: str) -> bytes:
        """The content of a file. Raises _NotExtendable if there is none that can be read."""
        if not self._tree.is_file(path):
            raise _NotExtendable(f"there is no file {printable(self.name(path))}")
        try:
            return self._tree.read(path)
        except InputError as error:
            escapes = error.failure.id == "symlink-escape"
            raise _NotExtendable(f"it leads out of {self.place}" if escapes else error.failure.message) from None


class FilesOutside(Files):
    """The files around a configuration that the user named and that stands in no repository."""

    local = False
    place = "the file system"

    def __init__(self) -> None:
        super().__init__(WorkTree("/"))

    def base(self, path: str) -> str:
        return "."

    def resolve(self, path: str, reference: str) -> str:
        return os.path.normpath(os.path.join(os.path.dirname(path), reference))

    def read(self, path: str) -> bytes:
        absolute = os.path.realpath(path)
        if not os.path.isfile(absolute):
            raise _NotExtendable(f"there is no file {printable(path)}")
        try:
            return self._tree.read(absolute.lstrip("/"))
        except InputError as error:
            raise _NotExtendable(error.failure.message) from None


class PackageFiles(Files):
    """The files of an installed package, which is found but never imported: a repository must not make code run."""

    local = False

    def __init__(self, package: str) -> None:
        super().__init__(WorkTree(_folder_of(package)))
        self.place = f"the package {package}"
        self._package = package

    def name(self, path: str) -> str:
        return f"{self._package}:{path}"

    def base(self, path: str) -> str:
        return "."


def extended(layer: Layer, path: str, files: Files, read_layer: ReadLayer) -> Settings:
    """The settings of a file on top of those it extends, at `path` among `files`.

    Raises ConfigurationError for what cannot be extended, for a circle, and for the mistakes of the files themselves.
    """
    return _Extending(read_layer).settings(layer, path, files, ())


class _Extending:
    """One walk along `extends`. A file that several others extend is read once."""

    def __init__(self, read_layer: ReadLayer) -> None:
        self._read_layer = read_layer
        self._known: dict[str, Settings] = {}
        self._packages: dict[str, PackageFiles] = {}

    def settings(self, layer: Layer, path: str, files: Files, trail: tuple[str, ...]) -> Settings:
        """The settings of a file; `trail` are the names of those that led to it."""
        own = settle(layer)
        written: Any = layer.value.get("extends", [])
        references = [(("extends",), written)] if isinstance(written, str) else [(("extends", i), each) for i, each in enumerate(written)]
        trail = (*trail, files.name(path))
        mistakes: list[checking.Mistake] = []
        merged: Settings | None = None
        for route, reference in references:
            try:
                parent = self._parent(reference, path, files, trail)
            except _NotExtendable as error:
                mistakes.append((route, f"`{printable(reference)}` cannot be extended: {error}"))
            else:
                merged = parent if merged is None else overlay(merged, parent)
        if mistakes:
            raise checking.error(mistakes, _place_in(layer))
        return own if merged is None else overlay(merged, own)

    def _parent(self, reference: str, path: str, files: Files, trail: tuple[str, ...]) -> Settings:
        files, found = self._find(reference, path, files)
        name = files.name(found)
        if name in trail:
            raise _NotExtendable(f"that is a circle, {' -> '.join(map(printable, (*trail[trail.index(name) :], name)))}")
        if len(trail) >= MAX_DEPTH:
            raise _NotExtendable(f"a chain of files may be {MAX_DEPTH} long")
        if name not in self._known:
            if len(self._known) >= MAX_FILES:
                raise _NotExtendable(f"a configuration may extend {MAX_FILES} files in all")
            layer = self._read_layer(files.read(found), name, files.base(found), files.local)
            self._known[name] = self.settings(layer, found, files, trail)
        return self._known[name]

    def _find(self, reference: str, path: str, files: Files) -> tuple[Files, str]:
        if "://" in reference:
            raise _NotExtendable("nothing is fetched: name a file of this repository, or `package:file`")
        named = _PACKAGE_FILE.fullmatch(reference)
        if named is None:
            return files, files.resolve(path, reference)
        package, file = named[1], named[2]
        if package not in self._packages:
            self._packages[package] = PackageFiles(package)
        return self._packages[package], self._packages[package].resolve("", file)


def _place_in(layer: Layer) -> Callable[[Route], tuple[str, int]]:
    return lambda route: (layer.path, layer.line(route))


def _folder_of(package: str) -> str:
    """The folder of an installed package. Only its top level is asked for: to find what is below, Python would import it.

    Raises _NotExtendable if there is none.
    """
    import importlib.util

    top, *inner = package.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise _NotExtendable(f"no package `{top}` is installed for this Python (the name is the one under which it is imported)")
    for folder in spec.submodule_search_locations or ():
        if os.path.isdir(os.path.join(folder, *inner)):
            return os.path.join(folder, *inner)
    raise _NotExtendable(f"`{package}` is no package with a folder of files")
