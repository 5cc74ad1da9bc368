from typing import Any

from linter.model import Node, Violation


def check(node: Node, state: object, params: dict[str, Any]) -> Violation | None:
    if not node.value["expired"]:
        return None
    names = ", ".join(f"`{rule}`" for rule in node.value["rules"])
    return Violation((), f"this {node.value['by']} accepted {names} until {node.value['until']}, and that day has passed")
