"""Which suppression covers a finding."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from itertools import accumulate

from linter.suppression.statements import Suppression

Ids = Callable[[str], Collection[str]]
"""The rules that a word means."""


def covering(suppressions: Iterable[Suppression], rule: str, ids_of: Ids, today: date) -> Suppression | None:
    """The first of some suppressions that accepts findings of a rule today.

    Every one that speaks about the rule is marked as used, also when it has expired or another one accepts.
    """
    found = None
    for suppression in suppressions:
        words = [word for word in suppression.rules if rule in ids_of(word)]
        suppression.used.update(words)
        if words and found is None and suppression.counts(today):
            found = suppression
    return found


class FileComments:
    """The suppressions written as comments in one file, in the order of its text."""

    def __init__(self, suppressions: Sequence[Suppression], ids_of: Ids, today: date) -> None:
        self.suppressions = suppressions
        self._ids_of = ids_of
        self._today = today
        self._whole = [suppression for suppression in suppressions if suppression.whole_file]
        self._of_lines = [suppression for suppression in suppressions if not suppression.whole_file]
        # By these the ones around a line are found without looking at all: in a hostile file they are many.
        self._first = [suppression.first_line for suppression in self._of_lines]
        self._last = list(accumulate((suppression.last_line for suppression in self._of_lines), max))
        self._found: dict[tuple[int, str], Suppression | None] = {}

    def covering(self, rule: str, line: int) -> Suppression | None:
        """The suppression that accepts a finding of a rule at a line: one for the line before one for the file.

        All that speak about it are marked as used.
        """
        around = self._of_lines[bisect_left(self._last, line) : bisect_right(self._first, line)]
        by_line = self._asked(line, rule, [suppression for suppression in around if line <= suppression.last_line])
        by_file = self._asked(0, rule, self._whole)
        return by_line or by_file

    def _asked(self, line: int, rule: str, suppressions: Sequence[Suppression]) -> Suppression | None:
        if not suppressions:
            return None
        if (line, rule) not in self._found:
            self._found[line, rule] = covering(suppressions, rule, self._ids_of, self._today)
        return self._found[line, rule]
