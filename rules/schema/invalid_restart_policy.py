from typing import Any

from linter.kubernetes.pod_validation.pod_fields import restart_policy_violation
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    return restart_policy_violation(node.pod)
