from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_security.judging import broken
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    return broken("baseline-sysctls", node.pod, state)
