from collections.abc import Iterator
from typing import Any

from linter.kubernetes.validation.cluster_objects import driver_problems, storage_class_problems
from linter.model import DesiredState, Node, Violation

_PROBLEMS = {
    "StorageClass": storage_class_problems,
    "VolumeAttributesClass": storage_class_problems,
    "CSIDriver": driver_problems,
}


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    return _PROBLEMS[node.resource.type](node.resource, state)
