"""Reading what may be a template: lines by a word in them, and YAML in spite of template actions, none of them executed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from linter.errors import InputError
from linter.manifest.decoder import Decoded, decode_text

# Stands for what a template prints. A private character of Unicode that YAML allows and no author writes.
PLACEHOLDER = "\ue000"

# An action ends before the next one begins: otherwise a text of nothing but `{{` would be searched to its end each time.
_ACTION = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}|\{%(?:(?!\{%).)*?%\}", re.DOTALL)
_LITERAL = re.compile(r"""\{\{-?\s*(?:"((?:[^"\\{}]|\\.|\{\{|\}\})*)"|`([^`]*)`)\s*-?\}\}""")
# Braces that a template prints. Private characters of Unicode too.
_OPEN, _CLOSE = "\ue003", "\ue004"
_PRINTED = re.compile(f"{_OPEN}[^{_OPEN}{_CLOSE}]*{_CLOSE}")
_ONLY_PLACEHOLDERS = re.compile(rf"^[ \t]*(?:{PLACEHOLDER}[ \t]*)+$", re.MULTILINE)


def without_actions(text: str) -> str:
    """The text with a placeholder for each template action, and the same line breaks; lines of actions alone are empty."""
    if "{{" not in text and "{%" not in text:
        return text
    replaced = _ACTION.sub(lambda action: PLACEHOLDER + "\n" * action[0].count("\n"), text)
    return _ONLY_PLACEHOLDERS.sub("", replaced)


def with_printed_braces(text: str) -> str:
    """The text with what its actions print where that is a string in them, and marks for the braces in it: a chart with an
    ApplicationSet prints the templates of that as `{{ "{{path}}" }}`."""
    if '"' not in text and "`" not in text:
        return text
    return _LITERAL.sub(_printed, text)


def _printed(action: re.Match[str]) -> str:
    return (action[1] if action[1] is not None else action[2]).replace("{{", _OPEN).replace("}}", _CLOSE)


def without_printed_braces(text: str) -> str:
    """The text with a placeholder for each template that it prints."""
    return _PRINTED.sub(PLACEHOLDER, text) if _OPEN in text else text


def restored(value: Any) -> Any:
    """A decoded value with braces where `with_printed_braces` wrote marks."""
    if isinstance(value, str):
        return value.replace(_OPEN, "{{").replace(_CLOSE, "}}")
    if isinstance(value, list):
        return [restored(each) for each in value]
    if isinstance(value, dict):
        return {restored(key): restored(each) for key, each in value.items()}
    return value


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
