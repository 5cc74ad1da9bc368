"""ResourceQuotas and LimitRanges. Source: `ValidateResourceQuotaSpec` and `ValidateLimitRange` in apis/core/validation, and the
tables of apis/core/helper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.syntax import key_problem
from linter.kubernetes.scalars.quantities import NANOS, parse_quantity
from linter.model import DesiredState, Resource, Route, Violation, items, mapping
from linter.wording import shown

_COMPUTE = frozenset({"cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"})
_COUNTED = frozenset({
    "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims",
    "services.nodeports", "services.loadbalancers",
})  # fmt: skip
_QUOTAS = _COMPUTE | _COUNTED | {"ephemeral-storage", "requests.ephemeral-storage", "limits.ephemeral-storage", "requests.storage"}
_CONTAINER = frozenset({"cpu", "memory", "ephemeral-storage"})
_POD_SCOPES = frozenset({"Terminating", "NotTerminating", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"})
_NO_VALUES = frozenset({"BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"})
_OPPOSITES = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))


def quota_problems(quota: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a ResourceQuota."""
    spec = quota.spec
    hard = mapping(spec.get("hard"))
    for name, value in hard.items():
        route: Route = ("spec", "hard", name)
        if "/" not in name:
            if not _standard(name):
                yield Violation(route, f"`{shown(name)}` is not a resource that a quota can limit", fix=_quota_fix(name), on="key")
                continue
        elif (problem := key_problem(name)) is not None:
            yield Violation(route, f"`{shown(name)}` is not the name of a resource: {problem}", on="key")
            continue
        amount = parse_quantity(value)
        if amount is not None and amount < 0:
            yield Violation(route, f"the limit of {name} is {value}, and cannot be negative", fix="Write 0 or more.")
        elif amount is not None and amount % NANOS and (name in _COUNTED or _extended(name)):
            yield Violation(
                route, f"the limit of {name} is {value}, and such things are counted in whole numbers", fix="Write a whole number."
            )
    scopes = items(spec.get("scopes"))
    for index, scope in enumerate(scopes):
        yield from _scope(scope, hard, ("spec", "scopes", index))
    yield from _opposites(scopes, ("spec", "scopes"))
    expressions = items(mapping(spec.get("scopeSelector")).get("matchExpressions"))
    for index, expression in enumerate(expressions):
        if isinstance(expression, dict):
            yield from _expression(expression, hard, ("spec", "scopeSelector", "matchExpressions", index))
    names = [expression.get("scopeName") for expression in expressions if isinstance(expression, dict)]
    yield from _opposites(names, ("spec", "scopeSelector", "matchExpressions"))


def _extended(name: str) -> bool:
    """Whether a name is that of an extended resource to the API server, which `count/jobs.batch` is as well."""
    return "/" in name and "kubernetes.io/" not in name and not name.startswith("requests.")


def _standard(name: str) -> bool:
    return name in _QUOTAS or name.startswith(("hugepages-", "requests.hugepages-"))


def _quota_fix(name: str) -> str:
    if name in ("storage", "gpu", "nvidia.com"):
        return f"Write `requests.{name}`."
    if "." in name:
        return f"To limit how many objects there are, write `count/{name}`."
    return f"To limit how many objects there are, write `count/{name}.GROUP`, such as `count/deployments.apps`."


def _scope(scope: object, hard: dict[str, Any], route: Route) -> Iterator[Violation]:
    if not isinstance(scope, str):
        return
    if scope == "BestEffort":
        misplaced = next((name for name in hard if _standard(name) and name != "pods"), None)
    elif scope in _POD_SCOPES:
        misplaced = next((name for name in hard if _standard(name) and name != "pods" and name not in _COMPUTE), None)
    elif scope == "VolumeAttributesClass":
        misplaced = next((name for name in hard if _standard(name) and name not in ("persistentvolumeclaims", "requests.storage")), None)
    else:
        return
    if misplaced is not None:
        yield Violation(
            route, f"a quota of the scope {scope} cannot limit {misplaced}", fix="Make a quota of its own of it, without the scope."
        )


def _opposites(scopes: list[Any], route: Route) -> Iterator[Violation]:
    for one, other in _OPPOSITES:
        if one in scopes and other in scopes:
            yield Violation((*route, scopes.index(other)), f"the scopes {one} and {other} exclude each other", fix="Keep one of them.")


def _expression(expression: dict[str, Any], hard: dict[str, Any], route: Route) -> Iterator[Violation]:
    scope, operator, values = expression.get("scopeName"), expression.get("operator"), expression.get("values")
    yield from _scope(scope, hard, (*route, "scopeName"))
    if isinstance(scope, str) and scope in _NO_VALUES and operator in ("In", "NotIn", "DoesNotExist"):
        yield Violation((*route, "operator"), f"the scope {scope} takes the operator Exists only")
    elif operator in ("In", "NotIn") and not values:
        yield Violation(route, f"the operator {operator} needs at least one value")
    elif operator in ("Exists", "DoesNotExist") and values:
        yield Violation((*route, "values"), f"the operator {operator} takes no values", on="key", fix="Remove `values`.")


def limit_range_problems(limits: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a LimitRange."""
    seen: set[str] = set()
    for index, limit in enumerate(items(limits.spec.get("limits"))):
        if not isinstance(limit, dict):
            continue
        route: Route = ("spec", "limits", index)
        kind = limit.get("type")
        if isinstance(kind, str):
            if kind in seen:
                yield Violation((*route, "type"), f"a second entry has the type {kind}", fix="Merge the two entries.")
            seen.add(kind)
            if "/" not in kind and kind not in ("Pod", "Container", "PersistentVolumeClaim"):
                yield Violation((*route, "type"), f"`{shown(kind)}` is not one of Container, Pod and PersistentVolumeClaim")
            yield from _limit(limit, kind, route)


_BOUNDS = ("min", "max", "default", "defaultRequest", "maxLimitRequestRatio")
# Pairs of fields of which the first may not be larger than the second.
_ORDERED = (
    ("min", "max"),
    ("min", "defaultRequest"),
    ("defaultRequest", "max"),
    ("defaultRequest", "default"),
    ("min", "default"),
    ("default", "max"),
)


def _limit(limit: dict[str, Any], kind: str, route: Route) -> Iterator[Violation]:
    if kind == "Pod":
        for field in ("default", "defaultRequest"):
            if limit.get(field):
                yield Violation(
                    (*route, field), f"limits of type Pod have no {field}", on="key", fix="Write it in an entry of type Container."
                )
    readable = all(isinstance(limit.get(field), dict | None) for field in ("min", "max"))
    if kind == "PersistentVolumeClaim" and readable and not any("storage" in mapping(limit.get(field)) for field in ("min", "max")):
        yield Violation(route, "limits of type PersistentVolumeClaim need min.storage or max.storage", fix="Add one of them.")
    bounds = {field: mapping(limit.get(field)) for field in _BOUNDS if not (kind == "Pod" and field.startswith("default"))}
    for field, resources in bounds.items():
        for name in resources:
            if kind in ("Pod", "Container") and "/" not in name and name not in _CONTAINER and not name.startswith("hugepages-"):
                yield Violation((*route, field, name), f"`{shown(name)}` is not a resource of containers", on="key")
            elif kind not in ("Pod", "Container") and "/" not in name and name != "storage" and not _standard(name):
                yield Violation((*route, field, name), f"`{shown(name)}` is not a resource", on="key")
    for name in {name for resources in bounds.values() for name in resources}:
        yield from _compare(name, {field: resources[name] for field, resources in bounds.items() if name in resources}, route)


def _compare(name: str, written: dict[str, Any], route: Route) -> Iterator[Violation]:
    amounts = {field: amount for field, value in written.items() if (amount := parse_quantity(value)) is not None}
    for low, high in _ORDERED:
        if low in amounts and high in amounts and amounts[low] > amounts[high]:
            place = low if low != "min" or high == "max" else high
            yield Violation(
                (*route, place, name),
                f"{low} of {name} is {written[low]}, and {high} is {written[high]}",
                fix="Put them in order: min, defaultRequest, default, max.",
            )
            return
    ratio = amounts.get("maxLimitRequestRatio")
    if ratio is None:
        return
    if ratio < NANOS:
        yield Violation(
            (*route, "maxLimitRequestRatio", name), f"the ratio of {name} is {written['maxLimitRequestRatio']}, and must be at least 1"
        )
    elif amounts.get("min", 0) > 0 and "max" in amounts and ratio * amounts["min"] > amounts["max"] * NANOS:
        most = amounts["max"] / amounts["min"]
        message = f"the ratio of {name} is {written['maxLimitRequestRatio']}, and max / min allow no more than {most:.4g}"
        yield Violation((*route, "maxLimitRequestRatio", name), message)
