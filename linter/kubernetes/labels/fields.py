"""Where objects hold labels, annotations, node labels and label selectors.

Source: the API reference of the built-in kinds. Of custom resources only `metadata` and the pod templates that
`linter.kubernetes.pods` knows are read: what else they call a selector is their own affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from linter.kubernetes.pods import pod_template
from linter.model import PodTemplate, Resource, Route, dig, items, mapping

Use = Literal["label", "annotation", "selector", "node selector"]


class LabelMap(NamedTuple):
    """A mapping of label or annotation keys to values, its route in the object, and what it is for."""

    route: Route
    pairs: dict[str, Any]
    use: Use


class SelectorField(NamedTuple):
    """A LabelSelector as it stands in an object, and its route."""

    route: Route
    selector: dict[str, Any]


class LabelFields(NamedTuple):
    """Every mapping of labels or annotations of an object, and every LabelSelector."""

    maps: tuple[LabelMap, ...]
    selectors: tuple[SelectorField, ...]


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
_POD_SELECTOR_FIELDS = frozenset(pattern[0] for pattern in _POD_SELECTORS)


def label_fields(resource: Resource) -> LabelFields:
    """The label fields of an object, found once for all rules."""
    return resource.derive(_label_fields)


def _label_fields(resource: Resource) -> LabelFields:
    pod = pod_template(resource)
    selectors = tuple(_selectors(resource, pod))
    return LabelFields(tuple(_maps(resource, pod, selectors)), selectors)


def _selectors(resource: Resource, pod: PodTemplate | None) -> list[SelectorField]:
    found: list[SelectorField] = []
    for pattern in _SELECTORS.get(resource.type, ()):
        _add_selectors(resource.body, pattern, (), found)
    if pod is not None and not _POD_SELECTOR_FIELDS.isdisjoint(pod.spec):
        for pattern in _POD_SELECTORS:
            if pattern[0] in pod.spec:
                _add_selectors(pod.spec, pattern, pod.spec_route, found)
    return found


def _maps(resource: Resource, pod: PodTemplate | None, selectors: Sequence[SelectorField]) -> list[LabelMap]:
    found: list[LabelMap] = []
    _add_metadata(resource.body, (), found)
    if pod is not None:
        _add_pod(pod, found)
    if resource.type == "CronJob":
        _add_metadata(dig(resource.body, "spec", "jobTemplate"), ("spec", "jobTemplate"), found)
    elif resource.type == "StatefulSet":
        for index, claim in enumerate(items(resource.spec.get("volumeClaimTemplates"))):
            _add_metadata(claim, ("spec", "volumeClaimTemplates", index), found)
    elif resource.type in ("Service", "ReplicationController"):
        _add_map(resource.spec, "selector", ("spec",), "selector", found)
    elif resource.type == "RuntimeClass":
        _add_map(mapping(resource.body.get("scheduling")), "nodeSelector", ("scheduling",), "node selector", found)
    for field in selectors:
        _add_map(field.selector, "matchLabels", field.route, "selector", found)
    return found


def _add_pod(pod: PodTemplate, found: list[LabelMap]) -> None:
    if pod.route:
        _add_metadata(pod.body, pod.route, found)
    _add_map(pod.spec, "nodeSelector", pod.spec_route, "node selector", found)
    for index, volume in enumerate(items(pod.spec.get("volumes"))):
        claim = dig(volume, "ephemeral", "volumeClaimTemplate")
        if claim is not None:
            _add_metadata(claim, (*pod.spec_route, "volumes", index, "ephemeral", "volumeClaimTemplate"), found)


def _add_metadata(holder: object, route: Route, found: list[LabelMap]) -> None:
    metadata = holder.get("metadata") if isinstance(holder, dict) else None
    if isinstance(metadata, dict):
        _add_map(metadata, "labels", (*route, "metadata"), "label", found)
        _add_map(metadata, "annotations", (*route, "metadata"), "annotation", found)


def _add_map(holder: dict[str, Any], field: str, route: Route, use: Use, found: list[LabelMap]) -> None:
    pairs = holder.get(field)
    if isinstance(pairs, dict) and pairs:
        found.append(LabelMap((*route, field), pairs, use))


def _add_selectors(value: object, pattern: tuple[str, ...], route: Route, found: list[SelectorField]) -> None:
    for position, step in enumerate(pattern):
        if step == "*":
            if isinstance(value, list):
                for index, item in enumerate(value):
                    _add_selectors(item, pattern[position + 1 :], (*route, index), found)
            return
        if not isinstance(value, dict) or step not in value:
            return
        value = value[step]
        route = (*route, step)
    if isinstance(value, dict):
        found.append(SelectorField(route, value))
