from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_security.breaches import on_windows
from linter.model import DesiredState, Node, Violation, mapping


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    if mapping(node.value.get("securityContext")).get("readOnlyRootFilesystem") is not True and not on_windows(node.pod):
        route = (*node.route, "securityContext", "readOnlyRootFilesystem")
        yield Violation(route, f"container {node.value.get('name')} may change every file of its image")
