"""Lines that begin with `---`: where kubectl, Argo CD and Kustomize cut a file into documents, and where Helm does.

The API machinery cuts a file at every line that begins with three dashes, before any YAML is parsed. Behind them only a
comment may stand; anything else is an error. Helm cuts what a template renders to at the same lines, and what stands behind
the dashes belongs to the next document.
Sources: YAMLReader in decoder.go of k8s.io/apimachinery/pkg/util/yaml 0.37, SplitManifests of Helm 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from linter.errors import InputError
from linter.manifest.problems import empty_end, line_at, text_behind_separator

T = TypeVar("T")

_SEPARATOR: Final = "\n---"
# The beginning of a document that is nothing but its end marker.
_ONLY_END: Final = r"(?:[ \t\r]*(?:#.*)?\n)*\.\.\.(?:[ \t\r\n]|\Z)"


def _separators(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and the rest of each line that begins with three dashes; the end is behind its line break."""
    start = 0 if text.startswith("---") else text.find(_SEPARATOR) + 1
    while start or text.startswith("---"):
        end = text.find("\n", start) + 1 or len(text)
        yield start, end, text[start + 3 : end]
        start = text.find(_SEPARATOR, end - 1) + 1
        if not start:
            return


def as_cut_by_kubectl(text: str) -> str:
    """The text of a file with the same documents in which every separator is one for a YAML parser too, its length unchanged.

    Raises RefusedError where kubectl refuses how the documents are separated.
    """
    if text[:3] != "---" or text[3:4] == "\n":
        if _SEPARATOR not in text:
            return text
        if "\n..." not in text and text.count(_SEPARATOR) == text.count("\n---\n"):
            return text
    begin = 0  # of what has been read of the document so far
    for start, end, rest in _separators(text):
        if rest == "\n" and "\n..." not in text:
            if start > begin:
                begin = end
            continue
        written = rest.strip()
        if written and written[0] != "#":
            raise text_behind_separator(start)
        if start > begin:
            if begin and re.compile(_ONLY_END).match(text, begin, start):
                raise empty_end(begin)
            begin = end
            if written and (rest[0] == "#" or not rest.isascii()):  # a comment, but only for kubectl
                text = text[: start + 3] + re.sub(r"[^\r\n]", " ", rest) + text[end:]
    if begin and "\n..." in text and re.compile(_ONLY_END).match(text, begin):
        raise empty_end(begin)
    return text


def parts_of_helm(text: str) -> list[tuple[int, int, str]]:
    """The parts of rendered text, cut where something stands behind the dashes of a separator.

    Each is the offset of its separator, the offset of what stands behind, and that text.

    At other separators a YAML parser cuts as Helm does.
    """
    cuts = [(0, 0)]
    for start, end, rest in _separators(text):
        written = rest.strip()
        if written and written[0] != "#":
            cuts.append((start, end - len(rest.lstrip(" \t"))))
    text = re.sub(r"(?m)^---#[^\r\n]*", lambda match: "---" + " " * (len(match[0]) - 3), text)
    ends = [*(start for start, _ in cuts[1:]), len(text)]
    return [(start, begin, text[begin:end]) for (start, begin), end in zip(cuts, ends, strict=True)]


def in_part(text: str, start: int, part: str, read: Callable[[str], T]) -> T:
    """What `read` makes of the part of a text that begins at `start`. Raises its InputError, its line counted in the text."""
    try:
        return read(part)
    except InputError as error:
        was = error.failure
        line = was.line + line_at(text, start) - 1 if was.line is not None else None
        raise InputError(was.id, was.message, fix=was.fix, line=line, kind=was.kind, stage=was.stage) from None
