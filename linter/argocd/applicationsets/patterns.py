"""The three kinds of patterns a Git generator knows, and which paths they describe.

- directories: Go's `path.Match`. `*` and `?` stay within a segment, and there is no `**`;
- files: pathspecs of `git ls-files`. `*` crosses directories, and a folder stands for all below it;
- files, if the controller is told so: doublestar. `*` stays within a segment, `**` spans segments, `{a,b}` is a choice.

All are matched without backtracking into earlier stars, so that no pattern takes long.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from functools import lru_cache

Matches = Callable[[str], bool]
_Token = str | re.Pattern[str] | None
"""A character, a set of characters, or None for a star."""

_ANY = re.compile(r".", re.DOTALL)
_NOTHING = re.compile(r"(?!)")
_ANY_IN_SEGMENT = re.compile(r"[^/]")
_POSIX = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "blank": " \\t", "cntrl": "\\x00-\\x1f\\x7f", "digit": "0-9", "graph": "!-~", "lower": "a-z",
    "print": " -~", "punct": "!-/:-@\\[-`{-~", "space": "\\s", "upper": "A-Z", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_MAGIC = re.compile(r":\(([a-z,]*)\)")
_MAX_CHOICES = 64


def directory_pattern(pattern: str) -> Matches:
    """Which directories Go's `path.Match` finds. Raises ValueError for a pattern it refuses."""
    tokens = _tokens(pattern, _ANY_IN_SEGMENT, negations="^")
    return lambda path: _match(tokens, path, within_segment=True)


def pathspec(pattern: str) -> Matches:
    """Which files `git ls-files` lists for a pathspec. Raises ValueError for one it refuses, or with magic words not known here."""
    magic = _MAGIC.match(pattern)
    words = set(magic[1].split(",")) - {"", "top"} if magic else set()
    if not words <= {"glob", "literal", "icase"} or (magic is None and pattern.startswith((":!", ":^", ":("))):
        raise ValueError("it has magic words that are not supported")
    pattern = pattern[magic.end() :] if magic else pattern.removeprefix(":/")
    directory = pattern.endswith("/")
    pattern = posixpath.normpath(pattern) if pattern else "."
    if pattern == ".." or pattern.startswith(("../", "/")):
        raise ValueError("it leads out of the repository")
    if pattern == ".":
        return lambda path: True
    fold = str.lower if "icase" in words else str
    pattern = fold(pattern)
    below = pattern + "/"
    if "glob" in words:
        inner = doublestar(pattern, choices=False)
    elif "literal" in words or directory:
        inner = pattern.__eq__
    else:
        tokens = _tokens(pattern, _ANY, negations="!^", lenient=True)

        def inner(path: str) -> bool:
            return _match(tokens, path, within_segment=False)

    return lambda path: fold(path) == pattern or fold(path).startswith(below) or inner(fold(path))


def doublestar(pattern: str, *, choices: bool = True) -> Matches:
    """Which files a doublestar pattern describes. Raises ValueError for one that is malformed."""
    alternatives = _choices(pattern) if choices else [pattern]
    compiled = [
        [None if segment == "**" else _segment(segment) for segment in posixpath.normpath(one.lstrip("/")).split("/")]
        for one in alternatives
    ]
    return lambda path: any(_match_segments(segments, path.split("/")) for segments in compiled)


def literal_start(pattern: str) -> str:
    """The text that everything a pattern of files describes begins with."""
    plain = pattern.strip("/")
    if plain.startswith(":") or plain in ("", ".") or posixpath.normpath(plain) != plain:
        return ""
    return re.split(r"[*?\[\\{]", plain, maxsplit=1)[0].rstrip("/")


@lru_cache(maxsize=1024)
def _segment(text: str) -> tuple[_Token, ...]:
    return tuple(_tokens(text, _ANY_IN_SEGMENT, negations="!^"))


def _match_segments(pattern: Sequence[tuple[_Token, ...] | None], path: Sequence[str]) -> bool:
    reachable = {0}
    for at, segment in enumerate(pattern):
        if segment is None:
            # A final ** needs something to stand for.
            start = min(reachable)
            reachable = set(range(start, len(path) + 1)) if at < len(pattern) - 1 else {len(path)}
        else:
            reachable = {step + 1 for step in reachable if step < len(path) and _match(segment, path[step], within_segment=True)}
        if not reachable:
            return False
    return len(path) in reachable


def _choices(pattern: str) -> list[str]:
    done: list[str] = []
    todo = [pattern]
    while todo:
        text = todo.pop()
        found = re.search(r"\{([^{}]*)\}", text)
        if found is None:
            if "{" in text.replace("\\{", ""):
                raise ValueError("a `{` has no `}`")
            done.append(text)
        else:
            todo += [text[: found.start()] + choice + text[found.end() :] for choice in found[1].split(",")]
        if len(done) + len(todo) > _MAX_CHOICES:
            raise ValueError(f"it has more than {_MAX_CHOICES} choices")
    return done


def _tokens(pattern: str, any_character: re.Pattern[str], *, negations: str, lenient: bool = False) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "*":
            if not tokens or tokens[-1] is not None:
                tokens.append(None)
        elif character == "?":
            tokens.append(any_character)
        elif character == "\\":
            if at == len(pattern):
                raise ValueError("it ends with a backslash")
            tokens.append(pattern[at])
            at += 1
        elif character == "[":
            found, at = _character_set(pattern, at, negations, posix=lenient)
            tokens.append(found)
        else:
            tokens.append(character)
    return tokens


def _character_set(pattern: str, at: int, negations: str, *, posix: bool) -> tuple[re.Pattern[str], int]:
    """The set whose content begins at `at`, and the offset behind its `]`."""
    negated = pattern[at : at + 1] != "" and pattern[at] in negations
    at += negated
    members = ""
    first = True
    while at < len(pattern):
        if pattern[at] == "]" and (not first or not posix):
            if first:
                break
            nothing = _ANY if negated else _NOTHING
            return re.compile(f"[{'^' if negated else ''}{members}]") if members else nothing, at + 1
        first = False
        named = re.compile(r"\[:(\w+):\]").match(pattern, at) if posix else None
        if named is not None and named[1] in _POSIX:
            members += _POSIX[named[1]]
            at = named.end()
            continue
        low, at = _member(pattern, at)
        high = low
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in ("", "]"):
            high, at = _member(pattern, at + 1)
        if low <= high:
            members += f"{re.escape(low)}-{re.escape(high)}"
    raise ValueError("a `[` has no `]`, or nothing in it")


def _member(pattern: str, at: int) -> tuple[str, int]:
    at += pattern[at] == "\\"
    if at >= len(pattern):
        raise ValueError("it ends with a backslash")
    return pattern[at], at + 1


def _match(tokens: Sequence[_Token], text: str, *, within_segment: bool) -> bool:
    """Whether all of `text` fits. When it does not go on, only the last star has to take one character more."""
    token = position = 0
    star = taken = -1
    while position < len(text):
        current = tokens[token] if token < len(tokens) else ""
        if current is None:
            star, taken = token, position
            token += 1
        elif current == text[position] if isinstance(current, str) else current.match(text, position) is not None:
            token += 1
            position += 1
        elif star >= 0 and not (within_segment and text[taken] == "/"):
            taken += 1
            token, position = star + 1, taken
        else:
            return False
    return all(rest is None for rest in tokens[token:])
