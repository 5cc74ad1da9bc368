"""Subsets: which DestinationRules speak about a host, and what their subsets look like.

Sources: the DestinationRule reference (`host`, `subsets`), and `push_context.destinationRule` in istio/istio
pilot/pkg/model for the rule that wildcard hosts count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.istio.hosts import canonical, covers, service_name
from linter.istio.registry import namespaces
from linter.model import DesiredState, Resource, Route, items

DESTINATION_RULE = "networking.istio.io/DestinationRule"

# Labels that the platform puts on endpoints, so that no pod template can be expected to carry them.
_GIVEN_BY_PLATFORM = (
    "topology.kubernetes.io/", "topology.istio.io/", "kubernetes.io/hostname", "failure-domain.beta.kubernetes.io/",
    "istio.io/", "security.istio.io/", "service.istio.io/", "pod-template-hash", "rollouts-pod-template-hash", "statefulset.kubernetes.io/",
    "apps.kubernetes.io/", "controller-revision-hash", "batch.kubernetes.io/",
)  # fmt: skip


def host_key(state: DesiredState, host: str, namespace: str) -> str:
    """One spelling for all names of a host: `reviews`, `reviews.prod` (if prod is a namespace here) and the full name."""
    service = service_name(host, namespace)
    if service is not None and not service.certain and service.namespace in state.derive(namespaces):
        return canonical(f"{service.name}.{service.namespace}.svc", namespace)
    return canonical(host, namespace)


def rules_for(state: DesiredState, host: str) -> list[Resource]:
    """The DestinationRules of a state whose host is, or covers, a host spelled by `host_key`."""
    exact, wildcards = state.derive(_rules)
    return [*exact.get(host, ()), *(rule for pattern, rule in wildcards if covers(pattern, host))]


def _rules(state: DesiredState) -> tuple[dict[str, list[Resource]], list[tuple[str, Resource]]]:
    exact: dict[str, list[Resource]] = {}
    wildcards: list[tuple[str, Resource]] = []
    for rule in state.of_kind(DESTINATION_RULE):
        host = rule.spec.get("host")
        if not isinstance(host, str) or not host:
            continue
        key = host_key(state, host, rule.namespace)
        if key.startswith("*"):
            wildcards.append((key, rule))
        else:
            exact.setdefault(key, []).append(rule)
    return exact, wildcards


def subsets(rule: Resource) -> list[tuple[Route, dict[str, Any]]]:
    """The subsets of a DestinationRule with their routes."""
    return [
        (("spec", "subsets", index), subset) for index, subset in enumerate(items(rule.spec.get("subsets"))) if isinstance(subset, dict)
    ]


def subset_names(rule: Resource) -> list[str]:
    """The names of the subsets of a DestinationRule."""
    return [name for _, subset in subsets(rule) if isinstance(name := subset.get("name"), str)]


def given_by_platform(labels: Mapping[str, str]) -> bool:
    """Whether some label of a subset is one that no author writes on a pod template."""
    return any(label.startswith(_GIVEN_BY_PLATFORM) for label in labels)
