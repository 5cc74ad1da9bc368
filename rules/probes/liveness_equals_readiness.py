from typing import Any

from linter.kubernetes.workloads.lifecycle import runs_to_completion
from linter.kubernetes.workloads.probes import endpoint, probes_of
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    probes = {probe.field: probe for probe in probes_of(node)}
    liveness, readiness = probes.get("livenessProbe"), probes.get("readinessProbe")
    if liveness is None or readiness is None or runs_to_completion(node.pod):
        return None
    asked = endpoint(liveness, node)
    if asked is None or asked != endpoint(readiness, node) or any(map(state.is_opaque, asked)):
        return None
    kill, unready = liveness.failure_time(), readiness.failure_time()
    if kill is None or unready is None or kill > unready:
        return None
    return Violation(
        liveness.route,
        f"the liveness probe asks the same as the readiness probe and restarts the container after {kill} s, "
        + ("just when it becomes unready" if kill == unready else f"before it becomes unready after {unready} s"),
        related=(Related("the readiness probe", node.resource, readiness.route),),
    )
