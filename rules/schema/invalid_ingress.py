from collections.abc import Iterator
from typing import Any

from linter.kubernetes.validation.ingresses import ingress_class_problems, ingress_problems
from linter.model import DesiredState, Node, Violation

_PROBLEMS = {
    "Ingress": ingress_problems,
    "IngressClass": ingress_class_problems,
}


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    return _PROBLEMS[node.resource.type](node.resource, state)
