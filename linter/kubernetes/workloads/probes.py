"""Probes: their handlers, timing with defaults, and the port they reach.

Sources: `ValidateProbe` and the defaults of kubernetes/pkg/apis/core (a zero becomes the default before validation);
`ResolveContainerPort` of the kubelet, which looks a port name up in the probed container only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from linter.model import Node, Route, items, mapping, text

PROBE_FIELDS = ("livenessProbe", "readinessProbe", "startupProbe")
HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")

_DEFAULTS = {"initialDelaySeconds": 0, "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}


class ContainerPort(NamedTuple):
    """A declared port of a container; `number` is None if it is not a number, `name` is "" if it has none."""

    name: str
    number: int | None
    protocol: str


class Probe(NamedTuple):
    """One probe of a container: its field ("livenessProbe"), body and route in the object."""

    field: str
    body: dict[str, Any]
    route: Route

    @property
    def word(self) -> str:
        """How sentences name it: `liveness probe`."""
        return f"{self.field.removesuffix('Probe')} probe"

    @property
    def handlers(self) -> tuple[str, ...]:
        """The handlers it has; a valid probe has exactly one."""
        return tuple(handler for handler in HANDLERS if self.body.get(handler) is not None)

    def timing(self, field: str) -> int | None:
        """A number of seconds or attempts with its default (absent and 0 mean the default), None if it is no number."""
        value = self.body.get(field)
        if value is None or value == 0:
            return _DEFAULTS[field] if not isinstance(value, bool) else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def failure_time(self) -> int | None:
        """Seconds from the first failing attempt until the probe counts as failed, or None if a value is no number."""
        period, threshold = self.timing("periodSeconds"), self.timing("failureThreshold")
        return None if period is None or threshold is None else period * threshold

    def budget(self) -> int | None:
        """Seconds a startup probe gives the container before it is restarted, or None if a value is no number."""
        delay, time = self.timing("initialDelaySeconds"), self.failure_time()
        return None if delay is None or time is None else delay + time


def filled_in_by_injection(container: Node) -> bool:
    """Whether Istio's injector completes the container, probes included (`image: auto`, the way gateways are deployed).

    Source: "Installing Gateways" in Istio's documentation, and its injection templates.
    """
    return bool(container.value.get("image") == "auto")


def probes_of(container: Node) -> Iterator[Probe]:
    """The probes of a container, in the order liveness, readiness, startup."""
    for field in PROBE_FIELDS:
        body = container.value.get(field)
        if isinstance(body, dict):
            yield Probe(field, body, (*container.route, field))


def declared_ports(container: object) -> list[ContainerPort]:
    """The `ports` of a container, given its body."""
    found = []
    for entry in items(mapping(container).get("ports")):
        number = mapping(entry).get("containerPort")
        whole = number if isinstance(number, int) and not isinstance(number, bool) else None
        found.append(ContainerPort(text(mapping(entry).get("name")), whole, text(mapping(entry).get("protocol")) or "TCP"))
    return found


def handlers_of(container: Node) -> Iterator[tuple[Route, str, str, dict[str, Any]]]:
    """Every handler of a probe or lifecycle hook: its route, who has it ("liveness probe"), its kind and its body."""
    for probe in probes_of(container):
        for handler in probe.handlers:
            yield (*probe.route, handler), probe.word, handler, mapping(probe.body[handler])
    lifecycle = mapping(container.value.get("lifecycle"))
    for hook in ("postStart", "preStop"):
        for handler in ("exec", "httpGet", "tcpSocket"):
            body = mapping(lifecycle.get(hook)).get(handler)
            if body is not None:
                yield (*container.route, "lifecycle", hook, handler), f"{hook} hook", handler, mapping(body)


def port_references(container: Node) -> Iterator[tuple[Route, str, Any]]:
    """Every port that a probe or a lifecycle hook of a container names: its route, who names it, and the value.

    gRPC probes take numbers only; for the others the value may also be a port name.
    """
    for route, who, handler, body in handlers_of(container):
        if handler != "exec" and body.get("port") is not None:
            yield (*route, "port"), who, body["port"]


def endpoint(probe: Probe, container: Node) -> tuple[object, ...] | None:
    """What a probe asks, so that two probes that ask the same compare equal; None without exactly one handler.

    Port names are resolved through the container's ports; defaults are filled in.
    """
    if len(probe.handlers) != 1:
        return None
    handler = probe.handlers[0]
    body = mapping(probe.body.get(handler))
    if handler == "exec":
        return (handler, *(repr(part) for part in items(body.get("command"))))
    port = body.get("port")
    if isinstance(port, str):
        port = next((declared.number for declared in declared_ports(container.value) if declared.name == port), port)
    if handler == "httpGet":
        headers = sorted(f"{mapping(header).get('name')}: {mapping(header).get('value')}" for header in items(body.get("httpHeaders")))
        return (handler, port, text(body.get("path")) or "/", text(body.get("scheme")) or "HTTP", text(body.get("host")), *headers)
    return (handler, port, text(body.get("host")) if handler == "tcpSocket" else text(body.get("service")))
