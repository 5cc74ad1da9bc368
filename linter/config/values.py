"""What a configuration says, ready to be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from linter.config.layers import Settings
from linter.config.opaque import default_opaque
from linter.discovery.declarations import ChartValues, StateEntry
from linter.globs import Globs, match_exactly, match_name
from linter.model import Route
from linter.model.state import ObjectPattern, Placeholders
from linter.repository import CONFIG_NAME

if TYPE_CHECKING:
    from linter.manifest.positions import Range

By = Literal["comment", "annotation", "config", "baseline"]


@dataclass(frozen=True, slots=True)
class IgnoreEntry:
    """One entry of `ignores:`. `until` is the last day it counts (YYYY-MM-DD). `index` is its place in the list.

    It speaks about findings of `rules`, and about failures with one of the ids `failures`.
    """

    index: int
    rules: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
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
            self.covers_path(path)
            and (match_name(self.kinds, type) or ("/" in type and match_name(self.kinds, type.rpartition("/")[2])))
            and match_name(self.names, name)
            and match_name(self.namespaces, namespace)
        )

    def covers_path(self, path: str) -> bool:
        """Whether it may speak about a finding in this file."""
        return not self.paths or self.paths.match(path)


@dataclass(frozen=True, slots=True)
class PackEntry:
    """One entry of `packs:`. `version` is the pin ("1", "1.2" or "1.2.3"), `path` the folder of a pack of the repository's
    own, relative to the repository root; None for what is not given."""

    version: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class PathSelection:
    """One entry of `per-path:`: how the choice of rules differs for findings in these files.

    `select`, if it holds anything, replaces the choice; the others change it. `index` is its place in the list.
    """

    index: int
    paths: Globs
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SuppressionPolicy:
    """`suppressions:`: which ways to accept a finding count, whether each needs a reason, and how far ahead its last day may be."""

    allow: frozenset[By] = frozenset(("comment", "annotation", "config", "baseline"))
    require_reason: bool = False
    max_days: int | None = None


@dataclass(frozen=True, slots=True)
class ClusterEntry:
    """One entry of `clusters:`: the URL of the API server, and the labels of the cluster's Secret in Argo CD."""

    server: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Config:
    """The content of a configuration file and of those it extends; what they do not mention has the value of an empty file.

    Globs and paths start at the repository root. `path` is the main file, relative to the repository root if it stands
    there, or None if there is none. `targets` holds only what is written. `rules` maps rules to what is written of
    `severity` and `params`. `opaque` holds the default patterns unless a file replaces them. `baseline` is a file, if one is
    named. `honour` names the linters whose suppression annotations count. `crds` are files with CustomResourceDefinitions,
    `repositories` maps the URL of a repository to the folder that holds its content, `nodes` are files that describe nodes.
    `notes` are hints for whoever wrote the file. `settings` knows where everything is written.
    """

    path: str | None = None
    root: bool = False
    targets: Mapping[str, str] = field(default_factory=dict)
    packs: Mapping[str, PackEntry] = field(default_factory=dict)
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()
    per_path: tuple[PathSelection, ...] = ()
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ignores: tuple[IgnoreEntry, ...] = ()
    honour: tuple[str, ...] = ()
    suppressions: SuppressionPolicy = field(default_factory=SuppressionPolicy)
    baseline: str | None = None
    exclude: Globs = field(default_factory=Globs)
    opaque: Placeholders = field(default_factory=default_opaque)
    owned: tuple[ObjectPattern, ...] = ()
    externals: tuple[ObjectPattern, ...] = ()
    states: tuple[StateEntry, ...] = ()
    environments: Mapping[str, tuple[ChartValues, ...]] = field(default_factory=dict)
    crds: Globs = field(default_factory=Globs)
    repositories: Mapping[str, str] = field(default_factory=dict)
    clusters: Mapping[str, ClusterEntry] = field(default_factory=dict)
    nodes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    settings: Settings | None = field(default=None, repr=False, compare=False)

    @property
    def text(self) -> str:
        """The text of the main file."""
        return self.settings.origin(())[0].text if self.settings is not None else ""

    def where(self, route: Route) -> tuple[str, int | None]:
        """The file and line in which something stands, for messages; the nearest existing ancestor of `route`.

        Routes are those of one file that says everything: for the third of `ignores`, wherever it is written,
        `("ignores", 2)`.
        """
        if self.settings is None:
            return self.path or CONFIG_NAME, None
        layer, found = self.settings.locate(route)
        return layer.path, found[0]

    def locate(self, route: Route) -> tuple[str, Range] | None:
        """The file and range of the value at `route`; None if there is no file.

        A file of an installed package is named `package:file`.
        """
        if self.settings is None:
            return None
        layer, found = self.settings.locate(route, "value")
        return layer.path, found

    def is_local(self, route: Route) -> bool:
        """Whether something is written in a file of this repository, and not in one that it shares with others."""
        return self.settings is None or self.settings.origin(route)[0].local

    def place(self, route: Route) -> str:
        """`where`, as text that begins a message: `.gitops-lint.yaml:12`."""
        path, line = self.where(route)
        return f"{path}:{line}" if line is not None else path

    def declares(self, key: str) -> bool:
        """Whether a key of the top level is written, in this file or one that it extends, be it without content."""
        return self.settings is not None and key in self.settings.value

    def values_for(self, chart: str) -> list[ChartValues]:
        """How a chart is rendered, by environment: its own path wins, then the first glob that names it."""
        found = []
        for entries in self.environments.values():
            matching = [entry for entry in entries if match_exactly(entry.glob, chart)]
            if matching:
                found.append(next((entry for entry in matching if entry.glob == chart), matching[0]))
        return found
