from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.images import parse_image
from linter.kubernetes.workloads.probes import filled_in_by_injection
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    image = node.value.get("image")
    if isinstance(image, str) and not filled_in_by_injection(node):
        parts = parse_image(image)
        if not isinstance(parts, str) and not parts.digest:
            yield Violation((*node.route, "image"), f"the image of container {node.value.get('name')} has no digest: {image}")
