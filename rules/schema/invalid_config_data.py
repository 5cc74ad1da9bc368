from collections.abc import Iterator
from typing import Any

from linter.kubernetes.validation.config_data import config_map_problems, secret_problems
from linter.model import DesiredState, Node, Violation

_PROBLEMS = {
    "ConfigMap": config_map_problems,
    "Secret": secret_problems,
}


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    return _PROBLEMS[node.resource.type](node.resource, state)
