from collections.abc import Iterable
from typing import Any

from linter.model import Node, Violation


def check(node: Node, state: object, params: dict[str, Any]) -> Iterable[Violation]:
    if node.value["expired"] or node.value["problem"] or node.value["breaches"]:
        return
    place = "" if node.value["by"] == "entry" else " here"
    for rule in node.value["unused"]:
        yield Violation((rule,), f"this {node.value['by']} accepts `{rule}`, which finds nothing{place}")
