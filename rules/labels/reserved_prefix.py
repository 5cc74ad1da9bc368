from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.conventions import reserved_key_problem
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for field in ("labels", "annotations"):
        carried = node.resource.labels if field == "labels" else node.resource.annotations
        for key in carried:
            if "k" in key and "/" in key and (problem := reserved_key_problem(key)) is not None:
                yield Violation(("metadata", field, key), problem, on="key")
