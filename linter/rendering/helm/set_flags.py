"""`--set` expressions, read and applied as Helm does.

The grammar is that of Helm's package strvals: `a.b=1,c[0].d=x,e={p,q}`, with a backslash before a character that would
otherwise separate. Several oddities are Helm's (an unfinished index is ignored, `{}` is a list of one empty string) and
kept, because Argo CD passes every parameter of an Application through this grammar.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_MAX_INDEX = 65536
_MAX_DEPTH = 30

SetPath = tuple[str | int, ...]


def apply_set(values: dict[str, Any], expression: str, *, as_string: bool = False) -> list[SetPath]:
    """Write what a `--set` (or, `as_string`, a `--set-string`) expression says into `values`, in place.

    Returns the routes of the values that were written. Raises ValueError when Helm would refuse the expression, also
    because `values` holds something else where it needs a mapping or a list.
    """
    return _Expression(expression, _text if as_string else _typed).apply(values)


def apply_set_file(values: dict[str, Any], key: str, content: str) -> list[SetPath]:
    """Write the content of a file to `key`, as `--set-file key=PATH` does. Raises ValueError as `apply_set` does."""
    return _Expression(f"{key}=-", lambda _: content).apply(values)


def _text(raw: str) -> Any:
    return raw


def _typed(raw: str) -> Any:
    """Booleans, null and 64-bit integers without leading zeros; everything else, fractions included, stays text."""
    folded = raw.lower()
    if folded in ("true", "false"):
        return folded == "true"
    if folded == "null":
        return None
    if raw == "0":
        return 0
    digits = raw[1:] if raw[:1] in ("+", "-") else raw
    if digits.isascii() and digits.isdecimal() and raw[0] != "0" and -(2**63) <= int(raw) < 2**63:
        return int(raw)
    return raw


class _End(Exception):  # noqa: N818
    """The expression ended where Helm takes that for a regular end."""


class _Expression:
    def __init__(self, text: str, read: Callable[[str], Any]) -> None:
        self._text = text
        self._read = read
        self._at = 0
        self._written: list[SetPath] = []

    def apply(self, values: dict[str, Any]) -> list[SetPath]:
        try:
            while True:
                self._key(values, (), 0)
        except _End:
            return self._written
        except ValueError as error:
            raise ValueError(f"`{self._text}` is not a valid --set expression: {error}") from None

    def _until(self, stops: str) -> tuple[str, str]:
        """Text up to one of `stops` with its escapes resolved, and the stop ("" at the end of the expression)."""
        taken: list[str] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            self._at += 1
            if char in stops:
                return "".join(taken), char
            if char == "\\":
                if self._at == len(self._text):
                    break
                char = self._text[self._at]
                self._at += 1
            taken.append(char)
        return "".join(taken), ""

    def _key(self, into: dict[str, Any], path: SetPath, depth: int) -> None:
        name, stop = self._until("=[,.")
        here = (*path, name)
        if not stop:
            if not name:
                raise _End
            raise ValueError(f"key `{name}` has no value")
        if stop == ",":
            raise ValueError(f"key `{name}` has no value")
        if stop == "=":
            self._value(into, name, here)
        elif stop == "[":
            index = self._index()
            items = into.get(name, [])
            if not isinstance(items, list):
                raise ValueError(f"`{_dotted(here)}` is not a list in the values it is set over")
            items = list(items)
            try:
                self._item(items, index, here, depth)
            finally:
                _put(into, name, items)
        else:
            if depth == _MAX_DEPTH:
                raise ValueError(f"its key is nested more than {_MAX_DEPTH} levels deep")
            inner = into.get(name, {})
            if not isinstance(inner, dict):
                raise ValueError(f"`{_dotted(here)}` is not a mapping in the values it is set over")
            inner = dict(inner)
            try:
                self._key(inner, here, depth + 1)
            except _End:
                if inner:
                    _put(into, name, inner)
                raise
            if not inner:
                raise ValueError(f"key `{name}` has no value")
            _put(into, name, inner)

    def _value(self, into: dict[str, Any], name: str, here: SetPath) -> None:
        ended = self._at == len(self._text)
        _put(into, name, "" if ended else self._scalar_or_list())
        self._written.append(here)
        if ended:
            raise _End

    def _scalar_or_list(self) -> Any:
        if self._text[self._at] != "{":
            return self._read(self._until(",")[0])
        self._at += 1
        items: list[Any] = []
        while True:
            raw, stop = self._until(",}")
            if not stop:
                raise ValueError("a list must end with `}`")
            items.append(self._read(raw))
            if stop == "}":
                if self._text[self._at : self._at + 1] == ",":
                    self._at += 1
                return items

    def _index(self) -> int:
        raw, stop = self._until("]")
        if not stop:
            raise _End
        digits = raw[1:] if raw[:1] in ("+", "-") else raw
        if not (digits.isascii() and digits.isdecimal()):
            raise ValueError(f"`{raw}` is not a list index")
        if not 0 <= int(raw) <= _MAX_INDEX:
            raise ValueError(f"the list index {raw} is not between 0 and {_MAX_INDEX}")
        return int(raw)

    def _item(self, items: list[Any], index: int, path: SetPath, depth: int) -> None:
        rest, stop = self._until("[.=")
        here = (*path, index)
        if rest:
            raise ValueError(f"unexpected `{rest}` after a list index")
        if not stop:
            raise _End
        current = items[index] if index < len(items) else None
        if stop == "=":
            value = "" if self._at == len(self._text) else self._scalar_or_list()
            self._written.append(here)
        elif stop == "[":
            if current is not None and not isinstance(current, list):
                raise ValueError(f"`{_dotted(here)}` is not a list in the values it is set over")
            following = self._index()
            value = list(current or [])
            self._item(value, following, here, depth)
        else:
            value = dict(current) if isinstance(current, dict) else {}
            if index < len(items):
                items[index] = value
            self._key(value, here, depth)
        items.extend([None] * (index + 1 - len(items)))
        items[index] = value


def _put(into: dict[str, Any], name: str, value: Any) -> None:
    if name:
        into[name] = value


def _dotted(path: SetPath) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
