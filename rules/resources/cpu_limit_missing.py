from collections.abc import Iterator
from typing import Any

from linter.kubernetes.workloads.resources import declared
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    if declared(node, "limits", "cpu", state) is None:
        words = f"container {node.value.get('name')} has no CPU limit"
        yield Violation((*node.route, "resources", "limits", "cpu"), words)
