"""Schemas of custom resources: most of the text of many roots, and nothing in them is asked about."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

_DEFINITION: Final = re.compile(r"^kind:[ \t]*[\"']?CustomResourceDefinition[\"']?[ \t\r]*$", re.MULTILINE)
_SCHEMA: Final = re.compile(r"^ +(?:- )?openAPIV3Schema:[ \t\r]*$", re.MULTILINE)
# What is left of a schema.
SHORTENED: Final = "openAPIV3Schema: {}\n\n"
_SEPARATOR: Final = re.compile(r"^---(?=[ \t\r\n]|$)", re.MULTILINE)
# How a patch or a replacement writes the way into a schema.
_REACHED: Final = (b"/openAPIV3Schema", b".openAPIV3Schema")


def without_schemas(text: str) -> str:
    """The text of a file in which each definition of a custom resource says `{}` in the place of its schema.

    What is taken out leaves an empty line for each of its own, so that everything else stays on its line. Only schemas in
    block style are found.
    """
    if "openAPIV3Schema:" not in text or _DEFINITION.search(text) is None:
        return text
    bounds = [0, *(match.start() for match in _SEPARATOR.finditer(text)), len(text)]
    documents = (text[start:end] for start, end in pairwise(bounds))
    return "".join(_without(document) if _DEFINITION.search(document) is not None else document for document in documents)


def reaches_schemas(content: bytes) -> bool:
    """Whether a file may look into the schemas of custom resources, as a patch or a replacement."""
    return any(words in content for words in _REACHED)


def _without(document: str) -> str:
    pieces, last = [], 0
    for match in _SCHEMA.finditer(document):
        if match.start() < last:
            continue
        end = _end(document, match.end(), match.group().index("o"))
        pieces += [document[last : match.end()].rstrip("\r"), " {}", "\n" * document.count("\n", match.end(), end)]
        last = end
    return "".join([*pieces, document[last:]])


def _end(document: str, start: int, column: int) -> int:
    """Where the lines end that stand further to the right than a column."""
    deeper = re.compile(rf"(?:\n {{{column + 1},}}[^\n]*|\n[ \t\r]*(?=\n|$))*")
    found = deeper.match(document, start)
    return found.end() if found is not None else start
