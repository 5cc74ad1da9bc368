"""Renderings whose lines tell where they come from."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from linter.engine.world import World
from linter.model import Document, Location, ManifestFile, Route
from linter.provenance.locating import Locator, Place
from linter.report.terminal import safe

_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_WIDEST = 60


def with_origins(
    world: World, files: Mapping[ManifestFile, Sequence[Document]], texts: Mapping[ManifestFile, str]
) -> dict[ManifestFile, str]:
    """Each text with the place that decided it before every line; paths below the directory of the source are relative to it.

    A text is shown as it is where its lines are no longer those of the file.
    """
    places = [place for documents in files.values() for document in documents for place in _places(document, document.value, ())]
    world.trace(places)
    by_file: dict[ManifestFile, list[Place]] = {}
    for place in places:
        by_file.setdefault(place.document.file, []).append(place)
    return {file: _beside(file, text, by_file.get(file, []), world.locator) for file, text in texts.items()}


def _places(document: Document, value: Any, route: Route) -> Iterator[Place]:
    """Every key and every scalar of a document, the outer ones first."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(key, str):
                leaf = not isinstance(inner, dict | list) or not inner
                yield Place(document, (*route, key), "value" if leaf else "key")
                if not leaf:
                    yield from _places(document, inner, (*route, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            if isinstance(inner, dict | list) and inner:
                yield from _places(document, inner, (*route, index))
            else:
                yield Place(document, (*route, index), "value")


def _beside(file: ManifestFile, text: str, places: Sequence[Place], locator: Locator) -> str:
    lines = _LINE_BREAK.split(text)
    whole = _LINE_BREAK.split(file.text)
    first = next((number for number, line in enumerate(whole) if line.strip()), 0)
    if len(lines) != len(_LINE_BREAK.split(file.text.strip())):
        return text
    origins: dict[int, Location] = {}
    positions = locator.positions(file)
    for place in places:
        if positions.has(place.document.index, place.route):
            line = positions.locate(place.document.index, place.route, "key")[0] - first - 1
            # The last one on a line is the scalar, which tells more than the keys before it.
            origins[line] = locator.locate(place.document, place.route, place.on)
    labels = [_label(origins[number], file) if number in origins else "" for number in range(len(lines))]
    width = min(max(map(len, labels), default=0), _WIDEST)
    return "\n".join(f"{label:<{width}} | {line}".rstrip() for label, line in zip(labels, lines, strict=True))


def _label(location: Location, file: ManifestFile) -> str:
    base = file.source.path
    path = location.path
    if base != "." and path.startswith(f"{base}/"):
        path = os.path.relpath(path, base)
    place = f"{safe(path)}:{location.line}" if location.precision != "file" else safe(path)
    return place if location.precision in ("exact", "file") else f"{place} ({location.precision})"
