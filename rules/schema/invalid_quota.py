from collections.abc import Iterator
from typing import Any

from linter.kubernetes.validation.quotas import limit_range_problems, quota_problems
from linter.model import DesiredState, Node, Violation

_PROBLEMS = {
    "ResourceQuota": quota_problems,
    "LimitRange": limit_range_problems,
}


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    return _PROBLEMS[node.resource.type](node.resource, state)
