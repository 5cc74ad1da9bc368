"""YAML and comments made of text that somebody else wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Plain scalars that YAML 1.1 and 1.2 read as the text they are, also inside of `{…}` and `[…]`.
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.@+-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"})
_WIDTH = 118
_LONGEST = 300


def scalar(value: str) -> str:
    """A string as a YAML scalar that reads as that string everywhere: plain if nothing can go wrong, else quoted."""
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return '"' + "".join(_quoted(character) for character in value) + '"'


def listing(values: Iterable[str]) -> str:
    """Strings as a list on one line."""
    return f"[{', '.join(map(scalar, values))}]"


def comment(sentence: str, indent: str = "") -> list[str]:
    """A sentence as comment lines. What cannot be shown, line breaks among it, is escaped, so that it stays a comment."""
    safe = "".join(_shown(character) for character in sentence)
    if len(safe) > _LONGEST:
        safe = safe[: _LONGEST - 1] + "…"
    lines = [f"{indent}#"]
    for word in safe.split(" "):
        if len(lines[-1]) + len(word) >= _WIDTH and lines[-1] != f"{indent}#":
            lines.append(f"{indent}#  ")
        lines[-1] += f" {word}"
    return lines


def one_line(text: str) -> str:
    """Text that fits behind a `#`, or on a terminal: what cannot be shown is escaped."""
    return "".join(_shown(character) for character in text)


def _quoted(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return _shown(character)


def _shown(character: str) -> str:
    if character.isprintable() and character != "\ufeff":
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
