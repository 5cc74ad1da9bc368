from typing import Any

from linter.model import Node, Violation


def check(node: Node, state: object, params: dict[str, Any]) -> Violation | None:
    problem = node.value["problem"]
    return Violation((), f"this {node.value['by']} has no effect: {problem}") if problem else None
