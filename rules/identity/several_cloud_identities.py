from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Violation

_CLOUDS = {
    "eks.amazonaws.com/role-arn": "AWS", "iam.gke.io/gcp-service-account": "Google Cloud", "azure.workload.identity/client-id": "Azure",
}  # fmt: skip


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    carried = [key for key in _CLOUDS if key in node.resource.annotations]
    for key in carried[1:]:
        words = f"ServiceAccount {node.resource.name} has an identity of {_CLOUDS[key]} beside one of {_CLOUDS[carried[0]]}"
        yield Violation(("metadata", "annotations", key), words)
