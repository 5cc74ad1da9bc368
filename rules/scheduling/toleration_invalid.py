from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scheduling.tolerations import toleration_problems, tolerations
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for route, toleration in tolerations(node.pod):
        if not any(state.is_opaque(value) for value in toleration.values()):
            for place, problem in toleration_problems(toleration):
                yield Violation((*route, *place), problem)
