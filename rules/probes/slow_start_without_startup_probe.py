from typing import Any

from linter.kubernetes.workloads.probes import probes_of
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    probes = {probe.field: probe for probe in probes_of(node)}
    liveness = probes.get("livenessProbe")
    if liveness is None or "startupProbe" in probes:
        return None
    delay = liveness.timing("initialDelaySeconds")
    if delay is None or delay <= params["seconds"]:
        return None
    return Violation(
        (*liveness.route, "initialDelaySeconds"), f"the liveness probe of container {node.value.get('name')} starts blindly after {delay} s"
    )
