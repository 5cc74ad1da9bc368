"""Which objects of a run are not what they were in earlier revisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from linter.model import DesiredState, Resource, Source

_Key = tuple[str, str, str, str | None, str | None, str, str, str]


def changed_objects(state: DesiredState, earlier: Sequence[Iterable[DesiredState]]) -> Iterator[tuple[Resource, Resource]]:
    """The objects of a state that every one of the earlier revisions has in another form, each with that of the first one.

    An object is the same one if its source, kind, namespace and name are. Where a state declares it twice, nobody can say
    which of the two it was.
    """
    if not earlier:
        return
    known = [_by_key(other for other in states if other.name == state.name) for states in earlier]
    for resource in state.resources:
        key = _key(resource)
        before = [found for objects in known if (found := objects.get(key)) is not None]
        # What one of several revisions that are merged has in this form is not changed by the merge.
        if not before or state.is_repeated(resource) or any(_equal(resource, found) for found in before):
            continue
        yield resource, before[0]


def _by_key(states: Iterable[DesiredState]) -> dict[_Key, Resource]:
    return {_key(resource): resource for state in states for resource in state.resources if not state.is_repeated(resource)}


def _key(resource: Resource) -> _Key:
    source: Source = resource.source
    return (
        source.path, source.type, source.state, source.environment, source.application, resource.type, resource.namespace, resource.name,
    )  # fmt: skip


def _equal(one: Resource, other: Resource) -> bool:
    return one.body is other.body or one.body == other.body
