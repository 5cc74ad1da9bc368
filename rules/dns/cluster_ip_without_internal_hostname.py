from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.externaldns.instances import instances
from linter.externaldns.keys import dns_keys
from linter.externaldns.prefixes import live_prefixes
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    service = node.resource
    if service.spec.get("type", "ClusterIP") != "ClusterIP" or service.spec.get("clusterIP") == "None" or service.spec.get("externalIPs"):
        return
    keys = dns_keys(service, state)
    known = instances(state)
    live = live_prefixes(state).live
    if not keys or not known or live is None:
        return
    # One instance that publishes cluster IPs, or whose flags cannot all be read, is enough to make the record.
    if any(not instance.readable or instance.is_on("publish-internal-services") or not instance.values("source") for instance in known):
        return
    watching = next((instance for instance in known if "service" in instance.values("source")), None)
    for key in keys:
        if key.suffix != "hostname" or key.prefix not in live or watching is None:
            continue
        beside = {other.suffix for other in keys if other.prefix == key.prefix}
        if not beside & {"target", "internal-hostname", "controller"}:
            yield Violation(
                key.route,
                f"{service} has the type ClusterIP, for which `{key.name}` makes no record",
                related=(Related("runs without `--publish-internal-services`", watching.resource, watching.route),),
            )
