from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Violation, items, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for index, port in enumerate(items(node.value.get("ports"))):
        number = mapping(port).get("containerPort")
        if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 1024:
            yield Violation(
                (*node.route, "ports", index, "containerPort"), f"container {node.value.get('name')} listens on the port {number}"
            )
