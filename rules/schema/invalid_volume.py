from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_validation.volumes import volume_violations
from linter.kubernetes.targets import minor_version
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    return volume_violations(node.pod, minor_version(state)) if node.pod.spec.get("volumes") else ()
