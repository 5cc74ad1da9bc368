"""PersistentVolumes. Source: `ValidatePersistentVolumeSpec` and `ValidateCSIDriverName` in apis/core/validation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.names import dns_subdomain_problem
from linter.kubernetes.scalars.quantities import parse_quantity
from linter.kubernetes.scheduling.node_affinity import requirement_problem
from linter.kubernetes.targets import minor_version
from linter.kubernetes.validation.claims import access_mode_problems
from linter.kubernetes.validation.values import named
from linter.model import DesiredState, Resource, Route, Violation, items, mapping

# In the order in which the API server looks for them: it takes the first one.
_SOURCES = (
    "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "flocker", "nfs", "rbd", "quobyte", "cephfs", "iscsi", "cinder",
    "fc", "flexVolume", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk", "scaleIO", "local",
    "storageos", "csi",
)  # fmt: skip
_DRIVER_LENGTH = 63
_ATTRIBUTES_SINCE = 34


def volume_problems(volume: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a PersistentVolume."""
    spec = volume.spec
    if not spec:
        if volume.body.get("spec") == {}:
            yield Violation(("spec",), f"{volume} has no capacity, no access modes and no volume", on="key")
        return
    modes = spec.get("accessModes")
    if not modes and not isinstance(modes, (str, dict)):
        yield Violation(
            ("spec", "accessModes"), "the volume names no access mode", fix="Write `accessModes: [ReadWriteOnce]`, or another mode."
        )
    yield from access_mode_problems(modes, ("spec",))
    yield from _capacity(spec)
    present = [name for name in _SOURCES if spec.get(name) is not None]
    if not present:
        yield Violation(("spec",), f"{volume} names no volume: a field such as csi, nfs or local is missing", on="key")
    for name in present[1:]:
        message = f"the volume is a {present[0]} volume already, and cannot be a {name} volume as well"
        yield Violation(("spec", name), message, on="key", fix="Keep one of them.")
    if present:
        yield from _source(spec, present[0])
    yield from named(spec, "storageClassName", ("spec",), dns_subdomain_problem)
    if isinstance(spec.get("nodeAffinity"), dict):
        yield from _affinity(spec["nodeAffinity"])
    # Before, the field was behind a feature gate, and dropped.
    if spec.get("volumeAttributesClassName") is None or minor_version(state) < _ATTRIBUTES_SINCE:
        return
    yield from named(spec, "volumeAttributesClassName", ("spec",), dns_subdomain_problem, empty=False)
    if "csi" not in present:
        message = "volumeAttributesClassName is allowed only for csi volumes"
        yield Violation(("spec", "volumeAttributesClassName"), message, on="key", fix="Remove it.")


def _capacity(spec: dict[str, Any]) -> Iterator[Violation]:
    capacity = spec.get("capacity")
    if capacity is None or capacity == {}:
        yield Violation(
            ("spec", "capacity"), "the volume names no capacity", fix="Write `capacity: {storage: 10Gi}` with its size.", on="key"
        )
        return
    if not isinstance(capacity, dict):
        return
    for name in capacity:
        if name != "storage":
            yield Violation(("spec", "capacity", name), f"the capacity of a volume is its storage, and `{name}` is not", on="key")
    if "storage" not in capacity:
        return
    quantity = parse_quantity(capacity["storage"])
    if quantity is not None and quantity <= 0:
        yield Violation(
            ("spec", "capacity", "storage"),
            f"the capacity is {capacity['storage']}, and must be more than 0",
            fix="Write its size, such as `10Gi`.",
        )


def _affinity(affinity: dict[str, Any]) -> Iterator[Violation]:
    required = affinity.get("required")
    if required is None:
        message = "the nodeAffinity of a volume has no `required`, and it needs it"
        yield Violation(("spec", "nodeAffinity"), message, on="key", fix="Write `required.nodeSelectorTerms`.")
    for index, term in enumerate(items(mapping(required).get("nodeSelectorTerms"))):
        for field in ("matchExpressions", "matchFields"):
            for place, expression in enumerate(items(mapping(term).get(field))):
                problem = requirement_problem(expression, field=field == "matchFields")
                # What is no operator at all, the structure check says.
                if problem is not None and problem[0][:1] == ("values",):
                    route = ("spec", "nodeAffinity", "required", "nodeSelectorTerms", index, field, place, *problem[0])
                    yield Violation(route, problem[1])


def _source(spec: dict[str, Any], name: str) -> Iterator[Violation]:
    source = spec[name]
    if not isinstance(source, dict):
        return
    route: Route = ("spec", name)
    path = source.get("path")
    if name in ("hostPath", "nfs", "local") and isinstance(path, str):
        if not path:
            yield Violation((*route, "path"), "the path is empty")
        elif name == "nfs" and not path.startswith("/"):
            yield Violation((*route, "path"), f"the path `{path}` must be absolute", fix=f"Write `/{path}`.")
        elif name != "nfs" and ".." in path.split("/"):
            yield Violation((*route, "path"), f"the path `{path}` cannot hold `..`")
    if name == "nfs" and source.get("server") == "":
        yield Violation((*route, "server"), "the server is empty")
    if name == "hostPath" and path == "/" and spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        message = "the whole disk of the node cannot be recycled"
        yield Violation(("spec", "persistentVolumeReclaimPolicy"), message, fix="Write `Retain`.")
    if name == "local" and spec.get("nodeAffinity") is None:
        message = "a local volume lies on certain nodes, and nodeAffinity does not say on which"
        yield Violation(route, message, on="key", fix="Write `nodeAffinity.required` with the nodes that have the disk.")
    if name == "csi":
        driver = source.get("driver")
        if isinstance(driver, str) and (problem := driver_problem(driver)) is not None:
            yield Violation((*route, "driver"), f"driver `{driver}` is not valid: {problem}")
        if source.get("volumeHandle") == "":
            yield Violation((*route, "volumeHandle"), "volumeHandle is empty")


def driver_problem(name: str) -> str | None:
    """What is wrong with the name of a CSI driver, as the end of a sentence, or None."""
    if len(name) > _DRIVER_LENGTH:
        return f"it has {len(name)} characters, and {_DRIVER_LENGTH} are allowed"
    return dns_subdomain_problem(name.lower())
