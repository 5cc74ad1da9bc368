from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Violation, items, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for index, port in enumerate(items(node.value.get("ports"))):
        if mapping(port).get("containerPort") == 22 and mapping(port).get("protocol", "TCP") == "TCP":
            yield Violation((*node.route, "ports", index, "containerPort"), f"container {node.value.get('name')} opens the port of SSH")
