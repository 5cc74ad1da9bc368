"""What templates of Applications print, as far as it is a value of the chart they are in: `{{ .Values.domain | quote }}`.

An app of apps is a chart whose templates are Applications, and whose values are those of an environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from linter.errors import InputError
from linter.manifest.decoder import decode_bytes
from linter.model import mapping
from linter.rendering.helm.values import effective_values
from linter.repository import Tree

# Around the path of a value that a template prints. Private characters of Unicode that YAML allows and no author writes.
_BEGIN, _END = "\ue001", "\ue002"
_VALUE = re.compile(r"\{\{-?\s*\$?\.Values\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*(?:\|\s*quote\s*)?-?\}\}")
_VALUE_LINE = re.compile(r"^[ \t]*(?:- +)?(?:value|path|repoURL):.*$", re.MULTILINE)
_MARKED = re.compile(f"{_BEGIN}([^{_END}]*){_END}")


def mark_values(text: str) -> str:
    """The text with marks in place of the actions that print a value and nothing else, in the lines that give
    the value of a parameter, a path or the address of a repository."""
    return _VALUE_LINE.sub(lambda line: _VALUE.sub(lambda action: f"{_BEGIN}{action[1]}{_END}", line[0]), text)


def is_marked(text: str) -> bool:
    """Whether a text holds what `mark_values` wrote."""
    return _BEGIN in text


def fill(text: str, values: Mapping[str, Any]) -> str | None:
    """The text with values in place of the marks; None if one of them is missing or no scalar, or takes several lines."""
    missing = False

    def value(mark: re.Match[str]) -> str:
        nonlocal missing
        found: object = values
        for key in mark[1].split("."):
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, bool):
            return str(found).lower()
        if isinstance(found, str | int) and "\n" not in str(found):
            return str(found)
        missing = True
        return ""

    filled = _MARKED.sub(value, text)
    return None if missing else filled


class ValuesOfCharts:
    """The values of charts in an environment: their defaults and the files of the environment, later ones over earlier ones."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._read: dict[str, dict[str, Any]] = {}
        self._together: dict[tuple[str, ...], Mapping[str, Any]] = {}

    def of(self, files: Sequence[str]) -> Mapping[str, Any]:
        """What these files say together; those that are missing or cannot be read say nothing."""
        if tuple(files) in self._together:
            return self._together[tuple(files)]
        values: dict[str, Any] = {}
        for path in files:
            if path not in self._read:
                try:
                    documents = decode_bytes(self._tree.read(path))[1]
                except InputError:
                    documents = []
                self._read[path] = mapping(documents[0].value) if documents else {}
            values = effective_values(self._read[path], values)
        self._together[tuple(files)] = values
        return values
