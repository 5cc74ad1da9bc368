"""Which objects of a state ask for which DNS names, and to what the names would lead.

Only what manifests show is a target: the `target` annotation, an ExternalName, the targets of a DNSEndpoint. Addresses
of load balancers are known to the cluster alone.

Sources: source/*.go, plan/conflict.go and endpoint/utils.go of kubernetes-sigs/external-dns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from linter.externaldns.annotations import DNS_ENDPOINT, ROUTES
from linter.externaldns.keys import carriers, values_of
from linter.externaldns.names import host_names, is_placeholder, normalized, targets
from linter.externaldns.prefixes import live_prefixes
from linter.model import DesiredState, Resource, Route, dig, items, mapping, text

CONTROLLER = "dns-controller"

_ISTIO_GATEWAY = "networking.istio.io/Gateway"
_ISTIO_VIRTUAL_SERVICE = "networking.istio.io/VirtualService"

# Kinds that hold names in their spec; all others count only with annotations.
_NAMING_TYPES = ("Ingress", *sorted(ROUTES), _ISTIO_VIRTUAL_SERVICE, _ISTIO_GATEWAY, DNS_ENDPOINT)

# Annotations by which several Services share one address of a load balancer.
_SHARING = (
    "metallb.io/allow-shared-ip", "metallb.universe.tf/allow-shared-ip", "io.cilium/lb-ipam-sharing-key",
    "lbipam.cilium.io/sharing-key", "metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs",
    "lbipam.cilium.io/ips", "io.cilium/lb-ipam-ips", "kube-vip.io/loadbalancerIPs", "purelb.io/allow-shared-ip",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """One object asking for one name. `route` is where the name stands, `prefix` the one of the annotation that holds
    it ("" if it comes from the spec). `targets` is None where only the cluster knows them."""

    name: str
    set_identifier: str
    resource: Resource
    route: Route
    prefix: str
    targets: tuple[str, ...] | None


def claims(state: DesiredState) -> dict[tuple[str, str], list[Claim]]:
    """The claims of a state by name and set identifier; objects that opted out are left out."""
    return state.derive(_claims)


def _claims(state: DesiredState) -> dict[tuple[str, str], list[Claim]]:
    found: dict[tuple[str, str], list[Claim]] = {}
    candidates = {id(resource): resource for resource in state.of_kind(*_NAMING_TYPES)}
    candidates.update((id(resource), resource) for resource, _ in carriers(state))
    for resource in candidates.values():
        for claim in _claims_of(resource, state):
            if claim.name and not state.is_opaque(claim.name) and not is_placeholder(claim.name):
                found.setdefault((claim.name, claim.set_identifier), []).append(claim)
    return found


def _claims_of(resource: Resource, state: DesiredState) -> Iterator[Claim]:
    if resource.type == DNS_ENDPOINT:
        yield from _of_endpoint(resource)
        return
    live = live_prefixes(state).live
    seen = {
        prefix: values
        for (on, prefix), values in values_of(resource, state).items()
        if on == resource.type and (live is None or prefix in live)
    }
    for prefix, values in seen.items():
        if values.get("controller", CONTROLLER) == CONTROLLER and _publishes(resource, values):
            given = _given_targets(resource, values)
            route: Route = ("metadata", "annotations", f"{prefix}hostname")
            for name in dict.fromkeys(host_names(values.get("hostname", ""))):
                yield Claim(name, values.get("set-identifier", ""), resource, route, prefix, given)
    merged: dict[str, str] = {}
    for values in seen.values():
        merged.update(values)
    if merged.get("controller", CONTROLLER) == CONTROLLER and merged.get("ingress-hostname-source", "").lower() != "annotation-only":
        given = _given_targets(resource, merged)
        for name, route in spec_names(resource):
            yield Claim(name, merged.get("set-identifier", ""), resource, route, "", given)


def _publishes(resource: Resource, values: dict[str, str]) -> bool:
    """Whether the hostname annotation makes records here: a ClusterIP Service has no address to publish by itself."""
    if resource.type != "Service" or values.get("target"):
        return True
    return resource.spec.get("type", "ClusterIP") != "ClusterIP" or resource.spec.get("clusterIP") == "None"


def _given_targets(resource: Resource, values: dict[str, str]) -> tuple[str, ...] | None:
    """The targets that the object itself names. Routes of the Gateway API take theirs from the Gateway."""
    if resource.type in ROUTES:
        return None
    given = [normalized(target) for target in targets(values.get("target", ""))]
    if given:
        return None if any(is_placeholder(target) for target in given) else tuple(sorted(set(given)))
    name = resource.spec.get("externalName")
    if resource.type == "Service" and resource.spec.get("type") == "ExternalName" and isinstance(name, str) and name:
        return None if resource.spec.get("externalIPs") or is_placeholder(name) else (normalized(name),)
    return None


def spec_names(resource: Resource) -> Iterator[tuple[str, Route]]:
    """Names in the spec, once each."""
    names: dict[str, Route] = {}
    for name, route in _all_spec_names(resource):
        names.setdefault(normalized(name), route)
    yield from names.items()


def _all_spec_names(resource: Resource) -> Iterator[tuple[str, Route]]:
    if resource.type == "Ingress":
        for index, rule in enumerate(items(resource.spec.get("rules"))):
            yield text(mapping(rule).get("host")), ("spec", "rules", index, "host")
        for index, entry in enumerate(items(resource.spec.get("tls"))):
            for position, host in enumerate(items(mapping(entry).get("hosts"))):
                yield text(host), ("spec", "tls", index, "hosts", position)
    elif resource.type in ROUTES:
        for index, host in enumerate(items(resource.spec.get("hostnames"))):
            yield text(host), ("spec", "hostnames", index)
    elif resource.type == _ISTIO_VIRTUAL_SERVICE:
        for index, host in enumerate(items(resource.spec.get("hosts"))):
            if "." in text(host):
                yield text(host), ("spec", "hosts", index)
    elif resource.type == _ISTIO_GATEWAY:
        for index, server in enumerate(items(resource.spec.get("servers"))):
            for position, host in enumerate(items(mapping(server).get("hosts"))):
                name = text(host).rpartition("/")[2]
                if name != "*":
                    yield name, ("spec", "servers", index, "hosts", position)


def _of_endpoint(resource: Resource) -> Iterator[Claim]:
    for index, endpoint in enumerate(items(resource.spec.get("endpoints"))):
        entry = mapping(endpoint)
        given = [normalized(target) for target in items(entry.get("targets")) if isinstance(target, str)]
        if entry.get("recordType") in ("A", "AAAA", "CNAME") and given and not any(is_placeholder(target) for target in given):
            yield Claim(
                normalized(text(entry.get("dnsName"))),
                text(entry.get("setIdentifier")),
                resource,
                ("spec", "endpoints", index, "dnsName"),
                "",
                tuple(sorted(set(given))),
            )


def shares_address(one: Resource, other: Resource) -> bool:
    """Whether two Services of type LoadBalancer say that they want the same address."""
    if any(key in one.annotations and one.annotations[key] == other.annotations.get(key) for key in _SHARING):
        return True
    address = dig(one.spec, "loadBalancerIP")
    return isinstance(address, str) and bool(address) and address == other.spec.get("loadBalancerIP")
