from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_validation.pod_fields import pod_field_violations
from linter.kubernetes.targets import minor_version
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    return pod_field_violations(node.pod, minor_version(state))
