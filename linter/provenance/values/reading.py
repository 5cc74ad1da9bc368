"""What the marks in a probe's output show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from linter.provenance.values.definitions import Leaf
from linter.provenance.values.marks import Marks
from linter.provenance.values.scalars import forms, is_scalar
from linter.provenance.values.spots import Outputs, Spot, empty_forms, same_place


def read(plain: Outputs, probed: Outputs, spots: Iterable[Spot], marked: Mapping[Leaf, Any], marks: Marks) -> Iterator[tuple[Spot, bool]]:
    """Note at each spot which marked definition came out there; whether it is still in the output is yielded with it."""
    by_form: dict[str, list[Leaf]] = {}
    for leaf, mark in marked.items():
        if is_scalar(mark):
            for form in forms(mark):
                by_form.setdefault(form, []).append(leaf)
    for spot in spots:
        present, value = same_place(plain, probed, spot)
        if present:
            spot.found = _whole(spot, value, by_form, marked, marks)
            if spot.found is None and value != spot.value:
                spot.parts = spot.parts or _parts(spot, value, marked)
        yield spot, present


def _whole(spot: Spot, value: Any, by_form: Mapping[str, list[Leaf]], marked: Mapping[Leaf, Any], marks: Marks) -> Leaf | None:
    """The definition whose value was printed before, and whose mark is printed now."""
    if not is_scalar(value):
        return next((leaf for leaf in (*spot.falsy, *spot.weak) if leaf in marked and marked[leaf] == value), None)
    if isinstance(value, str) and (found := marks.around(value)) is not None:
        leaf, inner = found
        return leaf if forms(inner) & forms(spot.value) else None
    for form in forms(value):
        for leaf in by_form.get(form, ()):
            if is_scalar(spot.value) and is_scalar(leaf.value) and forms(leaf.value) & forms(spot.value):
                return leaf
            if not leaf.value and not spot.value and empty_forms(leaf.value) & empty_forms(spot.value):
                return leaf
    return None


def _parts(spot: Spot, value: Any, marked: Mapping[Leaf, Any]) -> tuple[Leaf, ...]:
    """The definitions whose marks stand in a text that was another before, in the order of the text."""
    text = str(value).casefold() if is_scalar(value) else ""
    before = str(spot.value).casefold()
    found = []
    for leaf in dict.fromkeys((*spot.sure, *spot.likely, *spot.falsy, *spot.weak)):
        mark = str(marked[leaf]).strip().casefold() if leaf in marked else ""
        if mark and mark in text and mark not in before:
            found.append((text.index(mark), leaf))
    return tuple(leaf for _, leaf in sorted(found, key=lambda entry: entry[0]))
