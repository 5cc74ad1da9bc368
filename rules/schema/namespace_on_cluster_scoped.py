from typing import Any

from linter.kubernetes.api_versions.defined import definition_of
from linter.kubernetes.kinds import is_cluster_scoped
from linter.model import DesiredState, Node, Violation
from linter.wording import shown


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    resource = node.resource
    namespace = resource.metadata.get("namespace")
    if not isinstance(namespace, str) or not namespace:
        return None
    if "/" not in resource.type:
        outside = is_cluster_scoped(resource.type)
    else:
        definition = definition_of(state, resource.group, resource.kind)
        # Kustomize knows the scope of built-in kinds only, and gives its namespace to all others.
        if resource.source.type == "kustomize":
            return None
        outside = is_cluster_scoped(resource.type) if definition is None or definition.namespaced is None else not definition.namespaced
    if not outside:
        return None
    return Violation(("metadata", "namespace"), f"{resource.kind} is a kind without namespaces: `{shown(namespace)}` is ignored", on="key")
