"""PersistentVolumeClaims and the claims in StatefulSets and ephemeral volumes.

Source: `ValidatePersistentVolumeClaimSpec` in apis/core/validation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.scalars.names import dns_subdomain_problem
from linter.kubernetes.scalars.quantities import parse_quantity
from linter.kubernetes.validation.values import named
from linter.model import DesiredState, Resource, Route, Violation, mapping


def claim_problems(claim: Resource, state: DesiredState) -> Iterator[Violation]:
    """What the API server refuses in a PersistentVolumeClaim."""
    return claim_spec_problems(claim.body.get("spec"), ("spec",), state)


def claim_spec_problems(spec: object, route: Route, state: DesiredState | None = None) -> Iterator[Violation]:
    """What the API server refuses in the spec of a claim that stands at `route`; with a state, placeholders are respected."""
    if not isinstance(spec, dict):
        return
    modes = spec.get("accessModes")
    if not modes and not isinstance(modes, (str, dict)):
        yield Violation(
            (*route, "accessModes"),
            "the claim names no access mode",
            fix="Write `accessModes: [ReadWriteOnce]`, or another mode.",
            on="key",
        )
    yield from access_mode_problems(modes, route)
    resources = spec.get("resources")
    if resources is None or isinstance(resources, dict):
        yield from _request(mapping(resources).get("requests"), route)
    yield from named(spec, "storageClassName", route, dns_subdomain_problem)
    yield from named(spec, "volumeAttributesClassName", route, dns_subdomain_problem)
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    parts = [value for one in (source, reference) for value in mapping(one).values()]
    if parts and (state is None or not any(map(state.is_opaque, parts))):
        yield from _sources(source, reference, route)


def access_mode_problems(modes: object, route: Route) -> Iterator[Violation]:
    """Access modes that exclude each other, in the accessModes of the spec at `route`."""
    if isinstance(modes, list) and len(modes) > 1 and "ReadWriteOncePod" in modes and any(mode != "ReadWriteOncePod" for mode in modes):
        message = "ReadWriteOncePod excludes every other access mode"
        yield Violation(
            (*route, "accessModes", modes.index("ReadWriteOncePod")), message, fix="Keep ReadWriteOncePod as the only mode, or remove it."
        )


def _request(requests: object, route: Route) -> Iterator[Violation]:
    if requests is not None and not isinstance(requests, dict):
        return
    storage = mapping(requests).get("storage")
    if storage is None:
        place = (*route, "resources", "requests")
        yield Violation(place, "the claim does not say how much storage it needs", fix="Write `resources.requests.storage`.", on="key")
        return
    quantity = parse_quantity(storage)
    if quantity is not None and quantity <= 0:
        yield Violation(
            (*route, "resources", "requests", "storage"), f"the claim asks for {storage} of storage, and must ask for more than 0"
        )


def _sources(source: Any, reference: Any, route: Route) -> Iterator[Violation]:
    for field, value in (("dataSource", source), ("dataSourceRef", reference)):
        if not isinstance(value, dict):
            continue
        place = (*route, field)
        if field == "dataSource" and not _kept(value):
            message = "the API server drops this dataSource, and the volume begins empty: only claims and snapshots are taken here"
            fix = "Write `apiGroup: snapshot.storage.k8s.io` for a VolumeSnapshot, or move what else it is to `dataSourceRef`."
            if all(isinstance(value.get(key), str | None) for key in ("apiGroup", "kind")):
                yield Violation(place, message, fix=fix, severity="warning", on="key")
            continue
        if value.get("namespace"):
            message = f"the API server drops this {field} unless its feature gate CrossNamespaceVolumeDataSource is on"
            yield Violation((*place, "namespace"), message, severity="warning", fix="Name a source in the namespace of the claim.")
            continue
        for key in ("kind", "name"):
            if value.get(key) == "":
                yield Violation((*place, key), f"the {key} of the {field} is empty")
        if not value.get("apiGroup") and isinstance(value.get("kind"), str) and value["kind"] not in ("", "PersistentVolumeClaim"):
            message = f"the {field} names no apiGroup, and only a PersistentVolumeClaim has none, not a {value['kind']}"
            yield Violation((*place, "kind"), message, fix="For a VolumeSnapshot write `apiGroup: snapshot.storage.k8s.io`.")
        yield from named(value, "apiGroup", place, dns_subdomain_problem)
    both = isinstance(source, dict) and isinstance(reference, dict) and _kept(source) and not reference.get("namespace")
    if both and any((source.get(key) or "") != (reference.get(key) or "") for key in ("apiGroup", "kind", "name")):
        yield Violation((*route, "dataSource"), "dataSource and dataSourceRef differ", on="key", fix="Leave `dataSourceRef`.")


def _kept(source: dict[str, Any]) -> bool:
    """Whether the API server keeps a dataSource. Source: `EnforceDataSourceBackwardsCompatibility` of pkg/api/persistentvolumeclaim."""
    return (source.get("apiGroup") or "", source.get("kind")) in (
        ("", "PersistentVolumeClaim"),
        ("snapshot.storage.k8s.io", "VolumeSnapshot"),
    )
