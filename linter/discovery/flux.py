"""What Flux builds in a repository.

Flux's kustomize-controller lets a kustomization name files outside of its folder, as long as they are in the repository,
and below a path without a kustomization it builds each folder that has one. Source: `SecureBuild` and the generator in
fluxcd/pkg/kustomize; fluxcd.io/flux/components/kustomize/kustomizations#path.
"""

from __future__ import annotations

import os.path
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from linter.errors import InputError
from linter.manifest.decoder import decode_bytes
from linter.model import dig, mapping, text
from linter.repository import Tree

# Where each kind that makes Flux build a folder names it.
_PATHS = {
    ("kustomize.toolkit.fluxcd.io", "Kustomization"): ("spec", "path"),
    ("fluxcd.controlplane.io", "FluxInstance"): ("spec", "sync", "path"),
}


@dataclass(frozen=True, slots=True)
class FluxBuilds:
    """The folders that Flux is told to build, and the files that tell it so."""

    directories: frozenset[str]
    declared_in: frozenset[str]

    def build(self, directory: str, files: Iterable[str]) -> bool:
        """Whether Flux builds a Kustomize root that reads these files.

        It does where it is told so, and what tells it to build folders, or stands around such folders, is its own as well.
        """
        if not self.declared_in.isdisjoint(files):
            return True
        return any(_is_within(directory, folder) or _is_within(folder, directory) for folder in self.directories)


def _is_within(inner: str, outer: str) -> bool:
    return outer == "." or inner == outer or inner.startswith(f"{outer}/")


def find_flux_builds(tree: Tree) -> FluxBuilds:
    """What the manifests of a tree tell Flux to build. Files that cannot be read tell nothing."""
    directories: set[str] = set()
    declared_in: set[str] = set()
    for path in tree.files():
        if not path.endswith((".yaml", ".yml", ".json")):
            continue
        try:
            data = tree.read(path)
            if b".fluxcd.io/" not in data and b"fluxcd.controlplane.io/" not in data:
                continue
            _, documents = decode_bytes(data)
        except InputError:
            continue
        for value in (document.value for document in documents):
            if (directory := _directory(value)) is not None:
                directories.add(directory)
                declared_in.add(path)
    return FluxBuilds(frozenset(directories), frozenset(declared_in))


def _directory(value: Any) -> str | None:
    """The folder that an object tells Flux to build, or None if it is another object, or its folder is elsewhere."""
    body = mapping(value)
    route = _PATHS.get((text(body.get("apiVersion")).partition("/")[0], text(body.get("kind"))))
    if route is None:
        return None
    path = os.path.normpath(text(dig(body, *route)).lstrip("/") or ".")
    return path if path != ".." and not path.startswith("../") else None
