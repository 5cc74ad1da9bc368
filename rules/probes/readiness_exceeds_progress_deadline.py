from collections.abc import Iterator
from typing import Any

from linter.kubernetes.workloads.probes import probes_of
from linter.model import DesiredState, Node, Related, Violation

_DEADLINE = 600  # the default of a Deployment


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    resource = node.resource
    if resource.type != "Deployment":
        return
    deadline, settled = resource.spec.get("progressDeadlineSeconds", _DEADLINE), resource.spec.get("minReadySeconds", 0)
    if not isinstance(deadline, int) or not isinstance(settled, int) or settled >= deadline:
        return
    probes = {probe.field: probe for probe in probes_of(node)}
    readiness = probes.get("readinessProbe")
    delay = readiness.timing("initialDelaySeconds") if readiness is not None else None
    if readiness is None or delay is None or delay + settled <= deadline:
        return
    words = (
        f"the pod is ready after {delay} s at the earliest and must stay so for {settled} s, and the rollout is given up after {deadline} s"
    )
    place = ("spec", "progressDeadlineSeconds" if "progressDeadlineSeconds" in resource.spec else "minReadySeconds")
    related = (Related("how long a rollout may take", resource, place),) if place[1] in resource.spec else ()
    yield Violation((*readiness.route, "initialDelaySeconds"), words, related=related)
