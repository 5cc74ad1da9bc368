"""The objects of public repositories, each as a file of its own: what tools that judge single objects are compared on.

An object is a YAML document with `apiVersion` and `kind`: those that stand in plain files of the repositories of
corpus.lock, and those that its charts make with their default values. Left out are templates, documents that a
kustomization lists as patches, and copies of a document that is there already.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks import corpus
from benchmarks.line_map import charts_of
from linter.errors import InputError
from linter.manifest.decoder import decode_bytes, decode_text
from linter.rendering.helm.renderer import ChartRequest, HelmRenderer

_SEPARATOR = re.compile(r"^---(?:[ \t].*)?\r?\n?", re.MULTILINE)
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")


@dataclass(frozen=True, slots=True)
class PublicObject:
    """One document: where it comes from (`owner/name path`), its text, and its value as the linter decodes it."""

    origin: str
    text: str
    value: dict[str, Any]


def collect(folders: dict[str, str], *, rendered: bool, jobs: int = 1) -> list[PublicObject]:
    """The objects of exported repositories (`corpus.export`), in the order of repositories and paths, each text once.

    With `rendered` those that the charts make are added.
    """
    found = [thing for repository, folder in folders.items() for thing in _plain(repository, folder)]
    if rendered:
        found += _rendered(folders, jobs)
    return list({thing.text: thing for thing in reversed(found)}.values())[::-1]


def write(objects: list[PublicObject], folder: str) -> list[str]:
    """Write each object to `folder`/NNNNN/object.yaml; the folders' names in the order of the objects.

    Folders of their own make states of their own, so that no object of one repository meets that of another.
    """
    names = [f"{number:05}" for number in range(len(objects))]
    for name, thing in zip(names, objects, strict=True):
        os.makedirs(os.path.join(folder, name))
        with open(os.path.join(folder, name, "object.yaml"), "w", encoding="utf-8", newline="") as file:
            file.write(thing.text)
    return names


def _plain(repository: str, folder: str) -> Iterator[PublicObject]:
    charts = {os.path.dirname(path) for path in _files(folder, ("Chart.yaml",))}
    patches = set(_patches(folder))
    for path in _files(folder, (".yaml", ".yml")):
        if path in patches or any(path.startswith(os.path.join(chart, "templates", "")) for chart in charts):
            continue
        with open(path, "rb") as file:
            data = file.read()
        # Placeholders of other templating tools make every tool right and wrong at once.
        if b"apiVersion" not in data or b"{{" in data:
            continue
        try:
            text, _ = decode_bytes(data)
        except InputError:
            continue
        yield from _documents(f"{repository} {os.path.relpath(path, folder)}", text)


def _rendered(folders: dict[str, str], jobs: int) -> Iterator[PublicObject]:
    charts = [entry for repository, folder in folders.items() for entry in charts_of(folder, repository) if not entry[1].is_library]
    with HelmRenderer(jobs) as renderer:
        for (name, _), chart in zip(charts, renderer.render([ChartRequest(chart) for _, chart in charts]), strict=True):
            for file in chart.files:
                yield from _documents(f"{name} {file.path}", file.text)


def _documents(origin: str, text: str) -> Iterator[PublicObject]:
    """The objects of a text; a List counts as one. Documents that cannot be read alone are left out."""
    begin = 0
    separators = list(_SEPARATOR.finditer(text))
    for end, after in [*((match.start(), match.end()) for match in separators), (len(text), len(text))]:
        document, begin = text[begin:end], after
        if "apiVersion" not in document or "kind" not in document:
            continue
        try:
            decoded = decode_text(document)
        except InputError:
            continue
        value = decoded[0].value if len(decoded) == 1 else None
        if isinstance(value, dict) and isinstance(value.get("apiVersion"), str) and isinstance(value.get("kind"), str):
            yield PublicObject(origin, document, value)


def _files(folder: str, endings: tuple[str, ...]) -> Iterator[str]:
    for directory, folders, names in os.walk(folder):
        folders.sort()
        yield from (os.path.join(directory, name) for name in sorted(names) if name.endswith(endings))


def _patches(folder: str) -> Iterator[str]:
    """The files that kustomizations list as patches."""
    for path in _files(folder, ("kustomization.yaml", "kustomization.yml", "Kustomization")):
        try:
            with open(path, "rb") as file:
                _, documents = decode_bytes(file.read())
        except (OSError, InputError):
            continue
        body = documents[0].value if documents else None
        for entry in (entry for key in _PATCHES for entry in _list(body, key)):
            name = entry.get("path") if isinstance(entry, dict) else entry
            if isinstance(name, str):
                yield os.path.normpath(os.path.join(os.path.dirname(path), name))


def _list(body: Any, key: str) -> list[Any]:
    value = body.get(key) if isinstance(body, dict) else None
    return value if isinstance(value, list) else []


def chosen(arguments: Any, directory: str, *, rendered: bool) -> list[PublicObject]:
    """Export what the options of `corpus.add_arguments` ask for, and collect its objects.

    Raises CorpusError as `corpus.export_chosen` does.
    """
    return collect(corpus.export_chosen(arguments, os.path.join(directory, "corpus")), rendered=rendered)
