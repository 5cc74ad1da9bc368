from typing import Any

from linter.kubernetes.workloads.lifecycle import grace_period, pre_stop_seconds
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    slept, grace = pre_stop_seconds(node.value), grace_period(node.pod)
    if slept is None or grace is None or slept[1] < grace:
        return None
    if slept[0][-2:] == ("sleep", "seconds") and slept[1] > grace:
        # More than that is refused by the API server, which schema/invalid-lifecycle-hook reports.
        return None
    stated = "terminationGracePeriodSeconds" in node.pod.spec
    place = (*node.pod.spec_route, "terminationGracePeriodSeconds")
    return Violation(
        (*node.route, *slept[0]),
        f"the preStop hook of container {node.value.get('name')} sleeps {slept[1]} s, and the pod is killed after {grace} s",
        related=(Related("the time the pod has to end", node.resource, place),) if stated else (),
    )
