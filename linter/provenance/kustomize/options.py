"""Places in built objects that the options of an Application decide: built again with other options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from linter.model import Route, dig
from linter.provenance.kustomize.matching import body_of
from linter.provenance.kustomize.proving import Build
from linter.provenance.kustomize.wants import WantedNode
from linter.rendering.kustomize.requests import BuiltRoot, KustomizeRequest

_MOST_BUILDS: Final = 8
_ADDED: Final = "q7x"


def trace_options(root: BuiltRoot, wanted: Sequence[WantedNode], build: Build) -> dict[WantedNode, Route]:
    """The routes, in the options of the root's request, of the scalars that decide what stands at wanted places.

    Each scalar that may account for a place is altered, one a build and at most eight, and the place has to change with it.
    """
    bodies = [body_of(built) for built in root.objects]
    values = {node: value for node in wanted if isinstance(value := dig(bodies[node.object], *node.route), str | int | float)}
    candidates = [
        (route, leaf) for route, leaf in _leaves(root.request.options, ()) if any(_may_decide(leaf, value) for value in values.values())
    ]
    requests: list[KustomizeRequest] = []
    tried: list[Route] = []
    for route, leaf in candidates[:_MOST_BUILDS]:
        relevant = [value for value in values.values() if _may_decide(leaf, value)]
        tried.append(route)
        requests.append(replace(root.request, options=_altered(root.request.options, route, leaf, relevant)))
    answers = {id(answer.request): answer for answer in build(requests)} if requests else {}
    found: dict[WantedNode, Route] = {}
    for route, request in zip(tried, requests, strict=True):
        answer = answers.get(id(request))
        if answer is None or len(answer.objects) != len(root.objects):
            continue
        for node, value in values.items():
            if node not in found and dig(body_of(answer.objects[node.object]), *node.route) not in (value, None):
                found[node] = route
    return found


def _leaves(value: Any, route: Route) -> Iterator[tuple[Route, str | int]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*route, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*route, index))
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield route, value


def _may_decide(leaf: str | int, value: object) -> bool:
    """Whether the scalar can be a part of the value, or the value of it, as an image's tag is part of `name=image:tag`."""
    first, second = str(leaf), _written(value)
    return bool(first) and (first in second or second in first or second in first.rpartition("=")[2])


def _written(value: object) -> str:
    """A scalar as YAML has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _altered(options: Mapping[str, Any], route: Route, leaf: str | int, values: Sequence[object]) -> dict[str, Any]:
    """The options with another scalar at a route."""
    changed: str | int
    if isinstance(leaf, int):
        changed = leaf + 1
    elif "\n" in leaf:
        # The text of a patch: the value in it, not its end, is to change.
        needle = next(_written(value) for value in values if _written(value) in leaf)
        changed = leaf.replace(needle, f"{int(needle) + 1}" if needle.isdigit() else needle + _ADDED)
    else:
        changed = f"{int(leaf) + 1}" if leaf.isdigit() else leaf + _ADDED
    return _replaced(options, route, changed)  # type: ignore[no-any-return]


def _replaced(value: Any, route: Route, leaf: str | int) -> Any:
    if not route:
        return leaf
    if isinstance(value, Mapping):
        return {key: _replaced(inner, route[1:], leaf) if key == route[0] else inner for key, inner in value.items()}
    return [_replaced(inner, route[1:], leaf) if index == route[0] else inner for index, inner in enumerate(value)]
