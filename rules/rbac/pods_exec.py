"""Roles that run commands in pods of others."""

from collections.abc import Iterable
from typing import Any

from linter.kubernetes.rbac import rbac_graph, reach
from linter.kubernetes.rbac.powers import granted_rights
from linter.model import DesiredState, Node, Violation

_RIGHTS = (
    (("create", "get"), "", ("pods/exec", "pods/attach")),
    (("update", "patch"), "", ("pods/ephemeralcontainers",)),
)


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    where = reach(rbac_graph(state).bindings_of(node.resource))
    for route, right in granted_rights(node.resource, state, _RIGHTS):
        yield Violation(route, f"{right} runs commands in any pod, {where}")
