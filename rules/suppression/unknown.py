from collections.abc import Iterable
from typing import Any

from linter.model import Node, Violation


def check(node: Node, state: object, params: dict[str, Any]) -> Iterable[Violation]:
    for rule in node.value["unknown"]:
        yield Violation((rule,), f"this {node.value['by']} names `{rule}`, which is no rule or pack")
