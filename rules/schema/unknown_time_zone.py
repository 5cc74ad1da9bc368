from typing import Any

from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    name = node.resource.spec.get("timeZone")
    if not isinstance(name, str):
        return None
    from linter.kubernetes.scalars.time_zones import time_zone_problem

    problem = time_zone_problem(name)
    return None if problem is None else Violation(("spec", "timeZone"), problem[0], fix=problem[1])
