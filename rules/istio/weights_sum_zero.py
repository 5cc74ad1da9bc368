from collections.abc import Iterator
from typing import Any

from linter.istio.virtualservices import routes
from linter.model import DesiredState, Node, Route, Violation, items, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for protocol, index, value in routes(node.resource):
        base: Route = ("spec", protocol, index, "route")
        weights = [mapping(entry).get("weight") for entry in items(value.get("route"))]
        numbers = [0 if weight is None else weight for weight in weights]
        if not all(isinstance(number, int) and not isinstance(number, bool) for number in numbers):
            continue
        negative = [position for position, number in enumerate(numbers) if number < 0]
        for position in negative:
            yield Violation((*base, position, "weight"), f"the weight {numbers[position]} in {node.resource} is negative")
        if len(numbers) > 1 and not negative and sum(numbers) == 0:
            none = all(weight is None for weight in weights)
            words = "have no weight" if none else "have weights whose sum is 0"
            yield Violation(base, f"the {len(numbers)} destinations of a route in {node.resource} {words}")
