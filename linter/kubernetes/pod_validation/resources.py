"""Resources of containers and pods: names, amounts, requests and limits.

Source: `validateResourceRequirements`, `validateContainerResourceName`, `validatePodResourceConsistency` of
apis/core/validation, and apis/core/helper for what is native, extended or huge pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.labels.syntax import key_problem
from linter.kubernetes.pod_validation.texts import invalid
from linter.kubernetes.scalars.names import dns_label_problem, dns_subdomain_problem
from linter.kubernetes.scalars.quantities import NANOS, in_bytes, parse_quantity
from linter.model import Node, PodTemplate, Related, Resource, Route, Violation, items, mapping
from linter.spelling import nearest
from linter.wording import shown

STANDARD = ("cpu", "memory", "ephemeral-storage")
POD_LEVEL_SINCE = 34
"""Since when the resources of a whole pod count (PodLevelResources on by default); before, they are dropped."""

CLAIMS_SINCE = 34
"""Since when resource claims do (DynamicResourceAllocation)."""

_LISTS = ("limits", "requests")
_PAGES = "hugepages-"
# What authors call a resource, and its name.
_MEANT = {
    "mem": "memory", "ram": "memory", "memo": "memory", "memorys": "memory", "cpus": "cpu", "core": "cpu", "cores": "cpu",
    "storage": "ephemeral-storage", "disk": "ephemeral-storage", "ephemeralstorage": "ephemeral-storage",
    "ephemeral_storage": "ephemeral-storage", "ephemeral": "ephemeral-storage",
    "gpu": "nvidia.com/gpu", "gpus": "nvidia.com/gpu", "nvidia-gpu": "nvidia.com/gpu",
}  # fmt: skip


def is_native(name: str) -> bool:
    """Whether a resource is one of Kubernetes itself, rather than one that a device plugin offers."""
    return "/" not in name or "kubernetes.io/" in name


def is_overcommitted(name: str) -> bool:
    """Whether containers may be promised less of a resource than they are allowed to use."""
    return is_native(name) and not name.startswith(_PAGES)


def resource_name_problem(name: str, *, pod_level: bool = False) -> str | None:
    """What is wrong with the name of a resource, as the end of a sentence, or None."""
    if name in STANDARD[:2] or (name == STANDARD[2] and not pod_level):
        return None
    if name.startswith(_PAGES):
        size = parse_quantity(name[len(_PAGES) :])
        return None if size is not None and size > 0 and size % NANOS == 0 else f"`{shown(name[len(_PAGES) :])}` is no size of a page"
    if pod_level:
        return "only cpu, memory and huge pages can be set for a whole pod"
    if "/" not in name:
        meant = _MEANT.get(name.lower()) or nearest(name, STANDARD)
        told = f" (did you mean `{meant}`?)" if meant else ""
        return f"it is none of {', '.join(STANDARD)}, and others have a domain, as in `example.com/{shown(name)}`{told}"
    problem = key_problem(name)
    if problem is not None:
        return problem
    if not is_native(name):
        if name.startswith("requests."):
            return "`requests.` belongs in a ResourceQuota only"
        return key_problem(f"requests.{name}")
    return None


def unknown_names(resources: dict[str, Any], route: Route, *, pod_level: bool = False) -> Iterator[Violation]:
    """Resources that do not exist, in the limits and requests of a container or pod; each name is reported once."""
    reported: set[str] = set()
    for field in _LISTS:
        amounts = resources.get(field)
        if not amounts or not isinstance(amounts, dict):
            continue
        for name in amounts:
            if name in STANDARD and not pod_level:
                continue
            if isinstance(name, str) and name not in reported and (problem := resource_name_problem(name, pod_level=pod_level)) is not None:
                reported.add(name)
                yield Violation((*route, field, name), f"the resource `{shown(name)}` cannot be used here: {problem}", on="key")


def excess_requests(resources: dict[str, Any], route: Route, owner: str, resource: Resource) -> Iterator[Violation]:
    """Requests above their limits, compared exactly."""
    requests, limits = resources.get("requests"), resources.get("limits")
    if not requests or not limits or not isinstance(requests, dict) or not isinstance(limits, dict):
        return
    for name, wanted in requests.items():
        allowed = limits.get(name)
        if allowed == wanted or name not in limits or not isinstance(name, str) or not is_overcommitted(name):
            continue
        # An empty amount is read as 0. A negative one is reported as that.
        request, limit = parse_quantity(wanted), 0 if allowed is None else parse_quantity(allowed)
        if request is not None and limit is not None and request > limit >= 0:
            yield Violation(
                (*route, "requests", name),
                f"{owner} requests {wanted} of {name}, and its limit is {'empty, which means 0' if allowed is None else allowed}",
                related=(Related("the limit", resource, (*route, "limits", name)),),
            )


def amount_violations(resources: dict[str, Any], route: Route, *, pod_level: bool = False) -> Iterator[Violation]:
    """Amounts that cannot be: negative ones, parts of a device, huge pages and devices whose limit is not the request."""
    limits, requests = mapping(resources.get("limits")), mapping(resources.get("requests"))
    basic = pages = False
    for field, amounts in (("limits", limits), ("requests", requests)):
        for name, value in amounts.items():
            basic = basic or name in ("cpu", "memory")
            amount = 0 if value is None else parse_quantity(value)
            if amount is not None and amount < 0:
                yield Violation((*route, field, name), f"{name} is {value}, and cannot be negative")
                continue
            if name in STANDARD or not isinstance(name, str) or is_overcommitted(name):
                continue
            pages = pages or name.startswith(_PAGES)
            yield from _special(name, value, amount, field, limits, (*route, field, name))
    if pages and not basic and not pod_level:
        yield Violation(route, "a container with huge pages needs a request or a limit for cpu or memory as well")


def _special(name: str, value: object, amount: int | None, field: str, limits: dict[str, Any], route: Route) -> Iterator[Violation]:
    """Resources that are not shared out: their amounts are whole, and the limit is the request."""
    if amount is None:
        return
    size = parse_quantity(name[len(_PAGES) :]) if name.startswith(_PAGES) else NANOS
    if size and size > 0 and amount % size:
        what = f"a multiple of {name[len(_PAGES) :]}" if name.startswith(_PAGES) else "a whole number"
        yield Violation(route, f"{name} is {value}, and must be {what}")
        return
    if field == "requests":
        limit = limits.get(name)
        if limit is None:
            yield Violation(route, f"{name} is requested without a limit, and must have the same limit")
        elif (most := parse_quantity(limit)) is not None and most != amount:
            wanted = "an empty amount, which means 0," if value is None else value
            yield Violation(route, f"{name} is requested with {wanted} and limited to {limit}, and both must be equal")


def overhead_violations(overhead: dict[str, Any], route: Route) -> Iterator[Violation]:
    """What is wrong in the overhead of a pod, whose mapping stands at `route`."""
    for name, value in overhead.items():
        if isinstance(name, str) and (problem := resource_name_problem(name)) is not None:
            yield Violation((*route, name), f"the resource `{shown(name)}` cannot be used here: {problem}", on="key")
        elif (parse_quantity(value) or 0) < 0:
            yield Violation((*route, name), f"{name} is {value}, and cannot be negative")


def claim_violations(pod: PodTemplate) -> Iterator[Violation]:
    """Resource claims of a pod, and the claims its containers name."""
    claims = pod.spec.get("resourceClaims")
    names: set[str] = set()
    for index, claim in enumerate(items(claims)):
        if not isinstance(claim, dict):
            continue
        route = (*pod.spec_route, "resourceClaims", index)
        name = claim.get("name")
        if isinstance(name, str):
            if name in names:
                yield Violation((*route, "name"), f"the pod has two resource claims named `{shown(name)}`")
            elif (problem := dns_label_problem(name)) is not None:
                yield Violation((*route, "name"), invalid("the name of the resource claim", name, problem))
            names.add(name)
        given = [field for field in ("resourceClaimName", "resourceClaimTemplateName") if claim.get(field) is not None]
        for source in given:
            if isinstance(claim[source], str) and (problem := dns_subdomain_problem(claim[source])) is not None:
                yield Violation((*route, source), invalid(source, claim[source], problem))
        if len(given) != 1 and claim.keys() <= {"name", "resourceClaimName", "resourceClaimTemplateName"}:
            told = "both resourceClaimName and" if given else "neither resourceClaimName nor"
            yield Violation(route, f"a resource claim has {told} resourceClaimTemplateName, and needs one of them")
    # Where a name is a placeholder, or no name, nobody knows what it will be.
    known = len(names) == len(items(claims)) and all(dns_label_problem(name) is None for name in names)
    for field in ("initContainers", "containers"):
        for number, container in enumerate(items(pod.spec.get(field))):
            named: dict[str, set[str]] = {}
            for index, claim in enumerate(items(mapping(mapping(container).get("resources")).get("claims"))):
                name, request = mapping(claim).get("name"), mapping(claim).get("request") or ""
                if not isinstance(name, str) or not isinstance(request, str):
                    continue
                place = (*pod.spec_route, field, number, "resources", "claims", index)
                if name not in names and known:
                    yield Violation(
                        (*place, "name"), f"the container names the resource claim `{shown(name)}`, which the pod does not have"
                    )
                if request and (problem := dns_label_problem(request)) is not None:
                    yield Violation((*place, "request"), f"the request `{shown(request)}` of a resource claim is not valid: {problem}")
                earlier = named.setdefault(name, set())
                # Without a request it is the whole claim, of which nothing is left to name.
                if request in earlier or "" in earlier or (earlier and not request):
                    yield Violation((*place, "name"), f"the container names the resource claim `{shown(name)}` twice")
                earlier.add(request)


def pod_level_violations(pod: PodTemplate) -> Iterator[Violation]:
    """Resources of a whole pod that are less than those of its containers."""
    resources = pod.spec.get("resources")
    if not isinstance(resources, dict):
        return
    route = (*pod.spec_route, "resources")
    if resources.get("claims") is not None:
        yield Violation((*route, "claims"), "claims cannot be set for a whole pod", on="key")
    if mapping(pod.spec.get("os")).get("name") == "windows":
        yield Violation(route, "a Windows pod cannot have resources of its own", on="key")
        return
    requests, limits = mapping(resources.get("requests")), mapping(resources.get("limits"))
    for name, value in requests.items():
        whole, together = parse_quantity(value), _aggregate(pod, name)
        if whole is not None and together is not None and together > whole:
            message = f"the pod requests {value} of {name}, and its containers request {_said(name, together)} together"
            yield Violation((*route, "requests", name), message)
    for number, container in enumerate(items(pod.spec.get("containers"))):
        for name, value in mapping(mapping(mapping(container).get("resources")).get("limits")).items():
            own, most = parse_quantity(value), parse_quantity(limits.get(name))
            if own is not None and most is not None and own > most:
                place = (*pod.spec_route, "containers", number, "resources", "limits", name)
                related = (Related("the limit of the pod", pod.resource, (*route, "limits", name)),)
                yield Violation(place, f"the limit of {name} is {value}, and that of the pod {limits[name]}", related=related)


def _said(name: str, amount: int) -> str:
    if name == "cpu":
        return f"{amount // 10**6}m"
    return in_bytes(amount)


def _aggregate(pod: PodTemplate, name: str) -> int | None:
    """What the containers of a pod request together, or None if an amount cannot be read.

    Sidecars count beside the containers; other init containers run one at a time, beside the sidecars before them.
    """
    total, sidecars, most = 0, 0, 0
    for node in items(pod.spec.get("containers")):
        amount = _request(pod, node, name)
        if amount is None:
            return None
        total += amount
    for node in items(pod.spec.get("initContainers")):
        amount = _request(pod, node, name)
        if amount is None:
            return None
        if mapping(node).get("restartPolicy") == "Always":
            sidecars += amount
            most = max(most, sidecars)
        else:
            most = max(most, sidecars + amount)
    return max(total + sidecars, most)


def _request(pod: PodTemplate, container: object, name: str) -> int | None:
    resources = mapping(mapping(container).get("resources"))
    value = mapping(resources.get("requests")).get(name)
    if value is None and pod.resource.type == "Pod":
        # Only in a Pod, and not in a template, a missing request becomes the limit before validation.
        value = mapping(resources.get("limits")).get(name)
    return 0 if value is None else parse_quantity(value)


def container_resources(node: Node) -> dict[str, Any] | None:
    """The resources of a container or of a pod's spec, or None if it sets none."""
    resources = node.value.get("resources")
    return resources if resources and isinstance(resources, dict) else None
