"""Containers: their names, lifecycle hooks, restart and resize policies, and numbers in probes.

Source: `validateContainers`, `validateInitContainers`, `validateLifecycle`, `validateSleepAction`, `validateResizePolicy`,
`validateContainerRestartPolicy`, `validateProbe`, and the feature gates ContainerRestartRules, InPlacePodVerticalScaling and
PodLifecycleSleepActionAllowZero.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_validation.texts import invalid, is_int32
from linter.kubernetes.scalars.names import header_name_problem
from linter.kubernetes.validation.values import whole
from linter.kubernetes.workloads.lifecycle import grace_period
from linter.kubernetes.workloads.probes import probes_of
from linter.model import Node, PodTemplate, Related, Violation, items, mapping
from linter.wording import shown

_LISTS = ("initContainers", "containers", "ephemeralContainers")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")
_TIMES = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "failureThreshold")
_RESTART_RULES_SINCE = 35
_RESIZE_SINCE = 33
_ZERO_SLEEP_SINCE = 33
_MAX_RULES = 20
_MAX_EXIT_CODES = 255


def repeated_containers(pod: PodTemplate) -> Iterator[Violation]:
    """Containers of one name, over the three lists of a pod."""
    first: dict[str, tuple[str, int]] = {}
    for field in _LISTS:
        for index, container in enumerate(items(pod.spec.get(field))):
            name = container.get("name") if isinstance(container, dict) else None
            if isinstance(name, str) and name and first.setdefault(name, (field, index)) != (field, index):
                earlier = (*pod.spec_route, *first[name], "name")
                message = f"the pod has two containers named `{shown(name)}`"
                related = (Related("the first of them", pod.resource, earlier),)
                yield Violation((*pod.spec_route, field, index, "name"), message, related=related)


def hook_violations(container: Node, minor: int) -> Iterator[Violation]:
    """What is wrong with the hooks of a container, apart from what a single handler must hold."""
    if container.role in ("init", "ephemeral"):
        return
    lifecycle = mapping(container.value.get("lifecycle"))
    for hook in ("postStart", "preStop"):
        body = lifecycle.get(hook)
        if not isinstance(body, dict):
            continue
        route = (*container.route, "lifecycle", hook)
        given = [handler for handler in _HANDLERS if body.get(handler) is not None]
        if len(given) > 1:
            yield Violation(route, f"the {hook} hook has {len(given)} handlers ({', '.join(given)}) and may have one")
        elif not given and all(field in _HANDLERS for field in body):
            yield Violation(route, f"the {hook} hook has no handler; it needs one of {', '.join(f'`{name}`' for name in _HANDLERS)}")
        elif given == ["sleep"]:
            yield from _sleep(container, hook, body["sleep"], minor)


def _sleep(container: Node, hook: str, body: object, minor: int) -> Iterator[Violation]:
    seconds, grace = whole(mapping(body).get("seconds")), grace_period(container.pod)
    if seconds is None:
        return
    route = (*container.route, "lifecycle", hook, "sleep", "seconds")
    if seconds < 0:
        yield Violation(route, f"the {hook} hook sleeps {seconds} s, and a time cannot be negative")
    elif seconds == 0 and minor < _ZERO_SLEEP_SINCE:
        yield Violation(route, f"the {hook} hook sleeps 0 s, which needs Kubernetes 1.{_ZERO_SLEEP_SINCE}")
    elif grace is not None and seconds > grace:
        message = f"the {hook} hook sleeps {seconds} s, and may sleep no longer than the {grace} s the pod has to end"
        yield Violation(route, message, fix="Raise `terminationGracePeriodSeconds`, or sleep less.")


def probe_violations(container: Node) -> Iterator[Violation]:
    """Negative numbers and names that no HTTP header has, in the probes and hooks of a container."""
    if container.role != "init":
        for probe in probes_of(container):
            for field in (*_TIMES, "successThreshold") if probe.field == "readinessProbe" else _TIMES:
                number = whole(probe.body.get(field))
                if number is not None and number < 0 and is_int32(number):
                    yield Violation((*probe.route, field), f"{field} of the {probe.word} is {number}, and cannot be negative")
            yield from _headers(probe.body, probe.route)
        lifecycle = container.value.get("lifecycle")
        if isinstance(lifecycle, dict):
            for hook in ("postStart", "preStop"):
                yield from _headers(mapping(lifecycle.get(hook)), (*container.route, "lifecycle", hook))


def _headers(body: dict[str, Any], route: tuple[str | int, ...]) -> Iterator[Violation]:
    handler = body.get("httpGet")
    if not isinstance(handler, dict) or not handler.get("httpHeaders"):
        return
    for index, header in enumerate(items(handler["httpHeaders"])):
        name = mapping(header).get("name")
        if isinstance(name, str) and (problem := header_name_problem(name)) is not None:
            place = (*route, "httpGet", "httpHeaders", index, "name")
            yield Violation(place, invalid("the name of the HTTP header", name, problem))


def restart_violations(container: Node, minor: int) -> Iterator[Violation]:
    """What is wrong with `restartPolicy` and `restartPolicyRules` of a container."""
    policy, rules = container.value.get("restartPolicy"), container.value.get("restartPolicyRules")
    if minor < _RESTART_RULES_SINCE:
        # What is no policy in any version is for the structure check.
        if policy not in ("Always", "Never", "OnFailure"):
            return
        if container.role == "container":
            message = f"a container has no restartPolicy of its own before Kubernetes 1.{_RESTART_RULES_SINCE}; only init containers do"
            yield Violation((*container.route, "restartPolicy"), message, on="key")
        elif container.role == "init":
            message = f"the restartPolicy of an init container can only be Always before Kubernetes 1.{_RESTART_RULES_SINCE}"
            yield Violation((*container.route, "restartPolicy"), message)
        return
    if not rules or not isinstance(rules, list):
        return
    route = (*container.route, "restartPolicyRules")
    if policy is None:
        yield Violation(route, "restartPolicyRules are set, and no restartPolicy says what else to do", on="key")
    if len(rules) > _MAX_RULES:
        yield Violation(route, f"there are {len(rules)} restartPolicyRules, and {_MAX_RULES} are allowed")
    for index, rule in enumerate(rules):
        if not isinstance(rule, dict):
            continue
        codes = rule.get("exitCodes")
        if codes is None and rule.keys() <= {"action", "exitCodes"}:
            yield Violation((*route, index), "a rule of restartPolicyRules names no exitCodes")
        elif len(items(mapping(codes).get("values"))) > _MAX_EXIT_CODES:
            yield Violation((*route, index, "exitCodes", "values"), f"a rule has more than {_MAX_EXIT_CODES} exit codes")


def resize_violations(container: Node, minor: int) -> Iterator[Violation]:
    """What is wrong with `resizePolicy` of a container."""
    policies = container.value.get("resizePolicy")
    if not policies or not isinstance(policies, list) or minor < _RESIZE_SINCE:
        return
    seen: set[str] = set()
    never = container.pod.spec.get("restartPolicy") == "Never"
    for index, policy in enumerate(policies):
        if not isinstance(policy, dict):
            continue
        route = (*container.route, "resizePolicy", index)
        name, restart = policy.get("resourceName"), policy.get("restartPolicy")
        if isinstance(name, str):
            if name in seen:
                yield Violation((*route, "resourceName"), f"resizePolicy names {shown(name)} twice")
            seen.add(name)
        if restart == "RestartContainer" and (never or container.role == "init"):
            what = "a pod whose restartPolicy is Never" if never else "an init container that is no sidecar"
            yield Violation((*route, "restartPolicy"), f"{what} cannot restart a container to resize it")
