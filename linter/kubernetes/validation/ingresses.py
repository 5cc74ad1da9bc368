"""Ingresses and IngressClasses. Source: apis/networking/validation (`ValidateIngressCreate`, `ValidateIngressClass`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.names import (
    dns_1035_label_problem,
    dns_label_problem,
    dns_subdomain_problem,
    path_segment_problem,
    port_name_problem,
)
from linter.kubernetes.targets import minor_version
from linter.kubernetes.validation.addresses import parse_address
from linter.kubernetes.validation.values import MAX_PORT, named, not_port, qualified_path_problem
from linter.model import DesiredState, Related, Resource, Route, Violation, items, mapping
from linter.wording import shown

_CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_SEQUENCES = ("//", "/./", "/../", "%2f", "%2F")
_ENDS = ("/..", "/.")
_MAX_CONTROLLER = 250
# Until 1.35 the name of a Service had to begin with a letter (feature RelaxedServiceNameValidation).
_DIGITS_FIRST_SINCE = 36
_LOOKS_LIKE_ADDRESS = re.compile(r"[0-9]+(?:\.[0-9]+){3}\Z|[0-9a-fA-F]*:[0-9a-fA-F:.]*\Z")


def ingress_problems(ingress: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in an Ingress of networking.k8s.io/v1."""
    spec = ingress.body.get("spec")
    if ingress.api_version != "networking.k8s.io/v1" or not isinstance(spec, dict):
        return
    rules = spec.get("rules")
    default = spec.get("defaultBackend")
    if not rules and default is None and not isinstance(rules, (dict, str)):
        yield Violation(("spec",), f"{ingress} has neither rules nor a defaultBackend", fix="Add `rules` or a `defaultBackend`.", on="key")
    relaxed = minor_version(state) >= _DIGITS_FIRST_SINCE
    if isinstance(default, dict):
        yield from _backend(default, ("spec", "defaultBackend"), relaxed)
    for index, rule in enumerate(items(rules)):
        if isinstance(rule, dict):
            yield from _rule(rule, ("spec", "rules", index), relaxed)
    for index, entry in enumerate(items(spec.get("tls"))):
        if isinstance(entry, dict):
            for place, host in enumerate(items(entry.get("hosts"))):
                if isinstance(host, str) and (problem := _host_problem(host, "a host of TLS")) is not None:
                    yield Violation(("spec", "tls", index, "hosts", place), problem, fix=_HOST_FIX)
            yield from named(entry, "secretName", ("spec", "tls", index), dns_subdomain_problem)
    name = spec.get("ingressClassName")
    if isinstance(name, str):
        if (problem := dns_subdomain_problem(name)) is not None:
            yield Violation(("spec", "ingressClassName"), f"ingressClassName `{shown(name)}` is not valid: {problem}")
        legacy = mapping(ingress.metadata.get("annotations")).get(_CLASS_ANNOTATION)
        if isinstance(legacy, str) and legacy != name and not state.is_opaque(name) and not state.is_opaque(legacy):
            message = f"the annotation {_CLASS_ANNOTATION} says `{shown(legacy)}`, and ingressClassName says `{shown(name)}`"
            related = (Related("ingressClassName", None, ("spec", "ingressClassName")),)
            yield Violation(("metadata", "annotations", _CLASS_ANNOTATION), message, related=related, fix="Remove the annotation.")


_HOST_FIX = "Write the DNS name alone, in lower case."


def _rule(rule: dict[str, Any], route: Route, relaxed: bool) -> Iterator[Violation]:
    host = rule.get("host")
    if host and isinstance(host, str) and (problem := _host_problem(host, "host")) is not None:
        yield Violation((*route, "host"), problem, fix=_HOST_FIX)
    http = rule.get("http")
    if not isinstance(http, dict):
        return
    for index, path in enumerate(items(http.get("paths"))):
        if isinstance(path, dict):
            yield from _path(path, (*route, "http", "paths", index), relaxed)
    if http.get("paths") == []:
        yield Violation((*route, "http", "paths"), "a rule for HTTP needs at least one path", on="key", fix="Add a path, or remove `http`.")


def _host_problem(host: str, what: str) -> str | None:
    if _LOOKS_LIKE_ADDRESS.match(host) and parse_address(host) is not None:
        return f"{what} `{shown(host)}` is an IP address, and a DNS name is expected"
    if "://" in host:
        return f"{what} `{shown(host)}` is a URL, and a DNS name is expected"
    if ":" in host:
        return f"{what} `{shown(host)}` holds a port, and only the DNS name is expected"
    if "*" not in host:
        problem = dns_subdomain_problem(host)
        return None if problem is None else f"{what} `{shown(host)}` is not a DNS name: {problem}"
    if not host.startswith("*.") or "*" in host[2:]:
        return f"{what} `{shown(host)}` has a `*` that is not its first part alone, as in `*.example.com`"
    problem = dns_subdomain_problem(host[2:])
    return None if problem is None else f"{what} `{shown(host)}` is not a DNS name: {problem}"


_PATH_FIX = "Write a plain path, or use `pathType: ImplementationSpecific`."


def _path(path: dict[str, Any], route: Route, relaxed: bool) -> Iterator[Violation]:
    kind = path.get("pathType")
    value = path.get("path")
    if value is None:
        value = ""
    if isinstance(value, str) and kind in ("Exact", "Prefix", "ImplementationSpecific"):
        if kind == "ImplementationSpecific":
            if value and not value.startswith("/"):
                yield Violation((*route, "path"), f"path `{shown(value)}` does not begin with `/`", fix=f"Write `/{shown(value)}`.")
        elif not value:
            yield Violation(
                (*route, "path"), f"the path is empty, and pathType {kind} needs one that begins with `/`", fix="Write `path: /`."
            )
        elif not value.startswith("/"):
            yield Violation((*route, "path"), f"path `{shown(value)}` does not begin with `/`", fix=f"Write `/{shown(value)}`.")
        elif (found := next((part for part in _SEQUENCES if part in value), None)) is not None:
            yield Violation((*route, "path"), f"path `{shown(value)}` holds `{found}`, which pathType {kind} does not allow", fix=_PATH_FIX)
        elif value.endswith(_ENDS):
            yield Violation(
                (*route, "path"), f"path `{shown(value)}` ends with a dot as its last part, which pathType {kind} does not allow"
            )
    backend = path.get("backend")
    if isinstance(backend, dict):
        yield from _backend(backend, (*route, "backend"), relaxed)


def _backend(backend: dict[str, Any], route: Route, relaxed: bool) -> Iterator[Violation]:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        yield Violation(route, "the backend names both a service and a resource", fix="Keep one of them.", on="key")
    elif isinstance(resource, dict):
        yield from named(resource, "apiGroup", (*route, "resource"), dns_subdomain_problem, empty=False)
        yield from named(resource, "kind", (*route, "resource"), path_segment_problem, empty=False)
        yield from named(resource, "name", (*route, "resource"), path_segment_problem, empty=False)
    elif service and isinstance(service, dict):
        yield from _service(service, (*route, "service"), relaxed)
    elif service is None and resource is None and not {"serviceName", "servicePort"} & backend.keys():
        yield Violation(
            route, "the backend names neither a service nor a resource", on="key", fix="Write `service` with its name and port."
        )


def _service(service: dict[str, Any], route: Route, relaxed: bool) -> Iterator[Violation]:
    name = service.get("name")
    if name == "":
        yield Violation((*route, "name"), "the backend names no service: its name is empty", fix="Write the name of the Service.")
    yield from named(service, "name", route, dns_label_problem if relaxed else dns_1035_label_problem, what="service name")
    port = service.get("port")
    if port is None:
        yield Violation(route, f"the backend names no port of the Service {_quoted(name)}", fix="Add `port` with a `number` or a `name`.")
        return
    if not isinstance(port, dict):
        return
    number, label = port.get("number"), port.get("name")
    if number and label:
        yield Violation((*route, "port"), "the port of the backend has both a name and a number", fix="Keep one of them.", on="key")
    elif label:
        yield from named(port, "name", (*route, "port"), port_name_problem, what="port name")
    elif number:
        if not_port(number):
            yield Violation((*route, "port", "number"), f"{number} is not a port number", fix=f"Write a number between 1 and {MAX_PORT}.")
    elif not (set(port) - {"name", "number"}):
        yield Violation(
            (*route, "port"), "the port of the backend has neither a name nor a number", fix="Write `number` or `name`.", on="key"
        )


def _quoted(name: object) -> str:
    return f"`{shown(name)}`" if isinstance(name, str) else ""


_CONTROLLER_FIX = "Write the name that the documentation of the controller gives, such as `k8s.io/ingress-nginx`."


def ingress_class_problems(ingress_class: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in an IngressClass."""
    spec = ingress_class.spec
    controller = spec.get("controller")
    if controller in (None, "") and isinstance(ingress_class.body.get("spec"), dict):
        yield Violation(("spec", "controller"), f"{ingress_class} names no controller", fix="Name it, such as `example.com/controller`.")
    elif isinstance(controller, str):
        if (problem := qualified_path_problem(controller)) is not None:
            yield Violation(("spec", "controller"), f"controller `{shown(controller)}` is not valid: {problem}", fix=_CONTROLLER_FIX)
        elif len(controller) > _MAX_CONTROLLER:
            yield Violation(("spec", "controller"), f"the controller has {len(controller)} characters, and {_MAX_CONTROLLER} are allowed")
    parameters = spec.get("parameters")
    if not isinstance(parameters, dict):
        return
    route: Route = ("spec", "parameters")
    yield from named(parameters, "apiGroup", route, dns_subdomain_problem, empty=False)
    yield from named(parameters, "kind", route, path_segment_problem, empty=False)
    yield from named(parameters, "name", route, path_segment_problem, empty=False)
    scope = parameters.get("scope") or "Cluster"
    if scope == "Namespace" and parameters.get("namespace") is None:
        yield Violation(route, "the parameters have the scope Namespace and name no namespace", on="key", fix="Add `namespace`.")
    elif scope == "Cluster" and parameters.get("namespace") is not None:
        message = "the parameters name a namespace, and their scope is Cluster"
        yield Violation((*route, "namespace"), message, fix="Write `scope: Namespace`, or remove the namespace.")
    elif scope == "Namespace":
        yield from named(parameters, "namespace", route, dns_label_problem)
