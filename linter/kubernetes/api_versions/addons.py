"""Versions of the APIs of Gateway API and cert-manager that are deprecated, gone or have a stable successor.

Sources: the CustomResourceDefinitions in config/crd of kubernetes-sigs/gateway-api 0.1 to 1.7 (what each release serves, and
marks as deprecated, in its standard and its experimental channel; a version is gone where neither serves it); "Migrating
Deprecated API Resources" and the notes on upgrades of cert-manager.

Argo CD and ExternalDNS have no rows: argoproj.io and externaldns.k8s.io have had no other version than v1alpha1 in any
release (manifests/crds of argo-cd 1.0 to 3.5; config/crd of external-dns to 0.22).
"""

from __future__ import annotations

from typing import Final

from linter.kubernetes.api_versions.changes import ApiTable, System, read_table

GATEWAY_API: Final = System("gateway-api", "Gateway API", (1, 2))
CERT_MANAGER: Final = System("cert-manager", "cert-manager", (1, 12))

_GATEWAY = """
networking.x-k8s.io/v1alpha1 GatewayClass,Gateway,HTTPRoute 0.4 0.5 gateway.networking.k8s.io/v1alpha2@0.4 \
gateway.networking.k8s.io/v1beta1@0.5 gateway.networking.k8s.io/v1@1.0
networking.x-k8s.io/v1alpha1 TLSRoute 0.4 0.5 gateway.networking.k8s.io/v1alpha2@0.4 gateway.networking.k8s.io/v1@1.5
networking.x-k8s.io/v1alpha1 TCPRoute,UDPRoute 0.4 0.5 gateway.networking.k8s.io/v1alpha2@0.4 gateway.networking.k8s.io/v1@1.6
networking.x-k8s.io/v1alpha1 BackendPolicy 0.4 0.5 -
gateway.networking.k8s.io/v1alpha2 GatewayClass,Gateway,HTTPRoute 0.6 0.8 \
gateway.networking.k8s.io/v1beta1@0.5 gateway.networking.k8s.io/v1@1.0
gateway.networking.k8s.io/v1beta1 GatewayClass,Gateway,HTTPRoute - - gateway.networking.k8s.io/v1@1.0
gateway.networking.k8s.io/v1alpha2 ReferencePolicy 0.5 0.6 gateway.networking.k8s.io/v1alpha2:ReferenceGrant@0.5 \
gateway.networking.k8s.io/v1beta1:ReferenceGrant@0.6 gateway.networking.k8s.io/v1:ReferenceGrant@1.5
gateway.networking.k8s.io/v1alpha2 ReferenceGrant 0.8 1.2 gateway.networking.k8s.io/v1beta1@0.6 gateway.networking.k8s.io/v1@1.5
gateway.networking.k8s.io/v1beta1 ReferenceGrant - - gateway.networking.k8s.io/v1@1.5
gateway.networking.k8s.io/v1alpha2 GRPCRoute 1.1 1.2 gateway.networking.k8s.io/v1@1.1
gateway.networking.k8s.io/v1alpha2 BackendTLSPolicy - 1.1 gateway.networking.k8s.io/v1alpha3@1.1 gateway.networking.k8s.io/v1@1.4
gateway.networking.k8s.io/v1alpha3 BackendTLSPolicy 1.4 - gateway.networking.k8s.io/v1@1.4
gateway.networking.k8s.io/v1alpha2 BackendLBPolicy - 1.3 gateway.networking.x-k8s.io/v1alpha1:XBackendTrafficPolicy@1.3
gateway.networking.k8s.io/v1alpha2 TLSRoute 1.5 - gateway.networking.k8s.io/v1@1.5
gateway.networking.k8s.io/v1alpha3 TLSRoute 1.5 - gateway.networking.k8s.io/v1@1.5
gateway.networking.k8s.io/v1alpha2 TCPRoute,UDPRoute 1.6 - gateway.networking.k8s.io/v1@1.6
gateway.networking.x-k8s.io/v1alpha1 XListenerSet - 1.5 gateway.networking.k8s.io/v1:ListenerSet@1.5
"""

_ONLY_EXPERIMENTAL = "the standard channel of the CustomResourceDefinitions has stopped serving the earlier version"
_GATEWAY_NOTES = {
    "gateway.networking.k8s.io/v1alpha3:BackendTLSPolicy": _ONLY_EXPERIMENTAL,
    "gateway.networking.k8s.io/v1alpha2:TLSRoute": _ONLY_EXPERIMENTAL,
    "gateway.networking.k8s.io/v1alpha3:TLSRoute": _ONLY_EXPERIMENTAL,
    "gateway.networking.k8s.io/v1alpha2:TCPRoute": _ONLY_EXPERIMENTAL,
    "gateway.networking.k8s.io/v1alpha2:UDPRoute": _ONLY_EXPERIMENTAL,
    "networking.x-k8s.io/v1alpha1:HTTPRoute": "the route names its Gateways in `parentRefs`, and `forwardTo` is `backendRefs`",
    "networking.x-k8s.io/v1alpha1:Gateway": "routes name their Gateways in `parentRefs`, and listeners say in `allowedRoutes` which may",
}

_CERTS = """
certmanager.k8s.io/v1alpha1 Certificate,CertificateRequest,ClusterIssuer,Issuer - 0.11 cert-manager.io/v1alpha2@0.11 cert-manager.io/v1@1.0
certmanager.k8s.io/v1alpha1 Challenge,Order - 0.11 acme.cert-manager.io/v1alpha2@0.11 acme.cert-manager.io/v1@1.0
cert-manager.io/v1alpha2 Certificate,CertificateRequest,ClusterIssuer,Issuer 1.4 1.6 cert-manager.io/v1@1.0
cert-manager.io/v1alpha3 Certificate,CertificateRequest,ClusterIssuer,Issuer 1.4 1.6 cert-manager.io/v1@1.0
cert-manager.io/v1beta1 Certificate,CertificateRequest,ClusterIssuer,Issuer 1.4 1.6 cert-manager.io/v1@1.0
acme.cert-manager.io/v1alpha2 Challenge,Order 1.4 1.6 acme.cert-manager.io/v1@1.0
acme.cert-manager.io/v1alpha3 Challenge,Order 1.4 1.6 acme.cert-manager.io/v1@1.0
acme.cert-manager.io/v1beta1 Challenge,Order 1.4 1.6 acme.cert-manager.io/v1@1.0
"""

_KEYS = "`keyAlgorithm`, `keySize` and `keyEncoding` are `privateKey.algorithm`, `size` and `encoding` there"
_NAMES = "`uriSANs` and `emailSANs` are `uris` and `emailAddresses`"
_ISSUER = "solvers of ACME stand in `spec.acme.solvers`"
_CERTS_NOTES = {
    "certmanager.k8s.io/v1alpha1:Certificate": f"{_KEYS}, `organization` is `subject.organizations`, {_NAMES}, and `acme` is gone",
    "certmanager.k8s.io/v1alpha1:Issuer": _ISSUER,
    "certmanager.k8s.io/v1alpha1:ClusterIssuer": _ISSUER,
    "cert-manager.io/v1alpha2:Certificate": f"{_KEYS}, `organization` is `subject.organizations`, and {_NAMES}",
    "cert-manager.io/v1alpha3:Certificate": f"{_KEYS}, and {_NAMES}",
    "cert-manager.io/v1beta1:Certificate": _NAMES,
    "cert-manager.io/v1alpha2:CertificateRequest": "`csr` is `request` there",
    "cert-manager.io/v1alpha3:CertificateRequest": "`csr` is `request` there",
}

GATEWAY_APIS: Final[ApiTable] = read_table(GATEWAY_API, _GATEWAY, _GATEWAY_NOTES)
CERT_MANAGER_APIS: Final[ApiTable] = read_table(CERT_MANAGER, _CERTS, _CERTS_NOTES)
