"""Host names as Istio reads them: short names, wildcards, and the Service a name stands for.

Sources: the VirtualService and DestinationRule reference (notes on short names), `ResolveShortnameToFQDN` in
istio/istio pkg/config/model, and `Name.Matches` and `Name.SubsetOf` in pkg/config/host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CLUSTER_DOMAIN = "cluster.local"

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_SERVICE = re.compile(rf"({_LABEL})(?:\.({_LABEL})(?:\.svc(?:\.(.+))?)?)?", re.IGNORECASE)
_ADDRESS = re.compile(r"\d+(?:\.\d+){3}|.*:.*")


@dataclass(frozen=True, slots=True)
class ServiceName:
    """The Service a host may stand for.

    `certain` is False for two-label names such as `reviews.prod`, which may as well be a public domain. `domain` is
    the cluster domain the author wrote, or None.
    """

    namespace: str
    name: str
    domain: str | None = None
    certain: bool = True


def expand(host: str, namespace: str) -> str:
    """The name Istio looks up: a name without a dot gets the namespace of the object that mentions it.

    Names with a dot, wildcards and IP addresses stay as they are. The result is lower case, as DNS is.
    """
    host = host.rstrip(".").lower()
    if not host or "." in host or ":" in host or host.startswith("*"):
        return host
    return f"{host}.{namespace}.svc.{CLUSTER_DOMAIN}"


def canonical(host: str, namespace: str) -> str:
    """Like `expand`, and `name.ns.svc` and `name.ns.svc.<any cluster domain>` become one spelling.

    Two-label names stay as they are: only a state can tell `reviews.prod` from `example.com`.
    """
    service = service_name(host, namespace)
    if service is None or not service.certain:
        return expand(host, namespace)
    return f"{service.name}.{service.namespace}.svc.{CLUSTER_DOMAIN}"


def service_name(host: str, namespace: str) -> ServiceName | None:
    """The Service that `host`, written in an object of `namespace`, may stand for; None for any other kind of name.

    Read are `name`, `name.ns`, `name.ns.svc` and `name.ns.svc.<cluster domain>`.
    """
    host = host.rstrip(".").lower()
    if _ADDRESS.fullmatch(host):
        return None
    found = _SERVICE.fullmatch(host)
    if found is None:
        return None
    name, of_namespace, domain = found.groups()
    if of_namespace is None:
        return ServiceName(namespace, name)
    return ServiceName(of_namespace, name, domain, certain=".svc" in host)


def is_address(host: str) -> bool:
    """Whether a host is an IPv4 or IPv6 address instead of a name."""
    return _ADDRESS.fullmatch(host) is not None


def matches(one: str, other: str) -> bool:
    """Whether some name could be meant by both hosts; a leading `*` stands for any text, dots included."""
    one, other = one.lower(), other.lower()
    if one.startswith("*") and other.startswith("*"):
        longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
        return longer[1:].endswith(shorter[1:])
    if one.startswith("*"):
        return other.endswith(one[1:])
    if other.startswith("*"):
        return one.endswith(other[1:])
    return one == other


def covers(general: str, special: str) -> bool:
    """Whether every name that `special` means is one that `general` means."""
    general, special = general.lower(), special.lower()
    if general.startswith("*"):
        return special.removeprefix("*").endswith(general[1:])
    return general == special
