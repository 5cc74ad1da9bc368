from typing import Any

from linter.kubernetes.scalars.cron import schedule_problem
from linter.kubernetes.targets import minor_version
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Violation | None:
    schedule = node.resource.spec.get("schedule")
    if not isinstance(schedule, str) or (problem := schedule_problem(schedule)) is None:
        return None
    # A time zone in the schedule was never supported, and is refused since 1.29.
    refused = problem.refused and ("TZ" not in schedule or minor_version(state) >= 29)
    return Violation(("spec", "schedule"), problem.message, fix=problem.fix, severity=None if refused else "warning")
