from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.selectors import read_selector
from linter.kubernetes.labels.syntax import RUNTIME_LABELS
from linter.kubernetes.scheduling.pod_affinity import spread_constraints
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    labels = node.pod.labels
    for constraint in spread_constraints(node.pod):
        selector = constraint.body.get("labelSelector")
        if selector is None:
            if not constraint.body.get("matchLabelKeys"):
                yield Violation(
                    (*constraint.route, "labelSelector"), "the constraint has no `labelSelector`, so it counts no pod", severity="warning"
                )
            continue
        for requirement in read_selector(selector, route=(*constraint.route, "labelSelector")) or ():
            value = labels.get(requirement.key)
            if requirement.key in RUNTIME_LABELS or any(map(state.is_opaque, (value, *requirement.values))) or requirement.matches(labels):
                continue
            has = f"have `{requirement.key}: {value}`" if value is not None else f"have no label `{requirement.key}`"
            yield Violation(
                requirement.route,
                f"the constraint counts pods with `{requirement}`, but the pods it is to spread {has}",
                related=(Related("the labels of the pods", node.resource, (*node.route, "metadata", "labels")),),
                severity="error" if constraint.required else "warning",
            )
            break
