"""Roles that read or write all Secrets in reach, bound or not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from linter.kubernetes.rbac import is_aggregated, is_bootstrap_object, rbac_graph, reach, written_rules
from linter.kubernetes.rbac.powers import granted
from linter.model import DesiredState, Node, Route, Violation

_RIGHTS = ((("get", "list", "watch", "create", "update", "patch", "delete"), "", ("secrets",)),)


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    role = node.resource
    if is_bootstrap_object(role) or is_aggregated(role):
        return
    where = reach(rbac_graph(state).bindings_of(role))
    for rule in written_rules(role, state):
        places: dict[Route, str] = {}
        for verbs, group, resources in _RIGHTS:
            for route, verb, resource in granted(rule, verbs, group, resources):
                places.setdefault(route, f"`{verb}` on {resource} reaches every Secret, {where}")
        for route, message in places.items():
            yield Violation(route, message)
