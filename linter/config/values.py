"""What a configuration says, ready to be asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from linter.config.opaque import default_opaque
from linter.discovery.declarations import ChartValues, StateEntry
from linter.globs import Globs, match_exactly, match_name
from linter.model import Route
from linter.model.state import ObjectPattern
from linter.repository import CONFIG_NAME


@dataclass(frozen=True, slots=True)
class IgnoreEntry:
    """One entry of `ignores:`. `until` is the last day it counts (YYYY-MM-DD). `index` is its place in the list."""

    index: int
    rules: tuple[str, ...]
    paths: Globs = field(default_factory=Globs)
    kinds: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    until: str | None = None
    reason: str | None = None

    def covers(self, path: str, type: str = "", namespace: str = "", name: str = "") -> bool:
        """Whether a finding in this file, on this object ("" for none), is one this entry speaks about.

        `type` is an object's type as `linter.kubernetes.kinds.type_name` gives it; an entry may leave out its group.
        """
        return (
            (not self.paths or self.paths.match(path))
            and (match_name(self.kinds, type) or ("/" in type and match_name(self.kinds, type.rpartition("/")[2])))
            and match_name(self.names, name)
            and match_name(self.namespaces, namespace)
        )


@dataclass(frozen=True, slots=True)
class Config:
    """The content of a configuration file; what it does not mention has the value of an empty file.

    `path` is the file, relative to the repository root if it stands there, or None if there is none. `targets` holds
    only what is written. `packs` maps names to versions, or to None where none is given. `rules` maps rules to what is
    written of `severity` and `params`. `opaque` holds the default patterns unless the file replaces them.
    """

    path: str | None = None
    root: bool = False
    targets: Mapping[str, str] = field(default_factory=dict)
    packs: Mapping[str, str | None] = field(default_factory=dict)
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ignores: tuple[IgnoreEntry, ...] = ()
    exclude: Globs = field(default_factory=Globs)
    opaque: re.Pattern[str] = field(default_factory=default_opaque)
    owned: tuple[ObjectPattern, ...] = ()
    externals: tuple[ObjectPattern, ...] = ()
    states: tuple[StateEntry, ...] = ()
    environments: Mapping[str, tuple[ChartValues, ...]] = field(default_factory=dict)
    text: str = ""

    def where(self, route: Route) -> tuple[str, int | None]:
        """The file and line in which something stands, for messages; the nearest existing ancestor of `route`."""
        if self.path is None or not self.text:
            return self.path or CONFIG_NAME, None
        from linter.manifest.positions import index_positions

        return self.path, index_positions(self.text).locate(0, route, "key")[0]

    def place(self, route: Route) -> str:
        """`where`, as text that begins a message: `.gitops-lint.yaml:12`."""
        path, line = self.where(route)
        return f"{path}:{line}" if line is not None else path

    def values_for(self, chart: str) -> list[ChartValues]:
        """How a chart is rendered, by environment: its own path wins, then the first glob that names it."""
        found = []
        for entries in self.environments.values():
            matching = [entry for entry in entries if match_exactly(entry.glob, chart)]
            if matching:
                found.append(next((entry for entry in matching if entry.glob == chart), matching[0]))
        return found
