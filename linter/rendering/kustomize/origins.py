"""The output of a build, object by object, and where kustomize says that each comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from linter.errors import InputError
from linter.manifest.decoder import decode_text
from linter.model import dig, mapping, text

ORIGIN_OPTION = "originAnnotations"
_KEY = "config.kubernetes.io/origin"
# kustomize writes its output with two spaces per level, and keys that need it in quotes.
_ORIGIN = re.compile(rf"    [\"']?{re.escape(_KEY)}[\"']?:")
_DEEPER = re.compile(r"     |\s*$")


@dataclass(frozen=True, slots=True)
class Origin:
    """What the annotation of an object says. `path` counts from the directory that was built."""

    path: str
    generator: str | None = None


def split_objects(output: str) -> Iterator[str]:
    """The objects in the output of kustomize, in its order."""
    if not output.strip():
        return
    pieces = output.split("\n---\n")
    for number, piece in enumerate(pieces):
        yield piece if number == len(pieces) - 1 else piece + "\n"


def take_origin(written: str) -> tuple[str, Origin | None]:
    """The text of an object without the annotation, as kustomize would have written it, and what the annotation said."""
    if _KEY not in written:
        return written, None
    lines = written.split("\n")
    found = _annotation(lines)
    if found is None:
        return written, None
    block, first, last = found
    origin = _read("\n".join(line[4:] for line in lines[first:last]))
    del lines[first:last]
    # The annotation may have been the only one, and kustomize writes no empty mapping here.
    if block + 1 >= len(lines) or not lines[block + 1].startswith("    "):
        del lines[block]
    return "\n".join(lines), origin


def _annotation(lines: list[str]) -> tuple[int, int, int] | None:
    """The line of `annotations:` of the object itself, the first line of the annotation, and the line behind it."""
    try:
        metadata = lines.index("metadata:")
        block = lines.index("  annotations:", metadata)
    except ValueError:
        return None
    if any(not line.startswith(" ") for line in lines[metadata + 1 : block]):
        return None
    for number in range(block + 1, len(lines)):
        if not lines[number].startswith("    "):
            return None
        if _ORIGIN.match(lines[number]) is not None:
            last = number + 1
            while last < len(lines) - 1 and _DEEPER.match(lines[last]) is not None:
                last += 1
            return block, number, last
    return None


def _read(annotation: str) -> Origin | None:
    try:
        [outer] = decode_text(annotation)
        [inner] = decode_text(text(mapping(outer.value).get(_KEY)))
    except (InputError, ValueError):
        return None
    return _origin(inner.value)


def _origin(value: Any) -> Origin | None:
    path = dig(value, "path")
    if isinstance(path, str):
        return Origin(path)
    path, kind = dig(value, "configuredIn"), dig(value, "configuredBy", "kind")
    return Origin(path, kind if isinstance(kind, str) else None) if isinstance(path, str) else None
