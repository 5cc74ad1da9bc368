"""Security contexts of pods and containers.

Source: `validatePodSpecSecurityContext`, `ValidateSecurityContext`, `validateSeccompProfileField`,
`ValidateAppArmorProfileField`, `ValidateAppArmorPodAnnotations`, `validateSysctls`, `validateHostUsers`. That the kubelet
starts no container whose user is 0 when runAsNonRoot is set: `verifyRunAsNonRoot` in pkg/kubelet/kuberuntime. Which sysctls belong
to a namespace: k8s.io/component-helpers node/util/sysctl.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_validation.texts import descending_path_problem
from linter.kubernetes.scalars.names import dns_label_problem
from linter.kubernetes.validation.values import whole
from linter.model import PodTemplate, Related, Route, Violation, items, mapping
from linter.wording import shown

_MAX_ID = 2**31 - 1
_MAX_SYSCTL = 253
_MAX_PROFILE = 4095
_SYSCTL = re.compile(r"(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?\Z")
_IPC_SYSCTLS = frozenset(
    f"kernel.{name}" for name in ("sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced", "shm", "msgmax", "msgmnb", "msgmni", "msg")
)
_APPARMOR_KEY = "container.apparmor.security.beta.kubernetes.io/"
_LISTS = ("initContainers", "containers", "ephemeralContainers")


def pod_security_violations(pod: PodTemplate) -> Iterator[Violation]:
    """What is wrong in the securityContext of a pod, and in the fields of its spec that go with it."""
    spec, route = pod.spec, pod.spec_route
    context = spec.get("securityContext")
    if context and isinstance(context, dict):
        at = (*route, "securityContext")
        yield from _ids(context, ("runAsUser", "runAsGroup", "fsGroup"), at)
        for index, group in enumerate(items(context.get("supplementalGroups"))):
            if _bad_id(group):
                yield Violation((*at, "supplementalGroups", index), f"the group {group} is not between 0 and {_MAX_ID}")
        if context.get("sysctls"):
            yield from _sysctls(context["sysctls"], at, spec)
        yield from _profiles(context, at)
    if spec.get("shareProcessNamespace") is True and spec.get("hostPID") is True:
        yield Violation((*route, "shareProcessNamespace"), "shareProcessNamespace and hostPID cannot both be set")
    if spec.get("hostUsers") is False:
        for field in ("hostNetwork", "hostPID", "hostIPC"):
            if spec.get(field) is True:
                yield Violation((*route, field), f"{field} cannot be set when hostUsers is false")
        for field in _LISTS:
            for index, container in enumerate(items(spec.get(field))):
                if mapping(container).get("volumeDevices"):
                    place = (*route, field, index, "volumeDevices")
                    yield Violation(place, "a container cannot have volumeDevices when hostUsers is false", on="key")
    yield from _apparmor_annotations(pod)


def container_security_violations(context: dict[str, Any], at: Route, spec: dict[str, Any]) -> Iterator[Violation]:
    """What is wrong in the securityContext of a container, which stands at `at` in a pod with this spec."""
    yield from _ids(context, ("runAsUser", "runAsGroup"), at)
    if context.get("allowPrivilegeEscalation") is False:
        if context.get("privileged") is True:
            message = "a privileged container can always gain privileges: allowPrivilegeEscalation cannot be false"
            yield Violation((*at, "allowPrivilegeEscalation"), message, fix="Remove `privileged`, or set allowPrivilegeEscalation to true.")
        elif "CAP_SYS_ADMIN" in items(mapping(context.get("capabilities")).get("add")):
            message = "a container with CAP_SYS_ADMIN can always gain privileges: allowPrivilegeEscalation cannot be false"
            yield Violation((*at, "allowPrivilegeEscalation"), message)
    if context.get("procMount") == "Unmasked" and spec.get("hostUsers") in (None, True):
        yield Violation((*at, "procMount"), "procMount Unmasked is allowed only in pods with `hostUsers: false`")
    yield from _profiles(context, at)


def root_contradictions(pod: PodTemplate) -> Iterator[Violation]:
    """Containers that must not run as root, with user 0 written beside it; the kubelet starts none of them."""
    own = mapping(pod.spec.get("securityContext"))
    at_pod: Route = (*pod.spec_route, "securityContext")
    reported = False
    for field in _LISTS[:2]:
        for index, container in enumerate(items(pod.spec.get(field))):
            context = mapping(mapping(container).get("securityContext"))
            must, user = context.get("runAsNonRoot"), context.get("runAsUser")
            here: Route = (*pod.spec_route, field, index, "securityContext")
            demand, choice = (here if must is not None else at_pod), (here if user is not None else at_pod)
            must = own.get("runAsNonRoot") if must is None else must
            user = own.get("runAsUser") if user is None else user
            if must is not True or whole(user) != 0 or isinstance(user, bool):
                continue
            if demand == choice == at_pod:
                if reported:
                    continue
                reported = True
            name = mapping(container).get("name")
            yield Violation(
                (*choice, "runAsUser"),
                f"runAsUser is 0, which is root, and runAsNonRoot forbids root: container {name} would never start",
                related=(Related("root is forbidden here", pod.resource, (*demand, "runAsNonRoot")),),
            )


def _bad_id(value: object) -> bool:
    number = whole(value)
    return number is not None and not 0 <= number <= _MAX_ID


def _ids(context: dict[str, Any], fields: tuple[str, ...], at: Route) -> Iterator[Violation]:
    for field in fields:
        if field in context and _bad_id(context[field]):
            yield Violation((*at, field), f"{field} is {context[field]}, and must be between 0 and {_MAX_ID}")


def _profiles(context: dict[str, Any], at: Route) -> Iterator[Violation]:
    for field in ("seccompProfile", "appArmorProfile"):
        profile = context.get(field)
        if not profile or not isinstance(profile, dict):
            continue
        kind, path = profile.get("type"), profile.get("localhostProfile")
        route = (*at, field)
        if kind == "Localhost":
            if path is None or (path == "" and field == "appArmorProfile"):
                yield Violation(route, f"{field} of type Localhost names no localhostProfile")
            elif isinstance(path, str):
                yield from _profile_path(field, path, (*route, "localhostProfile"))
        elif path is not None and kind in ("RuntimeDefault", "Unconfined"):
            message = f"localhostProfile goes with type Localhost, and the type of this {field} is {kind}"
            yield Violation((*route, "localhostProfile"), message, on="key")


def _profile_path(field: str, path: str, route: Route) -> Iterator[Violation]:
    if field == "seccompProfile":
        problem = descending_path_problem(path)
    elif path != path.strip():
        problem = "it has space at its beginning or end"
    else:
        problem = f"it has more than {_MAX_PROFILE} characters" if len(path.encode()) > _MAX_PROFILE else None
    if problem is not None:
        yield Violation(route, f"localhostProfile `{shown(path)}` is not valid: {problem}")


def _sysctls(sysctls: object, at: Route, spec: dict[str, Any]) -> Iterator[Violation]:
    seen: set[str] = set()
    for index, entry in enumerate(items(sysctls)):
        name = mapping(entry).get("name")
        if not isinstance(name, str):
            continue
        route = (*at, "sysctls", index, "name")
        dotted = _dotted(name)
        if not name:
            yield Violation(route, "the name of a sysctl is empty")
        elif len(name) > _MAX_SYSCTL or not _SYSCTL.match(name):
            yield Violation(route, f"`{shown(name)}` is no name of a sysctl")
        elif name in seen:
            yield Violation(route, f"the sysctl {name} is set twice")
        elif spec.get("hostNetwork") is True and dotted.startswith("net."):
            yield Violation(route, f"the sysctl {name} cannot be set with hostNetwork: it would change the node")
        elif spec.get("hostIPC") is True and (dotted in _IPC_SYSCTLS or dotted.startswith("fs.mqueue.")):
            yield Violation(route, f"the sysctl {name} cannot be set with hostIPC: it would change the node")
        seen.add(name)


def _dotted(name: str) -> str:
    """A sysctl's name with dots between its parts: whichever of `.` and `/` comes first in it separates them."""
    separator = next((character for character in name if character in "./"), ".")
    return name if separator == "." else name.replace("/", "\0").replace(".", "/").replace("\0", ".")


def _apparmor_annotations(pod: PodTemplate) -> Iterator[Violation]:
    annotations = mapping(pod.body.get("metadata")).get("annotations")
    if not annotations or not isinstance(annotations, dict):
        return
    for key, profile in annotations.items():
        if not isinstance(key, str) or not key.startswith(_APPARMOR_KEY):
            continue
        route = (*pod.route, "metadata", "annotations", key)
        name = key.removeprefix(_APPARMOR_KEY)
        names = [mapping(container).get("name") for field in _LISTS for container in items(pod.spec.get(field))]
        if name not in names and all(isinstance(other, str) and dns_label_problem(other) is None for other in names):
            yield Violation(route, f"this annotation is about container `{shown(name)}`, which the pod does not have", on="key")
        elif isinstance(profile, str) and profile not in ("", "runtime/default", "unconfined") and not profile.startswith("localhost/"):
            yield Violation(route, f"`{shown(profile)}` is no AppArmor profile: runtime/default, unconfined or localhost/NAME")
