from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.images import parse_image
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    image = node.value.get("image")
    if not isinstance(image, str) or isinstance(parts := parse_image(image), str) or parts.digest:
        return
    # As the API server fills it in.
    policy = node.value.get("imagePullPolicy") or ("Always" if parts.moves else "IfNotPresent")
    if policy != "Always":
        words = f"the image of container {node.value.get('name')} is not pulled if its node has a copy (`imagePullPolicy: {policy}`)"
        yield Violation((*node.route, "imagePullPolicy"), words)
