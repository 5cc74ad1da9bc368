from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pods import containers_of
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    spec = node.resource.spec
    replicas = spec.get("replicas", 1)
    if node.resource.type != "StatefulSet" or not isinstance(replicas, int) or replicas < 2:
        return
    if spec.get("podManagementPolicy", "OrderedReady") != "OrderedReady":
        return
    containers = list(containers_of(node.pod, "container", "sidecar"))
    if containers and not any("readinessProbe" in container.value for container in containers):
        words = f"no container of {node.resource} has a readiness probe, so that its {replicas} pods do not wait for each other"
        yield Violation(containers[0].route, words)
