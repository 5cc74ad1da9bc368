from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.quantities import parse_quantity
from linter.model import DesiredState, Node, Violation, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    resources = mapping(node.value.get("resources"))
    written = mapping(resources.get("requests")).get("memory"), mapping(resources.get("limits")).get("memory")
    request, limit = map(parse_quantity, written)
    if request and limit and limit > request * params["most"]:
        words = f"container {node.value.get('name')} may use {_times(limit, request)} times the memory it requests"
        words += f" ({written[1]} and {written[0]})"
        yield Violation((*node.route, "resources", "limits", "memory"), words)


def _times(limit: int, request: int) -> str:
    """How often the one fits into the other, which may be too often for a floating-point number."""
    times = limit // request
    return f"{limit / request:.3g}" if times < 1000 else str(times) if times < 1_000_000 else "over a million"
