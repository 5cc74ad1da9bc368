from collections.abc import Iterable
from typing import Any

from linter.kubernetes.objects.metadata import metadata_problems
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation] | None:
    metadata = node.value.get("metadata")
    if not isinstance(metadata, dict):
        return None
    if "namespace" not in metadata and "finalizers" not in metadata and "ownerReferences" not in metadata:
        return None
    resource = node.resource
    found = metadata_problems(resource.type, metadata, namespaced=resource.namespace != "")
    return [Violation(problem.route, problem.message) for problem in found]
