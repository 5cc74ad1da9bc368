from typing import Any

from linter.kubernetes.scheduling.tolerations import outlasts_dead_nodes, tolerations
from linter.model import DesiredState, Node, Violation

_REPLACED = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "argoproj.io/Rollout"})


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    if node.resource.type not in _REPLACED:
        return None
    for route, toleration in tolerations(node.pod):
        if outlasts_dead_nodes(toleration):
            return Violation(route, f"this toleration keeps the pods of {node.resource} on nodes that are gone, and none replaces them")
    return None
