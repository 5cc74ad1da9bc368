from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scheduling.node_labels import OS_LABEL, value_problem
from linter.kubernetes.scheduling.node_references import node_label_references
from linter.model import DesiredState, Node, Violation, dig


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for reference in node_label_references(node.pod):
        problems = [
            (route, problem)
            for route, value in reference.values
            if not state.is_opaque(value) and (problem := value_problem(reference.key, value)) is not None
        ]
        # One value of several that nodes do not report narrows nothing down.
        hopeless = reference.required and reference.operator == "In" and len(problems) == len(reference.values)
        for route, problem in problems:
            yield Violation(route, problem, severity="error" if hopeless else "warning")
    system = dig(node.pod.spec, "os", "name")
    if isinstance(system, str) and not state.is_opaque(system) and (problem := value_problem(OS_LABEL, system)) is not None:
        yield Violation((*node.pod.spec_route, "os", "name"), problem)
