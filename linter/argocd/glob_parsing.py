"""What the two kinds of globs of Argo CD have in common when they are read: braces, escapes, and text that stands for itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from linter.argocd.glob_matching import Alternatives, CharacterSet, Part, Wildcard, matches_whole

# Brackets inside brackets serve no author, and matching them takes a call each.
_MAX_NESTING = 40


@dataclass(frozen=True, slots=True)
class Syntax:
    """What a kind of globs has of its own.

    `stars` appends what the stars at an offset stand for and says where the pattern goes on, `character_set` reads the set
    whose `[` stands before an offset; `one` is what `?` stands for. If `strict`, what is never closed is an error.
    """

    stars: Callable[[str, int, list[Part]], int]
    character_set: Callable[[str, int], tuple[CharacterSet, int]]
    one: Wildcard
    strict: bool


def parse(pattern: str, syntax: Syntax) -> list[Part]:
    """The parts of a glob. Raises ValueError, saying why, for one that cannot be read."""
    whole: list[Part] = []
    parts = whole
    open_braces: list[tuple[Alternatives, list[Part]]] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "*":
            at = syntax.stars(pattern, at, parts)
            continue
        at += 1
        if character == "{":
            if len(open_braces) == _MAX_NESTING:
                raise ValueError(f"braces are nested more than {_MAX_NESTING} levels deep")
            alternatives = Alternatives()
            parts.append(alternatives)
            open_braces.append((alternatives, parts))
            parts = alternatives.patterns[0]
        elif character == "," and open_braces:
            parts = []
            open_braces[-1][0].patterns.append(parts)
        elif character == "}" and (open_braces or syntax.strict):
            if not open_braces:
                raise ValueError("a `}` closes nothing")
            parts = open_braces.pop()[1]
        elif character == "[":
            found, at = syntax.character_set(pattern, at)
            parts.append(found)
        elif character == "?":
            parts.append(syntax.one)
        elif character != "\\":
            parts.append(character)
        elif at < len(pattern):
            parts.append(pattern[at])
            at += 1
        elif syntax.strict:
            raise ValueError("it ends with a backslash")
    if open_braces and syntax.strict:
        raise ValueError("a `{` is never closed")
    return whole


class Glob:
    """A compiled glob. Matching takes time proportional to the lengths of the pattern and of the path, whatever they hold."""

    __slots__ = ("_parts", "pattern")

    def __init__(self, pattern: str, syntax: Syntax) -> None:
        """Raises ValueError, saying why, for a pattern that Argo CD cannot compile."""
        self.pattern = pattern
        self._parts = parse(pattern, syntax)

    def match(self, path: str) -> bool:
        """Whether the pattern describes the whole of `path`."""
        return matches_whole(self._parts, path)
