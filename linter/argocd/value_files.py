"""The paths in `helm.valueFiles` and `helm.fileParameters`: of which kind each is, and what a glob among them matches.

Source: the repo-server of Argo CD, and github.com/bmatcuk/doublestar for the globs.
"""

from __future__ import annotations

import re
from functools import lru_cache

from linter.argocd.glob_matching import Alternatives, CharacterSet, Part, Wildcard
from linter.argocd.glob_parsing import Glob, Syntax

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def scheme_of(path: str) -> str | None:
    """The scheme, in small letters, of a path that is an address; None of a file."""
    match = _SCHEME.match(path)
    return match[1].lower() if match is not None else None


def split_ref(path: str) -> tuple[str, str] | None:
    """The ref and the rest of a path such as `$values/prod.yaml`; None if it does not begin with a dollar."""
    if not path.startswith("$"):
        return None
    name, _, rest = path[1:].partition("/")
    return name, rest


def is_glob(path: str) -> bool:
    """Whether Argo CD expands a path. Braces alone make no glob."""
    return any(character in path for character in "*?[")


@lru_cache(maxsize=256)
def compile_value_glob(pattern: str) -> Glob:
    """The compiled glob over paths: `*` and `?` stay within a path segment, `**` as a segment spans any number of them, `[a-z]`,
    `[!abc]` and `[^abc]` are one character of a set, `{a,b}` one of several patterns.

    Raises ValueError, saying why, for a pattern that Argo CD cannot read."""
    return Glob(pattern, _SYNTAX)


def _parse_stars(pattern: str, at: int, parts: list[Part]) -> int:
    """Append what one or more stars stand for, and say where the pattern goes on."""
    end = at
    while pattern[end : end + 1] == "*":
        end += 1
    before, after = pattern[at - 1 : at] if at else "", pattern[end : end + 1]
    if end - at != 2 or before not in ("", "/", "{", ",") or after not in ("", "/", "}", ","):
        parts.append(Wildcard.ANY_IN_SEGMENT)
        return end
    if after == "/":
        parts.append(Wildcard.ANY_SEGMENTS)
        return end + 1
    if parts and parts[-1] == "/":
        # The directory itself, and all below it.
        parts[-1] = Alternatives([[], ["/", Wildcard.ANY_TEXT]])
    else:
        parts.append(Wildcard.ANY_TEXT)
    return end


def _parse_set(pattern: str, at: int) -> tuple[CharacterSet, int]:
    """The set whose opening bracket is before `at`, and where it ends."""
    negated = pattern[at : at + 1] in ("!", "^") and at < len(pattern)
    at += negated
    characters = ""
    ranges: list[tuple[str, str]] = []
    if pattern[at : at + 1] == "]":
        raise ValueError("`[]` holds no character")
    while at < len(pattern) and pattern[at] != "]":
        low, at = _one_of_set(pattern, at)
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in ("", "]"):
            high, at = _one_of_set(pattern, at + 1)
            ranges.append((low, high))
        else:
            characters += low
    if at >= len(pattern):
        raise ValueError("a `[` is never closed")
    return CharacterSet(characters, tuple(ranges), negated, in_segment=True), at + 1


def _one_of_set(pattern: str, at: int) -> tuple[str, int]:
    at += pattern[at] == "\\"
    return pattern[at : at + 1], at + 1


_SYNTAX = Syntax(_parse_stars, _parse_set, Wildcard.ANY_BUT_SLASH, strict=True)
