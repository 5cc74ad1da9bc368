"""What the injector of Istio does to probes, and which ports the sidecar leaves alone.

Source: "Health Checking of Istio Services" in Istio's documentation and the reference of its resource annotations.
"""

from __future__ import annotations

from linter.model import PodTemplate

REWRITE = "sidecar.istio.io/rewriteAppHTTPProbers"
_EXCLUDED_PORTS = "traffic.sidecar.istio.io/excludeInboundPorts"
_INCLUDED_PORTS = "traffic.sidecar.istio.io/includeInboundPorts"


def probes_rewritten(pod: PodTemplate) -> bool | None:
    """What a pod's annotation says of rewriting its probes: True, False, or None for what the mesh does by default."""
    value = pod.annotations.get(REWRITE, "").lower()
    return {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}.get(value)


def excluded_ports(pod: PodTemplate) -> frozenset[str]:
    """The ports, as text, whose connections do not go through the sidecar; "*" for all of them."""
    if pod.annotations.get(_INCLUDED_PORTS) == "":
        return frozenset({"*"})
    return frozenset(port.strip() for port in pod.annotations.get(_EXCLUDED_PORTS, "").split(",") if port.strip())
