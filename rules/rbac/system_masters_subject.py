"""Bindings to the group that no authorizer ever asks."""

from collections.abc import Iterable
from typing import Any

from linter.kubernetes.rbac import is_bootstrap_object, rbac_graph
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    if is_bootstrap_object(node.resource):
        return
    for subject in rbac_graph(state).binding(node.resource).subjects:
        if (subject.kind, subject.name) == ("Group", "system:masters"):
            message = "members of system:masters may do everything before RBAC is asked, so this binding neither gives nor limits anything"
            yield Violation(("subjects", subject.index, "name"), message)
