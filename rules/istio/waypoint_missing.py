from collections.abc import Iterator
from typing import Any

from linter.istio.gateways import GATEWAY_API_GATEWAY
from linter.istio.keys import carriers
from linter.istio.labels import LABELS, USE_WAYPOINT, USE_WAYPOINT_NAMESPACE
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, keys in carriers(state):
        for key in keys:
            if key.name != USE_WAYPOINT or key.field != "labels" or key.on not in LABELS[USE_WAYPOINT].kinds or not key.text:
                continue
            beside = {other.name: other.text for other in keys if other.field == "labels" and other.on == key.on}
            namespace = beside.get(USE_WAYPOINT_NAMESPACE) or (resource.name if resource.type == "Namespace" else resource.namespace)
            if key.text == "none" or not namespace:
                continue
            if state.find(GATEWAY_API_GATEWAY, namespace, key.text, referrer=resource).missing:
                yield Violation(
                    key.route,
                    f"{resource} uses the waypoint `{key.text}`, and namespace {namespace} has no Gateway of that name",
                    resource=resource,
                )
