"""Globs over repository-relative POSIX paths.

`*` and `?` stay within a path segment, `**` spans segments, `[abc]` and `[!abc]` are one character of a set. A pattern
that names a directory covers everything below it. A leading `/` or `./` and a trailing `/` change nothing, because every
pattern starts at the repository root; `.` is the whole repository. An unclosed `[` stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_SEVERAL_STARS = re.compile(r"\*{2,}")


class Globs:
    """An ordered set of patterns that is asked as one."""

    __slots__ = ("_regex", "patterns")

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self.patterns: tuple[str, ...] = tuple(patterns)
        self._regex = re.compile("|".join(_and_below(pattern) for pattern in self.patterns), re.DOTALL)

    def match(self, path: str) -> bool:
        """Whether a pattern names `path` or a directory above it."""
        return bool(self.patterns) and self._regex.fullmatch(path) is not None

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Globs) and self.patterns == other.patterns

    def __hash__(self) -> int:
        return hash(self.patterns)

    def __repr__(self) -> str:
        return f"Globs({list(self.patterns)!r})"


def matches(pattern: str, path: str) -> bool:
    """Whether `pattern` names `path` or a directory above it."""
    return _compile(_and_below(pattern)).fullmatch(path) is not None


def match_exactly(pattern: str, path: str) -> bool:
    """Whether `pattern` names `path` itself: `charts/*` is `charts/shop`, and not what lies below it."""
    return _compile(_translate(pattern)).fullmatch(path) is not None


def match_name(patterns: Sequence[str], name: str) -> bool:
    """Whether one of `patterns` describes a name that is no path, such as an object's; no patterns describe every name."""
    return not patterns or any(_compile(_segment(pattern, any_character=".")).fullmatch(name) is not None for pattern in patterns)


def normalise(pattern: str) -> str:
    """The pattern without what makes no difference: `./apps/` is `apps`, `/` is `.`."""
    return "/".join(segment for segment in pattern.split("/") if segment not in ("", ".")) or "."


def below(directory: str, pattern: str) -> str:
    """A pattern written in a file of `directory`, for the whole repository; a leading `/` means the repository root."""
    if directory in ("", ".") or pattern.startswith("/"):
        return pattern
    own = normalise(pattern)
    place = re.sub(r"([*?\[])", r"[\1]", directory)
    return place if own == "." else f"{place}/{own}"


@lru_cache(maxsize=1024)
def _compile(regex: str) -> re.Pattern[str]:
    return re.compile(regex, re.DOTALL)


def _and_below(pattern: str) -> str:
    return f"(?:{_translate(pattern)})(?:/.*)?"


@lru_cache(maxsize=1024)
def _translate(pattern: str) -> str:
    """The regular expression of a path pattern, to be used with fullmatch."""
    pattern = normalise(pattern)
    if pattern in (".", "**"):
        return ".*"
    regex = ""
    segments = pattern.split("/")
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if segment == "**":
            # In front or in the middle: any number of directories. At the end: the directory itself and all below it.
            regex = regex[:-1] + "(?:/.*)?" if last else regex + "(?:.*/)?"
        else:
            regex += _segment(segment, any_character="[^/]") + ("" if last else "/")
    return regex


@lru_cache(maxsize=1024)
def _segment(text: str, any_character: str) -> str:
    text = _SEVERAL_STARS.sub("*", text)
    regex = ""
    position = 0
    while position < len(text):
        character = text[position]
        position += 1
        if character == "*":
            regex += f"{any_character}*"
        elif character == "?":
            regex += any_character
        elif character == "[" and (end := _end_of_set(text, position)) != -1:
            regex += _character_set(text[position:end])
            position = end + 1
        else:
            regex += re.escape(character)
    return regex


def _end_of_set(text: str, start: int) -> int:
    """The index of the `]` that closes the set whose content starts at `start`; a `]` that comes first is a member."""
    first = start + 1 if text[start : start + 1] in ("!", "^") else start
    return text.find("]", first + 1)


def _character_set(content: str) -> str:
    negated = content[0] in "!^"
    members = re.sub(r"([\\\[\]^&~|])", r"\\\1", content[1:] if negated else content)
    try:
        re.compile(f"[{members}]")
    except re.error:  # a range that runs backwards, such as z-a, holds nothing
        return "[^\\s\\S]" if not negated else "[^/]"
    return f"[^/{members}]" if negated else f"(?!/)[{members}]"
