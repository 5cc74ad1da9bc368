"""The checks of the level *baseline*, which keeps a pod from known ways to the node."""

from __future__ import annotations

from collections.abc import Iterator

from linter.kubernetes.pod_security.breaches import Standard, container_contexts, containers, in_user_namespace, security_contexts
from linter.kubernetes.workloads.probes import PROBE_FIELDS
from linter.model import PodTemplate, Route, items, mapping, text

_Found = Iterator[tuple[Route, str]]

CAPABILITIES = frozenset({
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID",
    "SETPCAP", "SETUID", "SYS_CHROOT",
})  # fmt: skip

_NAMESPACES = {"hostNetwork": "the network", "hostPID": "the processes", "hostIPC": "the shared memory"}

# Since which minor version of the policy a sysctl is allowed.
_SYSCTLS = {
    "kernel.shm_rmid_forced": 0, "net.ipv4.ip_local_port_range": 0, "net.ipv4.tcp_syncookies": 0, "net.ipv4.ping_group_range": 0,
    "net.ipv4.ip_unprivileged_port_start": 0, "net.ipv4.ip_local_reserved_ports": 27, "net.ipv4.tcp_keepalive_time": 29,
    "net.ipv4.tcp_fin_timeout": 29, "net.ipv4.tcp_keepalive_intvl": 29, "net.ipv4.tcp_keepalive_probes": 29,
    "net.ipv4.tcp_rmem": 32, "net.ipv4.tcp_wmem": 32, "net.ipv4.tcp_slow_start_after_idle": 37, "net.ipv4.tcp_notsent_lowat": 37,
}  # fmt: skip

_SELINUX_TYPES = {"": 0, "container_t": 0, "container_init_t": 0, "container_kvm_t": 0, "container_engine_t": 31}

PROFILES = ("RuntimeDefault", "Localhost")
_LAST_PORT = 65535
_APPARMOR_PREFIX = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"


def _host_namespaces(pod: PodTemplate, minor: int) -> _Found:
    for field, what in _NAMESPACES.items():
        if pod.spec.get(field) is True:
            yield (*pod.spec_route, field), f"the pod shares {what} of its node (`{field}`)"


def _privileged(pod: PodTemplate, minor: int) -> _Found:
    for context in container_contexts(pod):
        if context.body.get("privileged") is True:
            yield (*context.route, "privileged"), f"{context.whom} is privileged: it can do whatever root can do on the node"


def _capabilities(pod: PodTemplate, minor: int) -> _Found:
    for context in container_contexts(pod):
        for index, name in enumerate(items(mapping(context.body.get("capabilities")).get("add"))):
            if isinstance(name, str) and name not in CAPABILITIES:
                yield (*context.route, "capabilities", "add", index), f"{context.whom} has the capability {name}{_spelling(name)}"


def _spelling(name: str) -> str:
    plain = name.upper().removeprefix("CAP_")
    return f" (the allowed one is written {plain})" if plain in CAPABILITIES else ""


def _host_path(pod: PodTemplate, minor: int) -> _Found:
    for index, volume in enumerate(items(pod.spec.get("volumes"))):
        body = mapping(volume)
        if body.get("hostPath") is not None:
            path = text(mapping(body["hostPath"]).get("path"))
            what = f"`{path}` of its node" if path else "a directory of its node"
            yield (*pod.spec_route, "volumes", index, "hostPath"), f"the pod mounts {what} as the volume {body.get('name')}"


def _host_ports(pod: PodTemplate, minor: int) -> _Found:
    for node, whom in containers(pod):
        for index, port in enumerate(items(node.value.get("ports"))):
            number = mapping(port).get("hostPort")
            # What is no port at all is refused before.
            if isinstance(number, int) and number is not True and 0 < number <= _LAST_PORT:
                yield (*node.route, "ports", index, "hostPort"), f"{whom} takes the port {number} of its node"


def _probe_host(pod: PodTemplate, minor: int) -> _Found:
    for node, whom in containers(pod):
        lifecycle = mapping(node.value.get("lifecycle"))
        handlers = [((field,), node.value.get(field)) for field in PROBE_FIELDS]
        handlers += [(("lifecycle", hook), lifecycle.get(hook)) for hook in ("postStart", "preStop")]  # type: ignore[misc]
        for route, handler in handlers:
            for kind in ("httpGet", "tcpSocket"):
                host = text(mapping(mapping(handler).get(kind)).get("host"))
                if host:
                    yield (*node.route, *route, kind, "host"), f"the {route[-1]} of {whom} makes the node call `{host}`"


def _apparmor(pod: PodTemplate, minor: int) -> _Found:
    for context in security_contexts(pod):
        profile = context.body.get("appArmorProfile")
        if isinstance(profile, dict) and profile.get("type") not in PROFILES:
            kind = profile.get("type")
            yield (*context.route, "appArmorProfile", "type"), f"{context.whom} has the AppArmor profile {kind or 'without a type'}"
    for key, value in pod.annotations.items():
        if key.startswith(_APPARMOR_PREFIX) and value and value != "runtime/default" and not value.startswith("localhost/"):
            route = (*pod.route, "metadata", "annotations", key)
            yield route, f"container {key.removeprefix(_APPARMOR_PREFIX)} has the AppArmor profile {value}"


def _selinux(pod: PodTemplate, minor: int) -> _Found:
    for context in security_contexts(pod):
        options = mapping(context.body.get("seLinuxOptions"))
        kind = options.get("type", "")
        if isinstance(kind, str) and minor < _SELINUX_TYPES.get(kind, 1_000):
            yield (*context.route, "seLinuxOptions", "type"), f"{context.whom} has the SELinux type {kind}"
        for field in ("user", "role"):
            if text(options.get(field)):
                yield (*context.route, "seLinuxOptions", field), f"{context.whom} chooses its SELinux {field}"


def proc_mount(pod: PodTemplate, minor: int) -> _Found:
    """Containers that see parts of /proc which are hidden otherwise."""
    for context in container_contexts(pod):
        kind = context.body.get("procMount")
        if isinstance(kind, str) and kind != "Default":
            yield (*context.route, "procMount"), f"{context.whom} sees all of /proc (`procMount: {kind}`)"


def _proc_mount(pod: PodTemplate, minor: int) -> _Found:
    if minor < 35 or not in_user_namespace(pod):
        yield from proc_mount(pod, minor)


def _seccomp(pod: PodTemplate, minor: int) -> _Found:
    if minor >= 19:
        yield from bad_seccomp(pod)
        return
    keys = [_SECCOMP_POD, *(f"{_SECCOMP_CONTAINER}{node.value.get('name')}" for node, _ in containers(pod))]
    for key in keys:
        value = pod.annotations.get(key)
        if value is not None and value not in ("runtime/default", "docker/default") and not value.startswith("localhost/"):
            yield (*pod.route, "metadata", "annotations", key), f"the annotation `{key}` sets the seccomp profile {value}"


def bad_seccomp(pod: PodTemplate) -> _Found:
    """Security contexts that choose a seccomp profile which is none."""
    for context in security_contexts(pod):
        profile = context.body.get("seccompProfile")
        if isinstance(profile, dict) and profile.get("type") not in PROFILES:
            kind = profile.get("type")
            yield (*context.route, "seccompProfile", "type"), f"{context.whom} has the seccomp profile {kind or 'without a type'}"


def _sysctls(pod: PodTemplate, minor: int) -> _Found:
    listed = items(mapping(pod.spec.get("securityContext")).get("sysctls"))
    for index, sysctl in enumerate(listed):
        name = mapping(sysctl).get("name")
        if isinstance(name, str) and minor < _SYSCTLS.get(name, 1_000):
            since = f", which is allowed since version 1.{_SYSCTLS[name]} of the policy" if name in _SYSCTLS else ""
            yield (*pod.spec_route, "securityContext", "sysctls", index, "name"), f"the pod sets the sysctl {name}{since}"


def _windows_host_process(pod: PodTemplate, minor: int) -> _Found:
    for context in security_contexts(pod):
        if mapping(context.body.get("windowsOptions")).get("hostProcess") is True:
            yield (*context.route, "windowsOptions", "hostProcess"), f"{context.whom} runs as a process of its Windows node"


STANDARDS = (
    Standard("host-namespaces", _host_namespaces),
    Standard("privileged", _privileged),
    Standard("capabilities", _capabilities),
    Standard("host-path", _host_path),
    Standard("host-ports", _host_ports),
    Standard("probe-host", _probe_host, since=34),
    Standard("apparmor", _apparmor),
    Standard("selinux", _selinux),
    Standard("proc-mount", _proc_mount),
    Standard("seccomp", _seccomp),
    Standard("sysctls", _sysctls),
    Standard("windows-host-process", _windows_host_process),
)
