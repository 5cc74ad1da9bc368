from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.selectors import Contradiction, contradiction, satisfiable
from linter.kubernetes.scheduling.node_affinity import demanded_labels, node_terms
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    demanded = demanded_labels(node.pod)
    if not demanded:
        return
    conflict = contradiction(demanded)
    if conflict is not None:
        if not _opaque(state, conflict):
            first, last = conflict.requirements[0], conflict.requirements[-1]
            yield Violation(
                first.route, f"no node can meet {conflict}", related=(Related("the demand that excludes it", node.resource, last.route),)
            )
        return
    terms = [term for term in node_terms(node.pod) if term.required]
    if any(term.requirements is None for term in terms):
        return
    excluded: list[Contradiction] = []
    usable = False
    for term in terms:
        # Terms that exclude themselves, or are empty, are another rule's business.
        if not term.requirements or not satisfiable(term.requirements):
            continue
        conflict = contradiction([*demanded, *term.requirements])
        if conflict is None or _opaque(state, conflict):
            usable = True
        else:
            excluded.append(conflict)
    if usable:
        for conflict in excluded:
            yield Violation(
                conflict.requirements[-1].route,
                f"this alternative can never be used: no node can meet {conflict}",
                related=(Related("the demand that excludes it", node.resource, conflict.requirements[0].route),),
                severity="warning",
            )
    elif excluded:
        yield Violation(
            excluded[0].requirements[0].route,
            f"no node can meet {', nor '.join(map(str, excluded))}: the pods stay pending",
            related=tuple(
                Related("the affinity that excludes it", node.resource, conflict.requirements[-1].route) for conflict in excluded
            ),
        )


def _opaque(state: DesiredState, conflict: Contradiction) -> bool:
    return any(state.is_opaque(value) for requirement in conflict.requirements for value in requirement.values)
