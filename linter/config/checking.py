"""What is wrong with a configuration file: every mistake, with the place it stands at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from linter import shipped
from linter.config import opaque
from linter.config.layers import Layer, Settings
from linter.config.settling import rooted
from linter.errors import ConfigurationError
from linter.globs import below, normalise
from linter.manifest.decoder import Decoded
from linter.model import Route

# Where, and what is wrong and accepted.
Mistake = tuple[Route, str]


def duplicate_keys(layer: Layer, document: Decoded) -> list[Mistake]:
    """The keys that a mapping of the file repeats."""
    if not document.duplicate_keys:
        return []
    repeated = layer.positions.duplicates(document.index)
    return [((*found.route, found.key), f"`{found.key}` appears more than once: keep one of them") for found in repeated]


def invalid(layer: Layer, value: object) -> list[Mistake]:
    """What the schema of the configuration does not allow."""
    import json

    import jsonschema_rs

    schema = json.loads(shipped.read("schemas", "config.schema.json"))
    if jsonschema_rs.validator_for(schema).is_valid(value):
        return []
    from linter.explaining import explain_mistakes

    return explain_mistakes(schema, value, lambda route: layer.positions.written(0, route))


def impossible(layer: Layer) -> list[Mistake]:
    """Mistakes that a schema cannot see, in a file that satisfies it."""
    value = layer.value
    mistakes: list[Mistake] = []
    for key in ("opaque", "extend-opaque"):
        for index, pattern in enumerate(value.get(key, ())):
            if (problem := opaque.problem(pattern)) is not None:
                mistakes.append(((key, index), f"`{pattern}` is no regular expression that can be used: {problem}"))
    for key in ("ignores", "extend-ignores"):
        for index, entry in enumerate(value.get(key, ())):
            if "until" in entry and not _is_day(entry["until"]):
                mistakes.append(((key, index, "until"), f"`{entry['until']}` is no day of the calendar: write it as 2027-03-31"))
            about = [name for name in ("kinds", "names", "namespaces") if name in entry]
            if about and "rules" not in entry:
                message = f"an entry for `failures` is about files and not about objects, so with `{about[0]}` it covers none: use `paths`"
                mistakes.append(((key, index, about[0]), message))
    for route, glob in _globs(value):
        if ".." in glob.split("/"):
            mistakes.append((route, f"`{glob}` can match nothing: globs start at the repository root and cannot hold `..`"))
    for route, path in _paths(value):
        if rooted(layer.base, path).split("/")[0] == "..":
            mistakes.append((route, f"`{path}` leads out of the repository: name something inside it"))
    return [*mistakes, *_same_charts(layer)]


def contradictory(settings: Settings) -> list[Mistake]:
    """Mistakes that only all files together show."""
    environments = settings.value.get("environments", {})
    return [
        (("states", state, index, "environment"), _unknown_environment(entry["environment"], environments))
        for state, entries in settings.value.get("states", {}).items()
        for index, entry in enumerate(entries)
        if entry.get("environment") not in (None, *environments)
    ]


def error(mistakes: Iterable[Mistake], place: Callable[[Route], tuple[str, int]]) -> ConfigurationError:
    """One error that names every mistake, a line for each, in the order of the file. `place` turns a route into file and
    line."""
    placed = sorted((*place(route), message) for route, message in dict.fromkeys(mistakes))
    (path, line, first), *others = placed
    return ConfigurationError(path, line, first, [f"{path}:{line}: {message}" for path, line, message in others])


def _globs(value: Mapping[str, Any]) -> Iterator[tuple[Route, str]]:
    """Every glob of a file with its route."""
    for key in ("exclude", "extend-exclude", "crds"):
        yield from (((key, index), glob) for index, glob in enumerate(value.get(key, ())))
    for key in ("ignores", "extend-ignores", "per-path", "extend-per-path"):
        for index, entry in enumerate(value.get(key, ())):
            yield from (((key, index, "paths", place), glob) for place, glob in enumerate(entry.get("paths", ())))
    for state, entries in value.get("states", {}).items():
        for index, entry in enumerate(entries):
            route: Route = ("states", state, index)
            yield (route, entry) if isinstance(entry, str) else ((*route, "path"), entry["path"])
    for environment, charts in value.get("environments", {}).items():
        yield from ((("environments", environment, chart), chart) for chart in charts)


def _paths(value: Mapping[str, Any]) -> Iterator[tuple[Route, str]]:
    """Every path of a file that must stay inside the repository, with its route."""
    if "baseline" in value:
        yield ("baseline",), value["baseline"]
    nodes = value.get("nodes", [])
    yield from [(("nodes",), nodes)] if isinstance(nodes, str) else ((("nodes", index), path) for index, path in enumerate(nodes))
    yield from ((("repositories", url), folder) for url, folder in value.get("repositories", {}).items())
    packs = value.get("packs", {})
    for name, entry in packs.items() if isinstance(packs, dict) else ():
        if isinstance(entry, dict) and "path" in entry:
            yield ("packs", name, "path"), entry["path"]


def _same_charts(layer: Layer) -> Iterator[Mistake]:
    """Charts of one environment that are written in two ways, so that neither wins."""
    for environment, charts in layer.value.get("environments", {}).items():
        seen: dict[str, str] = {}
        for chart in charts:
            first = seen.setdefault(normalise(below(layer.base, chart)), chart)
            if first is not chart:
                yield ("environments", environment, chart), f"`{chart}` is the same as `{first}` above: keep one of them"


def _is_day(text: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _unknown_environment(name: str, environments: Mapping[str, Any]) -> str:
    known = ", ".join(f"`{environment}`" for environment in environments)
    return f"there is no environment `{name}`: " + (f"`environments` declares {known}" if known else "declare it under `environments`")
