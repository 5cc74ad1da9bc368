from typing import Any

from linter.kubernetes.workloads.probes import probes_of
from linter.model import DesiredState, Node, Related, Violation

_DEFAULT_DEADLINE = 600


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    resource = node.resource
    if resource.type not in ("Deployment", "argoproj.io/Rollout"):
        return None
    deadline = resource.spec.get("progressDeadlineSeconds")
    deadline = _DEFAULT_DEADLINE if deadline is None else deadline
    if not isinstance(deadline, int) or isinstance(deadline, bool):
        return None
    for probe in probes_of(node):
        budget = probe.budget()
        if probe.field == "startupProbe" and budget is not None and budget > deadline:
            stated = "progressDeadlineSeconds" in resource.spec
            return Violation(
                probe.route,
                f"container {node.value.get('name')} may take {budget} s to start, and the rollout counts as failed after {deadline} s",
                related=(Related("the deadline of the rollout", resource, ("spec", "progressDeadlineSeconds")),) if stated else (),
            )
    return None
