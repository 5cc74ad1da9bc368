"""The ports of containers. Source: `validateContainerPorts`, `checkHostPortConflicts`, `validatePodHostNetworkDeps`, and the
port warnings of `GetWarningsForPod`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_validation.texts import is_int32
from linter.kubernetes.pods import is_sidecar
from linter.kubernetes.scalars.names import port_name_problem
from linter.kubernetes.validation.values import MAX_PORT, not_port, whole
from linter.model import Node, Related, Resource, Route, Violation, items, text
from linter.wording import shown


def port_violations(container: Node) -> Iterator[Violation]:
    """Names and numbers that no port has. A containerPort that is missing is for the structure check."""
    for index, port in enumerate(items(container.value.get("ports"))):
        if not isinstance(port, dict):
            continue
        number = port.get("containerPort")
        if not_port(number) and is_int32(whole(number) or 0):
            route = (*container.route, "ports", index, "containerPort")
            yield Violation(route, f"containerPort is {number}, and a port is between 1 and {MAX_PORT}")
        host = port.get("hostPort")
        if host is not None and not_port(host) and whole(host) != 0 and is_int32(whole(host) or 0):
            route = (*container.route, "ports", index, "hostPort")
            yield Violation(route, f"hostPort is {host}, and a port is between 1 and {MAX_PORT}")
        name = port.get("name")
        if isinstance(name, str) and name and (problem := port_name_problem(name)) is not None:
            route = (*container.route, "ports", index, "name")
            yield Violation(route, f"the port name `{shown(name)}` is not valid: {problem}")


def host_network_violations(spec: dict[str, Any], route: Route) -> Iterator[Violation]:
    """With hostNetwork a container's port is the node's, so a different hostPort cannot be."""
    for number, container in enumerate(items(spec.get("containers"))):
        ports = container.get("ports") if isinstance(container, dict) else None
        for index, port in enumerate(items(ports)):
            if not isinstance(port, dict):
                continue
            host, own = whole(port.get("hostPort")), whole(port.get("containerPort"))
            if host and own is not None and host != own:
                yield Violation(
                    (*route, "containers", number, "ports", index, "hostPort"),
                    f"hostPort is {host} and containerPort {own}: with hostNetwork they are the same port",
                )


def duplicate_violations(spec: dict[str, Any], route: Route, resource: Resource) -> Iterator[Violation]:
    """Ports that are declared twice: errors where the API server refuses the pod, warnings where it only warns."""
    if not _repeats(spec):
        return
    names: dict[str, Route] = {}
    numbers: dict[tuple[int, str], tuple[Route, dict[str, Any], Any]] = {}
    for field in ("initContainers", "containers"):
        host_ports: dict[tuple[int, str, object], Route] = {}
        for number, container in enumerate(items(spec.get(field))):
            ports = container.get("ports") if isinstance(container, dict) else None
            if not ports or not isinstance(ports, list):
                continue
            init = field == "initContainers"
            if init:
                host_ports = {}
            # Init containers run one after another and are gone when the others start; only sidecars stay.
            shares = not init or is_sidecar(container)
            own = [(index, port) for index, port in enumerate(ports) if isinstance(port, dict)]
            at = (*route, field, number, "ports")
            refused = list(_refused(own, at, host_ports, resource))
            yield from refused
            if not refused:
                yield from _doubtful(own, at, container.get("name"), names if shares else {}, numbers if shares else {}, resource)


def _repeats(spec: dict[str, Any]) -> bool:
    """Whether any number or name comes twice among the ports of a pod, which few pods have: a quick look before the exact one."""
    seen: set[Any] = set()
    for field in ("containers", "initContainers"):
        for container in items(spec.get(field)):
            ports = container.get("ports") if isinstance(container, dict) else None
            for port in ports if isinstance(ports, list) else ():
                if not isinstance(port, dict):
                    continue
                for key in ("containerPort", "name", "hostPort"):
                    value = port.get(key)
                    if not value:
                        continue
                    if not isinstance(value, int | str):
                        return True
                    entry = (key == "hostPort", value)
                    if entry in seen:
                        return True
                    seen.add(entry)
    return False


def _refused(
    ports: list[tuple[int, dict[str, Any]]], at: Route, host_ports: dict[tuple[int, str, object], Route], resource: Resource
) -> Iterator[Violation]:
    own_names: dict[str, Route] = {}
    for index, port in ports:
        name = port.get("name")
        if isinstance(name, str) and name:
            first = own_names.setdefault(name, (*at, index, "name"))
            if first != (*at, index, "name"):
                message = f"the container has two ports named `{shown(name)}`"
                yield Violation((*at, index, "name"), message, related=(Related("the first of them", resource, first),))
        host = whole(port.get("hostPort"))
        if not host:
            continue
        place: Route = (*at, index, "hostPort")
        protocol = _protocol(port)
        first = host_ports.setdefault((host, protocol, text(port.get("hostIP"))), place)
        if first != place:
            message = f"hostPort {host}/{protocol} is taken twice in this pod"
            yield Violation(place, message, related=(Related("the first of them", resource, first),))


def _doubtful(
    ports: list[tuple[int, dict[str, Any]]],
    at: Route,
    owner: object,
    names: dict[str, Route],
    numbers: dict[tuple[int, str], tuple[Route, dict[str, Any], Any]],
    resource: Resource,
) -> Iterator[Violation]:
    """`names` and `numbers` are the ports of the containers before, which share the network address of the pod."""
    for index, port in ports:
        place: Route = (*at, index)
        name, number = port.get("name"), whole(port.get("containerPort"))
        if isinstance(name, str) and name:
            first = names.setdefault(name, place)
            if first != place:
                message = f"another container of this pod has a port named `{shown(name)}`: a Service that asks for the name gets that one"
                related = (Related("the port that is found", resource, first),)
                yield Violation((*place, "name"), message, related=related, severity="warning")
        if number is None:
            continue
        protocol = _protocol(port)
        earlier = numbers.setdefault((number, protocol), (place, port, owner))
        if earlier[0] == place or not _same(port, earlier[1]):
            continue
        if earlier[0][:-1] == at:
            message = f"containerPort {number}/{protocol} is declared twice"
        else:
            message = f"containerPort {number}/{protocol} is also declared by container {earlier[2]}, and they share one network address"
        related = (Related("the first of them", resource, earlier[0]),)
        yield Violation((*place, "containerPort"), message, related=related, severity="warning")


def _same(port: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two declarations of one container port say the same, or one adds a hostPort to what the other says."""
    host, others = port.get("hostPort") or 0, other.get("hostPort") or 0
    return host == 0 or others == 0 or host == others


def _protocol(port: dict[str, Any]) -> str:
    protocol = port.get("protocol")
    return protocol if isinstance(protocol, str) and protocol else "TCP"
