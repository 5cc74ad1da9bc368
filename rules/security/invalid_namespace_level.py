from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_security.levels import LEVELS, PREFIX, VERSION, policy_minor
from linter.model import DesiredState, Node, Violation
from linter.wording import joined


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    latest = policy_minor(state.targets.get("kubernetes"))
    for key, value in node.resource.labels.items():
        mode, dash, rest = key.removeprefix(PREFIX).partition("-")
        if not key.startswith(PREFIX) or mode not in ("enforce", "audit", "warn") or rest not in (("version",) if dash else ("",)):
            continue
        route = ("metadata", "labels", key)
        if not dash:
            if value not in LEVELS:
                yield Violation(route, f"`{value}` is no level: there are {joined(LEVELS)}")
        elif value != "latest":
            version = VERSION.match(value)
            if version is None:
                yield Violation(route, f"`{value}` is no version of the policy: write `latest`, or for example `v1.{latest}`")
            elif int(version[1]) > latest:
                words = f"the target version of Kubernetes, 1.{latest}, does not know version {value} of the policy and applies its latest"
                yield Violation(route, words, severity="warning")
