"""The destinations a VirtualService names.

Source: the VirtualService reference (HTTPRoute, TCPRoute, TLSRoute, Destination).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from linter.model import Resource, Route, items, mapping

VIRTUAL_SERVICE = "networking.istio.io/VirtualService"
PROTOCOLS = ("http", "tls", "tcp")


@dataclass(frozen=True, slots=True)
class Destination:
    """One destination: its mapping, its route, and what it is for ("destination" or "mirror")."""

    value: dict[str, Any]
    route: Route
    role: str

    @property
    def host(self) -> str:
        host = self.value.get("host")
        return host if isinstance(host, str) else ""

    @property
    def subset(self) -> str:
        subset = self.value.get("subset")
        return subset if isinstance(subset, str) else ""

    @property
    def port(self) -> int | None:
        """The port number, or None where there is none to read."""
        number = mapping(self.value.get("port")).get("number")
        return number if isinstance(number, int) and not isinstance(number, bool) else None


def routes(virtual_service: Resource) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """The routes of a VirtualService as (protocol, index, value); what is no mapping is left out."""
    for protocol in PROTOCOLS:
        for index, value in enumerate(items(virtual_service.spec.get(protocol))):
            if isinstance(value, dict):
                yield protocol, index, value


def destinations(virtual_service: Resource) -> Iterator[Destination]:
    """Every destination of every route, mirrors included, in document order per protocol."""
    for protocol, index, route in routes(virtual_service):
        base: Route = ("spec", protocol, index)
        for position, weighted in enumerate(items(route.get("route"))):
            value = mapping(weighted).get("destination")
            if isinstance(value, dict):
                yield Destination(value, (*base, "route", position, "destination"), "destination")
        if protocol != "http":
            continue
        if isinstance(route.get("mirror"), dict):
            yield Destination(route["mirror"], (*base, "mirror"), "mirror")
        for position, mirror in enumerate(items(route.get("mirrors"))):
            value = mapping(mirror).get("destination")
            if isinstance(value, dict):
                yield Destination(value, (*base, "mirrors", position, "destination"), "mirror")


def hosts(virtual_service: Resource) -> list[tuple[int, str]]:
    """The hosts of a VirtualService with their positions in the list."""
    return [(index, host) for index, host in enumerate(items(virtual_service.spec.get("hosts"))) if isinstance(host, str) and host]
