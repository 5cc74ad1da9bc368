from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Violation, items, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    name = node.value.get("name")
    for index, variable in enumerate(items(node.value.get("env"))):
        if mapping(mapping(variable).get("valueFrom")).get("secretKeyRef") is not None:
            route = (*node.route, "env", index, "valueFrom", "secretKeyRef")
            yield Violation(route, f"container {name} gets the variable {mapping(variable).get('name')} from a Secret")
    for index, source in enumerate(items(node.value.get("envFrom"))):
        if mapping(source).get("secretRef") is not None:
            yield Violation((*node.route, "envFrom", index, "secretRef"), f"container {name} gets all of a Secret as variables")
