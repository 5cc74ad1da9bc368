from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.images import parse_image
from linter.kubernetes.workloads.lifecycle import is_test
from linter.kubernetes.workloads.probes import filled_in_by_injection
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    image = node.value.get("image")
    if not isinstance(image, str) or isinstance(parts := parse_image(image), str) or not parts.moves:
        return
    if filled_in_by_injection(node) or is_test(node.resource):
        return
    what = "has the tag `latest`" if parts.tag else "has no tag, which stands for `latest`"
    yield Violation((*node.route, "image"), f"the image of container {node.value.get('name')} {what}: {image}")
