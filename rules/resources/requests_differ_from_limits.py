from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.quantities import parse_quantity
from linter.model import DesiredState, Node, Violation, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    resources = mapping(node.value.get("resources"))
    requests, limits = mapping(resources.get("requests")), mapping(resources.get("limits"))
    for name in ("cpu", "memory"):
        request, limit = requests.get(name), limits.get(name)
        if request is not None and parse_quantity(request) != (parse_quantity(limit) if limit is not None else None):
            bound = f"its limit is {limit}" if limit is not None else "it has no limit"
            words = f"container {node.value.get('name')} requests {request} of {'CPU' if name == 'cpu' else name}, and {bound}"
            yield Violation((*node.route, "resources", "requests", name), words)
