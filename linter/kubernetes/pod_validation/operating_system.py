"""Fields that go with one operating system. Source: `validateLinux`, `validateWindows`, `validateWindowsHostProcessPod` and
`validateWindowsSecurityContextOptions`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.names import dns_subdomain_problem
from linter.model import PodTemplate, Route, Violation, dig, items, mapping
from linter.wording import shown

_LISTS = ("initContainers", "containers", "ephemeralContainers")
_NOT_IN_POD = ("hostUsers", "hostPID", "hostIPC", "shareProcessNamespace")
_NOT_IN_POD_CONTEXT = (
    "appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls", "runAsUser", "runAsGroup",
    "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy",
)  # fmt: skip
_NOT_IN_CONTAINER_CONTEXT = (
    "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged",
    "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup",
)  # fmt: skip
_USER = re.compile(r"[^\x00-\x1f\x7f\"/\\:;|=,+*?<>@\[\]]{1,104}\Z")
_NETBIOS = re.compile(r"[^\\/:*?\"<>|.][^\\/:*?\"<>|]{0,14}\Z")
_DOMAIN = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\Z")
_MAX_DOMAIN = 255
_MAX_SPEC = 64 * 1024


def system_violations(pod: PodTemplate) -> Iterator[Violation]:
    """Fields of Windows in a Linux pod, fields of Linux in a Windows pod, and what is wrong in the options for Windows."""
    system = dig(pod.spec, "os", "name")
    contexts = [((*pod.spec_route, "securityContext"), pod.spec.get("securityContext"))]
    for field in _LISTS:
        for index, container in enumerate(items(pod.spec.get(field))):
            contexts.append(((*pod.spec_route, field, index, "securityContext"), mapping(container).get("securityContext")))
    if system == "windows":
        for field in _NOT_IN_POD:
            # A false host namespace says nothing; hostUsers and shareProcessNamespace may not be said at all.
            value = pod.spec.get(field)
            if value is True or (value is False and field in ("hostUsers", "shareProcessNamespace")):
                yield _misplaced((*pod.spec_route, field), field)
    for number, (route, context) in enumerate(contexts):
        if not context or not isinstance(context, dict):
            continue
        if system == "windows":
            for field in _NOT_IN_CONTAINER_CONTEXT if number else _NOT_IN_POD_CONTEXT:
                if context.get(field) not in (None, []):
                    yield _misplaced((*route, field), field)
        options = context.get("windowsOptions")
        if isinstance(options, dict):
            if system == "linux":
                yield Violation((*route, "windowsOptions"), "windowsOptions cannot be set in a pod for Linux", on="key")
            yield from _options(options, (*route, "windowsOptions"))
    if any(isinstance(context, dict) and context.get("windowsOptions") for _, context in contexts):
        yield from _host_processes(pod, contexts)


def _misplaced(route: Route, field: str) -> Violation:
    return Violation(route, f"{field} cannot be set in a pod for Windows", on="key")


def _options(options: dict[str, Any], route: Route) -> Iterator[Violation]:
    name, spec, user = options.get("gmsaCredentialSpecName"), options.get("gmsaCredentialSpec"), options.get("runAsUserName")
    if isinstance(name, str) and (problem := dns_subdomain_problem(name)) is not None:
        yield Violation((*route, "gmsaCredentialSpecName"), f"gmsaCredentialSpecName `{shown(name)}` is not valid: {problem}")
    if isinstance(spec, str) and not 0 < len(spec.encode()) <= _MAX_SPEC:
        yield Violation((*route, "gmsaCredentialSpec"), "gmsaCredentialSpec must not be empty, nor larger than 64 KiB")
    if isinstance(user, str):
        domain, backslash, account = user.rpartition("\\")
        bad_domain = backslash and (len(domain) > _MAX_DOMAIN or not (_NETBIOS.match(domain) or _DOMAIN.match(domain)))
        if bad_domain or not _USER.match(account) or not account.strip(". "):
            yield Violation((*route, "runAsUserName"), f"runAsUserName `{shown(user)}` is no name of a Windows user")


def _host_processes(pod: PodTemplate, contexts: list[tuple[Route, Any]]) -> Iterator[Violation]:
    whole = dig(contexts[0][1], "windowsOptions", "hostProcess")
    host = []
    for route, context in contexts[1:]:
        own = dig(context, "windowsOptions", "hostProcess")
        if isinstance(own, bool) and isinstance(whole, bool) and own != whole:
            place = (*route, "windowsOptions", "hostProcess")
            yield Violation(place, f"hostProcess is {str(own).lower()} here and {str(whole).lower()} for the pod, and both must agree")
        host.append(own is True or (own is None and whole is True))
    if any(host):
        if not all(host):
            yield Violation(pod.spec_route, "some containers are host processes and others are not: all must be, or none")
        if pod.spec.get("hostNetwork") is not True:
            yield Violation((*pod.spec_route, "hostNetwork"), "a pod of host processes needs `hostNetwork: true`")
