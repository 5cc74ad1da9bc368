"""Rules written beside an aggregationRule; the controller replaces them by the union of the selected roles."""

from typing import Any

from linter.kubernetes.rbac import is_aggregated, is_bootstrap_object
from linter.model import DesiredState, Node, Related, Violation, items


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    role = node.resource
    if not is_aggregated(role) or is_bootstrap_object(role) or not items(role.body.get("rules")):
        return None
    return Violation(
        ("rules", 0),
        f"the rules of {role} are lost: its aggregationRule makes a controller overwrite them",
        related=(Related("the rules come from the roles selected here", role, ("aggregationRule",)),),
    )
