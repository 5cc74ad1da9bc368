from typing import Any

from linter.kubernetes.pod_validation.texts import invalid
from linter.kubernetes.scalars.names import dns_label_problem
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    name = node.value.get("name")
    if not isinstance(name, str) or (problem := dns_label_problem(name)) is None:
        return None
    return Violation((*node.route, "name"), invalid("the name of the container", name, problem))
