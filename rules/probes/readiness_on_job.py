from collections.abc import Iterator
from typing import Any

from linter.kubernetes.workloads.services import services_selecting
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    if node.resource.type in ("Job", "CronJob") and "readinessProbe" in node.value and not services_selecting(state, node.pod):
        words = (
            f"the readiness probe of container {node.value.get('name')} has no effect: no Service sends traffic to a {node.resource.kind}"
        )
        yield Violation((*node.route, "readinessProbe"), words)
