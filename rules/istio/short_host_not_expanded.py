from collections.abc import Iterator
from typing import Any

from linter.istio.hosts import CLUSTER_DOMAIN, service_name
from linter.istio.registry import find_host
from linter.istio.virtualservices import VIRTUAL_SERVICE, destinations
from linter.model import DesiredState, Node, Route, Violation, text


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    resource = node.resource
    places: list[tuple[Route, str]] = [(("spec", "host"), text(resource.spec.get("host")))]
    if resource.type == VIRTUAL_SERVICE:
        places = [((*destination.route, "host"), destination.host) for destination in destinations(resource)]
    for route, host in places:
        service = service_name(host, resource.namespace)
        if service is None or service.domain is not None or "." not in host:
            continue
        target = find_host(state, host, resource).resource
        if target is not None and target.type == "Service":
            full = f"{service.name}.{service.namespace}.svc.{CLUSTER_DOMAIN}"
            yield Violation(route, f"{resource} names the host `{host}`, which Istio does not complete to `{full}`", fix=f"Write `{full}`.")
