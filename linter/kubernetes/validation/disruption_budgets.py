"""PodDisruptionBudgets. Source: `ValidatePodDisruptionBudgetSpec` in apis/policy/validation."""

from __future__ import annotations

from collections.abc import Iterator

from linter.kubernetes.validation.values import share_problem
from linter.model import DesiredState, Resource, Violation


def disruption_budget_problems(budget: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a PodDisruptionBudget."""
    spec = budget.spec
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if isinstance(least, int | str) and isinstance(most, int | str) and not state.is_opaque(least) and not state.is_opaque(most):
        yield Violation(("spec", "maxUnavailable"), "minAvailable and maxUnavailable exclude each other", on="key", fix="Keep one of them.")
    for field, value in (("minAvailable", least), ("maxUnavailable", most)):
        if value is not None and (problem := share_problem(value)) is not None:
            yield Violation(("spec", field), f"{field} {problem}")
