from collections.abc import Iterator
from typing import Any

from linter.kubernetes.validation.network_policies import network_policy_problems
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    return network_policy_problems(node.resource, state)
