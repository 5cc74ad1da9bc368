"""What a user declares about the sources of a repository, as far as discovery asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from linter.globs import Globs
from linter.model import Route


@dataclass(frozen=True, slots=True)
class StateEntry:
    """One path of a state: a glob over directories and files, and the environment it is limited to."""

    state: str
    index: int
    path: str
    environment: str | None = None


@dataclass(frozen=True, slots=True)
class ChartValues:
    """How the charts that a glob names are rendered in an environment.

    `chart` is the glob as written, `glob` the same from the repository root; `values` are paths as written.
    """

    environment: str
    chart: str
    glob: str
    values: tuple[str, ...] = ()
    set_values: tuple[str, ...] = ()
    namespace: str | None = None
    release: str | None = None
    cluster: str | None = None

    @property
    def route(self) -> Route:
        """Where it stands in the configuration."""
        return ("environments", self.environment, self.glob)


class Declarations(Protocol):
    """The part of a configuration that says which sources there are."""

    @property
    def exclude(self) -> Globs: ...

    @property
    def states(self) -> tuple[StateEntry, ...]: ...

    @property
    def environments(self) -> Mapping[str, tuple[ChartValues, ...]]: ...

    def values_for(self, chart: str) -> list[ChartValues]:
        """How a chart is rendered, by environment."""
        ...

    def declares(self, key: str) -> bool:
        """Whether a key is written at all, be it without content."""
        ...

    def where(self, route: Route) -> tuple[str, int | None]:
        """The file and line in which something stands."""
        ...

    def place(self, route: Route) -> str:
        """`where`, as text that begins a message."""
        ...
