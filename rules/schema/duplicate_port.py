from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_validation.ports import duplicate_violations
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    return duplicate_violations(node.value, node.route, node.resource)
