from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_validation.ports import host_network_violations
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    return host_network_violations(node.value, node.route) if node.value.get("hostNetwork") is True else ()
