from collections.abc import Iterator
from typing import Any

from linter.kubernetes.workloads.probes import probes_of
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    probes = {probe.field: probe for probe in probes_of(node)}
    liveness, readiness = probes.get("livenessProbe"), probes.get("readinessProbe")
    if liveness is None or readiness is None:
        return
    killed, unready = liveness.failure_time(), readiness.failure_time()
    if killed is not None and unready is not None and killed < unready:
        words = f"the liveness probe of container {node.value.get('name')} gives up after {killed} s, the readiness probe after {unready} s"
        yield Violation(liveness.route, words)
