"""Every place where a pod names a node label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from linter.kubernetes.scheduling.node_affinity import PREFERRED, REQUIRED
from linter.kubernetes.scheduling.pod_affinity import AffinityTerm, SpreadConstraint, affinity_terms, spread_constraints
from linter.model import PodTemplate, Route, dig, items, mapping

_FIELDS = frozenset({"nodeSelector", "affinity", "topologySpreadConstraints"})


@dataclass(frozen=True, slots=True)
class NodeLabelReference:
    """A node label that a pod names: the key, where it stands, and the values that stand beside it with their routes.

    `operator` is "In" for a nodeSelector, the affinity's operator, and "" for a topology key. `required` says that a node
    which does not meet it is never chosen.
    """

    route: Route
    key: str
    operator: str
    values: tuple[tuple[Route, str], ...]
    required: bool


def node_label_references(pod: PodTemplate) -> Sequence[NodeLabelReference]:
    """The node labels named in nodeSelector, node affinity, pod affinity and topology spread constraints."""
    return pod.derive(_references)


def _references(pod: PodTemplate) -> tuple[NodeLabelReference, ...]:
    return tuple(_named(pod)) if not _FIELDS.isdisjoint(pod.spec) else ()


def _named(pod: PodTemplate) -> Iterator[NodeLabelReference]:
    selector_route = (*pod.spec_route, "nodeSelector")
    for key, value in mapping(pod.spec.get("nodeSelector")).items():
        if isinstance(key, str):
            route = (*selector_route, key)
            yield NodeLabelReference(route, key, "In", ((route, value),) if isinstance(value, str) else (), True)
    affinity = mapping(dig(pod.spec, "affinity", "nodeAffinity"))
    route = (*pod.spec_route, "affinity", "nodeAffinity")
    for index, term in enumerate(items(mapping(affinity.get(REQUIRED)).get("nodeSelectorTerms"))):
        yield from _of_term(term, (*route, REQUIRED, "nodeSelectorTerms", index), True)
    for index, entry in enumerate(items(affinity.get(PREFERRED))):
        yield from _of_term(mapping(entry).get("preference"), (*route, PREFERRED, index, "preference"), False)
    places: list[AffinityTerm | SpreadConstraint] = [*affinity_terms(pod), *spread_constraints(pod)]
    for place in places:
        if place.topology_key:
            yield NodeLabelReference((*place.route, "topologyKey"), place.topology_key, "", (), place.required)


def _of_term(term: object, route: Route, required: bool) -> Iterator[NodeLabelReference]:
    for index, expression in enumerate(items(mapping(term).get("matchExpressions"))):
        entry, place = mapping(expression), (*route, "matchExpressions", index)
        key, operator = entry.get("key"), entry.get("operator")
        if isinstance(key, str) and isinstance(operator, str):
            values = tuple(((*place, "values", n), value) for n, value in enumerate(items(entry.get("values"))) if isinstance(value, str))
            yield NodeLabelReference((*place, "key"), key, operator, values, required)
