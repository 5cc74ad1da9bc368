"""Istio's annotations: where each one is read, what it takes, and what happens when the value is wrong.

Sources: annotation/annotations.yaml in istio/api (names, kinds, deprecation) and, for values and consequences, their
readers in istio/istio: the sidecar injector and its template, istiod, the CNI plugin and pilot-agent. Annotations that
are read there but not listed in istio/api are included.
"""

from __future__ import annotations

from dataclasses import dataclass

from linter.istio import values
from linter.istio.values import ValueCheck

POD = "Pod"
ANY = "*"
_GATEWAY = "gateway.networking.k8s.io/Gateway"
_GATEWAY_CLASS = "gateway.networking.k8s.io/GatewayClass"
_SERVICE_ENTRY = "networking.istio.io/ServiceEntry"
_WORKLOAD_ENTRY = "networking.istio.io/WorkloadEntry"

REFUSED = "the injection webhook refuses the pod"
FAILS = "the proxy does not start"
IGNORED = "Istio ignores it"


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation. `kinds` are the types it is read on ("Pod" means a pod template in a manifest, "*" any type).

    `check` judges a value and `effect` says what a wrong one leads to. `replacement` is what to use instead of a
    deprecated annotation. `internal` annotations are written by Istio itself.
    """

    kinds: tuple[str, ...] = (POD,)
    check: ValueCheck | None = None
    effect: str = IGNORED
    replacement: str = ""
    internal: bool = False


_RESOURCE = Annotation(check=values.quantity, effect=REFUSED)
_SECONDS = Annotation(check=values.integer_between(0, 2**32 - 1), effect=REFUSED)
_PORTS = Annotation(check=values.ports, effect=REFUSED)
_MATCHER = "`proxyStatsMatcher` in proxy.istio.io/config"

ANNOTATIONS: dict[str, Annotation] = {
    "alpha.istio.io/canonical-serviceaccounts": Annotation(("Service",), replacement="a ServiceEntry with subjectAltNames"),
    "alpha.istio.io/kubernetes-serviceaccounts": Annotation(("Service",), replacement="a ServiceEntry with subjectAltNames"),
    "ambient.istio.io/bypass-inbound-capture": Annotation(check=values.go_boolean),
    "ambient.istio.io/dns-capture": Annotation(check=values.go_boolean),
    "ambient.istio.io/redirection": Annotation(internal=True),
    "ambient.istio.io/waypoint-inbound-binding": Annotation((_GATEWAY_CLASS, _GATEWAY)),
    "envoyfilter.istio.io/referenced-services": Annotation((ANY,)),
    "galley.istio.io/analyze-suppress": Annotation((ANY,)),
    "gateway.istio.io/controller-version": Annotation((ANY,), internal=True),
    "gateway.istio.io/name-override": Annotation((_GATEWAY,)),
    "gateway.istio.io/service-account": Annotation((_GATEWAY,)),
    "inject.istio.io/templates": Annotation(),
    "istio.io/autoRegistrationGroup": Annotation((_WORKLOAD_ENTRY,), internal=True),
    "istio.io/connect-strategy": Annotation((ANY,)),
    "istio.io/ignore-policy-attachment": Annotation((ANY,)),
    "istio.io/connectedAt": Annotation((_WORKLOAD_ENTRY,), internal=True),
    "istio.io/disconnectedAt": Annotation((_WORKLOAD_ENTRY,), internal=True),
    "istio.io/dry-run": Annotation(
        ("security.istio.io/AuthorizationPolicy",), values.go_boolean, "Istio's validation webhook refuses the policy"
    ),
    "istio.io/reroute-virtual-interfaces": Annotation(check=values.interfaces, effect=REFUSED),
    # Written by Istio; its own gateway chart copies it onto the pod template.
    "istio.io/rev": Annotation((ANY,)),
    "istio.io/use-waypoint-canary-weight": Annotation(("Service", _SERVICE_ENTRY, "Namespace"), values.integer_between(0, 100)),
    "istio.io/workloadController": Annotation((_WORKLOAD_ENTRY,), internal=True),
    "kubernetes.io/ingress.class": Annotation(("Ingress",)),
    "networking.istio.io/exportTo": Annotation(("Service",)),
    "networking.istio.io/service-type": Annotation(
        (_GATEWAY,), values.one_of("ClusterIP", "NodePort", "LoadBalancer"), "the Service of the gateway cannot be created"
    ),
    "networking.istio.io/traffic-distribution": Annotation(("Namespace", "Service", _SERVICE_ENTRY)),
    "prometheus.istio.io/merge-metrics": Annotation(check=values.go_boolean, effect=REFUSED),
    "prometheus.istio.io/secure-port": Annotation((ANY,)),
    "proxy.istio.io/config": Annotation(),
    "proxy.istio.io/health-checks-enabled": Annotation((ANY,)),
    "proxy.istio.io/overrides": Annotation(internal=True),
    "readiness.status.sidecar.istio.io/applicationPorts": Annotation(check=values.ports),
    "readiness.status.sidecar.istio.io/failureThreshold": _SECONDS,
    "readiness.status.sidecar.istio.io/initialDelaySeconds": _SECONDS,
    "readiness.status.sidecar.istio.io/periodSeconds": _SECONDS,
    "sidecar.istio.io/agentLogLevel": Annotation(check=values.agent_levels, effect=FAILS),
    "sidecar.istio.io/bootstrapOverride": Annotation(),
    "sidecar.istio.io/capNetBindService": Annotation(),
    "sidecar.istio.io/componentLogLevel": Annotation(check=values.envoy_component_levels, effect=FAILS),
    "sidecar.istio.io/discoveryAddress": Annotation(replacement="`discoveryAddress` in proxy.istio.io/config"),
    "sidecar.istio.io/extraStatTags": Annotation(replacement="`extraStatTags` in proxy.istio.io/config"),
    "sidecar.istio.io/inject": Annotation(
        check=values.TRUE_OR_FALSE,
        effect="Istio falls back to what the namespace says",
        replacement="the label sidecar.istio.io/inject",
    ),
    "sidecar.istio.io/interceptionMode": Annotation(check=values.one_of("REDIRECT", "TPROXY", "NONE"), effect=REFUSED),
    "sidecar.istio.io/logLevel": Annotation(check=values.ENVOY_LEVEL, effect=FAILS),
    "sidecar.istio.io/nativeSidecar": Annotation(check=values.TRUE_OR_FALSE, effect="the sidecar is injected inconsistently"),
    "sidecar.istio.io/proxyCPU": _RESOURCE,
    "sidecar.istio.io/proxyCPULimit": _RESOURCE,
    "sidecar.istio.io/proxyImage": Annotation(),
    "sidecar.istio.io/proxyImageType": Annotation(),
    "sidecar.istio.io/proxyMemory": _RESOURCE,
    "sidecar.istio.io/proxyMemoryLimit": _RESOURCE,
    "sidecar.istio.io/rewriteAppHTTPProbers": Annotation(check=values.go_boolean, effect="Istio falls back to the mesh's default"),
    "sidecar.istio.io/statsCompression": Annotation(replacement="`statsCompression` in proxy.istio.io/config"),
    "sidecar.istio.io/statsEvictionInterval": Annotation(check=values.duration),
    "sidecar.istio.io/statsFlushInterval": Annotation(check=values.duration),
    "sidecar.istio.io/statsHistogramBins": Annotation(),
    "sidecar.istio.io/statsHistogramBuckets": Annotation(check=values.json_object),
    "sidecar.istio.io/statsInclusionPrefixes": Annotation(replacement=_MATCHER),
    "sidecar.istio.io/statsInclusionRegexps": Annotation(replacement=_MATCHER),
    "sidecar.istio.io/statsInclusionSuffixes": Annotation(replacement=_MATCHER),
    "sidecar.istio.io/status": Annotation(internal=True),
    "sidecar.istio.io/userVolume": Annotation(check=values.json_object_or_list, effect="the volumes are missing from the pod"),
    "sidecar.istio.io/userVolumeMount": Annotation(check=values.json_object_or_list, effect="the mounts are missing from the sidecar"),
    "status.sidecar.istio.io/port": Annotation(check=values.integer_between(0, 65535), effect=REFUSED),
    "topology.istio.io/controlPlaneClusters": Annotation(("Namespace",)),
    "traffic.istio.io/nodeSelector": Annotation(("Service",), values.json_object, "every node's address is used"),
    "traffic.sidecar.istio.io/excludeInboundPorts": _PORTS,
    "traffic.sidecar.istio.io/excludeInterfaces": Annotation(check=values.interfaces, effect=REFUSED),
    "traffic.sidecar.istio.io/excludeOutboundIPRanges": Annotation(check=values.address_ranges, effect=REFUSED),
    "traffic.sidecar.istio.io/excludeOutboundPorts": _PORTS,
    "traffic.sidecar.istio.io/includeInboundPorts": Annotation(check=values.ports_or_all, effect=REFUSED),
    "traffic.sidecar.istio.io/includeOutboundIPRanges": Annotation(check=values.address_ranges_or_all, effect=REFUSED),
    "traffic.sidecar.istio.io/includeOutboundPorts": Annotation(
        check=values.ports_or_all, effect="the pod fails while its network is set up"
    ),
    "traffic.sidecar.istio.io/kubevirtInterfaces": Annotation(
        check=values.interfaces, effect=REFUSED, replacement="istio.io/reroute-virtual-interfaces"
    ),
}

# Annotations of earlier releases that nothing reads any more, with what took their place.
REMOVED: dict[str, str] = {
    "istio.io/for-service-account": "use the label istio.io/use-waypoint",
    "sidecar.istio.io/controlPlaneAuthPolicy": "mutual TLS to the control plane is always on",
    "sidecar.istio.io/enableCoreDump": "set `values.global.proxy.enableCoreDump` when installing Istio",
    "policy.istio.io/check": "Mixer was removed in Istio 1.8",
    "policy.istio.io/checkRetries": "Mixer was removed in Istio 1.8",
    "policy.istio.io/lang": "Mixer was removed in Istio 1.8",
}

# Families of keys whose suffix anybody may choose, and keys that Istio's own charts and operators write.
_FREE_DOMAINS = (
    "internal.istio.io/",
    "install.operator.istio.io/", "operator.istio.io/", "install.istio.io/", "experimental.istio.io/", "release.istio.io/",
)  # fmt: skip


def is_istio_key(key: str) -> bool:
    """Whether a label or annotation key belongs to Istio: its domain is istio.io or below it."""
    domain, slash, _ = key.partition("/")
    return bool(slash) and (domain == "istio.io" or domain.endswith(".istio.io"))


def is_free(key: str) -> bool:
    """Whether a key belongs to a family that no table can list."""
    return key.startswith(_FREE_DOMAINS)
