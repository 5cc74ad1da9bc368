from collections.abc import Iterator
from typing import Any

from linter.kubernetes.workloads.resources import declared
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    if declared(node, "requests", "memory", state) is None:
        words = f"container {node.value.get('name')} has no memory request"
        yield Violation((*node.route, "resources", "requests", "memory"), words)
