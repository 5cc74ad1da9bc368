from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_security.breaches import containers, security_context, security_contexts
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    own = [security_context(container.value, container.route, whom) for container, whom in containers(node.pod)]
    for context in security_contexts(node.pod):
        for field in ("runAsUser", "runAsGroup"):
            value = context.body.get(field)
            if not isinstance(value, int) or isinstance(value, bool) or value >= params["least"]:
                continue
            overridden = context.whom == "the pod" and own and all(each is not None and field in each.body for each in own)
            if not overridden:
                yield Violation(
                    (*context.route, field), f"{context.whom} runs with the {field[5:].lower()} {value}, which may be one of the node"
                )
