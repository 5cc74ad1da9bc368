"""Which hosts a state declares: Services, the hosts of ServiceEntries, and who is allowed to see them.

Three-valued like `DesiredState.find`, which decides about Services. A host that is no cluster name is called missing
only if the configuration says that ServiceEntries are all in the repository (`owned`, or a closed world).

Sources: the Destination, ServiceEntry and exportTo reference; Flagger, Knative and Gateway API documentation for the
Services they create.
"""

from __future__ import annotations

from dataclasses import dataclass

from linter.istio.hosts import CLUSTER_DOMAIN, covers, expand, is_address, service_name
from linter.model import DesiredState, Presence, Reference, Resource, Route, items, mapping, text

SERVICE_ENTRY = "networking.istio.io/ServiceEntry"
EXPORT_TO = "networking.istio.io/exportTo"

# Groups whose objects never make Services. Any other custom resource may: operators name them after the object.
_MAKES_NO_SERVICE = frozenset({
    "networking.istio.io", "security.istio.io", "telemetry.istio.io", "extensions.istio.io", "argoproj.io",
    "cert-manager.io", "external-secrets.io", "bitnami.com", "kyverno.io", "autoscaling.k8s.io", "keda.sh",
    "externaldns.k8s.io", "policies.kyverno.io", "karpenter.sh", "karpenter.k8s.aws", "cilium.io", "snapshot.storage.k8s.io",
    "secrets-store.csi.x-k8s.io", "elbv2.k8s.aws", "kustomize.toolkit.fluxcd.io", "source.toolkit.fluxcd.io",
    "notification.toolkit.fluxcd.io",
})  # fmt: skip
_MAKES_NO_SERVICE_KINDS = frozenset({
    "ServiceMonitor", "PodMonitor", "PrometheusRule", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "ReferenceGrant",
})  # fmt: skip
# Kinds that install whole packages, into any namespace.
_INSTALLERS = frozenset({"helm.toolkit.fluxcd.io/HelmRelease", "helm.cattle.io/HelmChart", "kappctrl.k14s.io/App"})
_ANYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a Service or ServiceEntry; `target` is its targetPort as text, or "" where it equals the number."""

    number: int
    name: str
    target: str
    protocol: str
    route: Route


@dataclass(frozen=True, slots=True)
class HostReference:
    """Whether a host is known, the Service or ServiceEntry that declares it if that is here, and why we say so."""

    presence: Presence
    reason: str
    resource: Resource | None = None

    @property
    def missing(self) -> bool:
        return self.presence is Presence.MISSING


class _Entries:
    """The hosts of a state's ServiceEntries: exact ones by name, wildcards in order."""

    def __init__(self, state: DesiredState) -> None:
        self.exact: dict[str, list[Resource]] = {}
        self.wildcards: list[tuple[str, Resource]] = []
        for entry in state.of_kind(SERVICE_ENTRY):
            for host in items(entry.spec.get("hosts")):
                if not isinstance(host, str):
                    continue
                full = expand(host, entry.namespace)
                if full.startswith("*"):
                    self.wildcards.append((full, entry))
                else:
                    self.exact.setdefault(full, []).append(entry)


def find_host(state: DesiredState, host: object, referrer: Resource) -> HostReference:
    """Whether the host that `referrer` mentions is one the mesh knows, as far as the repository can tell.

    Of several objects that declare a host, one that clients of `referrer` see is preferred. A wildcard counts only if
    the namespace of `referrer` sees it.
    """
    if not isinstance(host, str) or not host or state.is_opaque(host):
        return HostReference(Presence.UNKNOWN, "the host is no plain text")
    full = expand(host, referrer.namespace)
    entries = state.derive(_Entries)
    audience = exported_to(referrer)
    exact = entries.exact.get(full, [])
    for entry in exact:
        if overlap(exported_to(entry), audience):
            return HostReference(Presence.PRESENT, "a ServiceEntry of this state declares it", entry)
    service = None if full.startswith("*") else service_name(host, referrer.namespace)
    reference = None
    if service is not None and (service.certain or service.namespace in state.derive(namespaces)):
        reference = _service(state, service.namespace, service.name, referrer)
        if reference.presence is Presence.PRESENT:
            return HostReference(reference.presence, reference.reason, reference.resource)
    for pattern, entry in entries.wildcards:
        if covers(pattern, full) and exported_to(entry) & {"*", referrer.namespace}:
            return HostReference(Presence.PRESENT, "a ServiceEntry of this state declares it", entry)
    if exact:
        return HostReference(Presence.PRESENT, "a ServiceEntry of this state declares it", exact[0])
    if full.startswith("*") or is_address(full):
        return HostReference(Presence.UNKNOWN, "only the running mesh can tell")
    if service is None or reference is None:
        return _external(state, full, referrer)
    if reference.missing and (service.domain or CLUSTER_DOMAIN) != CLUSTER_DOMAIN:
        return HostReference(Presence.UNKNOWN, f"`{service.domain}` may be the domain of another cluster")
    return HostReference(reference.presence, reference.reason)


def _external(state: DesiredState, host: str, referrer: Resource) -> HostReference:
    options = state.options
    if any(pattern.matches(SERVICE_ENTRY, referrer.namespace, host) for pattern in options.externals):
        return HostReference(Presence.UNKNOWN, "the configuration lists it under externals")
    owned = any(pattern.matches(SERVICE_ENTRY, referrer.namespace, host) for pattern in options.owned)
    if options.closed_world or (owned and not state.incomplete):
        return HostReference(Presence.MISSING, "no ServiceEntry of this state declares it")
    return HostReference(Presence.UNKNOWN, "a ServiceEntry outside the repository may declare it")


def _service(state: DesiredState, namespace: str, name: str, referrer: Resource) -> Reference:
    found = state.find("Service", namespace, name, referrer=referrer)
    if found.missing and not state.options.closed_world:
        maker = _maker(state, namespace, name)
        if maker is not None:
            return Reference(Presence.UNKNOWN, f"{maker} may create it")
    return found


def namespaces(state: DesiredState) -> frozenset[str]:
    """The namespaces this state declares or puts objects into."""
    return frozenset(resource.namespace for resource in state.resources if resource.namespace) | {
        resource.name for resource in state.of_kind("Namespace")
    }


def _maker(state: DesiredState, namespace: str, name: str) -> Resource | None:
    """The custom resource whose controller may create the Service, judging by its name."""
    makers = state.derive(_makers)
    for maker in [*makers.get(namespace, []), *makers.get(_ANYWHERE, [])]:
        if name == maker.name or name.startswith(f"{maker.name}-"):
            return maker
    return None


def _makers(state: DesiredState) -> dict[str, list[Resource]]:
    makers: dict[str, list[Resource]] = {}
    for resource in state.resources:
        makes_none = resource.group in _MAKES_NO_SERVICE or resource.kind in _MAKES_NO_SERVICE_KINDS
        if "/" in resource.type and resource.name and not makes_none:
            makers.setdefault(_ANYWHERE if resource.type in _INSTALLERS else resource.namespace, []).append(resource)
    return makers


def is_generated(state: DesiredState, resource: Resource) -> bool:
    """Whether a progressive delivery controller rewrites the routing of this Service (Flagger's Canary)."""
    name = resource.name.removesuffix("-canary").removesuffix("-primary")
    return any(
        canary.namespace == resource.namespace and name in (canary.name, _target(canary)) for canary in state.of_kind("flagger.app/Canary")
    )


def _target(canary: Resource) -> str:
    return text(mapping(canary.spec.get("service")).get("name")) or text(mapping(canary.spec.get("targetRef")).get("name"))


def ports(resource: Resource) -> list[Port]:
    """The readable ports of a Service or ServiceEntry, in order."""
    found = []
    for index, port in enumerate(items(resource.spec.get("ports"))):
        entry = mapping(port)
        number = entry.get("port") if resource.type == "Service" else entry.get("number")
        if isinstance(number, int) and not isinstance(number, bool):
            target = entry.get("targetPort")
            found.append(
                Port(
                    number,
                    text(entry.get("name")),
                    str(target) if isinstance(target, str | int) and target != number else "",
                    text(entry.get("protocol")) or "TCP",
                    ("spec", "ports", index),
                )
            )
    return found


def exported_to(resource: Resource) -> frozenset[str]:
    """The namespaces that see an object: names, "*" for all of them; empty if it is hidden from everybody.

    Services use the annotation networking.istio.io/exportTo, Istio's objects `spec.exportTo`; absent means all.
    """
    if resource.type == "Service":
        written: list[object] = [entry.strip() for entry in resource.annotations.get(EXPORT_TO, "").split(",")]
    else:
        written = items(resource.spec.get("exportTo"))
    entries = {entry for entry in written if isinstance(entry, str) and entry}
    if not entries or "*" in entries:
        return frozenset({"*"})
    return frozenset(resource.namespace if entry == "." else entry for entry in entries if entry != "~")


def overlap(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether some namespace sees both of two objects, given their `exported_to`."""
    if not one or not other:
        return False
    return "*" in one or "*" in other or bool(one & other)
