"""Where containers mount volumes. Source: `ValidateVolumeMounts`, `validateMountPropagation`, `validateMountRecursiveReadOnly`,
`ValidateVolumeDevices`; for the colon in a path the comment on VolumeMount.mountPath in k8s.io/api."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_validation.texts import backstep_problem, descending_path_problem
from linter.kubernetes.pod_validation.volumes import is_claim, volumes_by_name
from linter.model import Node, Related, Route, Violation, dig, items
from linter.wording import shown

_DRIVE = re.compile(r"[A-Za-z]:")


def mount_violations(container: Node) -> Iterator[Violation]:
    """What is wrong in `volumeMounts` and `volumeDevices` of a container, apart from the volumes they name."""
    mounts, devices = items(container.value.get("volumeMounts")), items(container.value.get("volumeDevices"))
    paths: dict[str, int] = {}
    for index, mount in enumerate(mounts):
        if not isinstance(mount, dict):
            continue
        at = (*container.route, "volumeMounts", index)
        path = mount.get("mountPath")
        if isinstance(path, str):
            if not path:
                yield Violation((*at, "mountPath"), "mountPath is empty")
            elif paths.setdefault(path, index) != index:
                yield Violation(
                    (*at, "mountPath"),
                    f"two volumes are mounted at `{shown(path)}` in container {container.value.get('name')}",
                    related=(
                        Related("the first of them", container.resource, (*container.route, "volumeMounts", paths[path], "mountPath")),
                    ),
                )
            elif ":" in path and ":" in (path[2:] if _DRIVE.match(path) else path):
                message = f"mountPath `{shown(path)}` holds a `:`, which container runtimes read as the end of the path"
                yield Violation((*at, "mountPath"), message, severity="warning")
        if len(mount) > 2:
            yield from _options(mount, at, container)
    if devices:
        yield from _devices(devices, mounts, container)


def _options(mount: dict[str, Any], at: Route, container: Node) -> Iterator[Violation]:
    sub, expression = mount.get("subPath"), mount.get("subPathExpr")
    for field, path in (("subPath", sub), ("subPathExpr", expression)):
        if isinstance(path, str) and path and (problem := descending_path_problem(path)) is not None:
            yield Violation((*at, field), f"{field} `{shown(path)}` is not valid: {problem}")
    if sub and expression:
        yield Violation((*at, "subPathExpr"), "a mount has both subPath and subPathExpr, and may have one of them", on="key")
    propagation = mount.get("mountPropagation")
    # A placeholder may become true.
    if propagation == "Bidirectional" and dig(container.value, "securityContext", "privileged") in (None, False):
        yield Violation(
            (*at, "mountPropagation"),
            f"mountPropagation Bidirectional is for privileged containers only, and {container.value.get('name')} is not privileged",
        )
    if mount.get("recursiveReadOnly") in ("Enabled", "IfPossible"):
        if mount.get("readOnly") is not True:
            yield Violation((*at, "recursiveReadOnly"), "recursiveReadOnly is set on a mount that is not readOnly", on="key")
        elif propagation in ("HostToContainer", "Bidirectional"):
            yield Violation((*at, "recursiveReadOnly"), "recursiveReadOnly goes with no mountPropagation other than None", on="key")


def _devices(devices: list[Any], mounts: list[Any], container: Node) -> Iterator[Violation]:
    volumes = volumes_by_name(container.pod)
    mounted = {(field, mount[field]) for mount in mounts if isinstance(mount, dict) for field in mount if isinstance(mount[field], str)}
    names: set[str] = set()
    paths: set[str] = set()
    for index, device in enumerate(devices):
        if not isinstance(device, dict):
            continue
        at = (*container.route, "volumeDevices", index)
        name, path = device.get("name"), device.get("devicePath")
        if isinstance(name, str) and name:
            if name in names:
                yield Violation((*at, "name"), f"the volume {shown(name)} is a device of this container twice")
            elif ("name", name) in mounted:
                yield Violation((*at, "name"), f"the volume {shown(name)} is both mounted and a device in this container")
            elif name in volumes and not is_claim(volumes[name]):
                yield Violation((*at, "name"), f"the volume {shown(name)} is no claim, and only claims can be devices")
            names.add(name)
        if isinstance(path, str):
            if not path:
                yield Violation((*at, "devicePath"), "devicePath is empty")
            elif path in paths or ("mountPath", path) in mounted:
                yield Violation((*at, "devicePath"), f"the path `{shown(path)}` is used twice in this container")
            elif (problem := backstep_problem(path)) is not None:
                yield Violation((*at, "devicePath"), f"devicePath `{shown(path)}` is not valid: {problem}")
            paths.add(path)
