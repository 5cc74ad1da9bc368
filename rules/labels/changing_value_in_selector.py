from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.selectors import Requirement, read_map, read_selector
from linter.kubernetes.labels.syntax import changes_with_releases
from linter.model import DesiredState, Node, Route, Violation

_CONSEQUENCES = {
    "Service": "which drops the pods of the old release as soon as it changes",
    "PodDisruptionBudget": "which leaves the pods of the old release unprotected",
}


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    resource = node.resource
    route: Route = ("spec", "selector")
    read = read_map if resource.type == "Service" else read_selector
    consequence = _CONSEQUENCES.get(resource.type, "and the selector can never be changed")
    for requirement in read(resource.spec.get("selector"), route=route) or ():
        held = _changing(requirement)
        if held is not None and not any(map(state.is_opaque, requirement.values)):
            message = f"the selector asks for `{requirement.key}`, which holds {held}, {consequence}"
            yield Violation(requirement.route, message, on="key" if requirement.route[-1] == requirement.key else None)


def _changing(requirement: Requirement) -> str | None:
    if requirement.operator != "In":
        return None
    return next((held for value in requirement.values if (held := changes_with_releases(requirement.key, value)) is not None), None)
