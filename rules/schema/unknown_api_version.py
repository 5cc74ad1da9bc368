from typing import Any

from linter.kubernetes.api_versions.matching import api_version_problem
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    resource = node.resource
    found = api_version_problem(resource.api_version, resource.kind, state.targets.get("kubernetes"))
    if found is None or state.is_opaque(resource.api_version) or state.is_opaque(resource.kind):
        return None
    return Violation((found.key,), found.message, fix=found.fix)
