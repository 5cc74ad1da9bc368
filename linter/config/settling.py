"""One valid configuration file -> its settings in one form, with paths from the repository root, ready to be merged."""

from __future__ import annotations

import posixpath
from typing import Any

from linter.config.layers import Layer, Place, Settings
from linter.globs import below, normalise
from linter.model import Route


def settle(layer: Layer) -> Settings:
    """The settings of one file. Its globs and paths start at the repository root, `packs` maps names to mappings, `nodes` is a
    list. `extends` is left out."""
    place = Place((layer, ()))
    value = {key: part for key, part in layer.value.items() if key != "extends"}
    base = layer.base
    for key in ("exclude", "extend-exclude", "crds"):
        if key in value:
            value[key] = [below(base, glob) for glob in value[key]]
    for key in ("ignores", "extend-ignores", "per-path", "extend-per-path"):
        if key in value:
            value[key] = [_with_paths(entry, base) for entry in value[key]]
    if "baseline" in value:
        value["baseline"] = rooted(base, value["baseline"])
    if "nodes" in value:
        value["nodes"] = [rooted(base, path) for path in ([value["nodes"]] if isinstance(value["nodes"], str) else value["nodes"])]
    if "repositories" in value:
        value["repositories"] = {url: rooted(base, folder) for url, folder in value["repositories"].items()}
    if "targets" in value:
        value["targets"] = {system: version.removeprefix("v") for system, version in value["targets"].items()}
    if "states" in value:
        value["states"] = {state: [_state(entry, base) for entry in entries] for state, entries in value["states"].items()}
    if "environments" in value:
        value["environments"] = {
            environment: {_chart(layer, environment, chart, place): entry for chart, entry in charts.items()}
            for environment, charts in value["environments"].items()
        }
    if "packs" in value:
        packs = value["packs"]
        if isinstance(packs, list):
            for index, name in enumerate(packs):
                place.put(("packs", name), Place((layer, ("packs", index))))
            packs = dict.fromkeys(packs)
        value["packs"] = {name: _pack(entry, base) for name, entry in packs.items()}
    return Settings(value, place)


def rooted(base: str, path: str) -> str:
    """A path written in a file of the folder `base`, from the repository root; a leading `/` means that root. One that leads
    out of the repository begins with `..`."""
    return posixpath.normpath(path.lstrip("/") or "." if path.startswith("/") else posixpath.join(base or ".", path))


def _with_paths(entry: dict[str, Any], base: str) -> dict[str, Any]:
    return {**entry, "paths": [below(base, glob) for glob in entry["paths"]]} if "paths" in entry else entry


def _state(entry: str | dict[str, str], base: str) -> dict[str, str]:
    written = {"path": entry} if isinstance(entry, str) else entry
    return {**written, "path": normalise(below(base, written["path"]))}


def _chart(layer: Layer, environment: str, chart: str, place: Place) -> str:
    """The glob from the repository root, which is the key under which files are merged."""
    glob = normalise(below(layer.base, chart))
    route: Route = ("environments", environment, glob)
    place.put(route, Place((layer, ("environments", environment, chart))))
    return glob


def _pack(entry: str | dict[str, str] | None, base: str) -> dict[str, str | None]:
    """Text is a version; nothing takes back the version that an extended file gives."""
    if not isinstance(entry, dict):
        return {"version": entry}
    return {**entry, "path": rooted(base, entry["path"])} if "path" in entry else dict(entry)
