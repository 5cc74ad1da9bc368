"""HorizontalPodAutoscalers. Source: `ValidateHorizontalPodAutoscaler` in apis/autoscaling/validation, after the defaults of v1 and v2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.names import dns_label_problem, path_segment_problem
from linter.kubernetes.scalars.quantities import parse_quantity
from linter.kubernetes.validation.values import named, whole
from linter.model import DesiredState, Resource, Route, Violation, items, mapping
from linter.wording import shown

_SOURCES = {
    "Object": "object", "Pods": "pods", "Resource": "resource", "External": "external", "ContainerResource": "containerResource",
}  # fmt: skip
_RESOURCES = frozenset({"cpu", "memory", "ephemeral-storage"})
_MAX_WINDOW = 3600
_MAX_PERIOD = 1800


def autoscaler_problems(autoscaler: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a HorizontalPodAutoscaler."""
    spec = autoscaler.spec
    least, most = whole(spec.get("minReplicas")), whole(spec.get("maxReplicas"))
    if most is not None:
        if most < 1:
            yield Violation(("spec", "maxReplicas"), f"maxReplicas is {most}, and must be at least 1", fix="Write 1 or more.")
        elif most < (1 if least is None else least):
            yield Violation(
                ("spec", "maxReplicas"),
                f"maxReplicas is {most}, and minReplicas is {least}",
                fix="Raise maxReplicas, or lower minReplicas.",
            )
    metrics = items(spec.get("metrics"))
    if least is not None and least < 1:
        yield _too_few(least, metrics)
    target = spec.get("scaleTargetRef")
    if isinstance(target, dict) and not state.is_opaque(target.get("kind")):
        yield from _reference(target, ("spec", "scaleTargetRef"))
        version = target.get("apiVersion")
        if (
            isinstance(version, str | None)
            and "/" not in (version or "")
            and target.get("kind") != "ReplicationController"
            and isinstance(target.get("kind"), str)
        ):
            message = f"scaleTargetRef names no API group, and {target['kind']} is in one"
            yield Violation(
                ("spec", "scaleTargetRef", "apiVersion"), message, fix="Write `apiVersion: apps/v1` for the kinds of that group."
            )
    if autoscaler.api_version == "autoscaling/v2":
        for index, metric in enumerate(metrics):
            if isinstance(metric, dict):
                yield from _metric(metric, ("spec", "metrics", index))
        behavior = spec.get("behavior")
        if isinstance(behavior, dict):
            for direction in ("scaleUp", "scaleDown"):
                if isinstance(behavior.get(direction), dict):
                    yield from _scaling(behavior[direction], ("spec", "behavior", direction))
    utilization = whole(spec.get("targetCPUUtilizationPercentage"))
    if utilization is not None and utilization < 1:
        yield Violation(
            ("spec", "targetCPUUtilizationPercentage"),
            f"the target utilization is {utilization}, and must be at least 1",
            fix="Write 1 or more.",
        )


def _too_few(least: int, metrics: list[Any]) -> Violation:
    if least == 0 and any(mapping(metric).get("type") in ("Object", "External") for metric in metrics):
        message = "minReplicas is 0, which the API server refuses unless its feature gate HPAScaleToZero is on"
        return Violation(("spec", "minReplicas"), message, severity="warning", fix="Write 1, or let KEDA scale to zero.")
    return Violation(("spec", "minReplicas"), f"minReplicas is {least}, and must be at least 1", fix="Write 1 or more.")


def _reference(target: dict[str, Any], route: Route) -> Iterator[Violation]:
    for field in ("kind", "name"):
        if target.get(field) == "":
            yield Violation((*route, field), f"{field} is empty")
        yield from named(target, field, route, path_segment_problem)
    version = target.get("apiVersion")
    if isinstance(version, str) and version.count("/") > 1:
        yield Violation((*route, "apiVersion"), f"`{version}` is no apiVersion: it has more than one `/`")


def _metric(metric: dict[str, Any], route: Route) -> Iterator[Violation]:
    kind = metric.get("type")
    expected = _SOURCES.get(kind) if isinstance(kind, str) else None
    if expected is None:
        return
    if metric.get(expected) is None:
        yield Violation(route, f"a metric of type {kind} needs the field `{expected}`", fix=f"Write `{expected}`, or another type.")
    for field in _SOURCES.values():
        if field != expected and metric.get(field) is not None:
            yield Violation(
                (*route, field), f"a metric of type {kind} has no field `{field}`", on="key", fix="Make a metric of its own of it."
            )
    source = metric.get(expected)
    if not isinstance(source, dict):
        return
    place = (*route, expected)
    identifier = source.get("metric")
    if isinstance(identifier, dict):
        if identifier.get("name") == "":
            yield Violation((*place, "metric", "name"), "the name of the metric is empty")
        yield from named(identifier, "name", (*place, "metric"), path_segment_problem, what="metric name")
    if expected == "object" and isinstance(source.get("describedObject"), dict):
        yield from _reference(source["describedObject"], (*place, "describedObject"))
    if expected in ("resource", "containerResource") and source.get("name") == "":
        yield Violation((*place, "name"), "the name of the resource is empty")
    if expected == "containerResource":
        yield from named(source, "container", place, dns_label_problem)
        name = source.get("name")
        if isinstance(name, str) and name and name not in _RESOURCES and "/" not in name and not name.startswith("hugepages-"):
            yield Violation((*place, "name"), f"`{shown(name)}` is not a resource of containers", fix="Write `cpu` or `memory`.")
    target = source.get("target")
    if target and isinstance(target, dict):
        yield from _target(target, expected, (*place, "target"))


def _target(target: dict[str, Any], source: str, route: Route) -> Iterator[Violation]:
    for field in ("value", "averageValue"):
        quantity = parse_quantity(target[field]) if target.get(field) is not None else None
        if quantity is not None and quantity <= 0:
            yield Violation((*route, field), f"{field} is {target[field]}, and must be more than 0", fix="Write a positive number.")
    utilization = whole(target.get("averageUtilization"))
    if utilization is not None and utilization < 1:
        yield Violation(
            (*route, "averageUtilization"), f"averageUtilization is {utilization}, and must be at least 1", fix="Write 1 or more."
        )
    single, average, share = (target.get(field) is not None for field in ("value", "averageValue", "averageUtilization"))
    if source in ("resource", "containerResource"):
        if not average and not share:
            message = "the target of a resource needs averageUtilization or averageValue"
            yield Violation(route, message + (", and `value` is ignored" if single else ""), fix=_RESOURCE_FIX)
        elif average and share:
            yield Violation(
                (*route, "averageValue"), "averageUtilization and averageValue exclude each other", on="key", fix="Keep one of them."
            )
    elif source == "pods":
        if not average:
            yield Violation(
                route, "the target of a metric of pods needs averageValue", fix="Write `type: AverageValue` and `averageValue`."
            )
    elif not single and not average:
        yield Violation(route, "the target needs value or averageValue", fix="Write `value` or `averageValue`.")
    elif source == "external" and single and average:
        yield Violation((*route, "value"), "value and averageValue exclude each other", on="key", fix="Keep one of them.")


_RESOURCE_FIX = "Write `type: Utilization` and `averageUtilization`, or `type: AverageValue` and `averageValue`."


def _scaling(rules: dict[str, Any], route: Route) -> Iterator[Violation]:
    window = whole(rules.get("stabilizationWindowSeconds"))
    if window is not None and not 0 <= window <= _MAX_WINDOW:
        message = f"the window is {window} seconds, and must be between 0 and {_MAX_WINDOW}"
        yield Violation((*route, "stabilizationWindowSeconds"), message, fix=f"Write a number up to {_MAX_WINDOW}.")
    if rules.get("policies") == []:
        yield Violation(
            (*route, "policies"), "the list of policies is empty", fix="Remove it to get the defaults, or write a policy.", on="key"
        )
    for index, policy in enumerate(items(rules.get("policies"))):
        if not isinstance(policy, dict):
            continue
        place = (*route, "policies", index)
        value, period = whole(policy.get("value")), whole(policy.get("periodSeconds"))
        if value is not None and value < 1:
            yield Violation(
                (*place, "value"), f"value is {value}, and must be at least 1", fix="To forbid scaling write `selectPolicy: Disabled`."
            )
        if period is not None and not 0 < period <= _MAX_PERIOD:
            yield Violation((*place, "periodSeconds"), f"periodSeconds is {period}, and must be between 1 and {_MAX_PERIOD}")
    tolerance = parse_quantity(rules["tolerance"]) if rules.get("tolerance") is not None else None
    if tolerance is not None and tolerance < 0:
        yield Violation((*route, "tolerance"), f"tolerance is {rules['tolerance']}, and cannot be negative")
