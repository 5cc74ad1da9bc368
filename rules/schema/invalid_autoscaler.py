from collections.abc import Iterator
from typing import Any

from linter.kubernetes.validation.autoscalers import autoscaler_problems
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    return autoscaler_problems(node.resource, state)
