"""Configuration files on top of each other, and for every setting the file and line in which it really stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from linter.model import Route

if TYPE_CHECKING:
    from linter.manifest.positions import Positions, Range

# How many levels of keys below a mapping are merged one by one; what is deeper, and every list, replaces.
_DEPTH = {
    "targets": 1, "suppressions": 1, "states": 1, "repositories": 1, "clusters": 1, "packs": 2, "rules": 3, "environments": 3,
}  # fmt: skip
# Where the first matching entry wins, what the file itself says comes before what it extends.
_FIRST_WINS = frozenset({"states", "environments"})
# Lists that are one list with another once all files are known. (`select` and `ignore` stay apart from theirs.)
_APPENDED = ("exclude", "ignores", "per-path", "owned", "externals")


class Layer:
    """One configuration file.

    `path` is its name in messages; `base` the folder of the repository from which its globs and paths start; `local` says
    whether it belongs to the repository; `value` is its content as written.
    """

    __slots__ = ("_positions", "base", "local", "path", "text", "value")

    def __init__(self, path: str, base: str, text: str, value: dict[str, Any], local: bool = True) -> None:
        self.path = path
        self.base = base
        self.text = text
        self.value = value
        self.local = local
        self._positions: Positions | None = None

    @property
    def positions(self) -> Positions:
        """Where the values of the file stand, found out when it is first asked."""
        if self._positions is None:
            from linter.manifest.positions import index_positions

            self._positions = index_positions(self.text)
        return self._positions

    def line(self, route: Route) -> int:
        """The line of a route as written, or of its nearest existing ancestor."""
        return self.positions.locate(0, route, "key")[0]


Origin = tuple[Layer, Route]


@dataclass(slots=True)
class Place:
    """Where a setting is written, and where the parts of it are that come from elsewhere. Parts that are not listed stand
    below it in the same file. Places are shared, and not changed once they are part of settings."""

    origin: Origin
    inner: dict[str | int, Place] = field(default_factory=dict)

    def at(self, *route: str | int) -> Place:
        """The place of a part."""
        place = self
        for depth, step in enumerate(route):
            if step not in place.inner:
                layer, written = place.origin
                return Place((layer, (*written, *route[depth:])))
            place = place.inner[step]
        return place

    def put(self, route: Route, place: Place) -> None:
        """List a part, while the whole is being built."""
        holder = self
        for step in route[:-1]:
            holder = holder.inner.setdefault(step, holder.at(step))
        holder.inner[route[-1]] = place


@dataclass(frozen=True, slots=True)
class Settings:
    """What one or several files say together, and where each part of it is written."""

    value: Mapping[str, Any]
    place: Place = field(repr=False)

    def origin(self, route: Route) -> Origin:
        """The file a setting stands in, and its route there."""
        return self.place.at(*route).origin

    def locate(self, route: Route, on: Literal["key", "value"] = "key") -> tuple[Layer, Range]:
        """The file and range of a setting, or of its nearest existing ancestor."""
        layer, written = self.origin(route)
        return layer, layer.positions.locate(0, written, on)


def overlay(parent: Settings, child: Settings) -> Settings:
    """What both say: mappings merge, lists replace, `extend-` lists append; the child wins."""
    value: dict[str, Any] = {key: part for key, part in parent.value.items() if key != "root"}
    place = Place(child.place.origin, {key: parent.place.at(key) for key in value})
    for key, part in child.value.items():
        above = child.place.at(key)
        if key in _DEPTH and key in value:
            value[key], place.inner[key] = _merge(value[key], part, _DEPTH[key], key in _FIRST_WINS, place.inner[key], above)
        elif key.startswith("extend-") and key in value:
            value[key], place.inner[key] = _appended(value[key], part, place.inner[key], above)
        else:
            value[key] = part
            place.inner[key] = above
    return Settings(value, place)


def joined(settings: Settings) -> Settings:
    """The same with the lists under `extend-exclude`, `extend-ignores` and so on at the end of those they extend."""
    value = dict(settings.value)
    place = Place(settings.place.origin, dict(settings.place.inner))
    for key in _APPENDED:
        more = value.pop(f"extend-{key}", None)
        if more is None:
            continue
        before = value.get(key, [])
        further = settings.place.at(f"extend-{key}")
        start = settings.place.at(key) if before else further
        items: dict[str | int, Place] = {index: settings.place.at(key, index) for index in range(len(before))}
        value[key] = [*before, *more]
        place.inner[key] = Place(start.origin, items | {len(before) + index: further.at(index) for index in range(len(more))})
    return Settings(value, place)


def _appended(below: Sequence[Any], above: Sequence[Any], parent: Place, child: Place) -> tuple[list[Any], Place]:
    """Two lists as one, and the place of the outcome. What both have from one file, which both extend, is in it once."""
    items = [parent.at(index) for index in range(len(below))]
    known = {place.origin for place in items}
    more = [(entry, place) for index, entry in enumerate(above) if (place := child.at(index)).origin not in known]
    items += [place for _, place in more]
    return [*below, *(entry for entry, _ in more)], Place(child.origin, dict(enumerate(items)))


def _merge(
    below: Mapping[str, Any], above: Mapping[str, Any], depth: int, first_wins: bool, parent: Place, child: Place
) -> tuple[dict[str, Any], Place]:
    """Two mappings that stand at the same route, `above` winning, and the place of the outcome."""
    merged: dict[str, Any] = {}
    place = Place(child.origin)
    for key in dict.fromkeys((*above, *below) if first_wins else (*below, *above)):
        if key in above and key in below and depth > 1 and isinstance(above[key], Mapping) and isinstance(below[key], Mapping):
            merged[key], place.inner[key] = _merge(below[key], above[key], depth - 1, first_wins, parent.at(key), child.at(key))
        else:
            merged[key] = above[key] if key in above else below[key]
            place.inner[key] = child.at(key) if key in above else parent.at(key)
    return merged, place
