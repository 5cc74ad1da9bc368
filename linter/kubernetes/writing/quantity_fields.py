"""Where quantities stand in the objects of Kubernetes. Source: the fields of type resource.Quantity in k8s.io/api 0.36."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from linter.kubernetes.pods import POD_TYPES, pod_template
from linter.kubernetes.scalars.quantities import NANOS, has_number, parse_quantity
from linter.model import DesiredState, Resource, Route, dig, items, mapping

SIZES = frozenset({"memory", "ephemeral-storage", "storage"})
"""The resources that are counted in bytes."""

LEAST_BYTES = 1024 * 1024
"""No container starts with less memory than this, and no volume is as small."""

_TYPES = POD_TYPES | {"PersistentVolumeClaim", "PersistentVolume", "ResourceQuota", "LimitRange", "HorizontalPodAutoscaler", "RuntimeClass"}
_LISTS = ("limits", "requests")
_RANGES = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")


def quantities_of(resource: Resource) -> Iterator[tuple[Route, str, Any]]:
    """Every quantity of an object: its route, the resource it is an amount of ("memory", or "" where that is not said), its value."""
    if resource.type in POD_TYPES:
        yield from _of_pod(resource)
    elif resource.type == "PersistentVolumeClaim":
        yield from _of_claim(resource.body.get("spec"), ("spec",))
    elif resource.type == "PersistentVolume":
        yield from _of_list(resource.spec.get("capacity"), ("spec", "capacity"))
    elif resource.type == "ResourceQuota":
        yield from _of_list(resource.spec.get("hard"), ("spec", "hard"))
    elif resource.type == "LimitRange":
        for index, entry in enumerate(items(resource.spec.get("limits"))):
            for field in _RANGES:
                amounts = mapping(entry).get(field)
                # A ratio is a number, of whatever it is the ratio.
                for route, name, value in _of_list(amounts, ("spec", "limits", index, field)):
                    yield route, "" if field == "maxLimitRequestRatio" else name, value
    elif resource.type == "HorizontalPodAutoscaler":
        yield from _of_autoscaler(resource.spec)
    elif resource.type == "RuntimeClass":
        yield from _of_list(dig(resource.body, "overhead", "podFixed"), ("overhead", "podFixed"))


def doubtful_quantities(state: DesiredState) -> dict[int, list[tuple[Route, str, Any]]]:
    """The quantities of a state that are none, or that may mean something else than they say, by the `id` of their objects.

    Nearly all are neither, so a rule that asks here has nothing to do for nearly all objects.
    """
    return state.derive(_doubtful)


def _doubtful(state: DesiredState) -> dict[int, list[tuple[Route, str, Any]]]:
    found: dict[int, list[tuple[Route, str, Any]]] = {}
    for resource in state.resources:
        if resource.type in _TYPES:
            doubtful = [entry for entry in quantities_of(resource) if _is_doubtful(entry[1], entry[2])]
            if doubtful:
                found[id(resource)] = doubtful
    return found


def _is_doubtful(name: str, value: object) -> bool:
    return _judge(name, value) if isinstance(value, str | int | float) else value is not None


@lru_cache(maxsize=4096, typed=True)
def _judge(name: str, value: object) -> bool:
    amount = parse_quantity(value)
    if amount is None or not has_number(value):
        return True
    if name == "cpu":
        return amount >= NANOS
    return name in SIZES and (amount % NANOS != 0 or amount < LEAST_BYTES * NANOS)


def _of_pod(resource: Resource) -> Iterator[tuple[Route, str, Any]]:
    pod = pod_template(resource)
    if pod is not None:
        spec, route = pod.spec, pod.spec_route
        for field in ("containers", "initContainers"):
            for index, container in enumerate(items(spec.get(field))):
                if isinstance(container, dict):
                    if container.get("resources"):
                        yield from _of_claim(container, (*route, field, index))
                    yield from _divisors(container.get("env"), (*route, field, index))
        if spec.get("resources"):
            yield from _of_claim(spec, route)
        if spec.get("overhead"):
            yield from _of_list(spec["overhead"], (*route, "overhead"))
        for index, volume in enumerate(items(spec.get("volumes"))):
            if not isinstance(volume, dict):
                continue
            limit = dig(volume, "emptyDir", "sizeLimit") if "emptyDir" in volume else None
            if limit is not None:
                yield (*route, "volumes", index, "emptyDir", "sizeLimit"), "ephemeral-storage", limit
            for kind in ("downwardAPI", "projected"):
                if volume.get(kind) is not None:
                    yield from _file_divisors(volume[kind], (*route, "volumes", index, kind))
            if volume.get("ephemeral") is not None:
                inner = ("ephemeral", "volumeClaimTemplate", "spec")
                yield from _of_claim(dig(volume, *inner), (*route, "volumes", index, *inner))
    if resource.type == "StatefulSet":
        for index, claim in enumerate(items(resource.spec.get("volumeClaimTemplates"))):
            yield from _of_claim(dig(claim, "spec"), ("spec", "volumeClaimTemplates", index, "spec"))


def _of_claim(owner: object, route: Route) -> Iterator[tuple[Route, str, Any]]:
    """The amounts in `resources` of a container, pod or claim."""
    resources = mapping(mapping(owner).get("resources"))
    for field in _LISTS:
        amounts = resources.get(field)
        if amounts:
            yield from _of_list(amounts, (*route, "resources", field))


def _of_list(amounts: object, route: Route) -> Iterator[tuple[Route, str, Any]]:
    for name, value in mapping(amounts).items():
        yield (*route, name), str(name), value


def _divisors(env: object, route: Route) -> Iterator[tuple[Route, str, Any]]:
    for index, entry in enumerate(items(env)):
        source = entry.get("valueFrom") if isinstance(entry, dict) else None
        if isinstance(source, dict) and "resourceFieldRef" in source:
            divisor = dig(source, "resourceFieldRef", "divisor")
            if divisor is not None:
                yield (*route, "env", index, "valueFrom", "resourceFieldRef", "divisor"), "", divisor


def _file_divisors(source: object, route: Route) -> Iterator[tuple[Route, str, Any]]:
    """The divisors in a volume of the downward API, or in the parts of a projected volume."""
    for index, item in enumerate(items(mapping(source).get("items"))):
        divisor = dig(item, "resourceFieldRef", "divisor")
        if divisor is not None:
            yield (*route, "items", index, "resourceFieldRef", "divisor"), "", divisor
    for index, part in enumerate(items(mapping(source).get("sources"))):
        if isinstance(part, dict) and part.get("downwardAPI") is not None:
            yield from _file_divisors(part["downwardAPI"], (*route, "sources", index, "downwardAPI"))


def _of_autoscaler(spec: dict[str, Any]) -> Iterator[tuple[Route, str, Any]]:
    for index, metric in enumerate(items(spec.get("metrics"))):
        for kind in ("resource", "containerResource", "pods", "object", "external"):
            target = mapping(dig(metric, kind, "target"))
            for field in ("value", "averageValue"):
                if target.get(field) is not None:
                    yield ("spec", "metrics", index, kind, "target", field), "", target[field]
