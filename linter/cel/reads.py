"""Which parts of an object an expression looks at: whether its answer may depend on a value that nobody knows yet.

Read off the text, not the evaluation: a key counts as looked at if the expression names every key on the way to it, or
stops on the way and takes what is there as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from linter.model.routes import Route

_TOKEN = re.compile(r"""(?P<string>[rR]?(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))|(?P<name>[A-Za-z_]\w*)|(?P<quoted>`[^`]+`)""")
_FIELD = re.compile(r"\s*\]?\s*\.\s*\??\s*(?:[A-Za-z_]\w*|`[^`]+`)(?!\w|\s*\()")
_INDEX = re.compile(r"""\s*\]?\s*\[\s*\??\s*[rR]?["']""")
_CALL = re.compile(r"\s*\(")
_SEARCH = re.compile(
    r"\s*\]?\s*\.\s*(?:all|exists|exists_one|existsOne|filter|map|sortBy|transform\w+)\s*\(\s*([A-Za-z_]\w*)\s*,(?:\s*([A-Za-z_]\w*)\s*,)?"
)


class Reads:
    """The keys that an expression names, and those at which it stops."""

    def __init__(self, text: str) -> None:
        self._named: set[str] = set()
        self._whole: set[str] = set()
        searched: list[tuple[str, set[str]]] = []
        declared: set[int] = set()
        for token in _TOKEN.finditer(text):
            rest = token.end()
            word = token[0] if token["name"] else token[0].strip("rR`").strip("\"'")
            if token["name"] and _CALL.match(text, rest):
                continue
            self._named.add(word)
            search = _SEARCH.match(text, rest)
            if search is not None:
                searched.append((word, {name for name in search.groups() if name}))
                declared.update(search.start(group) for group in (1, 2) if search[group])
            elif token.start() not in declared and not _FIELD.match(text, rest) and not _INDEX.match(text, rest):
                self._whole.add(word)
        # What a search goes through is taken as a whole if the search takes its items so.
        for word, variables in reversed(searched):
            if variables & self._whole:
                self._whole.add(word)

    @property
    def object(self) -> bool:
        """Whether the expression looks at the whole object, and not only at the match."""
        return "object" in self._named

    def covers(self, root: str, route: Route) -> bool:
        """Whether the answer may depend on the value at a route of `self` or `object` (`root`)."""
        above = root
        for key in (step for step in route if isinstance(step, str)):
            if key not in self._named:
                return above in self._whole
            above = key
        return True


def scalars(value: Any, wanted: Callable[[Any], bool]) -> Iterator[Route]:
    """The routes of the scalars in a value that `wanted` is true of."""
    pending: list[tuple[Route, Any]] = [((), value)]
    while pending:
        route, inner = pending.pop()
        if isinstance(inner, dict):
            pending += [((*route, key), entry) for key, entry in inner.items()]
        elif isinstance(inner, list):
            pending += [((*route, index), entry) for index, entry in enumerate(inner)]
        elif wanted(inner):
            yield route
