from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_security.levels import PREFIX, breaches, demands
from linter.model import DesiredState, Node, Related, Violation

_MOST_RELATED = 20


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    pod = node.pod
    told = ""
    for demand in demands(state, pod.namespace):
        found = list(breaches(pod, demand.level, demand.minor))
        if not found or demand.level == told:
            continue
        told = demand.level
        first, *others = found
        more = f", and {len(others)} more" if others else ""
        namespace = state.get("Namespace", "", pod.namespace)
        label = Related("the level is set here", namespace, ("metadata", "labels", f"{PREFIX}{demand.mode}"))
        related = tuple(Related(breach.message, pod.resource, breach.route) for breach in others[:_MOST_RELATED])
        if demand.mode == "enforce":
            words = f"the namespace {pod.namespace} enforces the level {demand.level}, which refuses this pod: {first.message}{more}"
            yield Violation(first.route, words, related=(label, *related))
        else:
            done = "warns of" if demand.mode == "warn" else "records"
            words = f"the namespace {pod.namespace} {done} pods that break the level {demand.level}: {first.message}{more}"
            yield Violation(first.route, words, related=(label, *related), severity="info")
