"""Matching text against a glob, in time that grows with the pattern and the text and not with what they hold.

A glob is a list of parts: text that stands for itself, and the classes below.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Wildcard(Enum):
    ANY_TEXT = "any text, slashes included"
    ANY_IN_SEGMENT = "any text without a slash"
    ANY_SEGMENTS = "nothing, or any text that ends with a slash"
    ANY_CHARACTER = "any one character"
    ANY_BUT_SLASH = "any one character that is no slash"


@dataclass(frozen=True, slots=True)
class CharacterSet:
    """One character: of `characters` or in one of `ranges`; any other one if `negated`. With `in_segment` never a slash."""

    characters: str = ""
    ranges: tuple[tuple[str, str], ...] = ()
    negated: bool = False
    in_segment: bool = False

    def holds(self, character: str) -> bool:
        if self.in_segment and character == "/":
            return False
        return (character in self.characters or any(low <= character <= high for low, high in self.ranges)) != self.negated


@dataclass(slots=True)
class Alternatives:
    patterns: list[list[Part]] = field(default_factory=lambda: [[]])


Part = str | Wildcard | CharacterSet | Alternatives


def matches_whole(parts: list[Part], text: str) -> bool:
    """Whether the parts describe the whole of a text."""
    return bool(_Matching(text).after(parts, 1) >> len(text) & 1)


class _Matching:
    """Matching against one text. Sets of offsets into it are the bits of a number."""

    def __init__(self, text: str) -> None:
        self._everywhere = (1 << len(text) + 1) - 1
        self._places: dict[str, int] = {}
        for offset, character in enumerate(text):
            self._places[character] = self._places.get(character, 0) | 1 << offset

    def after(self, parts: list[Part], offsets: int) -> int:
        """Where a match of `parts` that begins at one of `offsets` may end."""
        for part in parts:
            if not offsets:
                return 0
            if isinstance(part, str):
                for character in part:
                    offsets = (offsets & self._places.get(character, 0)) << 1
            elif isinstance(part, CharacterSet):
                places = sum(self._places[character] for character in self._places if part.holds(character))
                offsets = (offsets & places) << 1
            elif isinstance(part, Alternatives):
                found = 0
                for pattern in part.patterns:
                    found |= self.after(pattern, offsets)
                offsets = found
            else:
                offsets = self._after_wildcard(part, offsets)
        return offsets

    def _after_wildcard(self, part: Wildcard, offsets: int) -> int:
        slashes = self._places.get("/", 0)
        if part is Wildcard.ANY_CHARACTER:
            return offsets << 1 & self._everywhere
        if part is Wildcard.ANY_BUT_SLASH:
            return (offsets & ~slashes) << 1 & self._everywhere
        if part is Wildcard.ANY_IN_SEGMENT:
            while (more := offsets | (offsets & ~slashes) << 1 & self._everywhere) != offsets:
                offsets = more
            return offsets
        from_the_first = self._everywhere & -(offsets & -offsets)
        return from_the_first if part is Wildcard.ANY_TEXT else offsets | (from_the_first & slashes) << 1
