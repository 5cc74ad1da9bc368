from typing import Any

from linter.kubernetes.objects.naming import generated_name, name_problem
from linter.model import DesiredState, Node, Violation
from linter.wording import shown


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    resource = node.resource
    name = resource.name
    # In a template of some other program there is no name yet.
    if not name or "{{" in name:
        return None
    generated = "name" not in resource.metadata and generated_name(resource) is not None
    problem = name_problem(resource.type, name, state.targets.get("kubernetes"), generated=generated)
    if problem is None or state.is_opaque(name):
        return None
    key = "generateName" if generated else "name"
    return Violation(("metadata", key), f"`{shown(name)}` cannot be the name of this {resource.kind}: {problem}")
