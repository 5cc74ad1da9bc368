from collections.abc import Iterator
from typing import Any

from linter.kubernetes.quantities import parse_quantity
from linter.model import DesiredState, Node, Violation, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    resources = mapping(node.value.get("resources"))
    written = mapping(resources.get("requests")).get("memory"), mapping(resources.get("limits")).get("memory")
    request, limit = map(parse_quantity, written)
    if request and limit and limit > request * params["most"]:
        words = (
            f"container {node.value.get('name')} may use {limit / request:.3g} times the memory it requests ({written[1]} and {written[0]})"
        )
        yield Violation((*node.route, "resources", "limits", "memory"), words)
