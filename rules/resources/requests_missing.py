from typing import Any

from linter.kubernetes.pods import containers_of
from linter.kubernetes.workloads.lifecycle import is_hook
from linter.kubernetes.workloads.probes import filled_in_by_injection
from linter.kubernetes.workloads.resources import asks_for_huge_pages, declared, is_scaled_vertically
from linter.model import DesiredState, Node, Violation, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    first = None
    for container in containers_of(node.pod, "container", "sidecar"):
        for resource in ("cpu", "memory"):
            if declared(container, "requests", resource, state) is not None:
                return None
        # The API server refuses it then, and schema/invalid-resources says so.
        if asks_for_huge_pages(container):
            return None
        first = first or container
    if first is None or filled_in_by_injection(first) or is_hook(node.resource) or is_scaled_vertically(node.pod, state):
        return None
    route = (*first.route, "resources", *(("requests",) if "requests" in mapping(first.value.get("resources")) else ()))
    return Violation(route, f"the pod of {node.resource} requests neither CPU nor memory")
