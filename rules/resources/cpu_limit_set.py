from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Violation, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    limit = mapping(mapping(node.value.get("resources")).get("limits")).get("cpu")
    if limit is not None:
        route = (*node.route, "resources", "limits", "cpu")
        yield Violation(route, f"container {node.value.get('name')} is stopped whenever it has used {limit} CPU")
