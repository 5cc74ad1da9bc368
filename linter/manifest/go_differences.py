"""Where libyaml's old C scanner and go-yaml v2, which Kubernetes uses, disagree about what is valid.

- `[http://x, a:b]`: inside brackets the C scanner refuses a colon that is followed by no space; go-yaml takes it as text.
- `! 5`: the C scanner drops the tag `!` and resolves the value; for go-yaml it is text.
- `"\\'"`: the C scanner refuses the escape; go-yaml reads an apostrophe.
- `"\\/"`: the C scanner reads a slash; go-yaml refuses the escape.
- A byte order mark at the beginning of a line: the C scanner skips it; for go-yaml it is text, unless a document begins with it.
Found by comparing both on generated and real text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import Final, TypeVar

from linter.manifest.events import Mark, OnScalar, ParseError
from linter.manifest.problems import escaped_slash

T = TypeVar("T")

_REFUSED_COLON: Final = "found unexpected ':'"
_REFUSED_ESCAPE: Final = "found unknown escape character"
# A colon inside a word. Tags, anchors, aliases and directives are matched first and left as they are.
# Patterns are compiled when first needed; most files need none.
_COLON_IN_WORD: Final = r"""(?m)^%.*|(?<![^\s\[{,])[!&*][^\s,\[\]{}]*|(?<=[^\s"'\[\]{},:]):(?=\S)"""
_MAX_REPAIRS: Final = 100
_MAX_REREAD_CHARACTERS: Final = 20_000_000
# A mark, but where kubectl begins to read a document, that is behind the line `---` that ends another one.
_BYTE_ORDER_MARK: Final = r"((?<=\n)---[^\n]*\n\ufeff)|\ufeff"
_BARE_TAG: Final = r"!\s"
_BARE_TAG_HERE: Final = r"(?:&\S+\s+)?!\s"
_ESCAPED_SLASH: Final = r"(?<!\\)(?:\\\\)*\\/"


def with_flow_colons(text: str, attempt: Callable[[str, str], T]) -> T:
    """`attempt(text, "")`; where the scanner refuses what go-yaml reads, again with filler characters in place of it.

    The second argument is empty, or three characters that the text did not hold: for a colon in a word, for a byte order
    mark, and for the second half of the escape `\\'`, whose first half is then the apostrophe. Every position stays what it
    was. Raises what the last attempt raises.
    """
    fillers = _unused(text) if "\ufeff" in text else ""
    if fillers:
        text = re.sub(_BYTE_ORDER_MARK, lambda match: match[1] or fillers[1], text)
    try:
        return attempt(text, fillers)
    except ParseError as problem:
        if problem.problem not in (_REFUSED_COLON, _REFUSED_ESCAPE):
            raise
        first = problem
    fillers = fillers or _unused(text)
    if not fillers:
        raise first
    mended = _mended(text, first, fillers)
    if mended is not None and first.problem == _REFUSED_COLON:
        mended = re.sub(_COLON_IN_WORD, lambda match: fillers[0] if match[0] == ":" else match[0], text)
    for _ in range(min(_MAX_REPAIRS, _MAX_REREAD_CHARACTERS // len(text))):
        if mended is None:
            raise first
        text = mended
        try:
            return attempt(text, fillers)
        except ParseError as problem:
            first, mended = problem, _mended(text, problem, fillers)
    raise first


def _mended(text: str, problem: ParseError, fillers: str) -> str | None:
    """The text with fillers at the place of a problem, if go-yaml has none there."""
    index = problem.index
    if index is None:
        return None
    if problem.problem == _REFUSED_COLON and text[index : index + 1] == ":":
        return text[:index] + fillers[0] + text[index + 1 :]
    if problem.problem == _REFUSED_ESCAPE and text[index : index + 2] == "\\'":
        return text[:index] + "'" + fillers[2] + text[index + 2 :]
    return None


def _unused(text: str) -> str:
    """Three private characters that the text does not hold, or none."""
    held = set(text)
    found = list(islice((chr(code) for code in range(0xE000, 0xF8FF) if chr(code) not in held), 3))
    return "".join(found) if len(found) == 3 else ""


def as_go_reads(scalar: OnScalar, text: str, fillers: str) -> OnScalar:
    """The scalar handler, wrapped if `text` may need it: colons and byte order marks restored, escaped slashes refused, `! x` made text."""
    # One character is found much faster than two.
    slashes = "\\" in text and "\\/" in text
    bare_tags = "!" in text and re.search(_BARE_TAG, text) is not None
    if not fillers and not slashes and not bare_tags:
        return scalar

    escaped_slashes, bare_tag = re.compile(_ESCAPED_SLASH), re.compile(_BARE_TAG_HERE)

    def as_go(anchor: str | None, tag: str | None, implicit: tuple[bool, bool], value: str, start: Mark, end: Mark, style: str) -> None:
        if fillers:
            value = value.replace(fillers[0], ":").replace(fillers[1], "\ufeff").replace(fillers[2], "")
        if slashes and style == '"':
            match = escaped_slashes.search(text, start.index, end.index)
            if match is not None:
                raise escaped_slash(match.end() - 2)
        if bare_tags and implicit[0] and value != "<<" and bare_tag.match(text, start.index, end.index + 1) is not None:
            tag, implicit = "!", (False, False)
        scalar(anchor, tag, implicit, value, start, end, style)

    return as_go


def begins_as_json(text: str) -> bool:
    """Whether kubectl would try to read YAML text as JSON first."""
    return text[:1] == "{" or (text[:1] in ("\ufeff", " ", "\t", "\r", "\n") and re.match(r"[\ufeff \t\r\n]*\{", text) is not None)
