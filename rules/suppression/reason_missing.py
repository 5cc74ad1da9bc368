from typing import Any

from linter.model import Node, Violation

_FIXES = {
    "annotation": 'Write it as `gitops-lint/ignore: "pack/rule; until=2027-03-31; reason"`.',
    "entry": "Add `reason:` to the entry.",
}


def check(node: Node, state: object, params: dict[str, Any]) -> Violation | None:
    if "reason-missing" not in node.value["breaches"]:
        return None
    by = node.value["by"]
    return Violation((), f"this {by} accepts nothing: it gives no reason, and the configuration requires one", fix=_FIXES.get(by))
