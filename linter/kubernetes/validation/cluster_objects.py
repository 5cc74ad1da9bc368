"""Small objects of the whole cluster: StorageClasses, CSIDrivers, PriorityClasses, RuntimeClasses, APIServices, Leases.

Source: apis/{storage,scheduling,node,coordination}/validation of Kubernetes, and `ValidateAPIService` of kube-aggregator.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.syntax import key_problem
from linter.kubernetes.scalars.names import dns_1035_label_problem, dns_label_problem, dns_subdomain_problem
from linter.kubernetes.scalars.quantities import parse_quantity
from linter.kubernetes.validation.values import named, not_port, qualified_name_problem, whole
from linter.model import DesiredState, Resource, Route, Violation, items, mapping
from linter.wording import shown

HIGHEST_PRIORITY = 1_000_000_000
_SYSTEM_CLASSES = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
_CONTAINER_RESOURCES = frozenset({"cpu", "memory", "ephemeral-storage"})
_MOST_PARAMETERS = 512
_SHORTEST_TOKEN, _LONGEST_TOKEN = 600, 2**32


def storage_class_problems(storage_class: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a StorageClass or VolumeAttributesClass."""
    body = storage_class.body
    field = "provisioner" if storage_class.type == "StorageClass" else "driverName"
    name = body.get(field)
    if name == "":
        yield Violation((field,), f"{field} is empty", fix="Name the driver, such as `ebs.csi.aws.com`.")
    elif isinstance(name, str) and (problem := qualified_name_problem(name.lower())) is not None:
        yield Violation((field,), f"{field} `{shown(name)}` is not valid: {problem}")
    parameters = body.get("parameters")
    if storage_class.type == "VolumeAttributesClass" and not parameters and not isinstance(parameters, (str, list)):
        yield Violation(("parameters",), f"{storage_class} has no parameters", fix="Write at least one.", on="key")
    if isinstance(parameters, dict):
        if "" in parameters:
            yield Violation(("parameters",), "a parameter has an empty name", on="key")
        if len(parameters) > _MOST_PARAMETERS:
            yield Violation(("parameters",), f"{len(parameters)} parameters are set, and {_MOST_PARAMETERS} are allowed", on="key")
    terms = items(body.get("allowedTopologies"))
    for index, term in enumerate(terms):
        if term in terms[:index]:
            yield Violation(("allowedTopologies", index), "the same topology is listed before", fix="Remove it.")
        yield from _topology(mapping(term), ("allowedTopologies", index, "matchLabelExpressions"))


def _topology(term: dict[str, Any], route: Route) -> Iterator[Violation]:
    seen: set[str] = set()
    for index, expression in enumerate(items(term.get("matchLabelExpressions"))):
        if not isinstance(expression, dict):
            continue
        key, values = expression.get("key"), expression.get("values")
        if isinstance(key, str):
            if (problem := key_problem(key)) is not None:
                yield Violation((*route, index, "key"), f"`{shown(key)}` is not the key of a label: {problem}")
            if key in seen:
                yield Violation((*route, index, "key"), f"the key `{shown(key)}` is used twice", fix="Merge the values into one list.")
            seen.add(key)
        if values == []:
            yield Violation((*route, index, "values"), "the list of values is empty", on="key")
        texts = [value for value in items(values) if isinstance(value, str)]
        if len(set(texts)) < len(texts):
            twice = next(value for place, value in enumerate(texts) if value in texts[:place])
            yield Violation((*route, index, "values"), f"the value `{shown(twice)}` is listed twice", fix="Remove it.")


def driver_problems(driver: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a CSIDriver."""
    audiences: set[str] = set()
    for index, request in enumerate(items(driver.spec.get("tokenRequests"))):
        if not isinstance(request, dict):
            continue
        audience = request.get("audience")
        if isinstance(audience, str):
            if audience in audiences:
                yield Violation(("spec", "tokenRequests", index), f"two tokens are requested for the audience `{shown(audience)}`")
            audiences.add(audience)
        seconds = whole(request.get("expirationSeconds"))
        if seconds is not None and not _SHORTEST_TOKEN <= seconds <= _LONGEST_TOKEN:
            message = f"the token lives {seconds} seconds, and must live at least {_SHORTEST_TOKEN}, at most 2^32"
            yield Violation(("spec", "tokenRequests", index, "expirationSeconds"), message)


def priority_class_problems(priority: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a PriorityClass."""
    value, name = whole(priority.body.get("value")), priority.name
    if name.startswith("system-"):
        if name not in _SYSTEM_CLASSES:
            yield Violation(
                ("metadata", "name"), "names that begin with `system-` are reserved for the priority classes of Kubernetes itself"
            )
        elif value is not None and value != _SYSTEM_CLASSES[name]:
            yield Violation(("value",), f"the value of {name} is {_SYSTEM_CLASSES[name]}, and cannot be {value}")
        elif priority.body.get("globalDefault") is True:
            yield Violation(("globalDefault",), f"{name} cannot be the default of all pods")
    elif value is not None and value > HIGHEST_PRIORITY:
        yield Violation(
            ("value",),
            f"the value is {value}, and {HIGHEST_PRIORITY} is the highest allowed",
            fix=f"Write a number up to {HIGHEST_PRIORITY}: higher ones belong to Kubernetes.",
        )


def runtime_class_problems(runtime: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a RuntimeClass."""
    handler = runtime.body.get("handler")
    if isinstance(handler, str) and (problem := dns_label_problem(handler)) is not None:
        yield Violation(("handler",), f"handler `{shown(handler)}` is not valid: {problem}")
    for name, value in mapping(mapping(runtime.body.get("overhead")).get("podFixed")).items():
        amount = parse_quantity(value)
        if "/" not in name and name not in _CONTAINER_RESOURCES and not name.startswith("hugepages-"):
            yield Violation(("overhead", "podFixed", name), f"`{shown(name)}` is not a resource of containers", on="key")
        elif amount is not None and amount < 0:
            yield Violation(
                ("overhead", "podFixed", name), f"the overhead of {name} is {value}, and cannot be negative", fix="Write 0 or more."
            )


def api_service_problems(service: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in an APIService."""
    spec = service.spec
    group, version = spec.get("group"), spec.get("version")
    if (
        isinstance(version, str)
        and isinstance(group, str | None)
        and version
        and not any(map(state.is_opaque, (service.name, group, version)))
    ):
        expected = f"{version}.{group or ''}"
        if service.name and service.name != expected:
            yield Violation(("metadata", "name"), f"the name of this APIService must be its version and group, `{expected}`")
    if isinstance(group, str) and group:
        yield from named(spec, "group", ("spec",), dns_subdomain_problem)
    if isinstance(version, str) and (problem := dns_1035_label_problem(version)) is not None:
        yield Violation(("spec", "version"), f"version `{shown(version)}` is not valid: {problem}")
    for field, most in (("groupPriorityMinimum", 20_000), ("versionPriority", 1_000)):
        number = whole(spec.get(field))
        if number is not None and not 0 < number <= most:
            yield Violation(
                ("spec", field), f"{field} is {number}, and must be between 1 and {most}", fix=f"Write a number between 1 and {most}."
            )
    target = spec.get("service")
    if target is None:
        for field in ("caBundle", "insecureSkipTLSVerify"):
            if spec.get(field):
                yield Violation(("spec", field), f"{field} is allowed only with a service", on="key")
    elif isinstance(target, dict):
        for field in ("namespace", "name"):
            if not target.get(field):
                yield Violation(("spec", "service", field), f"the service has no {field}", on="key")
        if not_port(target.get("port")):
            yield Violation(("spec", "service", "port"), f"{target['port']} is not a port number")
        if spec.get("insecureSkipTLSVerify") is True and spec.get("caBundle"):
            yield Violation(("spec", "insecureSkipTLSVerify"), "insecureSkipTLSVerify and caBundle exclude each other", on="key")


def lease_problems(lease: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a Lease."""
    spec = lease.spec
    seconds = whole(spec.get("leaseDurationSeconds"))
    if seconds is not None and seconds < 1:
        yield Violation(("spec", "leaseDurationSeconds"), f"leaseDurationSeconds is {seconds}, and must be at least 1")
    changes = whole(spec.get("leaseTransitions"))
    if changes is not None and changes < 0:
        yield Violation(("spec", "leaseTransitions"), f"leaseTransitions is {changes}, and cannot be negative")
