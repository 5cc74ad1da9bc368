"""Affinity between pods, and spreading them over the cluster.

Source: the pod affinity, pod anti-affinity and topology spread types of k8s.io/api core/v1, and the scheduler's
interpodaffinity and podtopologyspread plugins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from linter.kubernetes.labels.selectors import matches
from linter.kubernetes.scheduling.node_affinity import PREFERRED, REQUIRED
from linter.model import PodTemplate, Route, dig, items, mapping, strings, text


@dataclass(frozen=True, slots=True)
class AffinityTerm:
    """One term of podAffinity or podAntiAffinity (`anti`), required or a preference, with its route in the object."""

    route: Route
    body: dict[str, Any]
    anti: bool
    required: bool

    @property
    def topology_key(self) -> str:
        return text(self.body.get("topologyKey"))

    def reaches(self, namespace: str, own_namespace: str, namespace_labels: dict[str, str] | None = None) -> bool | None:
        """Whether pods of `namespace` are considered: listed, chosen by label, or by default the pod's own namespace.

        None if the namespace's labels decide and are not known.
        """
        listed, selector = items(self.body.get("namespaces")), self.body.get("namespaceSelector")
        if namespace in listed:
            return True
        if selector is None:
            return not listed and namespace == own_namespace
        if not selector:
            return True
        return None if namespace_labels is None else matches(selector, namespace_labels)

    def selects(self, labels: dict[str, str], own_labels: dict[str, str]) -> bool:
        """Whether the term counts a pod with `labels`, when a pod with `own_labels` is placed."""
        if not matches(self.body.get("labelSelector"), labels):
            return False
        same = [key for key in items(self.body.get("matchLabelKeys")) if isinstance(key, str) and key in own_labels]
        other = [key for key in items(self.body.get("mismatchLabelKeys")) if isinstance(key, str) and key in own_labels]
        return all(labels.get(key) == own_labels[key] for key in same) and all(labels.get(key) != own_labels[key] for key in other)


def affinity_terms(pod: PodTemplate) -> Sequence[AffinityTerm]:
    """Every well-formed term of the pod's affinity and anti-affinity to other pods."""
    return pod.derive(_affinity_terms) if pod.spec.get("affinity") else ()


def _affinity_terms(pod: PodTemplate) -> list[AffinityTerm]:
    found: list[AffinityTerm] = []
    for kind, anti in (("podAffinity", False), ("podAntiAffinity", True)):
        block = mapping(dig(pod.spec, "affinity", kind))
        route = (*pod.spec_route, "affinity", kind)
        for index, term in enumerate(items(block.get(REQUIRED))):
            if isinstance(term, dict):
                found.append(AffinityTerm((*route, REQUIRED, index), term, anti, True))
        for index, entry in enumerate(items(block.get(PREFERRED))):
            term = mapping(entry).get("podAffinityTerm")
            if isinstance(term, dict):
                found.append(AffinityTerm((*route, PREFERRED, index, "podAffinityTerm"), term, anti, False))
    return found


@dataclass(frozen=True, slots=True)
class SpreadConstraint:
    """One entry of topologySpreadConstraints, with its route in the object."""

    route: Route
    body: dict[str, Any]

    @property
    def topology_key(self) -> str:
        return text(self.body.get("topologyKey"))

    @property
    def required(self) -> bool:
        """Whether a pod that would break it stays pending."""
        return self.body.get("whenUnsatisfiable") == "DoNotSchedule"


def spread_constraints(pod: PodTemplate) -> Sequence[SpreadConstraint]:
    """The well-formed topology spread constraints of a pod."""
    return pod.derive(_spread_constraints) if pod.spec.get("topologySpreadConstraints") else ()


def _spread_constraints(pod: PodTemplate) -> list[SpreadConstraint]:
    route = (*pod.spec_route, "topologySpreadConstraints")
    entries = enumerate(items(pod.spec.get("topologySpreadConstraints")))
    return [SpreadConstraint((*route, index), body) for index, body in entries if isinstance(body, dict)]


def selector_words(selector: object) -> str:
    """A LabelSelector as messages show it: `app: web, tier In (a, b)`."""
    pairs = [f"{key}: {value}" for key, value in strings(mapping(selector).get("matchLabels")).items()]
    for expression in items(mapping(selector).get("matchExpressions")):
        entry = mapping(expression)
        if not entry:
            continue
        values = ", ".join(str(value) for value in items(entry.get("values")))
        pairs.append(f"{entry.get('key')} {entry.get('operator')}" + (f" ({values})" if values else ""))
    return ", ".join(pairs)
