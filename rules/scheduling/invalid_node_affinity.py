from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scheduling.node_affinity import PREFERRED, REQUIRED, requirement_problem
from linter.model import DesiredState, Node, Route, Violation, dig, items, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    affinity = mapping(dig(node.pod.spec, "affinity", "nodeAffinity"))
    route = (*node.pod.spec_route, "affinity", "nodeAffinity")
    required = affinity.get(REQUIRED)
    if isinstance(required, dict):
        terms = required.get("nodeSelectorTerms")
        if not terms:
            yield Violation((*route, REQUIRED, "nodeSelectorTerms"), "the required node affinity has no terms, and it needs at least one")
        for index, term in enumerate(items(terms)):
            yield from _of_term(term, (*route, REQUIRED, "nodeSelectorTerms", index))
    for index, entry in enumerate(items(affinity.get(PREFERRED))):
        weight = mapping(entry).get("weight")
        if isinstance(weight, int) and not isinstance(weight, bool) and not 1 <= weight <= 100:
            yield Violation((*route, PREFERRED, index, "weight"), f"the weight {weight} is not between 1 and 100")
        yield from _of_term(mapping(entry).get("preference"), (*route, PREFERRED, index, "preference"))


def _of_term(term: object, route: Route) -> Iterator[Violation]:
    for field in ("matchExpressions", "matchFields"):
        for index, expression in enumerate(items(mapping(term).get(field))):
            problem = requirement_problem(expression, field=field == "matchFields")
            if problem is not None:
                yield Violation((*route, field, index, *problem[0]), problem[1])
