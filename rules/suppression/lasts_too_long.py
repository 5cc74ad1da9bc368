from typing import Any

from linter.model import Node, Violation


def check(node: Node, state: object, params: dict[str, Any]) -> Violation | None:
    if "lasts-too-long" not in node.value["breaches"]:
        return None
    by, until, days = node.value["by"], node.value["until"], node.value["max_days"]
    words = f"its last day, {until}, is more than {days} days ahead"
    if not until:
        words = f"it has no last day, and at most {days} days are allowed"
    fix = "Add `until:` to the entry, with a nearer day." if by == "entry" else None
    return Violation((), f"this {by} accepts nothing: {words}", fix=fix)
