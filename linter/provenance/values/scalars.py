"""Values as text, to compare what a chart was given with what it printed."""

from __future__ import annotations

from typing import Any

from linter.manifest.scalars import resolve_plain


def is_scalar(value: object) -> bool:
    """Whether a value is no mapping and no list."""
    return not isinstance(value, (dict, list))


def forms(value: object) -> frozenset[str]:
    """The texts by which a scalar is recognised, whatever quoting, letter case, or type printing gave it.

    `8080` and `"8080"` share one, and so do `"1.10"` and the number 1.1 that it becomes when it is printed without quotes.
    """
    if isinstance(value, str):
        text = value.strip().casefold()
        if text[:1].isdigit() or text[:1] in ("-", "+", "."):
            return frozenset((text, _text(_resolved(text))))
        return frozenset((text,))
    return frozenset((_text(value),))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value).casefold()


def _resolved(text: str) -> Any:
    try:
        return resolve_plain(text)
    except ValueError:
        return text


def is_integer_text(text: str) -> bool:
    """Whether a string is an integer in decimal digits, so that another number can stand in its place."""
    return text.isascii() and text.isdecimal() and (text[0] != "0" or text == "0") and len(text) < 19
