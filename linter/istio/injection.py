"""Whether a pod gets a sidecar, judged by the labels and annotations in the manifests.

Source: "Controlling the injection policy" in Istio's documentation, and the injector's decision in
pkg/kube/inject/inject.go.
"""

from __future__ import annotations

from linter.istio.labels import DATAPLANE_MODE, INJECT, INJECTION, REVISION
from linter.model import DesiredState, PodTemplate, items, mapping
from linter.model.state import namespace_labels

PROXY_CONTAINER = "istio-proxy"

# Source: "Ports used by Istio" in the application requirements of Istio's documentation, the sidecar's part.
RESERVED_PORTS: dict[int, str] = {
    15000: "Envoy's admin interface",
    15001: "outbound traffic",
    15002: "failure detection",
    15004: "debugging",
    15006: "inbound traffic",
    15008: "tunneled traffic of the mesh",
    15020: "merged metrics",
    15021: "health checks",
    15053: "DNS",
    15090: "Envoy's metrics",
}


def is_injected(pod: PodTemplate, state: DesiredState) -> bool | None:
    """Whether the pod gets a sidecar: True, False, or None if the repository does not tell.

    The label wins over the annotation, both win over the namespace; pods on the host network never get one.
    """
    if pod.spec.get("hostNetwork") is True:
        return False
    own = pod.labels.get(INJECT, pod.annotations.get(INJECT))
    if own in ("true", "false"):
        return own == "true"
    labels = namespace_labels(state, pod.namespace)
    if labels is None:
        return None
    if INJECTION in labels:
        return labels[INJECTION] == "enabled"
    if labels.get(REVISION):
        return True
    return None


def in_mesh(namespace: str, state: DesiredState) -> bool:
    """Whether the state says that a namespace takes part in the mesh, with sidecars or in ambient mode."""
    labels = namespace_labels(state, namespace) or {}
    return labels.get(INJECTION) == "enabled" or bool(labels.get(REVISION)) or labels.get(DATAPLANE_MODE) == "ambient"


def has_proxy(pod: PodTemplate) -> bool:
    """Whether the template itself declares the proxy, as gateways and customised sidecars do."""
    return any(
        mapping(container).get("name") == PROXY_CONTAINER
        for field in ("containers", "initContainers")
        for container in items(pod.spec.get(field))
    )
