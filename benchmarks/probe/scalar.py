from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Route, Violation

# Of large objects only every n-th scalar is reported, so that one CustomResourceDefinition is not half of all places.
_MOST = 40


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    found = [entry for entry in _scalars(node.resource.body, ()) if entry[0] != ("apiVersion",)]
    for route, value in found[:: len(found) // _MOST + 1]:
        yield Violation((*node.route, *route), f"{value!r}")


def _scalars(value: object, route: Route) -> Iterator[tuple[Route, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(key, str):
                yield from _scalars(inner, (*route, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _scalars(inner, (*route, index))
    elif value is not None:
        yield route, value
