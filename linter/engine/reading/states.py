"""Sources and their objects -> the desired state of each destination."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from linter.model import DesiredState, Resource, Source, SourceStatus, StateOptions


class _Elsewhere(Mapping[tuple[str, str], Sequence[Resource]]):
    """(type, name) -> objects of the whole repository, indexed when a reference first leaves its state."""

    def __init__(self, resources: Mapping[Source, Sequence[Resource]]) -> None:
        self._resources = resources
        self._index: dict[tuple[str, str], list[Resource]] | None = None

    def _built(self) -> dict[tuple[str, str], list[Resource]]:
        if self._index is None:
            self._index = {}
            for resources in self._resources.values():
                for resource in resources:
                    self._index.setdefault((resource.type, resource.name), []).append(resource)
        return self._index

    def __getitem__(self, key: tuple[str, str]) -> Sequence[Resource]:
        return self._built()[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._built())

    def __len__(self) -> int:
        return len(self._built())


def build_states(
    sources: Iterable[Source],
    statuses: Mapping[Source, SourceStatus],
    resources: Mapping[Source, Sequence[Resource]],
    options: StateOptions,
) -> list[DesiredState]:
    """One DesiredState per state name, in the order in which sources name them; states without objects included.

    A source that did not render makes its state incomplete: what it would have declared is unknown.
    """
    elsewhere = _Elsewhere(resources)
    members: dict[str, list[Source]] = {}
    for source in sources:
        members.setdefault(source.state, []).append(source)
    return [
        DesiredState(
            name,
            group,
            [resource for source in group for resource in resources.get(source, ())],
            options,
            [source.path for source in group if statuses.get(source, "ok") != "ok"],
            elsewhere,
        )
        for name, group in members.items()
    ]
