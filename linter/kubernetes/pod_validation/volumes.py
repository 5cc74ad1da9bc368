"""Volumes of pods: names, and that each has one source. What each source demands stands in volume_sources.

Source: `ValidateVolumes` and `validateVolumeSource`, after `SetDefaults_Volume`, by which a volume without a source is an
emptyDir.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_validation.texts import invalid
from linter.kubernetes.pod_validation.volume_sources import SOURCES, source_violations
from linter.kubernetes.scalars.names import dns_label_problem
from linter.model import DesiredState, PodTemplate, Related, Route, Violation, dig, items
from linter.spelling import nearest
from linter.wording import shown

# A name is compared with no more volumes than these.
_MOST_COMPARED = 100


def volume_violations(pod: PodTemplate, minor: int) -> Iterator[Violation]:
    """Names that no volume has, several sources in one volume, and what is wrong in a source."""
    for index, volume in enumerate(items(pod.spec.get("volumes"))):
        if not isinstance(volume, dict):
            continue
        name = volume.get("name")
        if isinstance(name, str) and (problem := dns_label_problem(name)) is not None:
            yield Violation((*pod.spec_route, "volumes", index, "name"), invalid("the name of the volume", name, problem))
        given = sorted(field for field in volume if field in SOURCES and volume[field] is not None)
        if len(given) > 1:
            yield Violation(
                (*pod.spec_route, "volumes", index, given[-1]),
                f"the volume {shown(str(name))} has {len(given)} sources ({', '.join(given)}) and may have one",
                on="key",
            )
            continue
        for field in given:
            body = volume[field]
            if isinstance(body, dict):
                yield from source_violations(field, body, (*pod.spec_route, "volumes", index, field), minor)


def repeated_volumes(pod: PodTemplate) -> Iterator[Violation]:
    """Volumes of one name."""
    first: dict[str, int] = {}
    for index, volume in enumerate(items(pod.spec.get("volumes"))):
        name = volume.get("name") if isinstance(volume, dict) else None
        if isinstance(name, str) and name and first.setdefault(name, index) != index:
            route: Route = (*pod.spec_route, "volumes")
            yield Violation(
                (*route, index, "name"),
                f"the pod has two volumes named `{shown(name)}`",
                related=(Related("the first of them", pod.resource, (*route, first[name], "name")),),
            )


def undefined_volumes(pod: PodTemplate, state: DesiredState) -> Iterator[Violation]:
    """Mounts, devices and variables of the pod's containers that name a volume it does not have.

    The claim templates of a StatefulSet become volumes of its pods. Silent where the name of a volume is a placeholder,
    or is itself reported.
    """
    known: dict[str, Any] | None = None
    certain: bool | None = None
    for field in ("initContainers", "containers"):
        for number, container in enumerate(items(pod.spec.get(field))):
            if not isinstance(container, dict) or not ("volumeMounts" in container or "volumeDevices" in container or "env" in container):
                continue
            for route, name in _references(container):
                if known is None:
                    known = volumes_by_name(pod)
                if name in known and route[0] != "env":
                    continue
                if certain is None:
                    certain = not any(map(state.is_opaque, known)) and all(map(_usable, items(pod.spec.get("volumes"))))
                if not certain:
                    return
                if name not in known:
                    yield _undefined((*pod.spec_route, field, number, *route), name, container.get("name"), known)
                elif route[0] == "env" and isinstance(known[name], dict) and known[name].get("emptyDir") is None:
                    message = f"the volume {shown(name)} is no emptyDir, and a fileKeyRef reads from nothing else"
                    yield Violation((*pod.spec_route, field, number, *route), message)


def volumes_by_name(pod: PodTemplate) -> dict[str, Any]:
    """The volumes that containers of the pod can mount, by name; None for the claim templates of a StatefulSet."""
    known: dict[str, Any] = {
        volume["name"]: volume for volume in items(pod.spec.get("volumes")) if isinstance(volume, dict) and _named(volume)
    }
    if pod.resource.type == "StatefulSet":
        for claim in items(pod.resource.spec.get("volumeClaimTemplates")):
            name = dig(claim, "metadata", "name")
            if isinstance(name, str):
                known[name] = None
    return known


def _usable(volume: object) -> bool:
    name = volume.get("name") if isinstance(volume, dict) else None
    return isinstance(name, str) and dns_label_problem(name) is None


def _named(volume: dict[str, Any]) -> bool:
    return isinstance(volume.get("name"), str)


def _references(container: dict[str, Any]) -> Iterator[tuple[Route, str]]:
    for field in ("volumeMounts", "volumeDevices"):
        for index, entry in enumerate(items(container.get(field))):
            name = entry.get("name") if isinstance(entry, dict) else None
            if isinstance(name, str):
                yield (field, index, "name"), name
    for index, entry in enumerate(items(container.get("env"))):
        source = entry.get("valueFrom") if isinstance(entry, dict) else None
        if isinstance(source, dict) and "fileKeyRef" in source:
            name = dig(source, "fileKeyRef", "volumeName")
            if isinstance(name, str) and name:
                yield ("env", index, "valueFrom", "fileKeyRef", "volumeName"), name


def _undefined(route: Route, name: str, container: object, known: dict[str, Any]) -> Violation:
    if not name:
        return Violation(route, f"a mount of container {container} names no volume")
    near = nearest(name, known) if len(known) <= _MOST_COMPARED else None
    if near is not None:
        told = f" (did you mean `{shown(near)}`?)"
    elif known:
        told = f"; it has {', '.join(f'`{shown(other)}`' for other in sorted(known)[:8])}{' and more' if len(known) > 8 else ''}"
    else:
        told = "; it has none"
    return Violation(route, f"container {container} names the volume `{shown(name)}`, which this pod does not have{told}")


def is_claim(volume: object) -> bool:
    """Whether a volume, as `volumes_by_name` knows it, can be a raw block device."""
    return volume is None or (
        isinstance(volume, dict) and (volume.get("persistentVolumeClaim") is not None or volume.get("ephemeral") is not None)
    )
