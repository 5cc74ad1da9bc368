from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.images import parse_image
from linter.model import DesiredState, Node, Violation

_FROZEN = ("google_containers", "google-containers")


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    image = node.value.get("image")
    if not isinstance(image, str) or isinstance(parts := parse_image(image), str):
        return
    if parts.registry == "k8s.gcr.io":
        path = parts.repository
    elif parts.registry == "gcr.io" and parts.repository.partition("/")[0] in _FROZEN:
        path = parts.repository.partition("/")[2]
    else:
        return
    yield Violation(
        (*node.route, "image"), f"`{image}` comes from a frozen registry", fix=f"Write registry.k8s.io/{path} if it has that version."
    )
