"""Settings -> Config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.config import opaque
from linter.config.layers import Settings
from linter.config.values import ClusterEntry, Config, IgnoreEntry, PackEntry, PathSelection, SuppressionPolicy
from linter.discovery.declarations import ChartValues, StateEntry
from linter.globs import Globs
from linter.model.state import ObjectPattern, Placeholders

# Keys that are checked and kept, and that nothing reads in this version.
NOT_YET_READ = ("nodes",)


def build(settings: Settings, path: str) -> Config:
    """The configuration that settings mean; `path` is the main file."""
    value = settings.value
    return Config(
        path=path,
        root=value.get("root", False),
        targets=value.get("targets", {}),
        packs={name: PackEntry(**entry) for name, entry in value.get("packs", {}).items()},
        select=tuple(value.get("select", ())),
        ignore=tuple(value.get("ignore", ())),
        extend_select=tuple(value.get("extend-select", ())),
        extend_ignore=tuple(value.get("extend-ignore", ())),
        per_path=tuple(_path_selection(index, entry) for index, entry in enumerate(value.get("per-path", ()))),
        rules=value.get("rules", {}),
        ignores=tuple(_ignore(index, entry) for index, entry in enumerate(value.get("ignores", ()))),
        honour=tuple(dict.fromkeys(value.get("honour", ()))),
        suppressions=_policy(value.get("suppressions", {})),
        baseline=value.get("baseline"),
        exclude=Globs(value.get("exclude", ())),
        opaque=_opaque(value),
        owned=tuple(ObjectPattern(**entry) for entry in value.get("owned", ())),
        externals=tuple(ObjectPattern(**entry) for entry in value.get("externals", ())),
        states=tuple(
            StateEntry(state, index, entry["path"], entry.get("environment"))
            for state, entries in value.get("states", {}).items()
            for index, entry in enumerate(entries)
        ),
        environments={
            environment: tuple(_chart_values(settings, environment, glob, entry) for glob, entry in charts.items())
            for environment, charts in value.get("environments", {}).items()
        },
        crds=Globs(value.get("crds", ())),
        repositories=value.get("repositories", {}),
        clusters={name: ClusterEntry(entry.get("server"), entry.get("labels", {})) for name, entry in value.get("clusters", {}).items()},
        nodes=tuple(value.get("nodes", ())),
        notes=tuple(_not_yet_read(settings, key) for key in NOT_YET_READ if key in value),
        settings=settings,
    )


def _not_yet_read(settings: Settings, key: str) -> str:
    layer, (line, *_) = settings.locate((key,))
    return f"{layer.path}:{line}: `{key}` is checked and kept, but nothing in this version uses it yet"


def _opaque(value: Mapping[str, Any]) -> Placeholders:
    if "opaque" not in value and "extend-opaque" not in value:
        return opaque.default_opaque()
    return opaque.own_opaque([*value.get("opaque", ()), *value.get("extend-opaque", ())], extend="opaque" not in value)


def _policy(value: Mapping[str, Any]) -> SuppressionPolicy:
    default = SuppressionPolicy()
    return SuppressionPolicy(
        allow=frozenset(value.get("allow", default.allow)),
        require_reason=value.get("require-reason", default.require_reason),
        max_days=value.get("max-days", default.max_days),
    )


def _path_selection(index: int, entry: Mapping[str, Any]) -> PathSelection:
    return PathSelection(
        index,
        Globs(entry["paths"]),
        select=tuple(entry.get("select", ())),
        ignore=tuple(entry.get("ignore", ())),
        extend_select=tuple(entry.get("extend-select", ())),
    )


def _ignore(index: int, entry: Mapping[str, Any]) -> IgnoreEntry:
    return IgnoreEntry(
        index,
        rules=tuple(entry.get("rules", ())),
        failures=tuple(entry.get("failures", ())),
        paths=Globs(entry.get("paths", ())),
        kinds=tuple(entry.get("kinds", ())),
        names=tuple(entry.get("names", ())),
        namespaces=tuple(entry.get("namespaces", ())),
        until=entry.get("until"),
        reason=entry.get("reason"),
    )


def _chart_values(settings: Settings, environment: str, glob: str, entry: Mapping[str, Any]) -> ChartValues:
    _, written = settings.origin(("environments", environment, glob))
    return ChartValues(
        environment,
        chart=str(written[-1]),
        glob=glob,
        values=tuple(entry.get("values", ())),
        set_values=tuple(entry.get("set", ())),
        namespace=entry.get("namespace"),
        release=entry.get("release"),
        cluster=entry.get("cluster"),
    )
