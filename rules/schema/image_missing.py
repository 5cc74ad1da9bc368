from typing import Any

from linter.model import DesiredState, Node, Violation

# The key of the annotation by which OpenShift writes an image into a workload.
_TRIGGERS = "image.openshift.io/triggers"


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    image = node.value.get("image")
    if isinstance(image, str) and image and not image[0].isspace() and not image[-1].isspace():
        return None
    if (image is not None and not isinstance(image, str)) or _TRIGGERS in node.resource.annotations:
        return None
    name = node.value.get("name") or "without a name"
    if image and image.strip():
        return Violation((*node.route, "image"), f"the image of container {name} has space at its beginning or end")
    return Violation((*node.route, "image") if "image" in node.value else (*node.route, "name"), f"container {name} has no image")
