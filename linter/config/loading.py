"""Finding, checking and reading the configuration file."""

from __future__ import annotations

import os
from typing import Any

from linter import shipped
from linter.config import opaque
from linter.config.values import Config, IgnoreEntry
from linter.discovery.declarations import ChartValues, StateEntry
from linter.errors import ConfigurationError, InputError, UsageError
from linter.globs import Globs, below, normalise
from linter.manifest.decoder import Decoded, decode_bytes
from linter.model import Route
from linter.model.state import ObjectPattern
from linter.repository import CONFIG_NAME, Tree, parents, printable

# A mistake in the file: where, and what is wrong and accepted.
Mistake = tuple[Route, str]


def load_config(tree: Tree, directory: str = ".", explicit: str | None = None) -> Config:
    """The configuration for what lies in a directory of the repository.

    That is the file `explicit` (a path from the current directory, its globs relative to the repository root), else the
    nearest .gitops-lint.yaml from `directory` up to the repository root, else the defaults.

    Raises UsageError if `explicit` cannot be read, ConfigurationError naming every mistake of the file.
    """
    if explicit is not None:
        try:
            with open(explicit, "rb") as file:
                return parse_config(file.read(), _shown(tree, explicit))
        except OSError as error:
            raise UsageError(f"--config {printable(explicit)}: {(error.strerror or str(error)).lower()}") from None
    for parent in (directory, *parents(directory)):
        prefix = "" if parent in ("", ".") else f"{parent}/"
        if tree.is_file(prefix + CONFIG_NAME):
            try:
                return parse_config(tree.read(prefix + CONFIG_NAME), prefix + CONFIG_NAME, parent or ".")
            except InputError as error:
                raise ConfigurationError(prefix + CONFIG_NAME, None, error.failure.message) from None
        other = prefix + CONFIG_NAME.replace(".yaml", ".yml")
        if tree.is_file(other):
            raise ConfigurationError(other, None, f"this file is not read under this name: rename it to {CONFIG_NAME}")
    return Config()


def parse_config(data: bytes, path: str = CONFIG_NAME, base: str = ".") -> Config:
    """The configuration in the text of a file. Its globs are relative to the folder `base` of the repository.

    Raises ConfigurationError, with a line for every mistake of the file.
    """
    try:
        text, documents = decode_bytes(data)
    except InputError as error:
        raise ConfigurationError(path, error.failure.line, f"{error.failure.message}; {error.failure.fix}") from None
    if all(document.value is None for document in documents):
        return Config(path=path)
    value = documents[0].value
    mistakes = [*_duplicate_keys(text, documents[0]), *_invalid(value, text)]
    if len(documents) > 1:
        mistakes.append(((), "the file holds several YAML documents: keep one"))
    if not mistakes:
        mistakes = _impossible(value)
    if mistakes:
        raise _error(path, text, mistakes)
    return _build(value, path, text, base)


def _shown(tree: Tree, explicit: str) -> str:
    """A user's path as reports show it: relative to the repository root where it stands below that."""
    absolute = os.path.abspath(explicit)
    below = tree.root is not None and absolute.startswith(tree.root.rstrip("/") + "/")
    return os.path.relpath(absolute, tree.root) if below else explicit


def _duplicate_keys(text: str, document: Decoded) -> list[Mistake]:
    if not document.duplicate_keys:
        return []
    from linter.manifest.positions import index_positions

    repeated = index_positions(text).duplicates(document.index)
    return [((*duplicate.route, duplicate.key), f"`{duplicate.key}` appears more than once: keep one of them") for duplicate in repeated]


def _invalid(value: object, text: str) -> list[Mistake]:
    """What the schema of the configuration does not allow."""
    import json

    import jsonschema_rs

    schema = json.loads(shipped.read("schemas", "config.schema.json"))
    if jsonschema_rs.validator_for(schema).is_valid(value):
        return []
    from linter.explaining import explain_mistakes
    from linter.manifest.positions import index_positions

    positions = index_positions(text)
    return explain_mistakes(schema, value, lambda route: positions.written(0, route))


def _impossible(value: dict[str, Any]) -> list[Mistake]:
    """Mistakes that a schema cannot see, in a configuration that satisfies it."""
    mistakes: list[Mistake] = []
    for key in ("opaque", "extend-opaque"):
        for index, pattern in enumerate(value.get(key, ())):
            if (problem := opaque.problem(pattern)) is not None:
                mistakes.append(((key, index), f"`{pattern}` is no regular expression that can be used: {problem}"))
    globs: list[tuple[Route, str]] = [(("exclude", index), glob) for index, glob in enumerate(value.get("exclude", ()))]
    for index, entry in enumerate(value.get("ignores", ())):
        globs += [(("ignores", index, "paths", place), glob) for place, glob in enumerate(entry.get("paths", ()))]
        if "until" in entry and not _is_day(entry["until"]):
            mistakes.append((("ignores", index, "until"), f"`{entry['until']}` is no day of the calendar: write it as 2027-03-31"))
    environments = value.get("environments", {})
    for state, entries in value.get("states", {}).items():
        for index, entry in enumerate(entries):
            route: Route = ("states", state, index)
            globs.append((route, entry) if isinstance(entry, str) else ((*route, "path"), entry["path"]))
            if not isinstance(entry, str) and entry.get("environment", None) not in (None, *environments):
                mistakes.append(((*route, "environment"), _unknown_environment(entry["environment"], environments)))
    globs += [(("environments", environment, chart), chart) for environment, charts in environments.items() for chart in charts]
    for route, glob in globs:
        if ".." in glob.split("/"):
            mistakes.append((route, f"`{glob}` can match nothing: globs start at the repository root and cannot hold `..`"))
    return mistakes


def _is_day(text: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _unknown_environment(name: str, environments: dict[str, Any]) -> str:
    known = ", ".join(f"`{environment}`" for environment in environments)
    return f"there is no environment `{name}`: " + (f"`environments` declares {known}" if known else "declare it under `environments`")


def _error(path: str, text: str, mistakes: list[Mistake]) -> ConfigurationError:
    """One error that names every mistake, a line for each, in the order of the file."""
    from linter.manifest.positions import index_positions

    positions = index_positions(text)
    placed = sorted((positions.locate(0, route, "key")[0], message) for route, message in dict.fromkeys(mistakes))
    (line, first), *others = placed
    return ConfigurationError(path, line, "\n".join([first, *(f"{path}:{line}: {message}" for line, message in others)]))


def _build(value: dict[str, Any], path: str, text: str, base: str) -> Config:
    packs = value.get("packs", {})
    return Config(
        path=path,
        root=value.get("root", False),
        targets={system: version.removeprefix("v") for system, version in value.get("targets", {}).items()},
        packs=packs if isinstance(packs, dict) else dict.fromkeys(packs),
        select=tuple(value.get("select", ())),
        ignore=tuple(value.get("ignore", ())),
        extend_select=tuple(value.get("extend-select", ())),
        extend_ignore=tuple(value.get("extend-ignore", ())),
        rules=value.get("rules", {}),
        ignores=tuple(_ignore(index, entry, base) for index, entry in enumerate(value.get("ignores", ()))),
        exclude=Globs(below(base, glob) for glob in value.get("exclude", ())),
        opaque=_opaque(value),
        owned=tuple(ObjectPattern(**entry) for entry in value.get("owned", ())),
        externals=tuple(ObjectPattern(**entry) for entry in value.get("externals", ())),
        states=tuple(
            _state_entry(state, index, entry, base)
            for state, entries in value.get("states", {}).items()
            for index, entry in enumerate(entries)
        ),
        environments={
            environment: tuple(_chart_values(environment, chart, entry, base) for chart, entry in charts.items())
            for environment, charts in value.get("environments", {}).items()
        },
        text=text,
    )


def _opaque(value: dict[str, Any]) -> Any:
    if "opaque" not in value and "extend-opaque" not in value:
        return opaque.default_opaque()
    return opaque.join([*value.get("opaque", opaque.DEFAULT_OPAQUE), *value.get("extend-opaque", ())])


def _ignore(index: int, entry: dict[str, Any], base: str) -> IgnoreEntry:
    return IgnoreEntry(
        index,
        rules=tuple(entry["rules"]),
        paths=Globs(below(base, glob) for glob in entry.get("paths", ())),
        kinds=tuple(entry.get("kinds", ())),
        names=tuple(entry.get("names", ())),
        namespaces=tuple(entry.get("namespaces", ())),
        until=entry.get("until"),
        reason=entry.get("reason"),
    )


def _state_entry(state: str, index: int, entry: str | dict[str, str], base: str) -> StateEntry:
    if isinstance(entry, str):
        return StateEntry(state, index, normalise(below(base, entry)))
    return StateEntry(state, index, normalise(below(base, entry["path"])), entry.get("environment"))


def _chart_values(environment: str, chart: str, entry: dict[str, Any], base: str) -> ChartValues:
    return ChartValues(
        environment,
        chart,
        glob=normalise(below(base, chart)),
        values=tuple(entry.get("values", ())),
        set_values=tuple(entry.get("set", ())),
        namespace=entry.get("namespace"),
        release=entry.get("release"),
        cluster=entry.get("cluster"),
    )
