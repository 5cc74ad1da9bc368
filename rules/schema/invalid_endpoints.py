from collections.abc import Iterator
from typing import Any

from linter.kubernetes.validation.endpoints import endpoint_slice_problems, endpoints_problems
from linter.model import DesiredState, Node, Violation

_PROBLEMS = {
    "EndpointSlice": endpoint_slice_problems,
    "Endpoints": endpoints_problems,
}


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    return _PROBLEMS[node.resource.type](node.resource, state)
