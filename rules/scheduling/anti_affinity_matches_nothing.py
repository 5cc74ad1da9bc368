from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.selectors import read_selector
from linter.kubernetes.labels.syntax import RUNTIME_LABELS
from linter.kubernetes.scheduling.pod_affinity import affinity_terms, selector_words
from linter.kubernetes.workloads.pod_index import templates_selected
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    labels, namespace = node.pod.labels, node.pod.namespace
    own_words = {*labels.values(), node.resource.name}
    for term in affinity_terms(node.pod):
        selector = term.body.get("labelSelector")
        requirements = read_selector(selector)
        if not term.anti or not requirements or term.reaches(namespace, namespace) is not True or term.selects(labels, labels):
            continue
        # Only a selector made of nothing but the workload's own words evidently means the workload itself.
        if any(requirement.operator != "In" or requirement.key in RUNTIME_LABELS for requirement in requirements):
            continue
        words = {value for requirement in requirements for value in requirement.values}
        if not words <= own_words or any(map(state.is_opaque, (*words, *own_words))) or templates_selected(state, namespace, selector):
            continue
        yield Violation(
            (*term.route, "labelSelector"),
            f"the anti-affinity selects `{selector_words(selector)}`, which no pod template of the namespace has, its own included",
            related=(Related("the labels of its own pods", node.resource, (*node.route, "metadata", "labels")),),
        )
