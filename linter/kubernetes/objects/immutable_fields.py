"""Which fields of an object can never change, and how two forms of it are compared.

Sources: what `Validate…Update` of Kubernetes 1.36 refuses (k8s.io/kubernetes pkg/apis/{apps,batch,core,networking,node,
rbac,resource,scheduling,storage}/validation, pkg/registry/policy, and k8s.io/apiextensions-apiserver), tried out on its API server.
Values that the API server fills in count as what it fills in.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from linter.model import Route, dig, items, mapping, text


class FieldChange(NamedTuple):
    """A field that has changed and cannot: its route, and what it was and is (None: not set)."""

    route: Route
    before: Any
    after: Any


_Comparison = Callable[[dict[str, Any], dict[str, Any]], Iterator[FieldChange]]

_ABSENT: Final[tuple[Any, ...]] = (None, {}, [], "")
# What the API server writes, or takes for granted, in the objects inside of an object.
_NEVER_COMPARED: Final = frozenset({"status", "creationTimestamp"})
# What the API server fills in, by the last key of a route.
_DEFAULTS: Final[dict[str, Any]] = {
    "podManagementPolicy": "OrderedReady",
    "completionMode": "NonIndexed",
    "volumeMode": "Filesystem",
    "reclaimPolicy": "Delete",
    "volumeBindingMode": "Immediate",
    "preemptionPolicy": "PreemptLowerPriority",
    "attachRequired": True,
    "apiGroup": "rbac.authorization.k8s.io",
    "manualSelector": False,
    # In the pods of Jobs, and Pods.
    "dnsPolicy": "ClusterFirst",
    "enableServiceLinks": True,
    "schedulerName": "default-scheduler",
    "terminationGracePeriodSeconds": 30,
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "protocol": "TCP",
    "defaultMode": 420,
    "hostNetwork": False,
    "hostPID": False,
    "hostIPC": False,
    "readOnly": False,
    "fsType": "ext4",
}
_FIELDS: Final[dict[str, tuple[Route, ...]]] = {
    "ClusterTrustBundle": (("spec", "signerName"),),
    "ControllerRevision": (("data",),),
    "CSIDriver": (("spec", "attachRequired"), ("spec", "volumeLifecycleModes")),
    "CustomResourceDefinition": (("spec", "group"), ("spec", "scope"), ("spec", "names", "kind"), ("spec", "names", "plural")),
    "DaemonSet": (("spec", "selector"),),
    "Deployment": (("spec", "selector"),),
    "EndpointSlice": (("addressType",),),
    "IngressClass": (("spec", "controller"),),
    "PriorityClass": (("value",), ("preemptionPolicy",)),
    "ReplicaSet": (("spec", "selector"),),
    "ResourceClaim": (("spec",),),
    "ResourceClaimTemplate": (("spec",),),
    "RoleBinding": (("roleRef",),),
    "ClusterRoleBinding": (("roleRef",),),
    "RuntimeClass": (("handler",),),
    "StatefulSet": (("spec", "selector"), ("spec", "serviceName"), ("spec", "podManagementPolicy"), ("spec", "volumeClaimTemplates")),
    "StorageClass": (("provisioner",), ("parameters",), ("reclaimPolicy",), ("volumeBindingMode",)),
    "VolumeAttributesClass": (("driverName",), ("parameters",)),
}
_SOURCES_OF_VOLUMES: Final = frozenset({
    "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker", "gcePersistentDisk",
    "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO",
    "storageos", "vsphereVolume",
})  # fmt: skip


def immutable_changes(type: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[FieldChange]:
    """What has changed between two forms of an object of this type ("Deployment") and can only change with a new object."""
    for route in _FIELDS.get(type, ()):
        yield from _difference(before, after, route)
    if type in _OTHERS:
        yield from _OTHERS[type](before, after)


def has_immutable_fields(type: str) -> bool:
    """Whether some field of objects of this type can never change."""
    return type in _FIELDS or type in _OTHERS


def _job(before: dict[str, Any], after: dict[str, Any]) -> Iterator[FieldChange]:
    for field in ("selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"):
        yield from _difference(before, after, ("spec", field))
    if dig(after, "spec", "completionMode") != "Indexed":
        yield from _difference(before, after, ("spec", "completions"))
    # Of a suspended Job, what its pods need and where they may run can change until it is started.
    if dig(before, "spec", "suspend") is not True:
        yield from _difference(before, after, ("spec", "template"))


def _service(before: dict[str, Any], after: dict[str, Any]) -> Iterator[FieldChange]:
    old, new = mapping(before.get("spec")), mapping(after.get("spec"))
    if "ExternalName" in (old.get("type"), new.get("type")):
        return
    # An address that is left out stays what it is.
    if new.get("clusterIP") not in _ABSENT and old.get("clusterIP") != new["clusterIP"]:
        yield FieldChange(("spec", "clusterIP"), old.get("clusterIP"), new["clusterIP"])
    old_families, new_families = items(old.get("ipFamilies")), items(new.get("ipFamilies"))
    if old_families and new_families and old_families[0] != new_families[0]:
        yield FieldChange(("spec", "ipFamilies", 0), old_families[0], new_families[0])
    if old.get("type") == new.get("type") == "LoadBalancer":
        yield from _difference(before, after, ("spec", "loadBalancerClass"))


def _claim(before: dict[str, Any], after: dict[str, Any]) -> Iterator[FieldChange]:
    for field in ("accessModes", "selector", "volumeMode", "dataSource"):
        yield from _difference(before, after, ("spec", field))
    # Where nothing is said, the API server has filled in the default class, and the controller the volume.
    for field in ("storageClassName", "volumeName"):
        if dig(before, "spec", field) is not None and (field == "storageClassName" or dig(after, "spec", field) is not None):
            yield from _difference(before, after, ("spec", field))
    route = ("spec", "resources", "requests", "storage")
    sizes = dig(before, *route), dig(after, *route)
    if _is_less(sizes[1], sizes[0]):
        yield FieldChange(route, *sizes)


def _volume(before: dict[str, Any], after: dict[str, Any]) -> Iterator[FieldChange]:
    yield from _difference(before, after, ("spec", "volumeMode"))
    old, new = mapping(before.get("spec")), mapping(after.get("spec"))
    for source in sorted(_SOURCES_OF_VOLUMES & (old.keys() | new.keys())):
        if source != "csi" or dig(old, "csi", "controllerExpandSecretRef") is not None:
            yield from _difference(before, after, ("spec", source))
        else:
            yield from _difference(before, {"spec": {"csi": _without(new.get("csi"), "controllerExpandSecretRef")}}, ("spec", source))


def _config_map(before: dict[str, Any], after: dict[str, Any]) -> Iterator[FieldChange]:
    if before.get("immutable") is not True:
        return
    if after.get("immutable") is not True:
        yield FieldChange(("immutable",), True, after.get("immutable"))
    for field in ("data", "binaryData"):
        yield from _difference(before, after, (field,))


def _secret(before: dict[str, Any], after: dict[str, Any]) -> Iterator[FieldChange]:
    old, new = before.get("type") or "Opaque", after.get("type") or "Opaque"
    if old != new:
        yield FieldChange(("type",), old, new)
    if before.get("immutable") is not True:
        return
    if after.get("immutable") is not True:
        yield FieldChange(("immutable",), True, after.get("immutable"))
    if _secret_data(before) != _secret_data(after):
        # Neither old nor new data is ever shown.
        yield FieldChange(("data",) if "data" in after else ("stringData",), None, None)


def _pod(before: dict[str, Any], after: dict[str, Any]) -> Iterator[FieldChange]:
    """Everything but images, tolerations, deadlines and gates."""
    mutable = ("activeDeadlineSeconds", "tolerations", "schedulingGates", "terminationGracePeriodSeconds")
    old, new = ({"spec": _without_images(_without(form.get("spec"), *mutable))} for form in (before, after))
    yield from _difference(old, new, ("spec",))


_OTHERS: Final[dict[str, _Comparison]] = {
    "ConfigMap": _config_map,
    "Job": _job,
    "PersistentVolume": _volume,
    "PersistentVolumeClaim": _claim,
    "Pod": _pod,
    "Secret": _secret,
    "Service": _service,
}


def _difference(before: dict[str, Any], after: dict[str, Any], route: Route) -> Iterator[FieldChange]:
    """The change at a route, if there is one: at the only part that differs, else at the route itself."""
    old, new = dig(before, *route), dig(after, *route)
    name = route[-1]
    default = _DEFAULTS.get(name) if isinstance(name, str) else None
    if _same(default if old is None else old, default if new is None else new, name):
        return
    yield _narrowed(FieldChange(route, old, new))


def _narrowed(change: FieldChange) -> FieldChange:
    while True:
        old, new = change.before, change.after
        if isinstance(old, dict) and isinstance(new, dict):
            keys = [key for key in (*new, *(key for key in old if key not in new)) if key not in _NEVER_COMPARED]
            parts: list[tuple[str | int, Any, Any]] = [
                (key, old.get(key), new.get(key)) for key in keys if not _same(old.get(key), new.get(key), key)
            ]
        elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
            parts = [(n, one, other) for n, (one, other) in enumerate(zip(old, new, strict=True)) if not _same(one, other, n)]
        else:
            return change
        if len(parts) != 1:
            return change
        [(key, one, other)] = parts
        change = FieldChange((*change.route, key), one, other)


def _same(old: Any, new: Any, key: str | int) -> bool:
    """Whether the API server takes two values for one and the same."""
    if old == new or (old in _ABSENT and new in _ABSENT):
        return True
    default = _DEFAULTS.get(key) if isinstance(key, str) else None
    if default is not None and (default if old is None else old) == (default if new is None else new):
        return True
    if isinstance(old, dict) and isinstance(new, dict):
        names = [name for name in old.keys() | new.keys() if name not in _NEVER_COMPARED]
        same = _same_quantity if key in ("requests", "limits", "capacity") else _same
        return all(same(old.get(name), new.get(name), name) for name in names)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(_same(one, other, number) for number, (one, other) in enumerate(zip(old, new, strict=True)))
    return False


def _same_quantity(old: Any, new: Any, key: str) -> bool:
    from linter.kubernetes.scalars.quantities import parse_quantity

    amounts = parse_quantity(old), parse_quantity(new)
    return _same(old, new, key) if None in amounts else amounts[0] == amounts[1]


def _is_less(one: Any, other: Any) -> bool:
    """Whether one quantity is less than another; False if one of them is none."""
    from linter.kubernetes.scalars.quantities import parse_quantity

    amounts = parse_quantity(one), parse_quantity(other)
    return amounts[0] is not None and amounts[1] is not None and amounts[0] < amounts[1]


def _without(value: Any, *fields: str) -> dict[str, Any]:
    return {field: entry for field, entry in mapping(value).items() if field not in fields}


def _without_images(spec: dict[str, Any]) -> dict[str, Any]:
    lists = ("containers", "initContainers")
    return {**spec, **{field: [_without(container, "image") for container in items(spec[field])] for field in lists if field in spec}}


def _secret_data(secret: dict[str, Any]) -> dict[str, bytes]:
    """The data of a Secret, however it is written."""
    found: dict[str, bytes] = {}
    for key, value in mapping(secret.get("data")).items():
        try:
            found[key] = base64.b64decode(text(value), validate=True)
        except (binascii.Error, ValueError):
            found[key] = text(value).encode()
    return found | {key: text(value).encode() for key, value in mapping(secret.get("stringData")).items()}
