from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_validation.containers import repeated_containers
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    containers = node.pod.spec.get("containers")
    if isinstance(containers, list) and len(containers) < 2 and not node.pod.spec.get("initContainers"):
        return ()
    return repeated_containers(node.pod)
