from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_security.runtime_sockets import is_runtime_socket
from linter.model import DesiredState, Node, Violation, items, mapping, text


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for index, volume in enumerate(items(node.value.get("volumes"))):
        path = text(mapping(mapping(volume).get("hostPath")).get("path"))
        if path and is_runtime_socket(path):
            yield Violation(
                (*node.route, "volumes", index, "hostPath", "path"), f"the pod mounts the socket of the container runtime, `{path}`"
            )
