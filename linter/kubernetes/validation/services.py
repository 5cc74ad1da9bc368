"""Services. Source: `ValidateServiceCreate` and what it calls in apis/core/validation, after `SetDefaults_Service`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.names import dns_label_problem, dns_subdomain_problem, port_name_problem
from linter.kubernetes.targets import minor_version
from linter.kubernetes.validation.values import MAX_PORT, not_port, qualified_name_problem, whole
from linter.model import DesiredState, Related, Resource, Route, Violation, dig, mapping
from linter.wording import shown

_TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
_RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges"
_MAX_TIMEOUT = 86_400
_ADDRESS_FIELDS = frozenset({
    "clusterIP", "clusterIPs", "externalIPs", "ipFamilies", "ipFamilyPolicy", "loadBalancerSourceRanges",
})  # fmt: skip
_TRAFFIC_FIELDS = frozenset({
    "externalTrafficPolicy", "healthCheckNodePort", "sessionAffinityConfig", "loadBalancerClass",
    "allocateLoadBalancerNodePorts", "trafficDistribution",
})  # fmt: skip
_DISTRIBUTIONS = {"PreferClose": 30, "PreferSameZone": 34, "PreferSameNode": 34}


def service_problems(service: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a Service."""
    if not isinstance(service.body.get("spec"), dict):
        return
    spec = service.spec
    kind = spec.get("type") or "ClusterIP"
    known = kind in _TYPES
    ports = spec.get("ports")
    headless = spec.get("clusterIP") == "None" or spec.get("clusterIPs") == ["None"]
    if not ports:
        address = spec.get("clusterIP")
        readable = isinstance(ports, list | None) and isinstance(address, str | None) and not state.is_opaque(address)
        if readable and known and kind != "ExternalName" and not headless:
            yield Violation(
                ("spec",), f"{service} has no ports: only headless and ExternalName Services may do without", on="key", fix="Add `ports`."
            )
    elif isinstance(ports, list):
        yield from _ports(ports, kind if known else None, state)
    if kind == "ExternalName":
        yield from _external_name(spec)
    elif headless and kind in ("NodePort", "LoadBalancer"):
        route = ("spec", "clusterIP") if spec.get("clusterIP") == "None" else ("spec", "clusterIPs")
        yield Violation(
            route,
            f"a {kind} Service needs a cluster IP and cannot be headless",
            fix="Remove `clusterIP: None`, or write `type: ClusterIP`.",
        )
    if not _ADDRESS_FIELDS.isdisjoint(spec):
        from linter.kubernetes.validation.service_addresses import address_problems

        yield from address_problems(spec, kind, headless, minor_version(state))
    if not _TRAFFIC_FIELDS.isdisjoint(spec):
        yield from _traffic(spec, kind if known else None, state)
    annotations = service.metadata.get("annotations")
    if annotations and isinstance(annotations, dict) and _RANGES_ANNOTATION in annotations and not spec.get("loadBalancerSourceRanges"):
        from linter.kubernetes.validation.service_addresses import annotated_ranges

        yield from annotated_ranges(annotations[_RANGES_ANNOTATION], ("metadata", "annotations", _RANGES_ANNOTATION), kind, state)


def _ports(ports: list[Any], kind: str | None, state: DesiredState) -> Iterator[Violation]:
    names: dict[str, int] = {}
    numbers: dict[tuple[str, int], int] = {}
    node_ports: dict[tuple[str, int], int] = {}
    for index, port in enumerate(ports):
        if not isinstance(port, dict):
            continue
        route: Route = ("spec", "ports", index)
        yield from _port(port, route, kind)
        name = port.get("name")
        if not name:
            if len(ports) > 1 and port:
                message = f"port {index + 1} of {len(ports)} has no name: where a Service has several ports, each needs one"
                yield Violation(route, message, fix="Give each port a name.")
        elif isinstance(name, str) and not state.is_opaque(name):
            if name in names:
                first = (Related("the first port of this name", None, ("spec", "ports", names[name], "name")),)
                yield Violation(
                    (*route, "name"), f"two ports have the name `{shown(name)}`", related=first, fix="Give each port a name of its own."
                )
            names.setdefault(name, index)
        protocol = port.get("protocol") or "TCP"
        number = whole(port.get("port"))
        if number is not None and isinstance(protocol, str):
            if (protocol, number) in numbers:
                first = (Related("the first of them", None, ("spec", "ports", numbers[protocol, number])),)
                yield Violation(
                    (*route, "port"), f"two ports have the number {number} and the protocol {protocol}", related=first, fix=_OTHER_NUMBER
                )
            numbers.setdefault((protocol, number), index)
        node_port = whole(port.get("nodePort"))
        if node_port and isinstance(protocol, str):
            if (protocol, node_port) in node_ports:
                first = (Related("the first of them", None, ("spec", "ports", node_ports[protocol, node_port], "nodePort")),)
                yield Violation((*route, "nodePort"), f"two ports have the nodePort {node_port}", related=first, fix=_OTHER_NUMBER)
            node_ports.setdefault((protocol, node_port), index)


_PORT_NAME = "Write a name of lower-case letters, digits and `-`, such as `http`."
_OTHER_NUMBER = "Give each port a number of its own, or another protocol."


def _port(port: dict[str, Any], route: Route, kind: str | None) -> Iterator[Violation]:
    if not_port(port.get("port")):
        yield Violation((*route, "port"), f"{port['port']} is not a port number", fix=f"Write a number between 1 and {MAX_PORT}.")
    name = port.get("name")
    if name and isinstance(name, str) and (problem := dns_label_problem(name)) is not None:
        yield Violation((*route, "name"), f"`{shown(name)}` cannot be the name of a port: {problem}", fix=_PORT_NAME)
    target = port.get("targetPort")
    if target:
        if isinstance(target, str):
            if target.isdigit():
                fix = "Write the number without quotes: in quotes it is taken for the name of a container port."
                yield Violation((*route, "targetPort"), f'targetPort is the text "{shown(target)}", and a name needs a letter', fix=fix)
            elif (problem := port_name_problem(target)) is not None:
                yield Violation(
                    (*route, "targetPort"), f"`{shown(target)}` cannot be the name of a container port: {problem}", fix=_PORT_NAME
                )
        elif not_port(target):
            fix = f"Write a number between 1 and {MAX_PORT}, or the name of a container port."
            yield Violation((*route, "targetPort"), f"{target} is not a port number", fix=fix)
    node_port = port.get("nodePort")
    if node_port:
        if kind == "ClusterIP":
            fix = "Remove the nodePort, or set `type: NodePort`."
            yield Violation((*route, "nodePort"), "a Service of type ClusterIP has no node ports", fix=fix)
        elif kind in ("NodePort", "LoadBalancer") and not_port(node_port):
            yield Violation((*route, "nodePort"), f"{node_port} is not a port number", fix="Write a number between 30000 and 32767.")
    protocol = port.get("appProtocol")
    if isinstance(protocol, str) and (problem := qualified_name_problem(protocol)) is not None:
        yield Violation((*route, "appProtocol"), f"appProtocol `{shown(protocol)}` is not valid: {problem}")


def _external_name(spec: dict[str, Any]) -> Iterator[Violation]:
    name = spec.get("externalName")
    if not name:
        yield Violation(
            ("spec", "externalName" if "externalName" in spec else "type"),
            "a Service of type ExternalName has no externalName",
            fix="Write the DNS name it stands for.",
        )
    elif isinstance(name, str):
        problem = dns_subdomain_problem(name.removesuffix("."))
        if "://" in name:
            yield Violation(
                ("spec", "externalName"),
                f"externalName `{shown(name)}` is a URL, and a DNS name is expected",
                fix="Write the host name alone.",
            )
        elif problem is not None:
            yield Violation(
                ("spec", "externalName"),
                f"externalName `{shown(name)}` is not a DNS name: {problem}",
                fix="Write a DNS name in lower case.",
            )
    for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if spec.get(field) and not (field == "clusterIPs" and spec.get("clusterIP")):
            yield Violation(("spec", field), f"a Service of type ExternalName has no {field}", fix=f"Remove `{field}`.", on="key")


def _traffic(spec: dict[str, Any], kind: str | None, state: DesiredState) -> Iterator[Violation]:
    policy = spec.get("externalTrafficPolicy")
    reachable = kind in ("NodePort", "LoadBalancer") or (kind == "ClusterIP" and bool(spec.get("externalIPs")))
    if policy and kind is not None and not reachable:
        message = f"externalTrafficPolicy has a meaning only for Services reachable from outside, and this one is of type {kind}"
        yield Violation(("spec", "externalTrafficPolicy"), message, on="key", fix="Remove `externalTrafficPolicy`.")
    check = spec.get("healthCheckNodePort")
    if check and kind is not None:
        if kind != "LoadBalancer" or policy != "Local":
            message = "healthCheckNodePort is allowed only with `type: LoadBalancer` and `externalTrafficPolicy: Local`"
            yield Violation(("spec", "healthCheckNodePort"), message, on="key", fix="Remove `healthCheckNodePort`.")
        elif not_port(check):
            yield Violation(("spec", "healthCheckNodePort"), f"{check} is not a port number", fix="Write a number between 30000 and 32767.")
    for field in ("loadBalancerClass", "allocateLoadBalancerNodePorts"):
        if kind not in (None, "LoadBalancer") and spec.get(field) is not None:
            message = f"{field} is allowed only with `type: LoadBalancer`, and this Service is of type {kind}"
            yield Violation(("spec", field), message, on="key", fix=f"Remove `{field}`.")
    name = spec.get("loadBalancerClass")
    if kind == "LoadBalancer" and isinstance(name, str) and (problem := qualified_name_problem(name)) is not None:
        yield Violation(("spec", "loadBalancerClass"), f"loadBalancerClass `{shown(name)}` is not valid: {problem}")
    if spec.get("sessionAffinity") == "ClientIP":
        timeout = whole(dig(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds"))
        if timeout is not None and not 0 < timeout <= _MAX_TIMEOUT:
            route = ("spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds")
            yield Violation(route, f"timeoutSeconds is {timeout}, and must be between 1 and {_MAX_TIMEOUT}")
    elif mapping(spec.get("sessionAffinityConfig")) and not spec.get("sessionAffinity"):
        message = "sessionAffinityConfig has no effect without `sessionAffinity: ClientIP`"
        yield Violation(("spec", "sessionAffinityConfig"), message, severity="warning", on="key", fix="Write `sessionAffinity: ClientIP`.")
    yield from _distribution(spec.get("trafficDistribution"), state)


def _distribution(value: object, state: DesiredState) -> Iterator[Violation]:
    if value is None or not isinstance(value, str):
        return
    since = _DISTRIBUTIONS.get(value)
    if since is None or since > minor_version(state):
        detail = f"needs Kubernetes 1.{since}" if since else "is not one of " + ", ".join(_DISTRIBUTIONS)
        yield Violation(
            ("spec", "trafficDistribution"),
            f"trafficDistribution `{shown(value)}` {detail}",
            fix="Write `PreferClose`, or remove the field.",
        )
