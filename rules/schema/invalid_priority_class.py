from collections.abc import Iterator
from typing import Any

from linter.kubernetes.validation.cluster_objects import priority_class_problems
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    return priority_class_problems(node.resource, state)
