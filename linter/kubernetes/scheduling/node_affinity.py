"""What a pod demands of its node: nodeSelector, required node affinity, operating system.

Sources: k8s.io/component-helpers scheduling/corev1/nodeaffinity (terms are alternatives, the conditions of one term hold
together, an empty term matches nothing) and `ValidateNodeSelectorRequirement` of kubernetes/pkg/apis/core/validation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from linter.kubernetes.labels.selectors import Requirement, integer, read_expressions
from linter.kubernetes.scheduling.node_labels import OS_LABEL, topology_key_problem
from linter.model import PodTemplate, Route, dig, items, mapping

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


@dataclass(frozen=True, slots=True)
class NodeTerm:
    """One term of a pod's node affinity.

    `requirements` is empty for a term without conditions, and None if a condition is malformed. Their routes start at
    the root of the object. `required` tells terms of the required block from preferences.
    """

    route: Route
    requirements: tuple[Requirement, ...] | None
    required: bool


def demanded_labels(pod: PodTemplate) -> list[Requirement]:
    """What a node must have apart from affinity: the nodeSelector's pairs, and the label that `os.name` implies."""
    found = [
        Requirement(key, "In", (value,), (*pod.spec_route, "nodeSelector", key))
        for key, value in mapping(pod.spec.get("nodeSelector")).items()
        if isinstance(key, str) and isinstance(value, str)
    ]
    system = dig(pod.spec, "os", "name")
    if isinstance(system, str) and system:
        found.append(Requirement(OS_LABEL, "In", (system,), (*pod.spec_route, "os", "name")))
    return found


def node_terms(pod: PodTemplate) -> Iterator[NodeTerm]:
    """Every term of the pod's node affinity: the required alternatives, then the preferences."""
    affinity = mapping(dig(pod.spec, "affinity", "nodeAffinity"))
    route = (*pod.spec_route, "affinity", "nodeAffinity")
    for index, term in enumerate(items(mapping(affinity.get(REQUIRED)).get("nodeSelectorTerms"))):
        yield _read(term, (*route, REQUIRED, "nodeSelectorTerms", index), True)
    for index, entry in enumerate(items(affinity.get(PREFERRED))):
        yield _read(mapping(entry).get("preference"), (*route, PREFERRED, index, "preference"), False)


def requirement_problem(expression: object, *, field: bool = False) -> tuple[Route, str] | None:
    """What the API server or the scheduler refuses in one entry of matchExpressions, or matchFields with `field`.

    The route is relative to the entry.
    """
    if not isinstance(expression, dict):
        return (), "a condition is a mapping with `key`, `operator` and `values`"
    operator, values = expression.get("operator"), items(expression.get("values"))
    if field:
        if expression.get("key") != "metadata.name":
            return ("key",), "`matchFields` knows only the key `metadata.name`"
        if operator not in ("In", "NotIn"):
            return ("operator",), "`matchFields` knows only the operators In and NotIn"
        return None if len(values) == 1 else (("values",), "`matchFields` takes exactly one value")
    if (problem := topology_key_problem(expression.get("key"))) is not None:
        return ("key",), problem
    if operator in ("In", "NotIn"):
        return None if values else (("values",), f"operator {operator} needs at least one value")
    if operator in ("Exists", "DoesNotExist"):
        return (("values",), f"operator {operator} takes no values") if values else None
    if operator in ("Gt", "Lt"):
        if len(values) != 1:
            return ("values",), f"operator {operator} takes exactly one value"
        if isinstance(values[0], str) and integer(values[0]) is None:
            return ("values", 0), f"operator {operator} compares whole numbers, and `{values[0]}` is none"
        return None
    return ("operator",), f"`{operator}` is not one of In, NotIn, Exists, DoesNotExist, Gt and Lt"


def _read(term: Any, route: Route, required: bool) -> NodeTerm:
    if not isinstance(term, dict):
        return NodeTerm(route, () if term is None else None, required)
    labels = read_expressions(term.get("matchExpressions"), nodes=True, route=(*route, "matchExpressions"))
    fields = read_expressions(term.get("matchFields"), route=(*route, "matchFields"))
    return NodeTerm(route, None if labels is None or fields is None else (*labels, *fields), required)
