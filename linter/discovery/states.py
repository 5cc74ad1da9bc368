"""Which sources the configuration puts into one desired state."""

from __future__ import annotations

from collections.abc import Sequence

from linter.discovery.declarations import StateEntry
from linter.globs import matches


class States:
    """The entries of `states:`, in their order; the first that names a path wins. `unused` are those that named none."""

    def __init__(self, entries: Sequence[StateEntry]) -> None:
        self._entries = entries
        self._used: set[StateEntry] = set()

    def entry(self, path: str, environment: str | None = None) -> StateEntry | None:
        """The entry for a file or directory, and the environment in which it is rendered."""
        for entry in self._entries:
            if entry.environment in (None, environment) and matches(entry.path, path):
                self._used.add(entry)
                return entry
        return None

    def of(self, path: str, environment: str | None = None) -> str | None:
        """The name of the state, or None if the configuration names none."""
        entry = self.entry(path, environment)
        return entry.state if entry is not None else None

    @property
    def unused(self) -> list[StateEntry]:
        return [entry for entry in self._entries if entry not in self._used]
