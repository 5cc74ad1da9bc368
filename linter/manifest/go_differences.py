"""Where libyaml's old C scanner and go-yaml v2, which Kubernetes uses, disagree about what is valid.

- `[http://x, a:b]`: inside brackets the C scanner refuses a colon that is followed by no space; go-yaml takes it as text.
- `! 5`: the C scanner drops the tag `!` and resolves the value; for go-yaml it is text.
- `"\\/"`: the C scanner reads a slash; go-yaml refuses the escape.
Found by comparing both on generated and real text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeVar

from linter.manifest.events import Mark, OnScalar, ParseError
from linter.manifest.problems import escaped_slash

T = TypeVar("T")

_REFUSED_COLON: Final = "found unexpected ':'"
# A colon inside a word. Tags, anchors, aliases and directives are matched first and left as they are.
# Patterns are compiled when first needed; most files need none.
_COLON_IN_WORD: Final = r"""(?m)^%.*|(?<![^\s\[{,])[!&*][^\s,\[\]{}]*|(?<=[^\s"'\[\]{},:]):(?=\S)"""
_MAX_SINGLE_COLONS: Final = 100
_MAX_REREAD_CHARACTERS: Final = 20_000_000
_BARE_TAG: Final = r"!\s"
_BARE_TAG_HERE: Final = r"(?:&\S+\s+)?!\s"
_ESCAPED_SLASH: Final = r"(?<!\\)(?:\\\\)*\\/"


def with_flow_colons(text: str, attempt: Callable[[str, str], T]) -> T:
    """`attempt(text, "")`; if the scanner refuses a colon, again with a filler character in place of such colons.

    The filler is one character that the text does not hold, so that every position stays what it was. Raises what
    the last attempt raises.
    """
    try:
        return attempt(text, "")
    except ParseError as problem:
        if problem.problem != _REFUSED_COLON or problem.index is None:
            raise
    filler = next((chr(code) for code in range(0xE000, 0xF8FF) if chr(code) not in text), "")
    if not filler:
        return attempt(text, "")
    text = re.sub(_COLON_IN_WORD, lambda match: filler if match[0] == ":" else match[0], text)
    for _ in range(min(_MAX_SINGLE_COLONS, _MAX_REREAD_CHARACTERS // len(text))):
        try:
            return attempt(text, filler)
        except ParseError as problem:
            index = problem.index
            if problem.problem != _REFUSED_COLON or index is None or text[index : index + 1] != ":":
                raise
            text = text[:index] + filler + text[index + 1 :]
    return attempt(text, filler)


def as_go_reads(scalar: OnScalar, text: str, filler: str) -> OnScalar:
    """The scalar handler, wrapped if `text` may need it: colons restored, escaped slashes refused, `! x` made text."""
    slashes = "\\/" in text
    bare_tags = "!" in text and re.search(_BARE_TAG, text) is not None
    if not filler and not slashes and not bare_tags:
        return scalar

    escaped_slashes, bare_tag = re.compile(_ESCAPED_SLASH), re.compile(_BARE_TAG_HERE)

    def as_go(anchor: str | None, tag: str | None, implicit: tuple[bool, bool], value: str, start: Mark, end: Mark, style: str) -> None:
        if filler:
            value = value.replace(filler, ":")
        if slashes and style == '"':
            match = escaped_slashes.search(text, start.index, end.index)
            if match is not None:
                raise escaped_slash(match.end() - 2)
        if bare_tags and implicit[0] and value != "<<" and bare_tag.match(text, start.index) is not None:
            tag, implicit = "!", (False, False)
        scalar(anchor, tag, implicit, value, start, end, style)

    return as_go


def begins_as_json(text: str) -> bool:
    """Whether kubectl would try to read YAML text as JSON first."""
    return text[:1] == "{" or (text[:1] in ("\ufeff", " ", "\t", "\r", "\n") and re.match(r"[\ufeff \t\r\n]*\{", text) is not None)
