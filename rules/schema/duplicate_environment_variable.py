from collections.abc import Iterable
from typing import Any

from linter.kubernetes.pod_validation.environment import repeated_variables
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterable[Violation]:
    env = node.value.get("env")
    return repeated_variables(node) if isinstance(env, list) and len(env) > 1 else ()
