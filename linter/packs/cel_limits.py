"""What an expression may cost. CEL has no loops without end, but nested searches of long lists take as long as one."""

from __future__ import annotations

import re
from typing import Any

# Kubernetes keeps no object above 1.5 MiB (the request limit of etcd).
MAX_OBJECT = 1_500_000
MAX_STEPS = 5_000_000
_MAX_GROWN = 1 << 32

_STRING = re.compile(r"""[rRbB]{0,2}(?:'{3}.*?'{3}|"{3}.*?"{3}|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")""", re.DOTALL)
_COMMENT = re.compile(r"//[^\n]*")
_TOKEN = re.compile(r"[A-Za-z_]\w*(?=\s*\()|[()+]")
_SEARCHES = frozenset(
    {"all", "exists", "exists_one", "existsOne", "filter", "map", "sortBy", "transformList", "transformMap", "transformMapEntry"}
)
# Functions that make lists longer than any in the object.
_LENGTHENING = frozenset({"split", "findAll", "extractAll", "flatten", "concat"})
# Functions whose text may be as long as the product of what they are given.
_MULTIPLYING = frozenset({"replace", "join", "format"})


class Bounds:
    """What is known beforehand about the cost of an expression. `refused` says why it may not be used at all, or is None."""

    def __init__(self, text: str) -> None:
        plain = _COMMENT.sub("", _STRING.sub("''", text))
        self._depth, self._grows, self._lengthens, self._multiplies = 0, 0, False, False
        self._written = plain.count(",") + 1
        open_searches: list[bool] = []
        word = ""
        for token in _TOKEN.findall(plain):
            if token == "(":
                open_searches.append(word in _SEARCHES)
                self._depth = max(self._depth, sum(open_searches))
                word = ""
            elif token == ")":
                if open_searches:
                    open_searches.pop()
            elif token == "+":
                self._grows += 1
            else:
                word = token
                self._lengthens |= word in _LENGTHENING
                self._multiplies |= word in _MULTIPLYING
        self.refused = None
        if re.search(r"\blists\s*\.\s*range\b", plain):
            self.refused = "`lists.range` is not offered: it makes lists without bound"
        elif self._depth > 4:
            self.refused = "searches are nested more than four deep"

    def problem(self, body: Any) -> str | None:
        """Why the expression is not evaluated for an object, or None."""
        size, longest = _measured(body)
        if size > MAX_OBJECT:
            return f"the object is larger than {MAX_OBJECT // 1000} kB"
        length = max(size if self._lengthens else longest, self._written)
        if self._depth > 1 and length**self._depth > MAX_STEPS:
            return "the expression searches lists within lists, and those of this object are too long"
        grown = size * size if self._multiplies else size
        if grown > _MAX_GROWN or (self._grows > 8 and size << self._grows > _MAX_GROWN):
            return "the expression may make texts too long to be handled"
        return None


_last: tuple[Any, tuple[int, int]] = (None, (0, 0))


def _measured(body: Any) -> tuple[int, int]:
    """The size of an object in characters and values, and the length of its longest list or mapping."""
    # Several rules ask about one object in a row.
    global _last
    if _last[0] is not body:
        size = longest = 0
        pending = [body]
        while pending and size <= MAX_OBJECT:
            value = pending.pop()
            if isinstance(value, str):
                size += len(value) + 1
            elif isinstance(value, dict):
                size += len(value)
                longest = max(longest, len(value))
                pending += value
                pending += value.values()
            elif isinstance(value, list):
                size += 1
                longest = max(longest, len(value))
                pending += value
            else:
                size += 1
        _last = body, (size, longest)
    return _last[1]
