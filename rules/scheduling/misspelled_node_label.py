from collections.abc import Iterator
from typing import Any, Literal

from linter.kubernetes.scheduling.node_labels import misspelling_of
from linter.kubernetes.scheduling.node_references import node_label_references
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for reference in node_label_references(node.pod):
        meant = misspelling_of(reference.key)
        if meant is not None:
            on: Literal["key"] | None = "key" if reference.route[-1] == reference.key else None
            yield Violation(reference.route, f"`{reference.key}` is no label of nodes; it looks like `{meant}`", on=on)
