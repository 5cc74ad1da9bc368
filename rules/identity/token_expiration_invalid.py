from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pods import pod_template
from linter.model import DesiredState, Node, Route, Violation

# The least and the most seconds: the API server issues no token below ten minutes, and Azure takes an hour to a day.
_BOUNDS = {
    "eks.amazonaws.com/token-expiration": (600, 2**32),
    "azure.workload.identity/service-account-token-expiration": (3600, 86400),
}


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    pod = pod_template(node.resource)
    places: list[tuple[Route, dict[str, str]]] = [(("metadata", "annotations"), node.resource.annotations)]
    if pod is not None and pod.route:
        places = [((*pod.route, "metadata", "annotations"), pod.annotations)]
    for route, annotations in places:
        for key, (least, most) in _BOUNDS.items():
            value = annotations.get(key)
            if value is not None and not (value.isascii() and value.isdigit() and len(value) < 10 and least <= int(value) <= most):
                yield Violation((*route, key), f"`{value}` is no lifetime that `{key}` takes: {least} to {most} seconds, as digits")
