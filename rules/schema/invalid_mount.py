from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_validation.mounts import mount_violations
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    return mount_violations(node) if node.value.get("volumeMounts") or node.value.get("volumeDevices") else ()
