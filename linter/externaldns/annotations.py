"""The annotations of ExternalDNS: which exist, and which source reads which.

A key is a prefix and a suffix. The prefix depends on the version and the flags of the running instance, so everything
here is about suffixes.

Sources: docs/annotations/annotations.md of kubernetes-sigs/external-dns and, where that table is incomplete, the
sources themselves (source/*.go, source/annotations) and provider/aws, provider/cloudflare, provider/scaleway,
provider/coredns, as of release 0.22.
"""

from __future__ import annotations

from linter.spelling import nearest

ALPHA_PREFIX = "external-dns.alpha.kubernetes.io/"
PREFIX = "external-dns.kubernetes.io/"

_GATEWAY_API = "gateway.networking.k8s.io"
ROUTES = frozenset(f"{_GATEWAY_API}/{kind}" for kind in ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"))
GATEWAYS = frozenset({f"{_GATEWAY_API}/Gateway", f"{_GATEWAY_API}/ListenerSet", "gateway.networking.x-k8s.io/XListenerSet"})
ISTIO = frozenset({"networking.istio.io/Gateway", "networking.istio.io/VirtualService"})
DNS_ENDPOINT = "externaldns.k8s.io/DNSEndpoint"
_TRAEFIK = frozenset(
    f"{group}/{kind}" for group in ("traefik.io", "traefik.containo.us") for kind in ("IngressRoute", "IngressRouteTCP", "IngressRouteUDP")
)
_F5 = frozenset({"cis.f5.com/VirtualServer", "cis.f5.com/TransportServer"})
_GLOO = frozenset({"gloo.solo.io/Proxy", "gateway.solo.io/Gateway", "gateway.solo.io/VirtualService"})
_AMBASSADOR = frozenset({"getambassador.io/Host"})
_NAMED = frozenset(
    {"route.openshift.io/Route", "projectcontour.io/HTTPProxy", "configuration.konghq.com/TCPIngress", "zalando.org/RouteGroup"}
)

_HOSTNAME = frozenset({"Service", "Ingress", "Pod"}) | ROUTES | ISTIO | _NAMED | _TRAEFIK
_TARGET = frozenset({"Service", "Ingress", "Pod", "Node"}) | GATEWAYS | ISTIO | _NAMED | _TRAEFIK | _F5 | _GLOO | _AMBASSADOR
_TTL = frozenset({"Service", "Ingress", "Pod", "Node"}) | ROUTES | ISTIO | _NAMED | _TRAEFIK | _F5 | _GLOO | _AMBASSADOR
_CONTROLLER = _HOSTNAME | _TARGET | _TTL
_PROVIDER = frozenset({"Service", "Ingress"}) | ROUTES | ISTIO | _NAMED | _TRAEFIK | _GLOO | _AMBASSADOR

# Every kind whose annotations some source reads.
SOURCE_TYPES = _CONTROLLER | {DNS_ENDPOINT}

READERS: dict[str, frozenset[str]] = {
    "hostname": _HOSTNAME,
    "internal-hostname": frozenset({"Service", "Pod"}),
    "target": _TARGET,
    "ttl": _TTL,
    "controller": _CONTROLLER - _AMBASSADOR,
    "access": frozenset({"Service"}),
    "endpoints-type": frozenset({"Service"}),
    "ingress-hostname-source": frozenset({"Ingress"}),
    "gateway-hostname-source": ROUTES,
    "ingress": ISTIO | {"gateway.solo.io/Gateway"},
    "set-identifier": _PROVIDER,
    "alias": _PROVIDER,
    "record-type": _PROVIDER,
}

POLICIES: dict[str, str] = {
    "aws-weight": "weighted",
    "aws-region": "latency",
    "aws-failover": "failover",
    "aws-geolocation-continent-code": "geolocation",
    "aws-geolocation-country-code": "geolocation",
    "aws-geolocation-subdivision-code": "geolocation",
    "aws-geoproximity-region": "geoproximity",
    "aws-geoproximity-bias": "geoproximity",
    "aws-geoproximity-coordinates": "geoproximity",
    "aws-geoproximity-local-zone-group": "geoproximity",
    "aws-multi-value-answer": "multi-value answer",
}
"""The routing policy of Route 53 that each suffix asks for."""

PROVIDER_SUFFIXES = frozenset(POLICIES) | {
    "aws-health-check-id", "aws-evaluate-target-health", "aws-target-hosted-zone", "aws-hosted-zone-id",
    "cloudflare-proxied", "cloudflare-custom-hostname", "cloudflare-region-key", "cloudflare-record-comment", "cloudflare-tags",
    "azure-tags", "scw-priority", "coredns-group",
}  # fmt: skip

SUFFIXES = frozenset(READERS) | PROVIDER_SUFFIXES

# What a webhook provider reads is its own business.
FREE_SUFFIX_PREFIX = "webhook-"


def is_known_suffix(suffix: str) -> bool:
    """Whether ExternalDNS, or a webhook provider, may read an annotation with this suffix."""
    return suffix in SUFFIXES or suffix.startswith(FREE_SUFFIX_PREFIX)


def readers(suffix: str) -> frozenset[str]:
    """The types on which a known suffix is read; provider-specific ones share a set."""
    return READERS.get(suffix, _PROVIDER)


def closest(suffix: str) -> str | None:
    """The suffix that an author who wrote `suffix` probably meant, or None if none is near."""
    lowered = suffix.lower().replace("_", "-")
    if lowered in SUFFIXES:
        return lowered
    if lowered in _MEANT:
        return _MEANT[lowered]
    return nearest(lowered, SUFFIXES)


_MEANT = {
    "host": "hostname",
    "hosts": "hostname",
    "hostnames": "hostname",
    "internal-hostnames": "internal-hostname",
    "internal": "internal-hostname",
    "targets": "target",
    "weight": "aws-weight",
    "region": "aws-region",
    "failover": "aws-failover",
    "proxied": "cloudflare-proxied",
    "cloudflare-proxy": "cloudflare-proxied",
    "endpoint-type": "endpoints-type",
    "setidentifier": "set-identifier",
}
