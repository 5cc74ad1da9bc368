"""Deployments, StatefulSets, DaemonSets, ReplicaSets and ReplicationControllers beside their pods and selectors.

Source: apis/apps/validation (`ValidateDeploymentSpec`, `ValidateStatefulSetSpec`, `ValidateDaemonSetSpec`,
`ValidateReplicaSetSpec`) and `ValidateReplicationControllerSpec` of apis/core/validation, after the defaults of apps/v1:
a quarter of the pods for surge and unavailability of a Deployment, one unavailable pod for the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.names import dns_label_problem
from linter.kubernetes.targets import minor_version
from linter.kubernetes.validation.values import amount, named, negatives, share_problem, whole
from linter.model import DesiredState, Resource, Route, Violation, items, mapping

# A negative revisionHistoryLimit of a StatefulSet is accepted.
_COUNTS = {
    "Deployment": ("replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"),
    "DaemonSet": ("minReadySeconds", "revisionHistoryLimit"),
}
_OTHER_COUNTS = ("replicas", "minReadySeconds")
_DEFAULT_DEADLINE = 600
# Since 1.34 the serviceName of a new StatefulSet has to be a DNS label.
_SERVICE_NAME_SINCE = 34


def workload_problems(workload: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in the spec of a workload, its pod template and selector left aside."""
    spec = workload.spec
    yield from negatives(spec, _COUNTS.get(workload.type, _OTHER_COUNTS), ("spec",))
    if workload.type == "ReplicationController":
        yield from _replication_controller(spec)
    elif workload.type == "Deployment":
        yield from _deployment(spec)
    elif workload.type == "StatefulSet":
        yield from _stateful_set(spec, state)
    elif workload.type == "DaemonSet":
        yield from _daemon_set(mapping(spec.get("updateStrategy")))


def _replication_controller(spec: dict[str, Any]) -> Iterator[Violation]:
    # Its selector is that of the pod template's labels by default. The selectors of all others are those of labels/selector-mismatch.
    template = spec.get("template")
    if spec.get("selector") or not isinstance(template, dict) or mapping(template.get("metadata")).get("labels"):
        return
    message = "there is no selector, and the pod template has no labels to take it from"
    yield Violation(("spec", "template"), message, fix="Give the pod template labels.")


def _deployment(spec: dict[str, Any]) -> Iterator[Violation]:
    deadline, ready = spec.get("progressDeadlineSeconds"), whole(spec.get("minReadySeconds"))
    limit = _DEFAULT_DEADLINE if deadline is None else whole(deadline)
    if limit is not None and limit >= 0 and limit <= (ready or 0):
        stated = "" if deadline is not None else ", its default"
        field = "progressDeadlineSeconds" if deadline is not None else "minReadySeconds"
        message = f"progressDeadlineSeconds is {limit}{stated}, and must be more than minReadySeconds, which is {ready or 0}"
        yield Violation(("spec", field), message, fix="Raise progressDeadlineSeconds.")
    strategy = spec.get("strategy")
    if not isinstance(strategy, dict):
        return
    rolling = strategy.get("rollingUpdate")
    kind = strategy.get("type") or "RollingUpdate"
    route: Route = ("spec", "strategy", "rollingUpdate")
    if kind == "Recreate":
        if isinstance(rolling, dict):
            yield Violation(route, "rollingUpdate is not allowed with the strategy Recreate", on="key", fix="Remove `rollingUpdate`.")
    elif kind == "RollingUpdate" and isinstance(rolling, dict):
        surge, unavailable = _or_default(rolling, "maxSurge", "25%"), _or_default(rolling, "maxUnavailable", "25%")
        if (problem := share_problem(unavailable)) is not None:
            yield Violation((*route, "maxUnavailable"), f"maxUnavailable {problem}")
        if (problem := share_problem(surge, at_most_all=False)) is not None:
            yield Violation((*route, "maxSurge"), f"maxSurge {problem}")
        if amount(surge) == 0 and amount(unavailable) == 0:
            message = "maxSurge and maxUnavailable are both 0: no pod could ever be replaced"
            yield Violation((*route, "maxUnavailable"), message, fix="Allow one pod more or one pod less.")


def _or_default(owner: dict[str, Any], field: str, default: object) -> object:
    value = owner.get(field)
    return default if value is None else value


def _stateful_set(spec: dict[str, Any], state: DesiredState) -> Iterator[Violation]:
    strategy = spec.get("updateStrategy")
    if isinstance(strategy, dict) and (rolling := strategy.get("rollingUpdate")) is not None:
        route: Route = ("spec", "updateStrategy", "rollingUpdate")
        if strategy.get("type") == "OnDelete" and isinstance(rolling, dict):
            yield Violation(route, "rollingUpdate is not allowed with the strategy OnDelete", on="key", fix="Remove `rollingUpdate`.")
        elif isinstance(rolling, dict):
            yield from negatives(rolling, ("partition",), route)
            most = rolling.get("maxUnavailable")
            # Unless the feature gate MaxUnavailableStatefulSet is on, the API server drops the field.
            if most is not None and (problem := share_problem(most)) is not None:
                yield Violation((*route, "maxUnavailable"), f"maxUnavailable {problem}", severity="warning")
            elif most is not None and amount(most) == 0:
                yield Violation((*route, "maxUnavailable"), "maxUnavailable is 0: no pod could ever be replaced", severity="warning")
    ordinals = spec.get("ordinals")
    if isinstance(ordinals, dict):
        yield from negatives(ordinals, ("start",), ("spec", "ordinals"))
    if minor_version(state) >= _SERVICE_NAME_SINCE:
        yield from named(spec, "serviceName", ("spec",), dns_label_problem)
    claims = items(spec.get("volumeClaimTemplates"))
    if claims:
        from linter.kubernetes.validation.claims import claim_spec_problems

        for index, claim in enumerate(claims):
            if isinstance(claim, dict):
                yield from _claim_name(claim.get("metadata"), ("spec", "volumeClaimTemplates", index))
                yield from claim_spec_problems(claim.get("spec"), ("spec", "volumeClaimTemplates", index, "spec"), state)


def _claim_name(metadata: object, route: Route) -> Iterator[Violation]:
    if not isinstance(metadata, dict | None):
        return
    name = mapping(metadata).get("name")
    if name is None:
        yield Violation(route, "the claim template has no name", fix="Write the name of the volume it is for.")
    yield from named(mapping(metadata), "name", (*route, "metadata"), dns_label_problem, empty=False)


def _daemon_set(strategy: dict[str, Any]) -> Iterator[Violation]:
    rolling = strategy.get("rollingUpdate")
    if (strategy.get("type") or "RollingUpdate") != "RollingUpdate" or not isinstance(rolling, dict):
        return
    route: Route = ("spec", "updateStrategy", "rollingUpdate")
    surge, unavailable = _or_default(rolling, "maxSurge", 0), _or_default(rolling, "maxUnavailable", 1)
    wrong = False
    for field, value in (("maxUnavailable", unavailable), ("maxSurge", surge)):
        if (problem := share_problem(value)) is not None:
            wrong = True
            yield Violation((*route, field), f"{field} {problem}")
    if wrong or amount(surge) is None or amount(unavailable) is None:
        return
    if amount(surge) and amount(unavailable):
        stated = "" if rolling.get("maxUnavailable") is not None else ", its default"
        message = f"maxSurge is {surge} and maxUnavailable {unavailable}{stated}: a DaemonSet allows one of them"
        yield Violation((*route, "maxSurge"), message, fix="Set the other one to 0.")
    elif not amount(surge) and not amount(unavailable):
        message = "maxSurge and maxUnavailable are both 0: no pod could ever be replaced"
        yield Violation((*route, "maxUnavailable"), message, fix="Set one of them to 1 or more.")
