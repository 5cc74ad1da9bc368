from typing import Any

from linter.kubernetes.objects.naming import length_problem
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    resource = node.resource
    # No kind has a lower limit.
    if len(resource.name) <= 52:
        return None
    problem = length_problem(resource)
    if problem is None or state.is_opaque(resource.name):
        return None
    words = f"the name of this {resource.kind} has {len(resource.name)} characters, and {problem.most} are possible: {problem.consequence}"
    key = "name" if resource.metadata.get("name") else "generateName"
    # The API server shortens the beginning of a name that it makes itself.
    return Violation(("metadata", key), words, severity=problem.severity) if key == "name" else None
