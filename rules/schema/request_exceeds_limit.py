from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_validation.resources import container_resources, excess_requests
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    resources = container_resources(node)
    if resources is None or not resources.get("requests") or not resources.get("limits"):
        return ()
    return excess_requests(resources, (*node.route, "resources"), f"container {node.value.get('name')}", node.resource)
