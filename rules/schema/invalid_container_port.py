from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_validation.ports import port_violations
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    return port_violations(node) if node.value.get("ports") else ()
