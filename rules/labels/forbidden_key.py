from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    if not params["keys"]:
        return
    for field, words, carried in (("labels", "label", node.resource.labels), ("annotations", "annotation", node.resource.annotations)):
        for key in carried:
            if any(fnmatchcase(key, pattern) for pattern in params["keys"]):
                yield Violation(("metadata", field, key), f"the {words} `{key}` is not allowed here", on="key")
