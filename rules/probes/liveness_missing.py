from typing import Any

from linter.kubernetes.workloads.lifecycle import runs_to_completion
from linter.kubernetes.workloads.probes import filled_in_by_injection
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    if node.value.get("livenessProbe") is not None or runs_to_completion(node.pod) or filled_in_by_injection(node):
        return None
    return Violation((*node.route, "livenessProbe"), f"container {node.value.get('name')} has no liveness probe")
