from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scheduling.node_labels import FORMER_LABELS, FORMER_TAINTS, FormerLabel
from linter.kubernetes.scheduling.node_references import node_label_references
from linter.kubernetes.scheduling.tolerations import tolerates_every_key, tolerations
from linter.model import DesiredState, Node, Violation, text


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    references = list(node_label_references(node.pod))
    named = {reference.key for reference in references}
    for reference in references:
        former = FORMER_LABELS.get(reference.key)
        # Next to its successor the old name serves clusters of both ages.
        if former is not None and former.successor not in named:
            yield Violation(
                reference.route,
                _message("node label", reference.key, former),
                severity="warning" if former.gone else "info",
                on="key" if reference.route[-1] == reference.key else None,
            )
    tolerated = list(tolerations(node.pod))
    if any(tolerates_every_key(toleration) for _, toleration in tolerated):
        return
    keys = {text(toleration.get("key")) for _, toleration in tolerated}
    for route, toleration in tolerated:
        former = FORMER_TAINTS.get(text(toleration.get("key")))
        if former is not None and former.successor not in keys:
            yield Violation((*route, "key"), _message("taint", toleration["key"], former))


def _message(what: str, key: str, former: FormerLabel) -> str:
    return f"the {what} `{key}` is now called `{former.successor}`" + (f"; {former.gone}" if former.gone else "")
