from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scheduling.pod_affinity import spread_constraints
from linter.model import DesiredState, Node, Related, Route, Violation, text


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    seen: dict[tuple[str, str], Route] = {}
    for constraint in spread_constraints(node.pod):
        pair = (constraint.topology_key, text(constraint.body.get("whenUnsatisfiable")))
        if not all(pair) or any(map(state.is_opaque, pair)):
            continue
        if pair in seen:
            yield Violation(
                (*constraint.route, "topologyKey"),
                f"there are two constraints for `{pair[0]}` with {pair[1]}, and the API server accepts one",
                related=(Related("the other constraint", node.resource, seen[pair]),),
            )
        else:
            seen[pair] = constraint.route
