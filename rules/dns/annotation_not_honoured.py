from collections.abc import Iterator
from typing import Any

from linter.externaldns.annotations import GATEWAYS, SOURCE_TYPES, is_known_suffix, readers
from linter.externaldns.keys import Key, carriers
from linter.externaldns.prefixes import filter_texts
from linter.kubernetes.pods import pod_template
from linter.model import DesiredState, Node, Resource, Violation, text

# How the kinds that read a key are named in a message, the usual ones first.
_USUAL = (
    "Service",
    "Ingress",
    "gateway.networking.k8s.io/HTTPRoute",
    "gateway.networking.k8s.io/Gateway",
    "networking.istio.io/Gateway",
    "Pod",
)


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, keys in carriers(state):
        for key in keys:
            if not is_known_suffix(key.suffix) or key.name in filter_texts(state):
                continue
            reason = _reason(key, resource)
            if reason is not None:
                yield Violation(key.route, f"`{key.name}` of {resource} has no effect: {reason}", resource=resource)


def _reason(key: Key, resource: Resource) -> str | None:
    """Why ExternalDNS does not read the key where it stands, or None if it does or nobody can say."""
    if key.on not in SOURCE_TYPES:
        if "/" in key.on and key.on != "argoproj.io/Rollout":
            return None  # its controller may copy annotations to a Service
        pod = pod_template(resource)
        if pod is not None and key.name in pod.annotations:
            return None
        return f"ExternalDNS does not look at a {resource.kind}"
    if key.on in GATEWAYS and text(resource.spec.get("gatewayClassName")).startswith("istio"):
        return None  # Istio copies the annotations of a Gateway to the Service it makes
    if key.on not in readers(key.suffix):
        names = [kind.rpartition("/")[2] for kind in _USUAL if kind in readers(key.suffix)]
        kind = "pod template" if key.on == "Pod" and resource.type != "Pod" else key.on.rpartition("/")[2]
        return f"it is not read on a {kind}" + (f", but on {' and '.join(names[:2])}" if names else "")
    if key.suffix == "access" and resource.type == "Service" and resource.spec.get("type", "ClusterIP") != "NodePort":
        return "it is read on Services of type NodePort"
    if key.suffix == "endpoints-type" and resource.type == "Service" and resource.spec.get("clusterIP") != "None":
        return "it is read on headless Services"
    return None
