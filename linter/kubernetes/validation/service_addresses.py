"""The addresses of Services: cluster IPs, IP families, external IPs and the ranges that may reach a load balancer.

Source: `ValidateServiceClusterIPsRelatedFields` and `validateService` in apis/core/validation, and the IP families that
the Service registry fills in (registry/core/service/storage/alloc.go).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.targets import minor_version
from linter.kubernetes.validation.addresses import RANGE_FIX, STRICT_SINCE, address_problem, endpoint_problem, parse_address, range_problem
from linter.model import DesiredState, Route, Violation, items


def address_problems(spec: dict[str, Any], kind: str, headless: bool, minor: int) -> Iterator[Violation]:
    """What is wrong with the addresses in the spec of a Service of type `kind` for Kubernetes 1.`minor`."""
    strict = minor >= STRICT_SINCE
    if kind != "ExternalName":
        yield from _cluster_addresses(spec, headless, strict)
    for index, address in enumerate(items(spec.get("externalIPs"))):
        if isinstance(address, str) and (problem := address_problem(address, strict) or endpoint_problem(address)) is not None:
            yield Violation(
                ("spec", "externalIPs", index), f"{problem}, so it cannot be an external IP", fix="Write an address that reaches the nodes."
            )
    ranges = items(spec.get("loadBalancerSourceRanges"))
    if ranges and kind in ("ClusterIP", "NodePort", "ExternalName"):
        yield _ranges_misplaced(("spec", "loadBalancerSourceRanges"), kind)
    for index, entry in enumerate(ranges):
        if isinstance(entry, str) and (problem := range_problem(entry.strip(), strict)) is not None:
            yield Violation(("spec", "loadBalancerSourceRanges", index), problem, fix=RANGE_FIX)


def annotated_ranges(value: object, route: Route, kind: str, state: DesiredState) -> Iterator[Violation]:
    """What is wrong with the annotation that was used before loadBalancerSourceRanges: ranges with commas between them."""
    if not isinstance(value, str):
        return
    if kind in ("ClusterIP", "NodePort", "ExternalName"):
        yield _ranges_misplaced(route, kind)
        return
    strict = minor_version(state) >= STRICT_SINCE
    for entry in value.split(",") if value.strip() else ():
        if (problem := range_problem(entry.strip(), strict)) is not None:
            yield Violation(route, problem, fix=RANGE_FIX)
            return


def _ranges_misplaced(route: Route, kind: str) -> Violation:
    message = f"source ranges are allowed only with `type: LoadBalancer`, and this Service is of type {kind}"
    return Violation(route, message, on="key", fix="Remove them, or restrict the traffic with a NetworkPolicy.")


def _cluster_addresses(spec: dict[str, Any], headless: bool, strict: bool) -> Iterator[Violation]:
    single = spec.get("clusterIP") or ""
    listed = spec.get("clusterIPs") or []
    if not isinstance(single, str) or not isinstance(listed, list):
        return
    if listed and single != listed[0]:
        told = f"begins with `{listed[0]}`, and clusterIP is `{single}`" if single else "is set, and clusterIP is not"
        yield Violation(
            ("spec", "clusterIPs"),
            f"clusterIPs {told}: the first entry must be the clusterIP",
            fix="Write the same address in both, or leave clusterIPs out.",
        )
    if len(listed) > 2:
        yield Violation(("spec", "clusterIPs"), f"clusterIPs has {len(listed)} entries: one for IPv4 and one for IPv6 are allowed")
    if listed and listed[0] == "None" and len(listed) > 1:
        yield Violation(("spec", "clusterIPs"), "`None` must be the only entry of clusterIPs")
        return
    addresses: list[tuple[Route, object]] = [(("spec", "clusterIPs", index), entry) for index, entry in enumerate(listed)]
    if not listed and single:
        addresses = [(("spec", "clusterIP"), single)]
    valid = True
    for index, (route, address) in enumerate(addresses):
        if not isinstance(address, str) or (index == 0 and address == "None"):
            continue
        if address.lower() == "none":
            valid = False
            yield Violation(
                route,
                f"`{address}` is not an IP address: a headless Service has `clusterIP: None`",
                fix="Write `None`, with this spelling.",
            )
        elif (problem := address_problem(address, strict)) is not None:
            valid = False
            yield Violation(route, problem, fix="Write an address of the Service range, or leave clusterIP out.")
    yield from _families(spec, [entry for entry in listed or [single] if entry], headless, valid)


def _families(spec: dict[str, Any], addresses: list[Any], headless: bool, valid: bool) -> Iterator[Violation]:
    families = items(spec.get("ipFamilies"))
    if len(families) == 2 and families[0] == families[1]:
        yield Violation(("spec", "ipFamilies", 1), f"ipFamilies names {families[1]} twice")
    elif len(families) > 2:
        yield Violation(("spec", "ipFamilies"), "ipFamilies can name IPv4 and IPv6, once each")
    versions = [address.version if isinstance(entry, str) and (address := parse_address(entry)) else 0 for entry in addresses]
    alike = valid and not headless and len(versions) == 2 and versions[0] == versions[1] != 0
    if alike:
        yield Violation(("spec", "clusterIPs", 1), f"both cluster IPs are IPv{versions[1]}: one of each family is allowed")
    policy = spec.get("ipFamilyPolicy")
    # One stack is the default as well, except for a headless Service without a selector.
    single = policy == "SingleStack" or (policy is None and not (headless and not spec.get("selector")))
    if single and (len(set(map(str, families))) == 2 or (len(addresses) == 2 and valid and not alike)):
        field = "ipFamilies" if len(families) > 1 else "clusterIPs"
        stated = "`ipFamilyPolicy: SingleStack`" if policy else "SingleStack, the default of ipFamilyPolicy,"
        message = f"{field} has several entries, and {stated} allows one"
        yield Violation(("spec", field), message, fix="Write `ipFamilyPolicy: PreferDualStack`, or keep one entry.")
    if not valid or headless:
        return
    for index, (version, family) in enumerate(zip(versions, families, strict=False)):
        if version and family in ("IPv4", "IPv6") and family != f"IPv{version}":
            route: Route = ("spec", "clusterIPs", index) if spec.get("clusterIPs") else ("spec", "clusterIP")
            yield Violation(route, f"the cluster IP is IPv{version}, and ipFamilies says {family}")
