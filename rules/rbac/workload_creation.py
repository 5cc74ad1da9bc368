"""Roles that start pods, and with them any ServiceAccount of the namespace."""

from collections.abc import Iterable
from typing import Any

from linter.kubernetes.rbac import rbac_graph, reach
from linter.kubernetes.rbac.powers import granted_rights
from linter.model import DesiredState, Node, Violation

_RIGHTS = (
    (("create",), "", ("pods", "replicationcontrollers")),
    (("create",), "apps", ("deployments", "statefulsets", "daemonsets", "replicasets")),
    (("create",), "batch", ("jobs", "cronjobs")),
)


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    where = reach(rbac_graph(state).bindings_of(node.resource))
    for route, right in granted_rights(node.resource, state, _RIGHTS):
        yield Violation(route, f"{right} starts pods as any ServiceAccount, {where}")
