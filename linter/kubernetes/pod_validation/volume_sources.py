"""What each kind of volume demands. Source: the functions `validate…VolumeSource`; for the media of an emptyDir, which only
the kubelet checks, pkg/volume/emptydir."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from linter.kubernetes.pod_validation.projected import downward_items, key_items, projected_violations
from linter.kubernetes.pod_validation.texts import (
    backstep_problem,
    bad_mode,
    bad_path,
    descending_path_problem,
    empty_texts,
    is_int32,
    missing_text,
)
from linter.kubernetes.scalars.names import dns_label_problem, dns_subdomain_problem
from linter.kubernetes.scalars.quantities import parse_quantity
from linter.kubernetes.validation.claims import claim_spec_problems
from linter.kubernetes.validation.values import whole
from linter.model import Route, Violation, items, mapping
from linter.wording import shown

# Texts that must not be empty. The schema requires the fields themselves; what it leaves optional is in _MISSING.
_TEXTS: dict[str, tuple[str, ...]] = {
    "awsElasticBlockStore": ("volumeID",),
    "azureDisk": ("diskName", "diskURI"),
    "azureFile": ("secretName", "shareName"),
    "cephfs": (),
    "cinder": ("volumeID",),
    "configMap": (),
    "csi": (),
    "downwardAPI": (),
    "emptyDir": (),
    "ephemeral": (),
    "fc": (),
    "flexVolume": ("driver",),
    "flocker": (),
    "gcePersistentDisk": ("pdName",),
    "gitRepo": ("repository",),
    "glusterfs": ("endpoints", "path"),
    "hostPath": ("path",),
    "image": (),
    "iscsi": ("targetPortal", "iqn"),
    "nfs": ("server", "path"),
    "persistentVolumeClaim": ("claimName",),
    "photonPersistentDisk": ("pdID",),
    "portworxVolume": ("volumeID",),
    "projected": (),
    "quobyte": ("registry", "volume"),
    "rbd": ("image",),
    "scaleIO": ("gateway", "system"),
    "secret": (),
    "storageos": (),
    "vsphereVolume": ("volumePath",),
}
SOURCES = frozenset(_TEXTS)

# What the schema leaves optional and validation requires, with all fields of the source: one it does not have is a typing error.
_MISSING: dict[str, tuple[str, frozenset[str]]] = {
    "secret": ("secretName", frozenset({"secretName", "items", "defaultMode", "optional"})),
    "configMap": ("name", frozenset({"name", "items", "defaultMode", "optional"})),
    "ephemeral": ("volumeClaimTemplate", frozenset({"volumeClaimTemplate"})),
    "image": ("reference", frozenset({"reference", "pullPolicy"})),
    "scaleIO": (
        "volumeName",
        frozenset(
            {
                "gateway",
                "system",
                "secretRef",
                "sslEnabled",
                "protectionDomain",
                "storagePool",
                "storageMode",
                "volumeName",
                "fsType",
                "readOnly",
            }
        ),
    ),
    "storageos": ("volumeName", frozenset({"volumeName", "volumeNamespace", "fsType", "readOnly", "secretRef"})),
}
_MAX_PARTITION = 255
_IQN = re.compile(r"iqn\.[0-9]{4}-[0-9]{2}\.([0-9A-Za-z.-]+)(:[^,;*&$|\s]+)$")
_EUI = re.compile(r"eui.[0-9A-Za-z]{16}$")
_NAA = re.compile(r"naa.[0-9A-Za-z]{32}$")
_PAGES = re.compile(r"HugePages(-[0-9]+(\.[0-9]+)?[KMGTPE]i?)?\Z")


def source_violations(kind: str, body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    """What is wrong in a source of a volume, such as `hostPath`, whose mapping stands at `route`."""
    yield from empty_texts(body, _TEXTS[kind], route, f"{kind}")
    if kind in _MISSING:
        field, known = _MISSING[kind]
        violation = missing_text(body, field, known, route, kind)
        if violation is not None:
            yield violation
    check = _CHECKS.get(kind)
    if check is not None:
        yield from check(body, route, minor)


def _empty_dir(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    if not body:
        return
    limit = parse_quantity(body.get("sizeLimit"))
    if limit is not None and limit < 0:
        yield Violation((*route, "sizeLimit"), "sizeLimit is negative")
    medium = body.get("medium")
    if isinstance(medium, str) and medium not in ("", "Memory") and not _PAGES.match(medium):
        message = f"the medium `{shown(medium)}` does not exist, so the pod would never start; use `Memory`, `HugePages`, or leave it out"
        yield Violation((*route, "medium"), message)


def _host_path(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    if (violation := bad_path(body, "path", backstep_problem, route)) is not None:
        yield violation


def _keys(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    if (violation := bad_mode(body, "defaultMode", route)) is not None:
        yield violation
    if body.get("items"):
        yield from key_items(body, route)


def _downward(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    if (violation := bad_mode(body, "defaultMode", route)) is not None:
        yield violation
    yield from downward_items(body, route, minor)


def _nfs(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    path = body.get("path")
    if isinstance(path, str) and path and not path.startswith("/"):
        yield Violation((*route, "path"), f"path `{shown(path)}` is not valid: it must be an absolute path")


def _iscsi(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    for field in ("iqn", "initiatorName"):
        name = body.get(field)
        if isinstance(name, str) and (name or field == "initiatorName"):
            pattern = {"iqn": _IQN, "eui": _EUI, "naa": _NAA}.get(name[:3])
            # The upstream expression for iqn names is not anchored at the beginning.
            if pattern is None or not (pattern.search(name) if pattern is _IQN else pattern.match(name)):
                yield Violation((*route, field), f"{field} `{shown(name)}` is no name in the form of iqn, eui or naa")
    yield from _lun(body, route)
    if (body.get("chapAuthDiscovery") is True or body.get("chapAuthSession") is True) and body.get("secretRef") is None:
        yield Violation(route, "CHAP authentication is on, and no secretRef says with what")


def _lun(body: dict[str, Any], route: Route) -> Iterator[Violation]:
    lun = whole(body.get("lun"))
    if lun is not None and not 0 <= lun <= 255 and is_int32(lun):
        yield Violation((*route, "lun"), f"lun is {lun}, and must be between 0 and 255")


def _fc(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    wwns, wwids = body.get("targetWWNs"), body.get("wwids")
    if not wwns and not wwids:
        yield Violation(route, "fc names neither targetWWNs nor wwids")
    elif wwns and wwids:
        yield Violation((*route, "wwids"), "fc has both targetWWNs and wwids, and may have one of them", on="key")
    if wwns:
        if body.get("lun") is None:
            yield Violation(route, "fc with targetWWNs has no lun")
        yield from _lun(body, route)


def _partition(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    partition = whole(body.get("partition"))
    if partition is not None and not 0 <= partition <= _MAX_PARTITION and is_int32(partition):
        yield Violation((*route, "partition"), f"partition is {partition}, and must be between 0 and {_MAX_PARTITION}")


def _csi(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    driver = body.get("driver")
    if isinstance(driver, str):
        problem = f"it has {len(driver)} characters, and 63 are allowed" if len(driver) > 63 else dns_subdomain_problem(driver.lower())
        if problem is not None:
            yield Violation((*route, "driver"), f"the driver `{shown(driver)}` is not valid: {problem}")
    reference = body.get("nodePublishSecretRef")
    if isinstance(reference, dict):
        yield from _secret_name(reference, (*route, "nodePublishSecretRef"))


def _secret_name(reference: dict[str, Any], route: Route) -> Iterator[Violation]:
    name = reference.get("name")
    if not name and (name is None or isinstance(name, str)):
        yield Violation((*route, "name"), "no Secret is named here")
    elif isinstance(name, str) and (problem := dns_subdomain_problem(name)) is not None:
        yield Violation((*route, "name"), f"the name `{shown(name)}` of the Secret is not valid: {problem}")


def _with_secret(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    reference = body.get("secretRef")
    if isinstance(reference, dict) and reference.get("name") in (None, ""):
        yield Violation((*route, "secretRef", "name"), "no Secret is named here")


def _storageos(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    for field in ("volumeName", "volumeNamespace"):
        name = body.get(field)
        if isinstance(name, str) and name and (problem := dns_label_problem(name)) is not None:
            yield Violation((*route, field), f"{field} `{shown(name)}` is not valid: {problem}")
    yield from _with_secret(body, route, minor)


def _git_repo(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    if (violation := bad_path(body, "directory", descending_path_problem, route)) is not None:
        yield violation


def _azure_disk(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    kind, uri = body.get("kind") or "Shared", body.get("diskURI")
    if not isinstance(uri, str) or not uri or not isinstance(kind, str):
        return
    start = "/subscriptions/" if kind == "Managed" else "https://"
    if not uri.startswith(start):
        yield Violation((*route, "diskURI"), f"the diskURI of a disk of kind {shown(kind)} must begin with `{start}`")


def _flex(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    for key in mapping(body.get("options")):
        domain = "." + str(key).partition("/")[0].lower()
        if domain.endswith((".kubernetes.io", ".k8s.io")):
            yield Violation((*route, "options", key), f"the option `{shown(str(key))}` is in a name space of Kubernetes' own", on="key")


def _monitors(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    if body.get("monitors") == []:
        yield Violation((*route, "monitors"), "monitors is empty")


def _flocker(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    if bool(body.get("datasetName")) == bool(body.get("datasetUUID")):
        yield Violation(route, "flocker needs one of datasetName and datasetUUID")


def _ephemeral(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    template = mapping(body.get("volumeClaimTemplate"))
    if template.get("spec") is not None:
        yield from claim_spec_problems(template["spec"], (*route, "volumeClaimTemplate", "spec"))
    metadata = mapping(template.get("metadata"))
    for field in metadata:
        if field in ("name", "namespace", "generateName", "finalizers", "ownerReferences") and metadata[field]:
            place = (*route, "volumeClaimTemplate", "metadata", field)
            yield Violation(place, f"{field} cannot be set: the claim is named after pod and volume", on="key")


def _projected(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    if (violation := bad_mode(body, "defaultMode", route)) is not None:
        yield violation
    if items(body.get("sources")):
        yield from projected_violations(body, route, minor)


_CHECKS: dict[str, Callable[[dict[str, Any], Route, int], Iterator[Violation]]] = {
    "awsElasticBlockStore": _partition,
    "azureDisk": _azure_disk,
    "cephfs": _monitors,
    "cinder": _with_secret,
    "configMap": _keys,
    "csi": _csi,
    "downwardAPI": _downward,
    "emptyDir": _empty_dir,
    "ephemeral": _ephemeral,
    "fc": _fc,
    "flexVolume": _flex,
    "flocker": _flocker,
    "gcePersistentDisk": _partition,
    "gitRepo": _git_repo,
    "hostPath": _host_path,
    "iscsi": _iscsi,
    "nfs": _nfs,
    "projected": _projected,
    "rbd": _monitors,
    "secret": _keys,
    "storageos": _storageos,
}
