from typing import Any

from linter.kubernetes.scheduling.priorities import BUILT_IN_PRIORITY_CLASSES
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    name = node.pod.spec.get("priorityClassName")
    if not isinstance(name, str) or not name or name in BUILT_IN_PRIORITY_CLASSES:
        return None
    found = state.find("PriorityClass", "", name, referrer=node.resource)
    if not found.missing:
        return None
    return Violation((*node.pod.spec_route, "priorityClassName"), f"there is no PriorityClass `{name}`: {found.reason}")
