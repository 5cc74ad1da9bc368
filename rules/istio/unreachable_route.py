from collections.abc import Iterator
from typing import Any

from linter.istio.matching import Matching, is_catch_all
from linter.istio.virtualservices import PROTOCOLS
from linter.model import DesiredState, Node, Related, Resource, Route, Violation, items, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    resource = node.resource
    matching = Matching(resource)
    for protocol in PROTOCOLS:
        # Every match seen so far with the index of its route; an empty one stands for a route without matches.
        earlier: list[tuple[object, int]] = []
        for index, value in enumerate(items(resource.spec.get(protocol))):
            route = mapping(value)
            base: Route = ("spec", protocol, index)
            matches = items(route.get("match"))
            if not matches and route.get("match") not in (None, []):
                continue
            covering = [_covering(matching, earlier, match) for match in (matches or [{}])]
            if covering and all(by is not None for by in covering):
                yield Violation(
                    base,
                    f"{_name(route, index)} of {resource} is never reached: {_by(resource.spec[protocol], covering)}",
                    related=tuple(
                        Related("takes its traffic", resource, ("spec", protocol, by))
                        for by in sorted({by for by in covering if by is not None})
                    ),
                )
            else:
                for position, by in enumerate(covering):
                    if by is not None:
                        yield Violation(
                            (*base, "match", position),
                            f"this match of {_name(route, index)} of {resource} never applies: {_by(resource.spec[protocol], [by])}",
                            related=(Related("takes its traffic", resource, ("spec", protocol, by)),),
                        )
                yield from _superfluous(matching, resource, (*base, "match"), matches, covering)
            # What a delegate does not match falls through to the next route, and its matches are in another object.
            if isinstance(value, dict) and "delegate" not in route:
                earlier.extend((match, index) for match in (matches or [{}]))


def _covering(matching: Matching, earlier: list[tuple[object, int]], match: object) -> int | None:
    if not isinstance(match, dict):
        return None
    return next((index for before, index in earlier if is_catch_all(before) or matching.covers(before, match)), None)


def _by(routes: list[object], covering: list[int | None]) -> str:
    names = [_name(mapping(routes[by]), by) for by in sorted({by for by in covering if by is not None})]
    return f"{' and '.join(names)} before it {'take' if len(names) > 1 else 'takes'} all of its traffic"


def _name(route: dict[str, Any], index: int) -> str:
    name = route.get("name")
    return f"route `{name}`" if isinstance(name, str) and name else f"route {index + 1}"


def _superfluous(
    matching: Matching, resource: Resource, route: Route, matches: list[object], covering: list[int | None]
) -> Iterator[Violation]:
    """Matches that an earlier match of the same route makes redundant: harmless, but not what the author thought."""
    for later, match in enumerate(matches):
        if not isinstance(match, dict) or covering[later] is not None:
            continue
        for earlier, before in enumerate(matches[:later]):
            if is_catch_all(before) or matching.covers(before, match):
                yield Violation(
                    (*route, later),
                    f"this match of {resource} adds nothing: match {earlier + 1} of the same route covers it",
                    related=(Related("covers it", resource, (*route, earlier)),),
                    severity="info",
                )
                break
