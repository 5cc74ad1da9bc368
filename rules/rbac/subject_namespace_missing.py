"""ServiceAccount subjects of a ClusterRoleBinding need a namespace; those of a RoleBinding fall back to the binding's."""

from collections.abc import Iterable
from typing import Any

from linter.kubernetes.rbac import rbac_graph
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    for subject in rbac_graph(state).binding(node.resource).subjects:
        if subject.kind == "ServiceAccount" and not subject.namespace:
            yield Violation(
                ("subjects", subject.index), f"subject ServiceAccount {subject.name} names no namespace: the API server refuses the binding"
            )
