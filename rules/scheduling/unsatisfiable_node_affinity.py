from collections.abc import Iterator
from typing import Any, Literal

from linter.kubernetes.labels.selectors import contradiction
from linter.kubernetes.scheduling.node_affinity import node_terms
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    terms = list(node_terms(node.pod))
    conflicts = {term.route: contradiction(term.requirements) for term in terms if term.requirements}
    hopeless = all(not term.requirements or conflicts[term.route] is not None for term in terms if term.required)
    if any(term.required and term.requirements is None for term in terms):
        hopeless = False
    for term in terms:
        severity: Literal["error", "warning"] = "error" if term.required and hopeless else "warning"
        if term.requirements == ():
            if term.required:
                yield Violation(term.route, "a term without conditions matches no node", severity=severity)
            continue
        conflict = conflicts.get(term.route)
        if conflict is None or any(state.is_opaque(value) for part in conflict.requirements for value in part.values):
            continue
        what = "the pods stay pending" if severity == "error" else "this term never matches"
        yield Violation(conflict.requirements[-1].route, f"no node can meet {conflict}: {what}", severity=severity)
