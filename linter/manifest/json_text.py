"""JSON files: values as Kubernetes reads them, and the place of each.

Several documents may follow each other in one file, as kubectl accepts them.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from linter.errors import InputError
from linter.manifest.problems import MAX_DEPTH, line_at
from linter.manifest.scalars import UnusableError, json_number
from linter.manifest.shadow import Mapping, Node, Scalar, Sequence

_SPACE: Final = re.compile(r"[ \t\r\n]*")
# A pair of surrogate escapes is one character. A lone one is none: Go reads it as U+FFFD.
_ESCAPE: Final = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.S)
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


class UnusableJSONError(InputError):
    """Well-formed JSON that Go does not accept, so that reading it as YAML is no way out."""


def replace_lone_surrogates(text: str) -> str:
    """The text with each lone surrogate escape replaced by the escape of U+FFFD, which has the same length."""
    if _SURROGATE.search(text) is None:
        return text
    return _ESCAPE.sub(lambda match: "\\ufffd" if match[1] else match[0], text)


def decode_json(text: str) -> list[tuple[Any, bool]]:
    """Value and "repeats a key" of each document. Raises InputError `json-syntax`, or `yaml-too-deep`."""
    text = replace_lone_surrogates(text.removeprefix("\ufeff"))
    documents: list[tuple[Any, bool]] = []
    duplicates = False

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal duplicates
        result = dict(pairs)
        if len(result) != len(pairs):
            duplicates = True
        return result

    decoder = json.JSONDecoder(object_pairs_hook=mapping, parse_int=_integer, parse_float=_float, parse_constant=_constant)
    position = _end(_SPACE, text, 0)
    while position < len(text):
        duplicates = False
        start = position
        try:
            value, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise _syntax_error(error.msg, text, error.pos) from None
        except UnusableError as unusable:
            # NaN and Infinity are no JSON; a number beyond the range of floats is.
            refused = UnusableJSONError if "too large" in str(unusable) else InputError
            raise refused("json-syntax", str(unusable), fix=unusable.fix, line=_line_of_number(text, position)) from None
        except RecursionError:
            raise _too_deep(text, position) from None
        if _deeper_than(value, MAX_DEPTH):
            raise _too_deep(text, start)
        documents.append((value, duplicates))
        position = _end(_SPACE, text, position)
    return documents


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match is not None else position


def _integer(text: str) -> int | float:
    return int(text) if len(text) < 19 else json_number(_bounded(text))


def _bounded(text: str) -> int | float:
    return int(text) if len(text) < 400 else _float(text)


def _float(text: str) -> int | float:
    number = float(text)
    if number - number != 0:
        raise UnusableError(f"the number {text[:40]} is too large", "write a smaller number, or quote it")
    return json_number(number)


def _constant(text: str) -> Any:
    raise UnusableError(f"{text} is not a JSON number", "write a finite number, or quote it")


def _deeper_than(value: Any, limit: int) -> bool:
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(limit):
        if not level:
            return False
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]  # fmt: skip
    return bool(level)


def _too_deep(text: str, position: int) -> InputError:
    return InputError(
        "yaml-too-deep", f"mappings and lists are nested more than {MAX_DEPTH} levels deep",
        fix="flatten the document; no Kubernetes object is nested that deep", line=line_at(text, position),
    )  # fmt: skip


_MEANINGS: Final[dict[str, tuple[str, str]]] = {
    "Expecting value": ("a value is missing or is no JSON value", "write a value, or quote the text"),
    "Expecting property name enclosed in double quotes": ("a key is missing or not in double quotes", "write the key in double quotes"),
    "Illegal trailing comma before end of object": ("a comma stands before the closing bracket", "remove the comma"),
    "Illegal trailing comma before end of array": ("a comma stands before the closing bracket", "remove the comma"),
    "Expecting ':' delimiter": ("a colon is missing after a key", "add the `:`"),
    "Expecting ',' delimiter": ("a comma or closing bracket is missing", "add the comma or close the bracket"),
    "Unterminated string starting at": ("a string is opened here and never closed", "close the double quote"),
    "Invalid control character at": ("a line break or control character stands inside a string", "write it as an escape such as \\n"),
    "Invalid \\escape": ("a backslash is followed by a character that is no escape", "write the backslash twice"),
    "Invalid \\uXXXX escape": ("a \\u escape lacks digits", "write four hexadecimal digits"),
}


def _syntax_error(message: str, text: str, position: int) -> InputError:
    meaning, fix = next(
        (entry for beginning, entry in _MEANINGS.items() if message.startswith(beginning)),
        (message, "correct the JSON on or above this line"),
    )
    line = line_at(text, min(position, len(text)))
    if message.startswith("Expecting value") and text[:position].rstrip()[-1:] == ",":
        meaning, fix = _MEANINGS["Illegal trailing comma before end of object"]
    return InputError("json-syntax", f"not valid JSON: {meaning}", fix=fix, line=line)


_NUMBER: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|(NaN|-?Infinity|-?[0-9][0-9.eE+-]*)', re.S)


def _line_of_number(text: str, position: int) -> int | None:
    """The line of the first number of the document that JSON or Go refuses."""
    for match in _NUMBER.finditer(text, position):
        if match[1]:
            try:
                usable = "N" not in match[1] and "I" not in match[1] and json_number(float(match[1])) is not None
            except (UnusableError, ValueError):
                usable = False
            if not usable:
                return line_at(text, match.start())
    return None


_TOKEN: Final = re.compile(r'[ \t\r\n,:]*(?:("[^"\\]*(?:\\.[^"\\]*)*")|([{\[])|([}\]])|([^\s"{}\[\],:]+))', re.S)


def shadow_of_json(text: str) -> list[tuple[int, Node]]:
    """The start of each document and its tree of places. Raises InputError as `decode_json` does."""
    decode_json(text)
    text = replace_lone_surrogates(text)
    documents: list[tuple[int, Node]] = []
    stack: list[Mapping | Sequence] = []
    keys: list[Scalar | None] = []  # the key that waits for its value, for each open mapping and list
    for match in _TOKEN.finditer(text, 1 if text[:1] == "\ufeff" else 0):
        string, opening, closing, _ = match.groups()
        node: Node
        if closing:
            node = stack.pop()
            keys.pop()
            node.end = match.end()
            continue
        start = match.start(match.lastindex or 0)
        if string and stack and keys[-1] is None and isinstance(stack[-1], Mapping):
            keys[-1] = Scalar(start, match.end(), json.loads(string))
            continue
        if opening == "{":
            node = Mapping(start, match.end())
        elif opening:
            node = Sequence(start, match.end(), [])
        else:
            node = Scalar(start, match.end(), json.loads(string or match[4]))
        if not stack:
            documents.append((start, node))
        elif isinstance(parent := stack[-1], Mapping):
            key = keys[-1]
            assert key is not None  # decode_json has found the text well-formed
            parent.add(key.value, key, node)
            keys[-1] = None
        else:
            parent.items.append(node)
        if opening:
            assert isinstance(node, (Mapping, Sequence))
            stack.append(node)
            keys.append(None)
    return documents
