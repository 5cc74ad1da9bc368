from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_validation.volumes import undefined_volumes
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    return undefined_volumes(node.pod, state)
