from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scheduling.pod_affinity import spread_constraints
from linter.kubernetes.workloads.rolling_updates import rolling_update
from linter.model import DesiredState, Node, Violation, items


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    update = rolling_update(node.resource)
    if update is None or update.replicas < 2:
        return
    for constraint in spread_constraints(node.pod):
        stated = items(constraint.body.get("matchLabelKeys"))
        if constraint.required and isinstance(constraint.body.get("labelSelector"), dict) and "pod-template-hash" not in stated:
            yield Violation(
                constraint.route, f"the constraint on `{constraint.topology_key}` counts old and new pods together during an update"
            )
