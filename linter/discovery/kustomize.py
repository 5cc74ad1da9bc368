"""Kustomize roots, and the files each of them reads.

Source: the reference of the kustomization file (kubectl.docs.kubernetes.io/references/kustomize/kustomization).
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from linter.discovery.listing import Listing
from linter.errors import InputError
from linter.manifest.decoder import decode_bytes
from linter.model import Failure, mapping, text
from linter.repository import Tree

KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")

_MAX_LINKS = 100
_QUOTED = re.compile(r"`[^`]*\w[^`]*`")


@dataclass(frozen=True, slots=True)
class KustomizeRoot:
    """A directory with a kustomization.

    `files` are all files it reads, those of its bases and the other YAML of its own directory included; `bases` are the
    roots it builds upon, `charts` the directories of charts that it inflates. A `component` is never built alone. `failure`
    says why its kustomization cannot be used.
    """

    path: str
    file: str
    component: bool
    files: frozenset[str]
    bases: frozenset[str]
    failure: Failure | None
    charts: frozenset[str] = frozenset()


class _Kustomization:
    """One kustomization file, decoded."""

    def __init__(self, directory: str, file: str, body: dict[str, Any], failure: Failure | None) -> None:
        self.directory = directory
        self.file = file
        self.body = body
        self.failure = failure


def find_kustomize_roots(tree: Tree, files: Iterable[str], listing: Listing) -> list[KustomizeRoot]:
    """The Kustomize roots among the given files of a tree, in the order of their directories."""
    candidates: dict[str, list[str]] = {}
    for path in files:
        directory, name = os.path.split(path)
        if name in KUSTOMIZATION_NAMES:
            candidates.setdefault(directory or ".", []).append(path)
    read = {directory: _read(tree, directory, paths) for directory, paths in candidates.items()}
    kustomizations = {directory: found for directory, found in read.items() if found is not None}
    return [_root(kustomizations[directory], kustomizations, tree, listing) for directory in sorted(kustomizations)]


def _read(tree: Tree, directory: str, paths: list[str]) -> _Kustomization | None:
    """The kustomization of a directory, or None if the file of that name is a manifest, as those of Flux are."""
    path = paths[0]
    if len(paths) > 1:
        names = " and ".join(os.path.basename(path) for path in paths)
        failure = Failure(
            "kustomization-ambiguous", "broken", "parse", path, None,
            f"this directory has {names}, and kustomize refuses to choose", "keep one of the files",
        )  # fmt: skip
        return _Kustomization(directory, path, {}, failure)
    try:
        _, documents = decode_bytes(tree.read(path))
    except InputError as error:
        return _Kustomization(directory, path, {}, _unreadable(error, path, tree.read(path)))
    values = [document.value for document in documents if document.value is not None]
    if values and all(_is_manifest(value) for value in values):
        return None
    if len(values) != 1 or not isinstance(values[0], dict):
        what = "is empty" if not values else "holds several documents" if len(values) > 1 else "is no mapping"
        failure = Failure(
            "kustomization-invalid", "broken", "parse", path, 1,
            f"this kustomization {what}", "write one mapping with the key `resources`",
        )  # fmt: skip
        return _Kustomization(directory, path, {}, failure)
    return _Kustomization(directory, path, values[0], None)


def _unreadable(error: InputError, path: str, data: bytes) -> Failure:
    """Why a kustomization cannot be read, without what is quoted of one that holds secrets."""
    failure = error.at(path)
    return replace(failure, message=_QUOTED.sub("`…`", failure.message)) if b"secretGenerator" in data else failure


def _is_manifest(value: object) -> bool:
    api_version, kind = text(mapping(value).get("apiVersion")), text(mapping(value).get("kind"))
    return bool(api_version and kind) and not api_version.startswith("kustomize.config.k8s.io/")


def _root(start: _Kustomization, all_of_them: dict[str, _Kustomization], tree: Tree, listing: Listing) -> KustomizeRoot:
    files: set[str] = set()
    bases: set[str] = set()
    charts: set[str] = set()
    pending = [start]
    while pending:
        kustomization = pending.pop()
        files.add(kustomization.file)
        for reference, is_chart in _references(kustomization, tree):
            target = _resolve(kustomization.directory, reference, tree)
            if target is None:
                continue
            if is_chart:
                charts.add(target)
            if target in all_of_them:
                if target not in bases:
                    bases.add(target)
                    pending.append(all_of_them[target])
            else:
                files.update(listing.below(target))
        if kustomization.failure is not None and kustomization.directory != ".":
            # Nobody knows which of the files below are patches and bases, so none of them is taken for a manifest.
            files.update(listing.below(kustomization.directory))
        files.update(path for path in listing.directly_in(kustomization.directory) if path.endswith((".yaml", ".yml")))
    files.update(tree.links[path] for path in list(files) if path in tree.links)
    component = start.body.get("kind") == "Component"
    return KustomizeRoot(start.directory, start.file, component, frozenset(files), frozenset(bases), start.failure, frozenset(charts))


def _references(kustomization: _Kustomization, tree: Tree) -> Iterator[tuple[str, bool]]:
    """Everything in a kustomization that may name a file or directory, and whether it is a chart; inline YAML and addresses
    are among it."""
    from linter.rendering.kustomize.references import charts, plugin_documents, plugin_references, references

    found, inflated = [*references(kustomization.body)], [*charts(kustomization.body)]
    for reference in [entry for entry in found if entry.kind == "plugin"]:
        documents = plugin_documents(reference.value)
        if documents is None:
            target = _resolve(kustomization.directory, reference.value, tree)
            try:
                documents = decode_bytes(tree.read(target))[1] if target is not None and tree.is_file(target) else []
            except InputError:
                documents = []
        for document in documents:
            named, more = plugin_references(mapping(document.value))
            found += named
            inflated += more
    yield from ((reference.value, False) for reference in found)
    for chart in inflated:
        yield from ((reference.value, False) for reference in (chart.values, *chart.more_values) if reference is not None)
        yield chart.directory, True


def _resolve(directory: str, reference: str, tree: Tree) -> str | None:
    """The file or directory of this repository that a reference names, linked directories followed, or None."""
    if not reference or "\n" in reference or "://" in reference or reference.startswith("/"):
        return None
    path = os.path.normpath(os.path.join(directory, reference))
    for _ in range(_MAX_LINKS):
        parts = path.split("/")
        link = next((prefix for end in range(1, len(parts) + 1) if (prefix := "/".join(parts[:end])) in tree.directory_links), None)
        if link is None:
            break
        path = os.path.normpath(tree.directory_links[link] + path[len(link) :])
    return path if tree.exists(path) else None
