"""Where the actions of a Go template stand, without evaluating them.

The lexical rules are those of Go's text/template: `{{` to `}}`, with strings, raw strings, character constants and
comments inside, and `{{- ` and ` -}}` trimming the white space beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SPACE = " \t\r\n"

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|\'(?:[^\'\\\n]|\\.)*\'|\}\}')
_LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|\'(?:[^\'\\\n]|\\.)*\'')
_KEYWORD = re.compile(r"(if|else|end|range|with|define|block|template|break|continue)(?!\w)")
_ASSIGNMENT = re.compile(r"\$\w*(?:\s*,\s*\$\w*)?\s*:?=(?!=)")

_OPENING = frozenset({"if", "range", "with", "define", "block"})


class Action:
    """One `{{…}}` of a template.

    `start` and `end` are offsets around the braces, `code_start` and `code_end` around what stands between them without
    trim markers. `line` counts from 1. `keyword` is the control word, "comment", "assignment", or "" for an action that
    prints. `define` is the name of the innermost `define` or `block` the action stands in, or None outside of any;
    the `define`, the `block` and their `end` themselves count as outside. `closes` is the action that an `end` closes.
    """

    __slots__ = ("closes", "code_end", "code_start", "define", "end", "keyword", "line", "start", "trims_right")

    def __init__(self, start: int, end: int, code_start: int, code_end: int, line: int, keyword: str, trims_right: bool) -> None:
        self.start = start
        self.end = end
        self.code_start = code_start
        self.code_end = code_end
        self.line = line
        self.keyword = keyword
        self.trims_right = trims_right
        self.define: str | None = None
        self.closes: Action | None = None

    @property
    def prints(self) -> bool:
        """Whether its result becomes output. A `block` prints where its `end` stands."""
        return self.keyword in ("", "template")


def parse_actions(text: str) -> list[Action]:
    """The actions of a template in order.

    Raises ValueError where the engine would not parse the template either: an action or comment without end, an `end`
    without a beginning or the reverse.
    """
    found: list[Action] = []
    open_blocks: list[tuple[Action, str | None]] = []
    define: str | None = None
    for action in _scan(text):
        action.define = define
        if action.keyword in _OPENING:
            open_blocks.append((action, define))
            if action.keyword in ("define", "block"):
                define = _first_literal(text, action)
        elif action.keyword == "end":
            if not open_blocks:
                raise ValueError(f"line {action.line} has an `end` without a beginning")
            action.closes, define = open_blocks.pop()
            action.define = define
        found.append(action)
    if open_blocks:
        raise ValueError(f"the `{open_blocks[-1][0].keyword}` of line {open_blocks[-1][0].line} has no end")
    return found


def _scan(text: str) -> Iterator[Action]:
    position = 0
    line = 1
    counted = 0
    while (start := text.find("{{", position)) >= 0:
        line += text.count("\n", counted, start)
        counted = start
        code_start = start + 2
        if text[code_start : code_start + 1] == "-" and text[code_start + 1 : code_start + 2] in SPACE:
            code_start += 2
        comment = text.startswith("/*", code_start)
        close = _comment_end(text, code_start, line) if comment else _action_end(text, code_start, line)
        trims_right = close > code_start + 1 and text[close - 1] == "-" and text[close - 2] in SPACE
        code_end = close - 2 if trims_right else close
        keyword = "comment" if comment else _keyword_of(text, code_start, code_end)
        yield Action(start, close + 2, code_start, code_end, line, keyword, trims_right)
        position = close + 2


def _comment_end(text: str, code_start: int, line: int) -> int:
    """Offset of the `}}` that closes the comment."""
    end = text.find("*/", code_start + 2)
    close = text.find("}}", end)
    if end < 0 or close < 0 or text[end + 2 : close].strip(SPACE) not in ("", "-"):
        raise ValueError(f"the comment of line {line} has no end")
    return close


def _action_end(text: str, code_start: int, line: int) -> int:
    """Offset of the `}}` that closes the action; braces in strings do not."""
    for token in _TOKEN.finditer(text, code_start):
        if token[0] == "}}":
            return token.start()
    raise ValueError(f"the action of line {line} has no end")


def _keyword_of(text: str, code_start: int, code_end: int) -> str:
    while code_start < code_end and text[code_start] in SPACE:
        code_start += 1
    match = _KEYWORD.match(text, code_start, code_end)
    if match is not None:
        return match[1]
    return "assignment" if _ASSIGNMENT.match(text, code_start, code_end) else ""


def _first_literal(text: str, action: Action) -> str:
    match = _LITERAL.search(text, action.code_start, action.code_end)
    return match[0][1:-1] if match else ""


def literals(text: str, action: Action) -> list[str]:
    """The string constants in an action, without their quotes (escapes are left as they are)."""
    if action.keyword == "comment":
        return []
    return [match[0][1:-1] for match in _LITERAL.finditer(text, action.code_start, action.code_end)]


def code_spans(text: str, action: Action) -> Iterator[tuple[int, int]]:
    """Offsets of the stretches of an action that are code: not strings, and nothing of a comment."""
    if action.keyword == "comment":
        return
    position = action.code_start
    for match in _LITERAL.finditer(text, action.code_start, action.code_end):
        yield position, match.start()
        position = match.end()
    yield position, action.code_end
