"""What several checks need of a thing that does not change, computed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

S = TypeVar("S", bound="Derivable")
T = TypeVar("T")


class Derivable:
    """Something that remembers what was computed from it."""

    __slots__ = ("_derived",)

    def __init__(self) -> None:
        self._derived: dict[object, Any] = {}

    def derive(self: S, build: Callable[[S], T]) -> T:
        """`build(self)`, computed once. `build` is a function of a module, and nobody changes what it returns."""
        try:
            return self._derived[build]  # type: ignore[no-any-return]
        except KeyError:
            found = self._derived[build] = build(self)
            return found
