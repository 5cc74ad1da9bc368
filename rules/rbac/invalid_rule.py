"""Policy rules that the API server refuses. Source: ValidatePolicyRule and ValidateClusterRole in pkg/apis/rbac/validation of
kubernetes/kubernetes; the rules of an aggregated ClusterRole are validated as all others, and overwritten afterwards."""

from collections.abc import Iterable
from typing import Any

from linter.model import DesiredState, Node, Violation, items


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    role = node.resource
    aggregation = role.body.get("aggregationRule")
    if isinstance(aggregation, dict) and not items(aggregation.get("clusterRoleSelectors")):
        message = "the aggregationRule selects no ClusterRoles: the API server refuses it"
        yield Violation(("aggregationRule",), message, fix="Add `clusterRoleSelectors`, or remove the aggregationRule.", on="key")
    for index, rule in enumerate(items(role.body.get("rules"))):
        if not isinstance(rule, dict):
            continue
        route = ("rules", index)
        if not items(rule.get("verbs")):
            yield Violation((*route, "verbs"), f"rule {index + 1} of {role} has no verbs: the API server refuses the {role.kind}")
        if items(rule.get("nonResourceURLs")):
            if role.type == "Role":
                message = "a Role cannot grant nonResourceURLs: the API server refuses it"
                yield Violation(
                    (*route, "nonResourceURLs"), message, fix="Move the rule to a ClusterRole and bind that with a ClusterRoleBinding."
                )
            elif any(items(rule.get(field)) for field in ("apiGroups", "resources", "resourceNames")):
                message = "one rule cannot hold both nonResourceURLs and resources: the API server refuses it"
                yield Violation((*route, "nonResourceURLs"), message, fix="Split it into two rules.")
            continue
        for field, name in (("apiGroups", "API group"), ("resources", "resource")):
            if not items(rule.get(field)):
                message = f"rule {index + 1} of {role} names no {name}: the API server refuses the {role.kind}"
                yield Violation(
                    (*route, field), message, fix='Write `apiGroups: [""]` for the core group.' if field == "apiGroups" else None
                )
