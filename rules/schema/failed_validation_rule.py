from typing import Any

from linter.kubernetes.schemas.judging import violations
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> list[Violation] | None:
    return violations("failed-rule", node.resource, state)
