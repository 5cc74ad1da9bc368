from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.images import parse_image
from linter.model import DesiredState, Node, Violation
from linter.wording import without_credentials


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    image = node.value.get("image")
    if isinstance(image, str) and image and isinstance(problem := parse_image(image), str) and image == image.strip():
        yield Violation((*node.route, "image"), f"`{without_credentials(image)}` is no image: {problem}")
