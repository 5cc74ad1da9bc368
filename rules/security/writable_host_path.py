from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Violation, items, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    paths = {
        mapping(volume).get("name"): mapping(mapping(volume).get("hostPath")).get("path") for volume in items(node.pod.spec.get("volumes"))
    }
    for index, mount in enumerate(items(node.value.get("volumeMounts"))):
        path = paths.get(mapping(mount).get("name")) if isinstance(mapping(mount).get("name"), str) else None
        if isinstance(path, str) and mount.get("readOnly") is not True:
            route = (*node.route, "volumeMounts", index, "readOnly")
            yield Violation(route, f"container {node.value.get('name')} may write to `{path}` of its node")
