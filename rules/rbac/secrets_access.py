"""Roles that read or write all Secrets in reach, bound or not."""

from collections.abc import Iterable
from typing import Any

from linter.kubernetes.rbac import rbac_graph, reach
from linter.kubernetes.rbac.powers import granted_rights
from linter.model import DesiredState, Node, Violation

_RIGHTS = ((("get", "list", "watch", "create", "update", "patch", "delete"), "", ("secrets",)),)


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    where = reach(rbac_graph(state).bindings_of(node.resource))
    for route, right in granted_rights(node.resource, state, _RIGHTS):
        yield Violation(route, f"{right} reaches every Secret, {where}")
