"""Scalars of a rendered chart, the definitions each may come from, and the one it was found to come from."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any

from linter.errors import InputError
from linter.manifest.decoder import decode_text
from linter.model.routes import Route
from linter.provenance.values.definitions import Leaf
from linter.provenance.values.scalars import forms, is_scalar

# Of so many definitions with one value only those are tried that something else speaks for.
_MANY = 60
_SHORTEST_PART = 2


class Spot:
    """A scalar, or an empty mapping or list, in the output: the template's key, the document, the route and the value.

    `sure` are the definitions with its value, `likely` those that something else speaks for too. The false and empty ones
    are apart, as they steer what is printed: `falsy`, and `weak`, for which only the template line speaks. `found` is the
    one it comes whole from, `parts` those that take part in it.
    """

    __slots__ = ("document", "falsy", "found", "key", "likely", "parts", "route", "sure", "value", "weak")

    def __init__(self, key: str, document: int, route: Route, value: Any) -> None:
        self.key = key
        self.document = document
        self.route = route
        self.value = value
        self.sure: list[Leaf] = []
        self.likely: list[Leaf] = []
        self.falsy: list[Leaf] = []
        self.weak: list[Leaf] = []
        self.found: Leaf | None = None
        self.parts: tuple[Leaf, ...] = ()

    @property
    def name(self) -> str:
        """The last key on the way to it."""
        return next((step for step in reversed(self.route) if isinstance(step, str)), "")


class Candidates:
    """Definitions by what they look like."""

    def __init__(self, leaves: Iterable[Leaf]) -> None:
        self._by_form: dict[str, list[Leaf]] = {}
        self._falsy: dict[str, list[Leaf]] = {}
        self._computed: list[Leaf] = []
        # Texts that may be part of others.
        self._texts: dict[Leaf, str] = {}
        self._unset: dict[str, list[Leaf]] = {}
        for leaf in leaves:
            value = leaf.value
            if not value:
                self._unset.setdefault(leaf.name.lower(), []).append(leaf)
                for form in empty_forms(value):
                    self._falsy.setdefault(form, []).append(leaf)
                continue
            for form in forms(value):
                self._by_form.setdefault(form, []).append(leaf)
            if isinstance(value, str):
                if "{{" in value:
                    self._computed.append(leaf)
                if len(value) >= _SHORTEST_PART and "\n" not in value:
                    self._texts[leaf] = value.strip().casefold()
            elif not isinstance(value, bool) and len(str(value)) >= _SHORTEST_PART:
                self._texts[leaf] = str(value)

    def fill(self, spot: Spot, mentioned: Set[Leaf] | None) -> None:
        """Add the definitions that a spot may come from. `mentioned` are those its template line names, if that is known."""
        named = mentioned if mentioned is not None else frozenset[Leaf]()
        name = spot.name.lower()
        scalar = is_scalar(spot.value)
        same = (
            leaf for form in (forms(spot.value) if scalar and spot.value else empty_forms(spot.value)) for leaf in self._falsy.get(form, ())
        )
        for leaf in same:
            if _alike(leaf, name):
                spot.falsy.append(leaf)
            elif leaf in named:
                spot.weak.append(leaf)
        if spot.value and named:
            # What is printed in the place of an unset value may be a default of the template.
            ends = (name[at:] for at in range(len(name)))
            spot.weak += (leaf for end in ends for leaf in self._unset.get(end, ()) if leaf in named and _alike(leaf, name))
        equal = [leaf for form in sorted(forms(spot.value)) for leaf in self._by_form.get(form, ())] if scalar else []
        spot.likely += (leaf for leaf in (*equal, *self._computed) if leaf in named or _alike(leaf, name))
        if scalar and spot.value and not isinstance(spot.value, bool):
            if len(equal) <= _MANY:
                spot.sure += equal
            if isinstance(spot.value, str):
                text = spot.value.casefold()
                parts = ((self._texts[leaf], leaf) for leaf in named if leaf in self._texts)
                spot.likely += sorted((leaf for part, leaf in parts if part in text and part != text), key=lambda leaf: str(leaf.route))
        spot.falsy, spot.weak, spot.likely, spot.sure = map(_once, (spot.falsy, spot.weak, spot.likely, spot.sure))

    def fill_below(self, spot: Spot, end: Route) -> None:
        """Add the definitions that a spot in a mapping or list may come from with all of it: their routes end with `end`."""
        depth = len(end)
        if not spot.value:
            spot.falsy = _once(
                leaf for form in sorted(empty_forms(spot.value)) for leaf in self._falsy.get(form, ()) if leaf.route[-depth:] == end
            )
        if is_scalar(spot.value):
            equal = (leaf for form in sorted(forms(spot.value)) for leaf in self._by_form.get(form, ()))
            spot.likely = _once(leaf for leaf in (*equal, *self._computed) if leaf.route[-depth:] == end)


def _once(leaves: Iterable[Leaf]) -> list[Leaf]:
    return list(dict.fromkeys(leaves))


def _alike(leaf: Leaf, name: str) -> bool:
    """Whether the names say the same: `pullPolicy` and `imagePullPolicy`."""
    own = leaf.name.lower()
    return bool(own) and (own == name or (len(own) > 3 and name.endswith(own)))


def empty_forms(value: Any) -> frozenset[str]:
    """The texts by which an empty value is recognised."""
    if isinstance(value, (dict, list)):
        return frozenset(("{}" if isinstance(value, dict) else "[]",))
    # A null that is printed is nothing, and so is an empty text without quotes.
    return frozenset(("", "null")) if value is None or value == "" else forms(value)


class Outputs:
    """The documents of rendered files, decoded when they are asked for."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts
        self._documents: dict[str, list[Any] | None] = {}

    @property
    def empty(self) -> bool:
        """Whether nothing was rendered."""
        return not self._texts

    def documents(self, key: str) -> list[Any] | None:
        """The bodies of the documents of a file; None if there is no such file, or it cannot be read."""
        if key not in self._documents:
            try:
                text = self._texts.get(key)
                self._documents[key] = [entry.value for entry in decode_text(text)] if text is not None else None
            except InputError:
                self._documents[key] = None
        return self._documents[key]


_ABSENT = object()


def same_place(plain: Outputs, other: Outputs, spot: Spot) -> tuple[bool, Any]:
    """Whether another rendering has a value at a spot, in a document that is built the same way there; and that value."""
    before, after = plain.documents(spot.key), other.documents(spot.key)
    if before is None or after is None or len(before) != len(after) or spot.document >= len(before):
        return False, None
    ours: Any = before[spot.document]
    theirs: Any = after[spot.document]
    if isinstance(ours, dict) and isinstance(theirs, dict) and spot.route != ("kind",) and ours.get("kind") != theirs.get("kind"):
        return False, None
    for step in spot.route:
        if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs) and isinstance(step, int):
            ours, theirs = ours[step], theirs[step]
        elif isinstance(ours, dict) and isinstance(theirs, dict):
            ours, theirs = ours.get(step, _ABSENT), theirs.get(step, _ABSENT)
        else:
            return False, None
    return theirs is not _ABSENT, theirs


def nearest(documents: list[Any] | None, document: int, route: Route) -> tuple[Route, Any] | None:
    """The longest part of a route that leads to a value, and the value."""
    if documents is None or document >= len(documents):
        return None
    value: Any = documents[document]
    for depth, step in enumerate(route):
        held = step in value if isinstance(value, dict) else isinstance(value, list) and isinstance(step, int) and step < len(value)
        if not held:
            return route[:depth], value
        value = value[step]
    return route, value
