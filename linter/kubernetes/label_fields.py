"""Where objects hold labels, annotations, node labels and label selectors.

Source: the API reference of the built-in kinds. Of custom resources only `metadata` and the pod templates that
`linter.kubernetes.pods` knows are read: what else they call a selector is their own affair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from linter.kubernetes.pods import pod_template
from linter.model import PodTemplate, Resource, Route, dig, items, mapping

Use = Literal["label", "annotation", "selector", "node selector"]


@dataclass(frozen=True, slots=True)
class LabelMap:
    """A mapping of label or annotation keys to values, its route in the object, and what it is for."""

    route: Route
    pairs: dict[str, Any]
    use: Use


@dataclass(frozen=True, slots=True)
class SelectorField:
    """A LabelSelector as it stands in an object, and its route."""

    route: Route
    selector: dict[str, Any]


# Routes of LabelSelectors by type; "*" stands for each item of a list.
_SELECTORS: dict[str, tuple[tuple[str, ...], ...]] = {
    "Deployment": (("spec", "selector"),),
    "StatefulSet": (("spec", "selector"), ("spec", "volumeClaimTemplates", "*", "spec", "selector")),
    "DaemonSet": (("spec", "selector"),),
    "ReplicaSet": (("spec", "selector"),),
    "Job": (("spec", "selector"),),
    "argoproj.io/Rollout": (("spec", "selector"),),
    "PodDisruptionBudget": (("spec", "selector"),),
    "PersistentVolumeClaim": (("spec", "selector"),),
    "NetworkPolicy": (
        ("spec", "podSelector"),
        ("spec", "ingress", "*", "from", "*", "podSelector"),
        ("spec", "ingress", "*", "from", "*", "namespaceSelector"),
        ("spec", "egress", "*", "to", "*", "podSelector"),
        ("spec", "egress", "*", "to", "*", "namespaceSelector"),
    ),
    "ClusterRole": (("aggregationRule", "clusterRoleSelectors", "*"),),
    "MutatingWebhookConfiguration": (("webhooks", "*", "namespaceSelector"), ("webhooks", "*", "objectSelector")),
    "ValidatingWebhookConfiguration": (("webhooks", "*", "namespaceSelector"), ("webhooks", "*", "objectSelector")),
}

_POD_SELECTORS: tuple[tuple[str, ...], ...] = (
    ("topologySpreadConstraints", "*", "labelSelector"),
    ("volumes", "*", "ephemeral", "volumeClaimTemplate", "spec", "selector"),
    *(
        ("affinity", kind, *term, field)
        for kind in ("podAffinity", "podAntiAffinity")
        for term in (
            ("requiredDuringSchedulingIgnoredDuringExecution", "*"),
            ("preferredDuringSchedulingIgnoredDuringExecution", "*", "podAffinityTerm"),
        )
        for field in ("labelSelector", "namespaceSelector")
    ),
)


def label_selectors(resource: Resource) -> Iterator[SelectorField]:
    """Every LabelSelector of an object, those of its pod template included."""
    for pattern in _SELECTORS.get(resource.type, ()):
        yield from _selectors_at(resource.body, pattern, ())
    pod = pod_template(resource)
    if pod is not None:
        for pattern in _POD_SELECTORS:
            if pattern[0] in pod.spec:
                yield from _selectors_at(pod.spec, pattern, pod.spec_route)


def label_maps(resource: Resource) -> Iterator[LabelMap]:
    """Every mapping of label keys, annotation keys or node label keys to values in an object."""
    yield from _metadata_maps(resource.body, ())
    pod = pod_template(resource)
    if pod is not None:
        yield from _pod_maps(pod)
    if resource.type == "CronJob":
        yield from _metadata_maps(dig(resource.body, "spec", "jobTemplate"), ("spec", "jobTemplate"))
    elif resource.type == "StatefulSet":
        for index, claim in enumerate(items(resource.spec.get("volumeClaimTemplates"))):
            yield from _metadata_maps(claim, ("spec", "volumeClaimTemplates", index))
    elif resource.type in ("Service", "ReplicationController"):
        yield from _map_at(resource.spec, "selector", ("spec",), "selector")
    elif resource.type == "RuntimeClass":
        yield from _map_at(mapping(resource.body.get("scheduling")), "nodeSelector", ("scheduling",), "node selector")
    for field in label_selectors(resource):
        yield from _map_at(field.selector, "matchLabels", field.route, "selector")


def _pod_maps(pod: PodTemplate) -> Iterator[LabelMap]:
    if pod.route:
        yield from _metadata_maps(pod.body, pod.route)
    yield from _map_at(pod.spec, "nodeSelector", pod.spec_route, "node selector")
    for index, volume in enumerate(items(pod.spec.get("volumes"))):
        claim = dig(volume, "ephemeral", "volumeClaimTemplate")
        if claim is not None:
            yield from _metadata_maps(claim, (*pod.spec_route, "volumes", index, "ephemeral", "volumeClaimTemplate"))


def _metadata_maps(holder: object, route: Route) -> Iterator[LabelMap]:
    metadata = mapping(mapping(holder).get("metadata"))
    yield from _map_at(metadata, "labels", (*route, "metadata"), "label")
    yield from _map_at(metadata, "annotations", (*route, "metadata"), "annotation")


def _map_at(holder: dict[str, Any], field: str, route: Route, use: Use) -> Iterator[LabelMap]:
    pairs = holder.get(field)
    if isinstance(pairs, dict) and pairs:
        yield LabelMap((*route, field), pairs, use)


def _selectors_at(value: object, pattern: tuple[str, ...], route: Route) -> Iterator[SelectorField]:
    for position, step in enumerate(pattern):
        if step == "*":
            for index, item in enumerate(items(value)):
                yield from _selectors_at(item, pattern[position + 1 :], (*route, index))
            return
        value = mapping(value).get(step)
        route = (*route, step)
    if isinstance(value, dict):
        yield SelectorField(route, value)
