from typing import Any

from linter.kubernetes.workloads.lifecycle import runs_to_completion
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    name = node.pod.spec.get("nodeName")
    if not name or not isinstance(name, str) or node.resource.type == "Pod" or runs_to_completion(node.pod):
        return None
    return Violation((*node.pod.spec_route, "nodeName"), f"every pod of {node.resource} is pinned to the node `{name}`, past the scheduler")
