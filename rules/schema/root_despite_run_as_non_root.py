from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_validation.security import root_contradictions
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    return root_contradictions(node.pod)
