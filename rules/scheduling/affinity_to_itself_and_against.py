from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scheduling.pod_affinity import affinity_terms
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    labels, namespace = node.pod.labels, node.pod.namespace
    own = [
        term
        for term in affinity_terms(node.pod)
        if term.required
        and term.topology_key
        and not state.is_opaque(term.topology_key)
        and term.reaches(namespace, namespace)
        and term.selects(labels, labels)
    ]
    for against in own:
        together = next((term for term in own if not term.anti and term.topology_key == against.topology_key), None)
        if against.anti and together is not None:
            yield Violation(
                (*against.route, "topologyKey"),
                f"these pods must share a `{against.topology_key}` with their like and must not: all but the first stay pending",
                related=(Related("the affinity that demands the opposite", node.resource, (*together.route, "topologyKey")),),
            )
