from typing import Any

from linter.model import Node, Violation


def check(node: Node, state: object, params: dict[str, Any]) -> Violation | None:
    problem = node.value["problem"]
    if not problem:
        return None
    fix = 'Write it as `gitops-lint/ignore: "pack/rule; until=2027-03-31; reason"`.' if node.value["by"] == "annotation" else None
    return Violation((), f"this {node.value['by']} has no effect: {problem}", fix=fix)
