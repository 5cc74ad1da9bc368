from typing import Any

from linter.kubernetes.scheduling.pod_affinity import affinity_terms
from linter.kubernetes.workloads.rolling_updates import rolling_update
from linter.model import DesiredState, Node, Violation, items

_FEW = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone")


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    update = rolling_update(node.resource)
    if update is None or update.unavailable > 0 or update.replicas < 2:
        return None
    labels, namespace = node.pod.labels, node.pod.namespace
    for term in affinity_terms(node.pod):
        if not term.anti or not term.required or not term.topology_key:
            continue
        if "pod-template-hash" in items(term.body.get("matchLabelKeys")):
            continue
        if term.reaches(namespace, namespace) is not True or not term.selects(labels, labels):
            continue
        place = {"kubernetes.io/hostname": "node", "topology.kubernetes.io/zone": "zone"}.get(term.topology_key, f"`{term.topology_key}`")
        return Violation(
            (*term.route, "topologyKey"),
            f"an update starts a pod before it removes one, and no two may share a {place}: "
            f"with {update.replicas} replicas it needs {update.replicas + 1} of them",
            # Nodes can usually be added; zones cannot, and a stated maxUnavailable of 0 is a choice and no default.
            severity="warning" if update.unavailable_stated or term.topology_key in _FEW else "info",
        )
    return None
