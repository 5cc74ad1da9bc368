"""NetworkPolicies. Source: `ValidateNetworkPolicySpec` in apis/networking/validation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.names import port_name_problem
from linter.kubernetes.targets import minor_version
from linter.kubernetes.validation.values import MAX_PORT, not_port, whole
from linter.model import DesiredState, Resource, Route, Violation, items
from linter.wording import shown


def network_policy_problems(policy: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a NetworkPolicy."""
    spec = policy.spec
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(items(spec.get(direction))):
            if not isinstance(rule, dict):
                continue
            route: Route = ("spec", direction, index)
            for place, port in enumerate(items(rule.get("ports"))):
                if isinstance(port, dict):
                    yield from _port(port, (*route, "ports", place), state)
            for place, peer in enumerate(items(rule.get(peers))):
                yield from _peer(peer, (*route, peers, place), state)
    types = items(spec.get("policyTypes"))
    if len(types) > 2:
        yield Violation(("spec", "policyTypes"), f"policyTypes has {len(types)} entries: Ingress and Egress are all there are")


def _port(port: dict[str, Any], route: Route, state: DesiredState) -> Iterator[Violation]:
    value, end = port.get("port"), port.get("endPort")
    if state.is_opaque(value):
        return
    if value is None:
        if end is not None:
            yield Violation(
                (*route, "endPort"), "endPort is the end of a range whose beginning, `port`, is missing", on="key", fix="Add `port`."
            )
    elif isinstance(value, str):
        if value.isdigit():
            fix = "Write the number without quotes: in quotes it is taken for the name of a container port."
            yield Violation((*route, "port"), f'port is the text "{value}", and a name needs a letter', fix=fix)
            return
        if (problem := port_name_problem(value)) is not None:
            yield Violation((*route, "port"), f"`{shown(value)}` cannot be the name of a container port: {problem}")
        if end is not None:
            yield Violation(
                (*route, "endPort"),
                "a range of ports begins with a number, and `port` is a name",
                on="key",
                fix="Write the number of the first port, or remove endPort.",
            )
    elif not_port(value):
        yield Violation((*route, "port"), f"{value} is not a port number", fix=f"Write a number between 1 and {MAX_PORT}.")
    elif end is not None and (last := whole(end)) is not None:
        first = whole(value) or 0
        if not_port(end):
            yield Violation((*route, "endPort"), f"{last} is not a port number", fix=f"Write a number between {first} and {MAX_PORT}.")
        elif last < first:
            yield Violation((*route, "endPort"), f"endPort {last} is smaller than port {first}", fix="Exchange them.")


def _peer(peer: object, route: Route, state: DesiredState) -> Iterator[Violation]:
    if peer is None or peer == {}:
        fix = "Name a selector or an ipBlock; `podSelector: {}` means all pods of the namespace, no peers at all mean everything."
        yield Violation(route, "the peer is empty", fix=fix)
        return
    if not isinstance(peer, dict):
        return
    block = peer.get("ipBlock")
    selectors = [field for field in ("podSelector", "namespaceSelector") if peer.get(field) is not None]
    if block is None:
        if not selectors and not peer.keys() - {"ipBlock", "podSelector", "namespaceSelector"}:
            yield Violation(route, "the peer has neither a selector nor an ipBlock")
        return
    if selectors:
        yield Violation(
            (*route, "ipBlock"), f"a peer with an ipBlock cannot have a {selectors[0]} as well", on="key", fix="Make two peers of it."
        )
    if isinstance(block, dict):
        from linter.kubernetes.validation.addresses import STRICT_SINCE

        yield from _block(block, (*route, "ipBlock"), minor_version(state) >= STRICT_SINCE)


def _block(block: dict[str, Any], route: Route, strict: bool) -> Iterator[Violation]:
    from linter.kubernetes.validation.addresses import RANGE_FIX, parse_range, range_problem

    cidr = block.get("cidr")
    if cidr == "":
        yield Violation((*route, "cidr"), "cidr is empty")
    if not isinstance(cidr, str) or not cidr:
        return
    if (problem := range_problem(cidr, strict)) is not None:
        yield Violation((*route, "cidr"), problem, fix=RANGE_FIX)
    whole_range = parse_range(cidr)
    if whole_range is None:
        return
    for index, entry in enumerate(items(block.get("except"))):
        if not isinstance(entry, str):
            continue
        if (problem := range_problem(entry, strict)) is not None:
            yield Violation((*route, "except", index), problem, fix=RANGE_FIX)
            continue
        part = parse_range(entry)
        if part is None:
            continue
        inside = part.version == whole_range.version and part.network_address in whole_range
        if not inside:
            yield Violation(
                (*route, "except", index), f"`{entry}` lies outside of the cidr `{cidr}`", fix="Write a part of the cidr, or remove it."
            )
        elif part.prefixlen <= whole_range.prefixlen:
            yield Violation(
                (*route, "except", index), f"`{entry}` leaves nothing of the cidr `{cidr}`", fix="Write a part of the cidr, or remove it."
            )
