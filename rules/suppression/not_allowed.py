from typing import Any

from linter.model import Node, Violation


def check(node: Node, state: object, params: dict[str, Any]) -> Violation | None:
    if "not-allowed" not in node.value["breaches"]:
        return None
    allowed = ", ".join(node.value["allow"]) or "nothing"
    return Violation((), f"this {node.value['by']} accepts nothing: `suppressions:` in the configuration allows {allowed}")
