from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from linter.kubernetes.scalars.images import parse_image
from linter.kubernetes.workloads.probes import filled_in_by_injection
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    allowed = params["allowed"]
    image = node.value.get("image")
    if not allowed or not isinstance(image, str) or isinstance(parts := parse_image(image), str) or filled_in_by_injection(node):
        return
    name = f"{parts.registry}/{parts.repository}"
    if not any(parts.registry == pattern or fnmatchcase(name, pattern) for pattern in allowed):
        words = f"the image of container {node.value.get('name')} comes from {parts.registry}; allowed are {', '.join(allowed)}"
        yield Violation((*node.route, "image"), words)
