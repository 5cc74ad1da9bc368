from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Violation, items, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for index, volume in enumerate(items(node.value.get("volumes"))):
        directory = mapping(mapping(volume).get("emptyDir"))
        if directory.get("medium") == "Memory" and directory.get("sizeLimit") is None:
            route = (*node.route, "volumes", index, "emptyDir", "medium")
            yield Violation(route, f"the volume {volume.get('name')} lies in memory and may grow as large as that")
