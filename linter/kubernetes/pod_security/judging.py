"""Breaches of the Pod Security Standards as findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from linter.kubernetes.pod_security import baseline, restricted
from linter.kubernetes.pod_security.breaches import found_by
from linter.kubernetes.pod_security.levels import breaches, demanded_level, demands, policy_minor
from linter.model import DesiredState, PodTemplate, Related, Route, Violation

_MOST_RELATED = 20
_STANDARDS = {
    **{f"baseline-{standard.name}": standard for standard in baseline.STANDARDS},
    **{f"restricted-{standard.name}": standard for standard in restricted.STANDARDS},
}


def broken(check: str, pod: PodTemplate, state: DesiredState, told: Callable[[Route], bool] = lambda route: False) -> Sequence[Violation]:
    """What a pod does against one check, such as "baseline-privileged", in the policy of the target version.

    Nothing where the Namespace says `privileged`: somebody has decided then. Nothing either that the level which the
    Namespace enforces refuses, since security/namespace-level-broken says so. What the level baseline forbids is the work
    of agents that run on every node: for a DaemonSet it is *info*, and one violation with the other places as related ones.
    `told` says of a route that another rule reports what stands there.
    """
    standard = _STANDARDS[check]
    minor = policy_minor(state.targets.get("kubernetes"))
    if minor < standard.since:
        return ()
    found = found_by(standard, pod, minor)
    if not found or demanded_level(state, pod.namespace) == "privileged":
        return ()
    found = [(route, message) for route, message in found if not told(route) and not _is_refused(route, pod, state)]
    if found and check.startswith("baseline-") and pod.resource.type == "DaemonSet":
        (route, message), *others = found
        more = f", and {len(others)} more" if others else ""
        related = tuple(Related(words, pod.resource, place) for place, words in others[:_MOST_RELATED])
        return (Violation(route, f"{message}{more}", related=related, severity="info"),)
    return [Violation(route, message) for route, message in found]


def _is_refused(route: Route, pod: PodTemplate, state: DesiredState) -> bool:
    """Whether the level that the pod's Namespace enforces forbids what stands at a route."""
    enforced = [demand for demand in demands(state, pod.namespace) if demand.mode == "enforce"]
    return any(breach.route == route for demand in enforced for breach in breaches(pod, demand.level, demand.minor))
