from typing import Any

from linter.model import Node, Violation


def check(node: Node, state: object, params: dict[str, Any]) -> Violation | None:
    stale = node.value["stale"]
    if stale is None:
        return None
    return Violation(
        (), f"the baseline accepts `{stale['id']}` in {stale['path']} since {stale['accepted']}, and nothing is left to accept"
    )
