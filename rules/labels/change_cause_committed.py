from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    if "kubernetes.io/change-cause" in node.resource.annotations:
        route = ("metadata", "annotations", "kubernetes.io/change-cause")
        yield Violation(route, f"{node.resource} gives one reason for all its revisions", on="key")
