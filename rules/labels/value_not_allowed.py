from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.conventions import matches_whole
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    resource = node.resource
    for field, words, carried in (("labels", "label", resource.labels), ("annotations", "annotation", resource.annotations)):
        for key, pattern in params[field].items():
            value = carried.get(key)
            if value is not None and not matches_whole(pattern, value):
                yield Violation(("metadata", field, key), f"the {words} `{key}` is `{value}`, and must match `{pattern}`")
