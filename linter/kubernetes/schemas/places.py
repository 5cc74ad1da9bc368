"""Where a schema has a field: to tell an author in which mapping a misplaced key belongs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from linter.model import Route, dig

Pattern = tuple[str, ...]

# Levels below the root, and fields in all, that are looked at.
_DEEPEST = 12
_MOST_FIELDS = 20_000
# A field that is at home in many mappings (`name`, `type`) is only looked for around its place.
_FEW_HOMES = 4
_NEAR = 2
_FAR = 6
# Nobody writes these by hand.
_NEVER_MEANT = frozenset({"status", "managedFields", "ownerReferences"})


class Place(NamedTuple):
    """A mapping that has a field: the way to it, with "[]" for any item and "{}" for any key, and the field's schema."""

    pattern: Pattern
    node: Mapping[str, Any]


class Places:
    """The fields of a schema by name."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """`document` is a JSON Schema whose every `$ref` is `#/$defs/NAME`."""
        self._document = document
        self._by_name: dict[str, list[Place]] | None = None

    def node_at(self, route: Route, value: Any = None) -> Mapping[str, Any]:
        """The schema of the place that a route leads to; an empty one where nothing describes it."""
        node, _ = self._walk(route)
        return node

    def fields_at(self, route: Route) -> Mapping[str, Any]:
        """The fields of the mapping at a route, with their schemas."""
        fields: Mapping[str, Any] = self.node_at(route).get("properties", {})
        return fields

    def home(self, route: Route, key: str, value: Any, body: Any) -> Pattern | None:
        """Where the key with this value belongs, if not in the mapping at `route`, or None if nobody can say.

        Of several places the one with the longest common way is chosen, then the one of the most similar depth, then the
        outer one. A place that has the key already, or takes no value of this type, is none.
        """
        if self._by_name is None:
            self._by_name = {}
            for name, place in self._fields():
                self._by_name.setdefault(name, []).append(place)
        here = self._walk(route)[1]
        homes = [place for place in self._by_name.get(key, ()) if place.pattern != here and self._takes(place.node, value)]
        ranked = sorted(homes, key=lambda place: _rank(place.pattern, here))
        for place in ranked:
            if _distance(place.pattern, here) > (_FAR if len(homes) <= _FEW_HOMES else _NEAR):
                return None
            target = dig(body, *_actual(place.pattern, here, route))
            # A sibling that is not there is an alternative rather than a home: one kind of volume beside another.
            if target is None and _is_sibling(place.pattern, here):
                continue
            if not isinstance(target, dict) or target.get(key) is None:
                return place.pattern
        return None

    def actual(self, pattern: Pattern, route: Route) -> Route:
        """The way to a place as far as it is the way of `route` too, with the indexes of that; "[]" for other items."""
        return _actual(pattern, self._walk(route)[1], route)

    def _walk(self, route: Route) -> tuple[Mapping[str, Any], Pattern]:
        node = self._resolved(self._document)
        pattern: list[str] = []
        for step in route:
            if isinstance(step, int):
                pattern.append("[]")
                node = self._resolved(node.get("items", {}))
            elif step in node.get("properties", {}):
                pattern.append(step)
                node = self._resolved(node["properties"][step])
            else:
                pattern.append("{}")
                node = self._resolved(node.get("additionalProperties", {}))
        return node, tuple(pattern)

    def _resolved(self, node: Any) -> Mapping[str, Any]:
        for _ in range(8):
            if not isinstance(node, dict):
                return {}
            if "$ref" not in node:
                return node
            node = self._document.get("$defs", {}).get(node["$ref"].removeprefix("#/$defs/"), {})
        return {}

    def _fields(self) -> Iterator[tuple[str, Place]]:
        """Every field in the order of depth. A definition within itself is not entered."""
        level: list[tuple[Pattern, Any, tuple[str, ...]]] = [((), self._document, ())]
        count = 0
        for _ in range(_DEEPEST):
            following: list[tuple[Pattern, Any, tuple[str, ...]]] = []
            for pattern, node, around in level:
                reference = node.get("$ref")
                if reference in around:
                    continue
                around = (*around, reference) if reference else around
                inner = self._resolved(node)
                for name, entry in inner.get("properties", {}).items():
                    count += 1
                    if name not in _NEVER_MEANT and isinstance(entry, dict):
                        yield name, Place(pattern, entry)
                        following.append(((*pattern, name), entry, around))
                for keyword, step in (("items", "[]"), ("additionalProperties", "{}")):
                    if isinstance(inner.get(keyword), dict):
                        following.append(((*pattern, step), inner[keyword], around))
            if count > _MOST_FIELDS:
                return
            level = following

    def _takes(self, node: Mapping[str, Any], value: Any) -> bool:
        """Whether a value has a type that a schema accepts, and no field that it lacks."""
        node = self._resolved(node)
        types = node.get("type")
        if types is None:
            return True
        if not set(_types(value)) & ({types} if isinstance(types, str) else set(types)):
            return False
        if isinstance(value, dict) and node.get("additionalProperties") is False:
            known = node.get("properties", {})
            return not value or any(key in known for key in value)
        if isinstance(value, list) and value and isinstance(node.get("items"), dict):
            return self._takes(node["items"], value[0])
        return True


def _types(value: Any) -> Sequence[str]:
    if value is None:
        return ("null",)
    if isinstance(value, bool):
        return ("boolean",)
    if isinstance(value, int):
        return ("integer", "number")
    if isinstance(value, float):
        return ("number",)
    return ("string",) if isinstance(value, str) else ("array",) if isinstance(value, list) else ("object",)


def _common(one: Pattern, other: Pattern) -> int:
    return next((index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _distance(pattern: Pattern, here: Pattern) -> int:
    """The number of mappings to go up and down; from a list to its items is no step."""
    common = _common(pattern, here)
    return sum(step != "[]" for step in (*pattern[common:], *here[common:]))


def _is_sibling(pattern: Pattern, here: Pattern) -> bool:
    return len(pattern) == len(here) == _common(pattern, here) + 1


def _rank(pattern: Pattern, here: Pattern) -> tuple[int, int, int]:
    return -_common(pattern, here), abs(len(pattern) - len(here)), len(pattern)


def _actual(pattern: Pattern, here: Pattern, route: Route) -> Route:
    common = _common(pattern, here)
    return (*route[:common], *pattern[common:])
