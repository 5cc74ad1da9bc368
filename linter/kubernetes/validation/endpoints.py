"""EndpointSlices and Endpoints. Source: apis/discovery/validation and `ValidateEndpoints` in apis/core/validation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.names import dns_label_problem, dns_subdomain_problem
from linter.kubernetes.targets import minor_version
from linter.kubernetes.validation.addresses import STRICT_SINCE, address_problem, endpoint_problem, parse_address
from linter.kubernetes.validation.values import named, not_port, qualified_name_problem
from linter.model import DesiredState, Resource, Route, Violation, items
from linter.wording import shown

_MAX_ADDRESSES = 100
_MAX_ENDPOINTS = 1000


def endpoint_slice_problems(slice: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in an EndpointSlice."""
    body = slice.body
    strict = minor_version(state) >= STRICT_SINCE
    kind = body.get("addressType")
    endpoints = items(body.get("endpoints"))
    if len(endpoints) > _MAX_ENDPOINTS:
        yield Violation(
            ("endpoints",),
            f"the slice has {len(endpoints)} endpoints, and {_MAX_ENDPOINTS} are allowed",
            on="key",
            fix="Write several slices.",
        )
    for index, endpoint in enumerate(endpoints):
        if not isinstance(endpoint, dict):
            continue
        route: Route = ("endpoints", index)
        addresses = items(endpoint.get("addresses"))
        if endpoint.get("addresses") == []:
            yield Violation((*route, "addresses"), "the endpoint has no address", on="key")
        elif len(addresses) > _MAX_ADDRESSES:
            yield Violation(
                (*route, "addresses"), f"the endpoint has {len(addresses)} addresses, and {_MAX_ADDRESSES} are allowed", on="key"
            )
        for place, address in enumerate(addresses):
            if isinstance(address, str) and (problem := _address_problem(address, kind, strict)) is not None:
                yield Violation((*route, "addresses", place), problem)
        yield from named(endpoint, "hostname", route, dns_label_problem, empty=False)
        yield from named(endpoint, "nodeName", route, dns_subdomain_problem, empty=False)
    yield from _ports(items(body.get("ports")), ("ports",), slice=True)


def _address_problem(address: str, kind: object, strict: bool) -> str | None:
    if kind == "FQDN":
        problem = dns_subdomain_problem(address.removesuffix("."))
        if problem is None and "." not in address:
            problem = "it must have two parts or more"
        return None if problem is None else f"`{shown(address)}` is not a DNS name: {problem}"
    if kind not in ("IPv4", "IPv6"):
        return None
    problem = address_problem(address, strict)
    if problem is not None:
        return problem
    parsed = parse_address(address)
    if parsed is not None and f"IPv{parsed.version}" != kind:
        return f"`{address}` is an IPv{parsed.version} address, and addressType says {kind}"
    if strict and parsed is not None and kind == "IPv6" and str(parsed) != address:
        return f"`{address}` is not in its shortest form: write `{parsed}`"
    return endpoint_problem(address)


def _ports(ports: list[Any], route: Route, *, slice: bool) -> Iterator[Violation]:
    names: set[str] = set()
    for index, port in enumerate(ports):
        if not isinstance(port, dict):
            continue
        place = (*route, index)
        name = port.get("name") or ""
        if isinstance(name, str):
            if name and (problem := dns_label_problem(name)) is not None:
                yield Violation((*place, "name"), f"`{shown(name)}` cannot be the name of a port: {problem}")
            elif not name and not slice and len(ports) > 1:
                yield Violation(place, "where there are several ports, each needs a name")
            elif slice and name in names:
                yield Violation(
                    (*place, "name"),
                    f"two ports have the name `{shown(name)}`" if name else "two ports have no name",
                    fix="Give each port a name of its own.",
                )
            names.add(name)
        # The ports of a slice are not checked: only what their type admits.
        if not slice and not_port(port.get("port")):
            yield Violation((*place, "port"), f"{port['port']} is not a port number", fix="Write a number between 1 and 65535.")
        yield from named(port, "appProtocol", place, qualified_name_problem, empty=False)


def endpoints_problems(endpoints: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in an Endpoints object."""
    strict = minor_version(state) >= STRICT_SINCE
    for index, subset in enumerate(items(endpoints.body.get("subsets"))):
        if not isinstance(subset, dict):
            continue
        route: Route = ("subsets", index)
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            yield Violation(route, "the subset has no addresses")
        for field in ("addresses", "notReadyAddresses"):
            for place, address in enumerate(items(subset.get(field))):
                ip = address.get("ip") if isinstance(address, dict) else None
                if isinstance(ip, str) and (problem := address_problem(ip, strict) or endpoint_problem(ip)) is not None:
                    yield Violation((*route, field, place, "ip"), problem)
                if isinstance(address, dict):
                    yield from named(address, "hostname", (*route, field, place), dns_label_problem)
                    yield from named(address, "nodeName", (*route, field, place), dns_subdomain_problem)
        yield from _ports(items(subset.get("ports")), (*route, "ports"), slice=False)
