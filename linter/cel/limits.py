"""What an expression may cost. The library stops one after 10,000 steps through lists; what it does not watch is how long the
texts and lists are that an expression makes."""

from __future__ import annotations

import re
from typing import Any

# Kubernetes keeps no object above 1.5 MiB (the request limit of etcd).
MAX_OBJECT = 1_500_000
MAX_TEXT = 1 << 30
# Of lists that an expression makes, in items: each takes about a hundred bytes.
MAX_ITEMS = 1 << 23

_WORD = r"""'[^'\\\n]{0,3}'|"[^"\\\n]{0,3}\""""
_STRING = re.compile(r"""[rRbB]{0,2}(?:'{3}.*?'{3}|"{3}.*?"{3}|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")""", re.DOTALL)
_COMMENT = re.compile(r"//[^\n]*")
# With a short literal, a text or list of texts becomes at most four times as long.
_SHORT = re.compile(rf"\.\s*(?:replace\s*\(\s*(?:{_STRING.pattern})\s*,\s*(?:{_WORD})|join\s*\(\s*(?:{_WORD})?)\s*\)", re.DOTALL)
_CALL = re.compile(r"([A-Za-z_]\w*)\s*\(")
# Functions whose text may be as long as the product of what they are given.
_MULTIPLYING = frozenset({"replace", "join", "format"})
# Functions that make a list of as many items as a text has characters, and those that make one for each item of another.
_SPLITTING = frozenset({"split", "findAll", "extractAll"})
_MAPPING = frozenset({"map", "transformList", "transformMap", "transformMapEntry"})


class Bounds:
    """What is known beforehand about the cost of an expression. `refused` says why it may not be used at all, or is None."""

    def __init__(self, text: str) -> None:
        short = len(_SHORT.findall(text))
        plain = _COMMENT.sub("", _STRING.sub("''", _SHORT.sub("", text)))
        calls = _CALL.findall(plain)
        bound = calls.count("bind")
        self._longest_text = max(map(len, _STRING.findall(text)), default=0)
        self._longest_list = plain.count(",") + 1
        self._doubles = plain.count("+") + 2 * short
        # Lists that are added are as long as all of them, unless each sum has a name that the next one mentions twice.
        self._list_doubles = plain.count("+") if bound else 0
        # What is bound to a name may be given to a function twice.
        self._multiplies = _times(sum(call in _MULTIPLYING for call in calls), bound)
        self._maps = _times(sum(call in _MAPPING for call in calls), bound)
        self._splits = any(call in _SPLITTING for call in calls)
        self.refused = "`lists.range` is not offered: it makes lists without bound" if re.search(r"\blists\s*\.\s*range\b", plain) else None

    @property
    def is_plain(self) -> bool:
        """Whether nothing in the expression makes texts or lists longer, so that only the size of an object counts."""
        return self._multiplies == 0 and self._maps + self._splits <= 1 and self._doubles <= 8 and self._list_doubles <= 2

    def problem(self, body: Any) -> str | None:
        """Why the expression is not evaluated for an object, or None."""
        size, longest_list, longest_text = _measured(body)
        if size > MAX_OBJECT:
            return f"the object is larger than {MAX_OBJECT // 1000} kB"
        text = max(longest_text, self._longest_text, 2)
        doubles = self._doubles if self._doubles > 8 else 0
        if _exceeds(text, 1 + self._multiplies, doubles, MAX_TEXT):
            return "the expression may make texts too long to be handled"
        items = max(longest_list, longest_text if self._splits else 0, self._longest_list)
        # A single list made of what is there already is no longer than that.
        times = self._maps + self._splits
        if (times > 1 or self._list_doubles) and _exceeds(items, max(times, 1), self._list_doubles, MAX_ITEMS):
            return "the expression may make lists too long to be handled"
        return None


def _exceeds(length: int, power: int, doubles: int, most: int) -> bool:
    """Whether `length` to the power of `power`, doubled so often, is more than `most`; without working out enormous numbers."""
    length = max(length, 1)
    return (length > 1 and power > 64) or length**power << doubles > most


def _times(count: int, bound: int) -> int:
    return (1 << min(count, 30)) - 1 if bound else count


_last: tuple[Any, tuple[int, int, int]] = (None, (0, 0, 0))


def _measured(body: Any) -> tuple[int, int, int]:
    """The size of an object in characters and values, and the lengths of its longest list or mapping and its longest text."""
    # Several rules ask about one object in a row.
    global _last
    if _last[0] is not body:
        size = longest = text = 0
        pending = [body]
        while pending and size <= MAX_OBJECT:
            value = pending.pop()
            if isinstance(value, str):
                size += len(value) + 1
                text = max(text, len(value))
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
        _last = body, (size, longest, text)
    return _last[1]
