"""Under which values a template of a chart prints anything, where that can be seen: `{{ if .Values.shop }}` around all of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# An action ends before the next one begins: otherwise a text of nothing but `{{` would be searched to its end each time.
_ACTION = re.compile(r"\{\{((?:(?!\{\{).)*?)\}\}", re.DOTALL)
_OPENS = re.compile(r"(?:if|range|with|define|block)\b")
_PATH = r"\$?\.Values((?:\.[A-Za-z_]\w*)+)"
_INDEX = r'\(?\s*index\s+\$?\.Values((?:\s+"[^"\\]*")+)\s*\)?'
_CONDITION = re.compile(rf"if\s+(?:{_PATH}|{_INDEX})")
_QUOTED = re.compile(r'"([^"\\]*)"')

Keys = tuple[str, ...]


def condition_of(template: str) -> Keys | None:
    """The keys to the value that must not be empty for the template to print anything; None if nobody can tell so simply."""
    depth = 0
    keys: Keys | None = None
    end = 0
    for action in _ACTION.finditer(template):
        words = action[1].strip("- \t\r\n")
        if depth == 0 and template[end : action.start()].strip():
            return None
        end = action.end()
        if words.startswith("/*"):
            continue
        if _OPENS.match(words):
            if depth == 0 and (keys is not None or (keys := _keys(words)) is None):
                return None
            depth += 1
        elif words == "end":
            depth -= 1
        elif depth == 0 or (depth == 1 and re.match(r"else\b", words)):
            return None
    return keys if depth == 0 and not template[end:].strip() else None


def holds(condition: Keys, values: Mapping[str, Any]) -> bool:
    """Whether the value at these keys is there and not empty."""
    found: object = values
    for key in condition:
        found = found.get(key) if isinstance(found, dict) else None
    return bool(found)


def _keys(words: str) -> Keys | None:
    match = _CONDITION.fullmatch(words)
    if match is None:
        return None
    return tuple(match[1][1:].split(".")) if match[1] else tuple(_QUOTED.findall(match[2]))
