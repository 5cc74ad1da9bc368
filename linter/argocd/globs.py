"""The globs in `directory.include` and `directory.exclude` of a source.

Source: github.com/gobwas/glob, which Argo CD uses here without separators: `*` and `**` are any text, slashes included,
`?` is any one character, `[abc]`, `[!abc]` and `[a-z]` one of a set, `{a,b}` one of several patterns, which may nest; a
backslash takes the next character as it is. A set is either a list or one range, so `[a-z0-9]` is no pattern. A brace that
is never closed ends with the pattern.
"""

from __future__ import annotations

from functools import lru_cache

from linter.argocd.glob_matching import CharacterSet, Part, Wildcard
from linter.argocd.glob_parsing import Glob, Syntax


@lru_cache(maxsize=256)
def compile_glob(pattern: str) -> Glob:
    """The compiled glob. Raises ValueError, saying why, for a pattern that Argo CD cannot compile."""
    return Glob(pattern, _SYNTAX)


def _parse_star(pattern: str, at: int, parts: list[Part]) -> int:
    parts.append(Wildcard.ANY_TEXT)
    return at + 1


def _parse_set(pattern: str, at: int) -> tuple[CharacterSet, int]:
    """The set whose opening bracket is before `at`, and where it ends."""
    negated = pattern[at : at + 1] == "!"
    at += negated
    if pattern[at + 1 : at + 2] == "-":
        low, high, end = pattern[at], pattern[at + 2 : at + 3], pattern[at + 3 : at + 4]
        if not high or end != "]":
            raise ValueError(f"`[{pattern[at : at + 4]}` is neither a list of characters nor one range such as [a-z]")
        if high < low:
            raise ValueError(f"the range {low}-{high} is empty")
        return CharacterSet(ranges=((low, high),), negated=negated), at + 4
    characters = ""
    while at < len(pattern) and pattern[at] != "]":
        at += pattern[at] == "\\"
        characters += pattern[at : at + 1]
        at += 1
    if at >= len(pattern):
        raise ValueError("a `[` is never closed")
    if not characters:
        raise ValueError("`[]` holds no character")
    return CharacterSet(characters, negated=negated), at + 1


_SYNTAX = Syntax(_parse_star, _parse_set, Wildcard.ANY_CHARACTER, strict=False)
