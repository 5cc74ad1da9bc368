"""Text for a terminal: what a repository contains cannot command it, and columns line up."""

from __future__ import annotations

import re
from collections.abc import Callable

# Controls of both sets, and the invisible characters that reorder, hide or join what stands around them.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
_CODES = {"bold": "1", "dim": "2", "underline": "4", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}
# How a severity, and a kind of failure, is painted.
STYLES = {"error": "bold red", "warning": "bold yellow", "info": "bold cyan", "broken": "bold red", "unavailable": "bold yellow"}

Paint = Callable[[str, str], str]


def painter(color: bool) -> Paint:
    """A function (text, style) -> text; a style is words such as "bold red". Without colour it changes nothing."""
    if not color:
        return lambda text, style: text

    def paint(text: str, style: str) -> str:
        codes = ";".join(_CODES[word] for word in style.split())
        return f"\x1b[{codes}m{text}\x1b[0m" if text else text

    return paint


def safe(text: str) -> str:
    """Text of a repository without anything that a terminal would obey; such characters are spelled out."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub(_spelled, text)


def width(text: str) -> int:
    """How many cells a terminal takes for text that is safe."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        2 if unicodedata.east_asian_width(character) in "WF" else 0 if unicodedata.category(character) in ("Mn", "Me") else 1
        for character in text
    )


def _spelled(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"  # a byte of a file name that is not UTF-8
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
