from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Violation, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    threshold = mapping(node.value.get("livenessProbe")).get("failureThreshold")
    if threshold == 1 and threshold is not True:
        route = (*node.route, "livenessProbe", "failureThreshold")
        yield Violation(route, f"one failed attempt of the liveness probe restarts container {node.value.get('name')}")
