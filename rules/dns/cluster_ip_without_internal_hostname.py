from collections.abc import Iterator
from typing import Any

from linter.externaldns.instances import instances
from linter.externaldns.keys import carriers
from linter.externaldns.prefixes import live_prefixes
from linter.model import DesiredState, Node, Related, Resource, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    known = instances(state)
    live = live_prefixes(state).live
    # One instance that publishes cluster IPs, or whose flags cannot all be read, is enough to make the record.
    if live is None or any(
        not instance.readable or instance.is_on("publish-internal-services") or not instance.values("source") for instance in known
    ):
        return
    watching = next((instance for instance in known if "service" in instance.values("source")), None)
    if watching is None:
        return
    for service, keys in carriers(state):
        if not _has_only_cluster_ip(service):
            continue
        for key in keys:
            beside = {other.suffix for other in keys if other.prefix == key.prefix}
            if key.suffix == "hostname" and key.prefix in live and not beside & {"target", "internal-hostname", "controller"}:
                yield Violation(
                    key.route,
                    f"{service} has the type ClusterIP, for which `{key.name}` makes no record",
                    resource=service,
                    related=(Related("runs without `--publish-internal-services`", watching.resource, watching.route),),
                )


def _has_only_cluster_ip(service: Resource) -> bool:
    spec = service.spec
    return (
        service.type == "Service"
        and spec.get("type", "ClusterIP") == "ClusterIP"
        and spec.get("clusterIP") != "None"
        and not spec.get("externalIPs")
    )
