from typing import Any

from linter.kubernetes.labels.selectors import misspelt_key
from linter.kubernetes.workloads.pod_index import templates_in
from linter.kubernetes.workloads.services import PodsElsewhere, pods_of
from linter.model import DesiredState, Node, PodTemplate, Related, Resource, Violation, mapping, strings
from linter.model.findings import Severity


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    service = node.resource
    answer = pods_of(state, service)
    if isinstance(answer, PodsElsewhere) or answer:
        return None
    selector = strings(service.spec.get("selector"))
    where = f" in namespace `{service.declared_namespace}`" if service.declared_namespace else ""
    closest = _closest(state, service.namespace, selector)
    severity: Severity = "warning" if _is_meant(closest, state, service) else "info"
    if closest is None:
        words = ", ".join(f"{key}: {value}" for key, value in selector.items())
        return Violation(("spec", "selector"), f"no pod template{where} has the labels `{words}`", severity=severity)
    pod, missing = closest
    key = missing[0]
    value = mapping(mapping(pod.body.get("metadata")).get("labels")).get(key)
    has = f"has `{key}: {value}`" if value is not None else f"has no label `{key}`"
    return Violation(
        ("spec", "selector", key) if len(missing) < len(selector) else ("spec", "selector"),
        f"no pod template{where} matches the selector; {pod.resource} comes closest, but {has}, not `{key}: {selector[key]}`",
        related=(Related("the labels of its pod template", pod.resource, (*pod.route, "metadata", "labels")),),
        severity=severity,
    )


def _is_meant(closest: tuple[PodTemplate, list[str]] | None, state: DesiredState, service: Resource) -> bool:
    """Whether the Service is evidently about pods of this state: a template almost fits, or a workload has its name."""
    almost = closest is not None and len(closest[1]) == 1
    return almost or any(pod.resource.name == service.name for pod in templates_in(state, service.namespace))


def _closest(state: DesiredState, namespace: str, selector: dict[str, str]) -> tuple[PodTemplate, list[str]] | None:
    """The template that misses the fewest of the pairs, with the keys it misses, if it shares any pair."""
    best: tuple[PodTemplate, list[str]] | None = None
    for pod in templates_in(state, namespace):
        labels = pod.labels
        missing = [key for key, value in selector.items() if labels.get(key) != value]
        if len(missing) < len(selector) and (best is None or len(missing) < len(best[1])):
            best = (pod, missing)
    return best or _misspelt(state, namespace, selector)


def _misspelt(state: DesiredState, namespace: str, selector: dict[str, str]) -> tuple[PodTemplate, list[str]] | None:
    """The first template with nearly a value of the selector, and the keys of the selector, that one first."""
    for pod in templates_in(state, namespace):
        if (key := misspelt_key(selector, pod.labels)) is not None:
            return pod, [key, *(other for other in selector if other != key)]
    return None
