from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    missing = [key for key in params["annotations"] if key not in node.resource.annotations]
    if missing and (node.resource.type in params["kinds"] or "*" in params["kinds"]):
        words = ", ".join(f"`{key}`" for key in missing)
        yield Violation(("metadata", "annotations"), f"{node.resource} lacks the annotation{'s' if len(missing) > 1 else ''} {words}")
