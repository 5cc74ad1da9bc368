"""Reading what may be a template: lines by a word in them, and YAML in spite of template actions, none of them executed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from linter.errors import InputError
from linter.manifest.decoder import Decoded, decode_text

# Stands for what a template prints. A private character of Unicode that YAML allows and no author writes.
PLACEHOLDER = "\ue000"

# An action ends before the next one begins: otherwise a text of nothing but `{{` would be searched to its end each time.
_ACTION = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}|\{%(?:(?!\{%).)*?%\}", re.DOTALL)
_ONLY_PLACEHOLDERS = re.compile(rf"^[ \t]*(?:{PLACEHOLDER}[ \t]*)+$", re.MULTILINE)


def without_actions(text: str) -> str:
    """The text with a placeholder for each template action, and the same line breaks; lines of actions alone are empty."""
    if "{{" not in text and "{%" not in text:
        return text
    replaced = _ACTION.sub(lambda action: PLACEHOLDER + "\n" * action[0].count("\n"), text)
    return _ONLY_PLACEHOLDERS.sub("", replaced)


def read_documents(text: str) -> list[Decoded]:
    """The documents of text from `without_actions`; none if that is no YAML."""
    try:
        return decode_text(text)
    except InputError:
        return []


def lines_with(content: str, word: str) -> Iterator[tuple[int, str]]:
    """The lines that hold a word, each once, with the offset at which they start and without their line break."""
    place = content.find(word)
    while place != -1:
        start = content.rfind("\n", 0, place) + 1
        end = content.find("\n", place)
        end = len(content) if end == -1 else end
        yield start, content[start:end].removesuffix("\r")
        place = content.find(word, end)
