from collections.abc import Iterator
from typing import Any

from linter.kubernetes.validation.disruption_budgets import disruption_budget_problems
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    return disruption_budget_problems(node.resource, state)
