from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_validation.containers import hook_violations
from linter.kubernetes.targets import minor_version
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    return hook_violations(node, minor_version(state)) if node.value.get("lifecycle") else ()
