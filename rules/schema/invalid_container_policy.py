from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_validation.containers import resize_violations, restart_violations
from linter.kubernetes.targets import minor_version
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    container = node.value
    if "restartPolicy" in container or "restartPolicyRules" in container:
        yield from restart_violations(node, minor_version(state))
    if "resizePolicy" in container:
        yield from resize_violations(node, minor_version(state))
