"""The places in built objects that are looked for, and what is known of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from linter.model import Route, dig
from linter.provenance.kustomize.leaves import Leaf
from linter.provenance.kustomize.matching import Origin
from linter.provenance.kustomize.structure import Touch, Walk

# Below a mapping or list, so many scalars are looked for.
_MAX_TAILS: Final = 40
_NAMES: Final = {("metadata", "name"), ("metadata", "generateName"), ("kind",), ("apiVersion",), ()}


@dataclass(frozen=True, slots=True)
class WantedNode:
    """A place in an object of a root: the number of the object, the route in it, and whether the key or value is meant."""

    object: int
    route: Route
    on: Literal["key", "value"] = "value"


@dataclass(slots=True, eq=False)
class Want:
    """A wanted place and what is known of it.

    `at` is the part of its route that exists, `value` what is there. `proof` holds, for the routes of scalars below it,
    the leaves that decide them; `removed` the leaf that takes the field away. `codes` are the numbers of the booleans that
    may decide it; the builds in which it turned over are the bits of `code`, those that show it the bits of `seen`.
    `removals` are the patches that may have taken away the field that is missing.
    """

    node: WantedNode
    body: Any
    origin: Origin | None
    at: Route
    value: Any
    tails: list[Route]
    manifest: Walk | None = None
    touches: list[Touch] = field(default_factory=list)
    proof: dict[Route, list[Leaf]] = field(default_factory=dict)
    removed: Leaf | None = None
    code: int = 0
    seen: int = 0
    codes: dict[int, Leaf] = field(default_factory=dict)
    removals: list[Touch] = field(default_factory=list)

    @property
    def missing(self) -> bool:
        return len(self.at) < len(self.node.route)

    @property
    def is_scalar(self) -> bool:
        return not self.missing and not isinstance(self.value, dict | list)

    @property
    def is_named(self) -> bool:
        """Whether it is the object itself, or what tells it from others; reading finds that, no build is needed."""
        # A kustomization's namespace also renames Namespace objects.
        return self.at in _NAMES and not (self.at == ("metadata", "name") and dig(self.body, "kind") == "Namespace")


def existing_part(body: Any, route: Route) -> tuple[Route, Any]:
    """The part of a route that exists, and the value there."""
    for length in range(len(route), -1, -1):
        value = dig(body, *route[:length])
        if value is not None or length == 0 or _has(dig(body, *route[: length - 1]), route[length - 1]):
            return route[:length], value
    return (), body


def _has(value: Any, step: str | int) -> bool:
    return step in value if isinstance(value, dict) else isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)


def scalars_below(value: Any) -> Iterator[Route]:
    """The routes of the strings and numbers below a value, those nearest to it first."""
    level: list[tuple[Route, Any]] = [((), value)]
    count = 0
    while level and count < _MAX_TAILS:
        deeper: list[tuple[Route, Any]] = []
        for route, inner in level:
            if isinstance(inner, dict):
                deeper += [((*route, key), entry) for key, entry in inner.items()]
            elif isinstance(inner, list):
                deeper += [((*route, number), entry) for number, entry in enumerate(inner)]
            elif isinstance(inner, str | int | float) and not isinstance(inner, bool):
                count += 1
                yield route
        level = deeper
