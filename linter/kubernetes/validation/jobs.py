"""Jobs, and the Jobs of CronJobs. Source: `ValidateJob`, `ValidateJobTemplateSpec` and `validateCronJobSpec` in apis/batch/validation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.names import MAX_LABEL
from linter.kubernetes.validation.values import named, negatives, qualified_name_problem, qualified_path_problem, whole
from linter.model import DesiredState, Resource, Route, Violation, dig, items, mapping, text
from linter.wording import shown

_COUNTS = (
    "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex",
    "maxFailedIndexes",
)  # fmt: skip
_INDEXED_ONLY = ("backoffLimitPerIndex", "maxFailedIndexes", "successPolicy")
_MANY = 100_000
_MANY_AT_A_TIME = 10_000
_MAX_RULES = 20
_MAX_CODES = 255
_INDEX = re.compile(r"\+?[0-9]{1,9}\Z")


def job_problems(resource: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a Job, or in a CronJob beside its schedule and time zone."""
    spec = resource.spec
    if resource.type == "Job":
        if spec.get("completions") is None and spec.get("parallelism") is None:
            spec = {**spec, "completions": 1}  # their defaults; the Jobs of a CronJob get them later
        yield from _job(spec, ("spec",), state)
        completions = whole(spec.get("completions"))
        if spec.get("completionMode") == "Indexed" and completions and resource.name and not state.is_opaque(resource.name):
            longest = f"{resource.name}-{completions - 1}"
            if len(longest) > MAX_LABEL or "." in resource.name:
                reason = "holds a dot" if "." in resource.name else f"has {len(longest)} characters, and {MAX_LABEL} are allowed"
                yield Violation(
                    ("metadata", "name"), f"the host name of the last pod of this indexed Job would be `{longest}`, which {reason}"
                )
        return
    yield from negatives(spec, ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"), ("spec",))
    job = dig(spec, "jobTemplate", "spec")
    if isinstance(job, dict):
        route = ("spec", "jobTemplate", "spec")
        yield from _job(job, route, state)
        if job.get("selector") is not None:
            message = "the Jobs of a CronJob choose their pods themselves, and take no selector"
            yield Violation((*route, "selector"), message, on="key", fix="Remove `selector`.")
        if job.get("manualSelector") is True:
            message = "the Jobs of a CronJob choose their pods themselves"
            yield Violation((*route, "manualSelector"), message, on="key", fix="Remove `manualSelector`.")


def _job(spec: dict[str, Any], route: Route, state: DesiredState) -> Iterator[Violation]:
    yield from negatives(spec, _COUNTS, route)
    mode = spec.get("completionMode")
    if mode == "Indexed":
        yield from _indexed(spec, route)
    elif mode in (None, "NonIndexed"):
        for field in _INDEXED_ONLY:
            if spec.get(field) is not None:
                message = f"{field} is allowed only with `completionMode: Indexed`"
                yield Violation(
                    (*route, field), message, on="key", fix="Set `completionMode: Indexed` and `completions`, or remove the field."
                )
    if mode == "Indexed" and spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        message = "maxFailedIndexes is set, and backoffLimitPerIndex is not"
        yield Violation((*route, "maxFailedIndexes"), message, on="key", fix="Set `backoffLimitPerIndex` as well.")
    policy = spec.get("podFailurePolicy")
    if isinstance(policy, dict):
        yield from _failure_policy(spec, policy, (*route, "podFailurePolicy"), state)
        if spec.get("podReplacementPolicy") == "TerminatingOrFailed":
            message = "with a podFailurePolicy, podReplacementPolicy can only be Failed"
            yield Violation((*route, "podReplacementPolicy"), message, fix="Write `Failed`, or remove the field.")
        if dig(spec, "template", "spec", "restartPolicy") == "OnFailure":
            message = "with a podFailurePolicy, restartPolicy can only be Never"
            yield Violation((*route, "template", "spec", "restartPolicy"), message, fix="Write `restartPolicy: Never`.")
    if spec.get("managedBy") is not None:
        yield from named(spec, "managedBy", route, _manager_problem)


def _manager_problem(name: str) -> str | None:
    return f"it has {len(name)} characters, and {MAX_LABEL} are allowed" if len(name) > MAX_LABEL else qualified_path_problem(name)


def _indexed(spec: dict[str, Any], route: Route) -> Iterator[Violation]:
    completions, parallelism, failed = (whole(spec.get(field)) for field in ("completions", "parallelism", "maxFailedIndexes"))
    if spec.get("completions") is None:
        yield Violation(
            (*route, "completionMode"), "an indexed Job needs `completions`: the number of its indexes", fix="Add `completions`."
        )
    if parallelism is not None and parallelism > _MANY:
        yield Violation((*route, "parallelism"), f"parallelism is {parallelism}, and an indexed Job allows {_MANY}")
    if failed is not None:
        if completions is not None and failed > completions:
            yield Violation((*route, "maxFailedIndexes"), f"maxFailedIndexes is {failed}, and the Job has {completions} completions")
        elif failed > _MANY:
            yield Violation((*route, "maxFailedIndexes"), f"maxFailedIndexes is {failed}, and {_MANY} are allowed")
    if completions is not None and completions > _MANY and spec.get("backoffLimitPerIndex") is not None:
        if failed is None:
            yield Violation((*route, "completions"), f"above {_MANY} completions, backoffLimitPerIndex needs maxFailedIndexes as well")
        for field, number in (("parallelism", parallelism), ("maxFailedIndexes", failed)):
            if number is not None and number > _MANY_AT_A_TIME:
                message = f"{field} is {number}, and above {_MANY} completions with backoffLimitPerIndex {_MANY_AT_A_TIME} are allowed"
                yield Violation((*route, field), message)
    policy = spec.get("successPolicy")
    if isinstance(policy, dict) and completions is not None:
        yield from _success_policy(policy, completions, (*route, "successPolicy"))


def _success_policy(policy: dict[str, Any], completions: int, route: Route) -> Iterator[Violation]:
    rules = items(policy.get("rules"))
    if policy.get("rules") == []:
        yield Violation((*route, "rules"), "a successPolicy needs at least one rule", on="key")
    if len(rules) > _MAX_RULES:
        yield Violation((*route, "rules"), f"the policy has {len(rules)} rules, and {_MAX_RULES} are allowed", on="key")
    for index, rule in enumerate(rules):
        if not isinstance(rule, dict):
            continue
        place = (*route, "rules", index)
        count, indexes = rule.get("succeededCount"), rule.get("succeededIndexes")
        if count is None and indexes is None:
            yield Violation(place, "the rule has neither succeededCount nor succeededIndexes")
        total = completions
        if isinstance(indexes, str):
            found = _indexes(indexes, completions)
            if isinstance(found, str):
                yield Violation((*place, "succeededIndexes"), found)
                continue
            total = found
        number = whole(count)
        if number is not None:
            yield from negatives(rule, ("succeededCount",), place)
            if number > total:
                yield Violation((*place, "succeededCount"), f"succeededCount is {number}, and there are {total} indexes")


def _indexes(written: str, completions: int) -> int | str:
    """How many indexes `0-3,5` names, or what is wrong with it."""
    total, last = 0, -1
    for part in written.split(",") if written else ():
        ends = part.split("-")
        if len(ends) > 2 or not all(_INDEX.match(end) for end in ends):
            return f"`{shown(part, 40)}` is not an index or an interval such as `0-3`"
        first, final = int(ends[0]), int(ends[-1])
        if final >= completions:
            return f"index {final} does not exist: {completions} completions have the indexes 0 to {completions - 1}"
        if first <= last or (len(ends) == 2 and final <= first):
            return f"the indexes do not increase: `{part}`"
        total += final - first + 1
        last = final
    return total


def _failure_policy(spec: dict[str, Any], policy: dict[str, Any], route: Route, state: DesiredState) -> Iterator[Violation]:
    rules = items(policy.get("rules"))
    if len(rules) > _MAX_RULES:
        yield Violation((*route, "rules"), f"the policy has {len(rules)} rules, and {_MAX_RULES} are allowed", on="key")
    pod = mapping(dig(spec, "template", "spec"))
    names = {text(mapping(one).get("name")) for field in ("containers", "initContainers") for one in items(pod.get(field))}
    if any(map(state.is_opaque, names)):
        names = set()
    for index, rule in enumerate(rules):
        if not isinstance(rule, dict):
            continue
        place = (*route, "rules", index)
        if rule.get("action") == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
            yield Violation(
                (*place, "action"), "the action FailIndex needs backoffLimitPerIndex", fix="Add `backoffLimitPerIndex`, or write `FailJob`."
            )
        codes, conditions = rule.get("onExitCodes"), items(rule.get("onPodConditions"))
        if codes is not None and conditions:
            yield Violation(place, "a rule has onExitCodes or onPodConditions, not both", fix="Make two rules of it.")
        elif rule and codes is None and rule.get("onPodConditions") in (None, []):
            yield Violation(place, "the rule has neither onExitCodes nor onPodConditions", fix="Add one of them.")
        for number, condition in enumerate(conditions):
            if isinstance(condition, dict):
                yield from named(condition, "type", (*place, "onPodConditions", number), qualified_name_problem, empty=False)
        if isinstance(codes, dict):
            yield from _exit_codes(codes, names, (*place, "onExitCodes"))


def _exit_codes(codes: dict[str, Any], names: set[str], route: Route) -> Iterator[Violation]:
    container = codes.get("containerName")
    if isinstance(container, str) and container not in names and names and "" not in names:
        yield Violation(
            (*route, "containerName"), f"the pod has no container `{container}`", fix="Write the name of a container or init container."
        )
    values = codes.get("values")
    if not isinstance(values, list):
        return
    if not values:
        yield Violation((*route, "values"), "at least one exit code is needed", on="key")
    if len(values) > _MAX_CODES:
        yield Violation((*route, "values"), f"{len(values)} exit codes are listed, and {_MAX_CODES} are allowed", on="key")
    numbers = [whole(value) for value in values]
    if codes.get("operator") == "In" and 0 in numbers:
        yield Violation(
            (*route, "values", numbers.index(0)), "exit code 0 means success, and cannot be in the list of operator In", fix="Remove the 0."
        )
    known = [number for number in numbers if number is not None]
    for index in range(1, len(known)):
        if known[index] in known[:index]:
            yield Violation((*route, "values", index), f"exit code {known[index]} is listed twice")
            return
        if known[index] < known[index - 1]:
            yield Violation((*route, "values", index), "the exit codes do not increase", fix="Sort them.")
            return
