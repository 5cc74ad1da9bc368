from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_validation.resources import (
    CLAIMS_SINCE,
    POD_LEVEL_SINCE,
    amount_violations,
    claim_violations,
    excess_requests,
    overhead_violations,
    pod_level_violations,
    unknown_names,
)
from linter.kubernetes.targets import minor_version
from linter.model import DesiredState, Node, Violation, items


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    spec, claims = node.value, "resourceClaims" in node.value
    for field in ("containers", "initContainers"):
        for index, container in enumerate(items(spec.get(field))):
            resources = container.get("resources") if isinstance(container, dict) else None
            if resources and isinstance(resources, dict):
                claims = claims or "claims" in resources
                yield from amount_violations(resources, (*node.route, field, index, "resources"))
    if claims and minor_version(state) >= CLAIMS_SINCE:
        yield from claim_violations(node.pod)
    overhead = spec.get("overhead")
    if overhead and isinstance(overhead, dict):
        yield from overhead_violations(overhead, (*node.route, "overhead"))
    resources = spec.get("resources")
    if resources and isinstance(resources, dict) and minor_version(state) >= POD_LEVEL_SINCE:
        route = (*node.route, "resources")
        yield from unknown_names(resources, route, pod_level=True)
        yield from amount_violations(resources, route, pod_level=True)
        yield from excess_requests(resources, route, "the pod", node.resource)
        yield from pod_level_violations(node.pod)
