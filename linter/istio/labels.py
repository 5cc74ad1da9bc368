"""Istio's labels: where each one is read, and what it takes.

Sources: label/labels.yaml in istio/api, the installation and ambient mode documentation of Istio, and for
consequences the webhook configurations and the ambient index in istio/istio.
"""

from __future__ import annotations

from dataclasses import dataclass

from linter.istio import values
from linter.istio.annotations import ANY, POD
from linter.istio.values import ValueCheck

_GATEWAY = "gateway.networking.k8s.io/Gateway"
_GATEWAY_CLASS = "gateway.networking.k8s.io/GatewayClass"
_SERVICE_ENTRY = "networking.istio.io/ServiceEntry"
_WORKLOAD_ENTRY = "networking.istio.io/WorkloadEntry"
_WAYPOINT_USERS = (POD, _WORKLOAD_ENTRY, "Service", _SERVICE_ENTRY, "Namespace")
_CANARY_USERS = ("Service", _SERVICE_ENTRY, "Namespace")

INJECT = "sidecar.istio.io/inject"
INJECTION = "istio-injection"
REVISION = "istio.io/rev"
DATAPLANE_MODE = "istio.io/dataplane-mode"
USE_WAYPOINT = "istio.io/use-waypoint"
USE_WAYPOINT_NAMESPACE = "istio.io/use-waypoint-namespace"


@dataclass(frozen=True, slots=True)
class Label:
    """One label. `kinds` are the types it is read on ("Pod" means a pod template in a manifest, "*" any type).

    `check` judges a value and `effect` says what a wrong one leads to. `steers_pod` labels change how a pod takes part
    in the mesh, and do nothing on the object that creates the pod.
    """

    kinds: tuple[str, ...]
    check: ValueCheck | None = None
    effect: str = ""
    steers_pod: bool = False


# The labels whose wrong value leaves a workload in, or out of, the mesh against the author's intent.
DECISIVE = frozenset({INJECTION, DATAPLANE_MODE, INJECT, "istio.io/waypoint-for"})

LABELS: dict[str, Label] = {
    INJECTION: Label(("Namespace",), values.one_of("enabled", "disabled"), "no webhook selects the namespace, and its pods get no sidecar"),
    "experimental.istio.io/disable-gateway-port-translation": Label((ANY,)),
    "gateway.istio.io/managed": Label((ANY,)),
    DATAPLANE_MODE: Label(
        (POD, "Namespace", _GATEWAY), values.one_of("ambient", "none"), "no selector of the ambient mesh matches it", steers_pod=True
    ),
    "istio.io/gateway-name": Label((ANY,)),
    "istio.io/ingress-use-waypoint": Label(_CANARY_USERS, values.go_boolean, "it counts as `false`"),
    REVISION: Label((ANY,), steers_pod=True),
    "istio.io/draining": Label((ANY,)),
    "istio.io/persistent-session": Label((ANY,)),
    "istio.io/persistent-session-header": Label((ANY,)),
    "istio.io/tag": Label((ANY,)),
    USE_WAYPOINT: Label(_WAYPOINT_USERS, steers_pod=True),
    "istio.io/use-waypoint-canary": Label(_CANARY_USERS),
    "istio.io/use-waypoint-canary-namespace": Label(_CANARY_USERS),
    USE_WAYPOINT_NAMESPACE: Label(_WAYPOINT_USERS, steers_pod=True),
    "istio.io/waypoint-for": Label(
        (_GATEWAY, _GATEWAY_CLASS), values.one_of("service", "workload", "all", "none"), "nothing can attach to the waypoint"
    ),
    "istio.io/config": Label((ANY,)),
    "networking.istio.io/enable-autoallocate-ip": Label((_SERVICE_ENTRY,), values.one_of("true", "false"), "it has no effect"),
    "networking.istio.io/gatewayPort": Label(("Service",), values.integer_between(1, 65535), "port 15443 is used instead"),
    "networking.istio.io/tunnel": Label((ANY,)),
    "operator.istio.io/component": Label((ANY,)),
    "operator.istio.io/managed": Label((ANY,)),
    "operator.istio.io/version": Label((ANY,)),
    "security.istio.io/tlsMode": Label((POD, _WORKLOAD_ENTRY)),
    "service.istio.io/canonical-name": Label((ANY,)),
    "service.istio.io/canonical-revision": Label((ANY,)),
    "service.istio.io/workload-name": Label((ANY,)),
    INJECT: Label((POD,), values.TRUE_OR_FALSE, "Istio falls back to what the namespace says", steers_pod=True),
    "topology.istio.io/cluster": Label((ANY,)),
    "topology.istio.io/locality": Label((ANY,)),
    "topology.istio.io/network": Label((ANY,)),
    "topology.istio.io/subzone": Label((ANY,)),
}
