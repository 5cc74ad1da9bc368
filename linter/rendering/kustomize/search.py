"""Looking for what a message names, by the structure of the files and never by their text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from linter.errors import InputError
from linter.manifest.decoder import Decoded, decode_bytes, decode_text
from linter.model import Route, mapping, text
from linter.rendering.kustomize.lookup import Lookup, NotFoundError, OutsideError
from linter.rendering.kustomize.places import Place
from linter.rendering.kustomize.references import value_of
from linter.rendering.kustomize.resolved import Kustomization

# Kind.version.group/name.namespace, each absent part in brackets.
_ID = re.compile(
    r"(?P<kind>[^./\s\"]+)\.(?:\[noVer\]|[^./\s]+)\.(?:\[noGrp\]|[^/\s]+)/(?P<name>[^\s;\"]+?)\.(?P<namespace>\[noNs\]|[^.\s;\"]+)"
)


@dataclass(frozen=True, slots=True)
class ObjectId:
    """Kind and name of an object, as kustomize names it in messages."""

    kind: str
    name: str

    def matches(self, value: Any) -> bool:
        """Whether a decoded document is that object."""
        body = mapping(value)
        return body.get("kind") == self.kind and mapping(body.get("metadata")).get("name") == self.name

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def object_id(words: str) -> ObjectId | None:
    """The first object that a message names."""
    match = _ID.search(words)
    return ObjectId(match["kind"], match["name"]) if match is not None else None


def walk(value: Any, route: Route = ()) -> Iterator[tuple[Route, Any]]:
    """Every value below a decoded one, with its route, the outer ones first on each level."""
    pending: list[tuple[Route, Any]] = [(route, value)]
    for at, found in pending:
        yield at, found
        if isinstance(found, dict):
            pending += [((*at, key), entry) for key, entry in found.items()]
        elif isinstance(found, list):
            pending += [((*at, number), entry) for number, entry in enumerate(found)]


class Search:
    """The files behind one kustomization."""

    def __init__(self, kustomization: Kustomization, lookup: Lookup) -> None:
        self.kustomization = kustomization
        self._lookup = lookup

    def at(self, route: Route) -> Place:
        """A place in the kustomization itself."""
        return Place(self.kustomization.path, self.kustomization.text, route)

    def path_of(self, name: str) -> str | None:
        """The real path of a file that the kustomization names."""
        import os.path

        try:
            return self._lookup.locate(os.path.join(self.kustomization.directory, name), {})[0]
        except (NotFoundError, OutsideError):
            return None

    def documents(self, path: str) -> tuple[str, list[Decoded]]:
        """The text and the documents of a file; empty if it cannot be read."""
        try:
            return decode_bytes(self._lookup.read(path))
        except InputError:
            return "", []

    def unreadable(self, path: str) -> InputError | None:
        """Why a file is no YAML, if it is none."""
        try:
            decode_bytes(self._lookup.read(path))
        except InputError as error:
            return error
        return None

    def in_file(self, path: str, test: Callable[[Any], bool], route: Route = ()) -> Place | None:
        """The first document of a file that passes a test, at a route in it."""
        source, documents = self.documents(path)
        for document in documents:
            if test(document.value):
                return Place(path, source, route, document.index)
        return None

    def key(self, name: str) -> Place | None:
        """The outermost key of that name in the kustomization."""
        routes = (route for route, _ in walk(self.kustomization.body) if route and route[-1] == name)
        return next((self.at(route) for route in routes), None)

    def scalar(self, value: str, below: str) -> Place | None:
        """The first string of that value in a field of the kustomization."""
        for route, found in walk(value_of(self.kustomization.body, below), (below,)):
            if found == value:
                return self.at(route)
        return None

    def named(self, fields: tuple[str, ...], name: str) -> Place | None:
        """The entry of that name in one of the lists of the kustomization."""
        for field in fields:
            entries = value_of(self.kustomization.body, field)
            for number, entry in enumerate(entries if isinstance(entries, list) else ()):
                if mapping(entry).get("name") == name:
                    return self.at((field, number, "name"))
        return None

    def patches(self) -> Iterator[tuple[str, list[Any], Callable[[Route, int], Place]]]:
        """Each patch: its path ("" if it is written in place), its documents, and how to point into it."""
        body = self.kustomization.body
        for field in ("patches", "patchesJson6902", "patchesStrategicMerge"):
            entries = value_of(body, field)
            for number, entry in enumerate(entries if isinstance(entries, list) else ()):
                path, inline = text(mapping(entry).get("path")), text(mapping(entry).get("patch"))
                route: Route = (field, number, "patch")
                if isinstance(entry, str):
                    path, inline, route = (
                        (entry, "", (field, number)) if "\n" not in entry and "{" not in entry else ("", entry, (field, number))
                    )
                yield from self._patch(path, inline, route)

    def _patch(self, path: str, inline: str, route: Route) -> Iterator[tuple[str, list[Any], Callable[[Route, int], Place]]]:
        real = self.path_of(path) if path else None
        if real is not None:
            source, documents = self.documents(real)
            yield real, [document.value for document in documents], lambda inner, index: Place(real, source, inner, index)
        elif inline:
            try:
                documents = decode_text(inline)
            except InputError:
                documents = []
            yield "", [document.value for document in documents], lambda inner, index: self.at(route)
