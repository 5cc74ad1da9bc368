from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scheduling.node_affinity import PREFERRED
from linter.kubernetes.scheduling.node_labels import topology_key_problem
from linter.kubernetes.scheduling.pod_affinity import affinity_terms
from linter.model import DesiredState, Node, Violation, dig, items, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for kind in ("podAffinity", "podAntiAffinity"):
        for index, entry in enumerate(items(dig(node.value, "affinity", kind, PREFERRED))):
            weight = mapping(entry).get("weight")
            if isinstance(weight, int) and not isinstance(weight, bool) and not 1 <= weight <= 100:
                yield Violation(
                    (*node.route, "affinity", kind, PREFERRED, index, "weight"), f"the weight {weight} is not between 1 and 100"
                )
    for term in affinity_terms(node.pod):
        if term.body.get("topologyKey") in (None, ""):
            yield Violation((*term.route, "topologyKey"), "the term has no topology key")
        elif (problem := topology_key_problem(term.body["topologyKey"])) is not None:
            yield Violation((*term.route, "topologyKey"), problem)
        elif term.body.get("labelSelector") is None:
            keys = next((field for field in ("matchLabelKeys", "mismatchLabelKeys") if term.body.get(field)), None)
            if keys is not None:
                yield Violation((*term.route, keys), f"`{keys}` needs a `labelSelector` beside it")
            else:
                yield Violation((*term.route, "labelSelector"), "the term has no `labelSelector`, so it selects no pod", severity="warning")
