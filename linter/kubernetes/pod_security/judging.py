"""Breaches of the Pod Security Standards as findings."""

from __future__ import annotations

from collections.abc import Iterator

from linter.kubernetes.pod_security import baseline, restricted
from linter.kubernetes.pod_security.levels import demanded_level, policy_minor
from linter.model import DesiredState, PodTemplate, Violation

_STANDARDS = {
    **{f"baseline-{standard.name}": standard for standard in baseline.STANDARDS},
    **{f"restricted-{standard.name}": standard for standard in restricted.STANDARDS},
}


def broken(check: str, pod: PodTemplate, state: DesiredState) -> Iterator[Violation]:
    """What a pod does against one check, such as "baseline-privileged", in the policy of the target version.

    Nothing where the Namespace says `privileged`: somebody has decided then. What the level baseline forbids is the work of
    agents that run on every node, and *info* for a DaemonSet.
    """
    standard = _STANDARDS[check]
    minor = policy_minor(state.targets.get("kubernetes"))
    if minor < standard.since:
        return
    expected = check.startswith("baseline-") and pod.resource.type == "DaemonSet"
    for route, message in standard.find(pod, minor):
        if demanded_level(state, pod.namespace) == "privileged":
            return
        yield Violation(route, message, severity="info" if expected else None)
