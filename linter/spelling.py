"""Which known word a misspelt one most likely means."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

# From how many letters on as many slips are taken for a misspelling: one below six letters, three from ten on.
_TWO_SLIPS = 6
_THREE_SLIPS = 10
# As much of a long name may be all that somebody remembered: `pullPolicy` for `imagePullPolicy`.
_PART = 6
# Longer words and longer lists are nobody's slip of the pen, and would take long to compare.
_LONGEST = 100
_MOST_KNOWN = 2000


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that differs from `word` in letter case, hyphens and underscores only, else in the fewest slips; or the
    only one that begins or ends with it. None if nothing is near."""
    if len(word) > _LONGEST:
        return None
    folded = _folded(word)
    candidates = [name for name in islice(known, _MOST_KNOWN) if len(name) <= _LONGEST]
    for name in candidates:
        if _folded(name) == folded:
            return name
    allowed = 1 if len(folded) < _TWO_SLIPS else 2 if len(folded) < _THREE_SLIPS else 3
    best: str | None = None
    fewest = allowed + 1
    for name in candidates:
        other = _folded(name)
        if len(other) > allowed and (found := slips(folded, other, allowed)) <= allowed:
            best, fewest, allowed = name, found, found - 1
    if fewest > 1 and len(folded) >= _PART:
        wholes = [name for name in candidates if _folded(name).endswith(folded) or _folded(name).startswith(folded)]
        if len(wholes) == 1:
            return wholes[0]
    return best


def _folded(word: str) -> str:
    return word.replace("_", "").replace("-", "").lower()


def slips(one: str, other: str, most: int) -> int:
    """How many letters were left out, added, replaced or swapped with their neighbour; `most` + 1 if more than `most`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one, 1):
        after = [index]
        for position, counterpart in enumerate(other, 1):
            cost = min(row[position] + 1, after[position - 1] + 1, row[position - 1] + (letter != counterpart))
            if index > 1 and position > 1 and letter == other[position - 2] and one[index - 2] == counterpart:
                cost = min(cost, before[position - 2] + 1)
            after.append(cost)
        if min(after) > most:
            return most + 1
        before, row = row, after
    return row[-1]
