from typing import Any

from linter.kubernetes.kinds import is_cluster_scoped
from linter.kubernetes.served_versions import definition_of
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    resource = node.resource
    namespace = resource.metadata.get("namespace")
    if not isinstance(namespace, str) or not namespace:
        return None
    if "/" not in resource.type:
        outside = is_cluster_scoped(resource.type)
    else:
        definition = definition_of(state, resource.group, resource.kind)
        outside = is_cluster_scoped(resource.type) if definition is None or definition.namespaced is None else not definition.namespaced
    if not outside:
        return None
    return Violation(("metadata", "namespace"), f"{resource.kind} is a kind without namespaces: `{namespace[:80]}` is ignored", on="key")
