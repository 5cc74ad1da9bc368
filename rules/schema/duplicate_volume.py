from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_validation.volumes import repeated_volumes
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    volumes = node.pod.spec.get("volumes")
    return repeated_volumes(node.pod) if isinstance(volumes, list) and len(volumes) > 1 else ()
