"""What kustomize gets to see: copies of the files that a root reads, in a private directory, with the same relative paths."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from typing import Any

from linter.rendering.kustomize.lookup import Lookup
from linter.rendering.kustomize.origins import ORIGIN_OPTION
from linter.rendering.kustomize.references import value_of
from linter.rendering.kustomize.resolved import Kustomization, Resolved

_BUILD_METADATA = "buildMetadata"
# What a double-quoted YAML scalar cannot hold as it is, though JSON can.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_TYPE_KEYS = frozenset({"apiversion", "kind"})


class Copies:
    """Copies below `directory`: shared ones, and some of their own for roots that are built in another way than written."""

    def __init__(self, directory: str) -> None:
        self._shared = os.path.join(directory, "tree")
        self._own = os.path.join(directory, "own")
        os.mkdir(self._shared)
        os.mkdir(self._own)
        self._present: set[str] = set()
        self._annotated: set[str] = set()
        self._folders: set[str] = set()
        self._count = 0

    def share(self, resolved: Resolved, top: Kustomization, lookup: Lookup) -> str:
        """The place of a root that is built as it is written, noting origins. Its files are there once it returns."""
        for path in resolved.files:
            if path not in self._present:
                kustomization = resolved.kustomizations.get(path)
                content = _content(kustomization) if kustomization is not None and kustomization.rewrites else None
                self._write(self._shared, path, lookup.read(path) if content is None else content)
                self._present.add(path)
        for path, target in resolved.links.items():
            if path not in self._present:
                self._link(self._shared, path, target)
                self._present.add(path)
        if top.path not in self._annotated:
            # A root that builds upon this one does not look at its build metadata, so the change is invisible to it.
            self._replace(os.path.join(self._shared, top.path), _content(top, origins=True))
            self._annotated.add(top.path)
        return os.path.join(self._shared, top.directory)

    def own(self, resolved: Resolved, top: Kustomization, lookup: Lookup, changed: Mapping[str, bytes], *, origins: bool) -> str:
        """The place of a root of which some files are `changed`, or that is to be built without noting origins."""
        self._count += 1
        base = os.path.join(self._own, str(self._count))
        for path in resolved.files:
            kustomization = resolved.kustomizations.get(path)
            if kustomization is not None and (kustomization.rewrites or path == top.path):
                self._write(base, path, _content(kustomization, origins=origins and path == top.path))
            elif path in self._present and path not in changed and path not in self._annotated:
                self._folder(base, path)
                os.link(os.path.join(self._shared, path), os.path.join(base, path))
            else:
                self._write(base, path, lookup.read(path))
        for path, target in resolved.links.items():
            self._link(base, path, target)
        return os.path.join(base, top.directory)

    def drop(self, place: str) -> None:
        """Remove the copies that one root had for itself."""
        if place.startswith(self._own + os.sep):
            base = os.path.join(self._own, os.path.relpath(place, self._own).split(os.sep)[0])
            shutil.rmtree(base, ignore_errors=True)
            self._folders = {folder for folder in self._folders if folder != base and not folder.startswith(base + os.sep)}

    def author_paths(self, words: str) -> str:
        """A message of kustomize with paths of the repository in place of those of the copies."""
        for base in (rf"{re.escape(self._own)}/[0-9]+", re.escape(self._shared)):
            words = re.sub(rf"(?:/private)?{base}(?:/|(?![\w.-]))", "", words)
        return words

    def _folder(self, base: str, path: str) -> None:
        folder = os.path.dirname(os.path.join(base, path))
        if folder not in self._folders:
            os.makedirs(folder, exist_ok=True)
            self._folders.add(folder)

    def _write(self, base: str, path: str, content: bytes) -> None:
        self._folder(base, path)
        with open(os.path.join(base, path), "wb") as file:
            file.write(content)

    def _replace(self, path: str, content: bytes) -> None:
        """Change a file that a running build may be reading."""
        with open(f"{path}.new", "wb") as file:
            file.write(content)
        os.replace(f"{path}.new", path)

    def _link(self, base: str, path: str, target: str) -> None:
        self._folder(base, path)
        link = os.path.join(base, path)
        if not os.path.lexists(link):
            os.symlink(os.path.relpath(os.path.join(base, target), os.path.dirname(link)), link)


def _content(kustomization: Kustomization, *, origins: bool = False) -> bytes:
    """A kustomization as it is given to kustomize: JSON, which it reads as the YAML it is."""
    body = kustomization.body
    for route, value in kustomization.rewrites.items():
        body = _with(body, list(route), value)
    # One that says nothing is refused, and adding something would hide that.
    if origins and any(value for key, value in body.items() if not isinstance(key, str) or key.lower() not in _TYPE_KEYS):
        existing = value_of(body, _BUILD_METADATA)
        options = [*existing] if isinstance(existing, list) else []
        if existing is None or isinstance(existing, list):
            body = {key: value for key, value in body.items() if not isinstance(key, str) or key.lower() != _BUILD_METADATA.lower()}
            body[_BUILD_METADATA] = options if ORIGIN_OPTION in options else [*options, ORIGIN_OPTION]
    written = json.dumps(body, ensure_ascii=False, indent=1)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", written).encode()


def _with(body: Any, steps: list[str | int], value: str) -> Any:
    """A copy of a value in which another value stands at a route."""
    if not steps:
        return value
    step, *rest = steps
    if isinstance(body, dict):
        return {key: _with(entry, rest, value) if key == step else entry for key, entry in body.items()}
    return [_with(entry, rest, value) if number == step else entry for number, entry in enumerate(body)]
