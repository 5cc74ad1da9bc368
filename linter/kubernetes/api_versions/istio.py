"""Versions of Istio's APIs that are gone or have a stable successor.

Sources: the CustomResourceDefinitions of istio/api 1.5 to 1.30 (kubernetes/customresourcedefinitions.gen.yaml: which versions
each release serves); "Introducing Istio v1 APIs" (nothing is planned to end for v1beta1 and v1alpha3, and users are asked to move); the
upgrade notes of Istio 1.6 (authentication policies), 1.8 (Mixer) and 1.24 (the operator in the cluster).
"""

from __future__ import annotations

from typing import Final

from linter.kubernetes.api_versions.changes import ApiTable, System, read_table

ISTIO: Final = System("istio", "Istio", (1, 22))

_ROWS = """
networking.istio.io/v1alpha3 DestinationRule,Gateway,ServiceEntry,Sidecar,VirtualService - - \
networking.istio.io/v1beta1@1.5 networking.istio.io/v1@1.22
networking.istio.io/v1alpha3 WorkloadEntry - - networking.istio.io/v1beta1@1.6 networking.istio.io/v1@1.22
networking.istio.io/v1alpha3 WorkloadGroup - - networking.istio.io/v1beta1@1.13 networking.istio.io/v1@1.22
networking.istio.io/v1beta1 DestinationRule,Gateway,ServiceEntry,Sidecar,VirtualService,WorkloadEntry,WorkloadGroup - - \
networking.istio.io/v1@1.22
security.istio.io/v1beta1 AuthorizationPolicy,RequestAuthentication - - security.istio.io/v1@1.17
security.istio.io/v1beta1 PeerAuthentication - - security.istio.io/v1@1.22
telemetry.istio.io/v1alpha1 Telemetry - - telemetry.istio.io/v1@1.22
authentication.istio.io/v1alpha1 MeshPolicy,Policy 1.5 1.6 security.istio.io/v1beta1:PeerAuthentication@1.5 \
security.istio.io/v1:PeerAuthentication@1.22
rbac.istio.io/v1alpha1 ClusterRbacConfig,RbacConfig,ServiceRole,ServiceRoleBinding 1.4 1.7 \
security.istio.io/v1beta1:AuthorizationPolicy@1.4 security.istio.io/v1:AuthorizationPolicy@1.17
config.istio.io/v1alpha2 HTTPAPISpec,HTTPAPISpecBinding,QuotaSpec,QuotaSpecBinding 1.5 1.8 -
config.istio.io/v1alpha2 adapter,attributemanifest,handler,instance,rule,template 1.5 1.8 -
install.istio.io/v1alpha1 IstioOperator 1.23 1.24 -
"""

_MIXER = "Delete it: the Telemetry API, EnvoyFilter and WasmPlugin do what adapters of Mixer did"
_NOTES = {
    "Telemetry": "v1 has no `metrics.reportingInterval`, `accessLogging.filter` and `tracing.useRequestIdForTraceSampling`",
    "MeshPolicy": "what it says about JSON Web Tokens goes into a RequestAuthentication, and what must hold into an AuthorizationPolicy",
    "Policy": "what it says about JSON Web Tokens goes into a RequestAuthentication, and what must hold into an AuthorizationPolicy",
    **dict.fromkeys(
        ("HTTPAPISpec", "HTTPAPISpecBinding", "QuotaSpec", "QuotaSpecBinding", "adapter", "attributemanifest", "handler", "instance"),
        _MIXER,
    ),
    "rule": _MIXER,
    "template": _MIXER,
    "IstioOperator": (
        "Install with `istioctl install -f` or with Istio's charts: since 1.24 there is no operator that reads such an object in a cluster"
    ),
}

# istioctl installs what such a file says.
ISTIO_APIS: Final[ApiTable] = read_table(ISTIO, _ROWS, _NOTES, frozenset({"IstioOperator"}))
