"""Marks: unique values in the place of authored scalars, found again in what a root is built to."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Any, Final

from linter.model import Route
from linter.provenance.kustomize.leaves import Leaf
from linter.provenance.kustomize.texts import Edits

_FIRST_NUMBER: Final = 700_001
_NUMBER: Final = re.compile(r"(?<!\d)7\d{5}(?!\d)")


class Marks:
    """The marks of one build.

    A string keeps its text and gets an ending of letters and digits, so that it stays valid wherever a DNS label is; a
    number becomes a unique one. `word` is a word of letters that the plain build does not hold.
    """

    def __init__(self, word: str) -> None:
        self._word = word
        self._pattern = re.compile(rf"{word}(\d{{5}})z")
        self._leaves: list[Leaf] = []
        self._edits = Edits()

    def __bool__(self) -> bool:
        return bool(self._leaves)

    def add(self, leaf: Leaf) -> None:
        """Marks a leaf: a string, a number, or with a string one that is null or removes something."""
        number = len(self._leaves)
        self._leaves.append(leaf)
        if isinstance(leaf.value, float):
            leaf.set(self._edits, _FIRST_NUMBER + number + 0.5)
        elif isinstance(leaf.value, int):
            leaf.set(self._edits, _FIRST_NUMBER + number)
        else:
            leaf.set(self._edits, f"{leaf.value or ''}{self._word}{number:05d}z")

    def files(self) -> dict[str, bytes]:
        """The content of each file with the marks."""
        return self._edits.files()

    def found(self, value: Any, plain: Any) -> list[Leaf]:
        """The leaves whose marks are in a built scalar, in their order there. `plain` is the scalar without marks."""
        if isinstance(value, bool) or value is None or value == plain:
            return []
        leaves = list(self._in_text(str(value)))
        if not leaves and isinstance(value, str):
            leaves = list(self._in_text(decoded(value) or ""))
        return list(dict.fromkeys(leaves))

    def strip(self, value: str) -> str:
        """A string without marks."""
        return self._pattern.sub("", value)

    def _in_text(self, text: str) -> Iterable[Leaf]:
        for match in self._pattern.finditer(text):
            if int(match[1]) < len(self._leaves):
                yield self._leaves[int(match[1])]
        for match in _NUMBER.finditer(self._pattern.sub("", text)):
            number = int(match[0]) - _FIRST_NUMBER
            if 0 <= number < len(self._leaves) and isinstance(self._leaves[number].value, int | float):
                yield self._leaves[number]


def unused_word(texts: Iterable[str]) -> str:
    """A word for marks that none of the texts holds."""
    known = list(texts)
    number = 0
    while True:
        word = "zq" + "".join("abcdefghjk"[int(digit)] for digit in str(number)) + "q"
        if not any(word in text for text in known):
            return word
        number += 1


def decoded(value: str) -> str | None:
    """The text that a scalar holds in base64, as the data of a Secret does, or None."""
    try:
        return base64.b64decode(value, validate=True).decode()
    except ValueError:
        return None


def at_same_place(plain: Any, marked: Any, route: Route) -> tuple[bool, Any]:
    """Whether a route leads to the same place in two builds, lists of the same length on the way, and the value in the second."""
    for number, step in enumerate(route):
        if isinstance(step, str):
            if not isinstance(marked, dict) or step not in marked:
                return False, None
            # What only the second build has is looked for at the end of a route alone.
            if not isinstance(plain, dict) or (step not in plain and number < len(route) - 1):
                return False, None
            plain, marked = plain.get(step), marked[step]
        else:
            if not isinstance(plain, list) or not isinstance(marked, list) or len(plain) != len(marked) or not 0 <= step < len(plain):
                return False, None
            plain, marked = plain[step], marked[step]
    return True, marked
