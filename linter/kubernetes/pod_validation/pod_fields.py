"""Fields of a pod's spec that stand by themselves.

Source: `ValidatePodSpec`, `validatePodDNSConfig`, `ValidateHostAliases`, `validateSchedulingGates`, `validateReadinessGates`,
`validatePodHostName`; for the restart policy of templates pkg/apis/apps and pkg/apis/batch (`ValidateJobSpec`); the pod
warnings of pkg/api/pod/warnings.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from linter.kubernetes.scalars.names import dns_label_problem, dns_subdomain_problem
from linter.kubernetes.validation.addresses import STRICT_SINCE, address_problem
from linter.kubernetes.validation.values import qualified_name_problem, whole
from linter.model import PodTemplate, Related, Route, Violation, dig, items, mapping
from linter.wording import shown

_ALWAYS = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "argoproj.io/Rollout"})
_ENDING = frozenset({"Job", "CronJob"})
_NAMES: tuple[tuple[str, Callable[[str], str | None]], ...] = (
    ("serviceAccountName", dns_subdomain_problem),
    ("nodeName", dns_subdomain_problem),
    ("hostname", dns_label_problem),
    ("subdomain", dns_label_problem),
    ("priorityClassName", dns_subdomain_problem),
    ("runtimeClassName", dns_subdomain_problem),
)
_MAX_SECONDS = 2**31 - 1
_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
_COST = re.compile(r"(?:0|-?[1-9][0-9]{0,9})\Z")
_MAX_NAMESERVERS = 3
_MAX_SEARCHES = 32
_MAX_SEARCH_CHARACTERS = 2048
_MAX_HOSTNAME = 64
# Since when the field is on by default (HostnameOverride).
_HOSTNAME_OVERRIDE_SINCE = 35
# Since when `_` and a single dot may stand in dnsConfig.searches (RelaxedDNSSearchValidation on by default).
_RELAXED_SEARCH_SINCE = 33
_SEARCH = re.compile(r"[a-z0-9_](?:[-a-z0-9_]*[a-z0-9_])?(?:\.[a-z0-9_](?:[-a-z0-9_]*[a-z0-9_])?)*\Z")


def restart_policy_violation(pod: PodTemplate) -> Violation | None:
    """A restartPolicy that the pods of this kind of object cannot have; without one it is Always."""
    kind, policy = pod.resource.type, pod.spec.get("restartPolicy")
    route = (*pod.spec_route, "restartPolicy")
    if kind in _ENDING:
        if policy in (None, "", "Always"):
            told = "is Always" if policy == "Always" else "is not set, which means Always"
            message = f"restartPolicy {told}, and the pods of a {pod.resource.kind} must end"
            return Violation(route, message, fix="Write `restartPolicy: OnFailure`, or Never.")
    elif kind in _ALWAYS and policy in ("Never", "OnFailure"):
        message = f"restartPolicy is {policy}, and a {pod.resource.kind} always restarts its containers: only Always is allowed"
        return Violation(route, message, fix="Remove `restartPolicy`, or run what is meant to end as a Job.")
    return None


def pod_field_violations(pod: PodTemplate, minor: int) -> Iterator[Violation]:
    """What is wrong in the other fields of the spec."""
    spec, route = pod.spec, pod.spec_route
    if spec.get("containers") == []:
        yield Violation((*route, "containers"), "the pod has no containers")
    for field, problem_of in _NAMES:
        # The pods of a StatefulSet are called as it calls them, whatever stands here.
        if field not in spec or (field == "hostname" and pod.resource.type == "StatefulSet"):
            continue
        name = spec[field]
        if isinstance(name, str) and (name or field == "runtimeClassName") and (problem := problem_of(name)) is not None:
            yield Violation((*route, field), f"{field} `{shown(name)}` is not valid: {problem}")
    if spec.get("ephemeralContainers"):
        message = "ephemeral containers are added to running pods, with `kubectl debug`, and cannot be written in manifests"
        yield Violation((*route, "ephemeralContainers"), message, on="key", fix="Remove the field.")
    yield from _times(pod)
    cost = dig(pod.body, "metadata", "annotations", _DELETION_COST)
    if isinstance(cost, str) and not (_COST.match(cost) and -(2**31) <= int(cost) < 2**31):
        yield Violation((*pod.route, "metadata", "annotations", _DELETION_COST), f"the deletion cost `{shown(cost)}` is no whole number")
    if spec.get("dnsConfig") is not None or spec.get("dnsPolicy") == "None":
        yield from _dns(spec, route, minor)
    if spec.get("hostAliases"):
        yield from _aliases(spec["hostAliases"], (*route, "hostAliases"), minor, pod)
    if spec.get("imagePullSecrets"):
        yield from _pull_secrets(spec["imagePullSecrets"], (*route, "imagePullSecrets"), pod)
    if spec.get("readinessGates"):
        yield from _gates(spec, route, "readinessGates", "conditionType")
    if spec.get("schedulingGates"):
        yield from _gates(spec, route, "schedulingGates", "name")
        if pod.resource.type == "Pod" and spec.get("nodeName"):
            yield Violation((*route, "nodeName"), "a pod with schedulingGates has no node yet: nodeName cannot be set", on="key")
    if spec.get("hostnameOverride") is not None and minor >= _HOSTNAME_OVERRIDE_SINCE:
        yield from _hostname(spec, route)


def _times(pod: PodTemplate) -> Iterator[Violation]:
    deadline = pod.spec.get("activeDeadlineSeconds")
    if deadline is not None:
        route = (*pod.spec_route, "activeDeadlineSeconds")
        number = whole(deadline)
        if pod.resource.type in _ALWAYS:
            message = f"the pods of a {pod.resource.kind} run on: activeDeadlineSeconds cannot be set"
            yield Violation(route, message, on="key", fix="Remove it, or run what is meant to end as a Job.")
        elif number is not None and not 1 <= number <= _MAX_SECONDS:
            yield Violation(route, f"activeDeadlineSeconds is {number}, and must be between 1 and {_MAX_SECONDS}")
    grace = whole(pod.spec.get("terminationGracePeriodSeconds"))
    if grace is not None and grace < 0:
        message = f"terminationGracePeriodSeconds is {grace}; a negative number is taken for 1"
        yield Violation((*pod.spec_route, "terminationGracePeriodSeconds"), message, severity="warning")


def _dns(spec: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    config = mapping(spec.get("dnsConfig"))
    servers, searches = config.get("nameservers"), items(config.get("searches"))
    if spec.get("dnsPolicy") == "None" and not servers:
        message = "dnsPolicy is None, and dnsConfig names no nameserver"
        yield Violation((*route, "dnsPolicy"), message, fix="Name one under `dnsConfig.nameservers`, or remove `dnsPolicy`.")
    if len(items(servers)) > _MAX_NAMESERVERS:
        message = f"dnsConfig has {len(items(servers))} nameservers, and {_MAX_NAMESERVERS} are allowed"
        yield Violation((*route, "dnsConfig", "nameservers"), message)
    for index, server in enumerate(items(servers)):
        if server is None:
            yield Violation((*route, "dnsConfig", "nameservers", index), "an entry of nameservers is empty")
        elif isinstance(server, str) and (problem := address_problem(server, minor >= STRICT_SINCE)) is not None:
            yield Violation((*route, "dnsConfig", "nameservers", index), problem)
    texts = [search for search in searches if isinstance(search, str)]
    if len(searches) > _MAX_SEARCHES:
        message = f"dnsConfig has {len(searches)} searches, and {_MAX_SEARCHES} are allowed"
        yield Violation((*route, "dnsConfig", "searches"), message)
    elif len(" ".join(texts)) > _MAX_SEARCH_CHARACTERS:
        message = f"the searches of dnsConfig have more than {_MAX_SEARCH_CHARACTERS} characters together"
        yield Violation((*route, "dnsConfig", "searches"), message)
    for index, search in enumerate(searches):
        if search is None:
            yield Violation((*route, "dnsConfig", "searches", index), "an entry of searches is empty")
        elif isinstance(search, str) and (problem := _search_problem(search, minor)) is not None:
            yield Violation((*route, "dnsConfig", "searches", index), f"the search `{shown(search)}` is not valid: {problem}")
    for index, option in enumerate(items(config.get("options"))):
        if option is None or (isinstance(option, dict) and option.get("name") in (None, "") and option.keys() <= {"name", "value"}):
            yield Violation((*route, "dnsConfig", "options", index), "an option of dnsConfig has no name")


def _search_problem(search: str, minor: int) -> str | None:
    name = search.removesuffix(".")
    if minor >= _RELAXED_SEARCH_SINCE and (search == "." or (len(name) <= 253 and _SEARCH.match(name))):
        return None
    return dns_subdomain_problem(name)


def _aliases(aliases: object, route: Route, minor: int, pod: PodTemplate) -> Iterator[Violation]:
    first: dict[str, int] = {}
    for index, alias in enumerate(items(aliases)):
        if not isinstance(alias, dict):
            continue
        address = alias.get("ip")
        if isinstance(address, str):
            if (problem := address_problem(address, minor >= STRICT_SINCE)) is not None:
                yield Violation((*route, index, "ip"), problem)
            elif first.setdefault(address, index) != index:
                related = (Related("the first of them", pod.resource, (*route, first[address], "ip")),)
                message = f"hostAliases names {address} twice, and server-side apply keeps one of them"
                yield Violation((*route, index, "ip"), message, related=related, severity="warning")
        for number, name in enumerate(items(alias.get("hostnames"))):
            if name is None:
                yield Violation((*route, index, "hostnames", number), "an entry of hostnames is empty")
            elif isinstance(name, str) and (problem := dns_subdomain_problem(name)) is not None:
                yield Violation((*route, index, "hostnames", number), f"the host name `{shown(name)}` is not valid: {problem}")


def _pull_secrets(secrets: object, route: Route, pod: PodTemplate) -> Iterator[Violation]:
    first: dict[str, int] = {}
    for index, secret in enumerate(items(secrets)):
        name = mapping(secret).get("name")
        if name is None or name == "":
            if not isinstance(secret, dict) or not secret.keys() <= {"name"}:
                continue
            message = "an entry of imagePullSecrets has no name, and is ignored"
            yield Violation((*route, index, "name"), message, severity="warning")
        elif isinstance(name, str) and first.setdefault(name, index) != index:
            related = (Related("the first of them", pod.resource, (*route, first[name], "name")),)
            message = f"imagePullSecrets names `{shown(name)}` twice"
            yield Violation((*route, index, "name"), message, related=related, severity="warning")


def _gates(spec: dict[str, Any], route: Route, field: str, key: str) -> Iterator[Violation]:
    seen: set[str] = set()
    for index, gate in enumerate(items(spec.get(field))):
        name = mapping(gate).get(key)
        if not isinstance(name, str):
            continue
        if (problem := qualified_name_problem(name)) is not None:
            yield Violation((*route, field, index, key), f"`{shown(name)}` in {field} is not valid: {problem}")
        elif field == "schedulingGates" and name in seen:
            yield Violation((*route, field, index, key), f"schedulingGates names `{shown(name)}` twice")
        seen.add(name)


def _hostname(spec: dict[str, Any], route: Route) -> Iterator[Violation]:
    for field in ("setHostnameAsFQDN", "hostNetwork"):
        if spec.get(field) is True:
            yield Violation((*route, "hostnameOverride"), f"hostnameOverride cannot be set with {field}", on="key")
    name = spec.get("hostnameOverride")
    if isinstance(name, str) and (problem := dns_subdomain_problem(name)) is not None:
        yield Violation((*route, "hostnameOverride"), f"hostnameOverride `{shown(name)}` is not valid: {problem}")
    elif isinstance(name, str) and _MAX_HOSTNAME < len(name) <= 253:
        yield Violation((*route, "hostnameOverride"), f"hostnameOverride has {len(name)} characters, and {_MAX_HOSTNAME} are allowed")
