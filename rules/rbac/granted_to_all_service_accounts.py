"""Roles bound to the groups that hold every ServiceAccount of the cluster, or of a namespace."""

from collections.abc import Iterable
from typing import Any

from linter.kubernetes.rbac import is_bootstrap_object, rbac_graph
from linter.kubernetes.rbac.policy import READ_VERBS, allows
from linter.model import DesiredState, Node, Violation

_GROUP = "system:serviceaccounts"


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    binding = rbac_graph(state).binding(node.resource)
    if is_bootstrap_object(node.resource) or binding.role_name.startswith("system:"):
        return  # discovery, image pulling: roles made for such groups
    for subject in binding.subjects:
        if subject.kind != "Group" or (subject.name != _GROUP and not subject.name.startswith(f"{_GROUP}:")):
            continue
        whose = "of the cluster" if subject.name == _GROUP else f"of namespace {subject.name[len(_GROUP) + 1 :]}"
        rules = [entry.rule for entry in binding.role.rules] if binding.role is not None else []
        changes = any(verb not in READ_VERBS for rule in rules for verb in rule.verbs)
        secrets = any(allows(rule, verb, "", "secrets", name) for rule in rules for verb in READ_VERBS for name in rule.names or ("",))
        grave = (changes or secrets) and (binding.namespace is None or subject.name == _GROUP)
        yield Violation(
            ("subjects", subject.index, "name"),
            f"every pod {whose} that mounts a token holds {binding.role_kind} {binding.role_name}",
            severity="warning" if grave else "info",
        )
