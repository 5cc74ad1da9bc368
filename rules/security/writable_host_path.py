from collections.abc import Iterator
from typing import Any

from linter.model import DesiredState, Node, Violation, items, mapping, text


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    mounts = items(node.value.get("volumeMounts"))
    if not mounts:
        return
    volumes = map(mapping, items(node.pod.spec.get("volumes")))
    paths = {text(volume.get("name")): mapping(volume["hostPath"]).get("path") for volume in volumes if "hostPath" in volume}
    for index, mount in enumerate(map(mapping, mounts if paths else ())):
        path = paths.get(text(mount.get("name")))
        if isinstance(path, str) and mount.get("readOnly") is not True:
            route = (*node.route, "volumeMounts", index, "readOnly")
            yield Violation(route, f"container {node.value.get('name')} may write to `{path}` of its node")
