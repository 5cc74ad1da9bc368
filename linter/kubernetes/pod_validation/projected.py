"""Volumes that are put together from Secrets, ConfigMaps, tokens and facts about the pod. Source: `validateKeyToPath`,
`validateDownwardAPIVolumeFile`, `validateProjectionSources`; the overlaps that `GetWarningsForPod` names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.kubernetes.pod_validation.downward import field_violation, resource_field_violations
from linter.kubernetes.pod_validation.texts import bad_mode, bad_path, empty_texts, local_path_problem, missing_text
from linter.kubernetes.validation.values import whole
from linter.model import Route, Violation, items, mapping
from linter.wording import shown

_SOURCES = ("secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate")
_OBJECT_FIELDS = frozenset({"name", "items", "optional"})
_MIN_TOKEN_SECONDS = 600
_MAX_TOKEN_SECONDS = 2**32
_CERTIFICATE_PATHS = ("credentialBundlePath", "keyPath", "certificateChainPath")
_MIN_CERTIFICATE_SECONDS = 3600
_MAX_CERTIFICATE_SECONDS = 91 * 24 * 3600
_MAX_KUBERNETES_CERTIFICATE_SECONDS = 24 * 3600


def key_items(body: dict[str, Any], route: Route) -> Iterator[Violation]:
    """What is wrong in `items` of a Secret or ConfigMap, the keys that become files."""
    for index, item in enumerate(items(body.get("items"))):
        if not isinstance(item, dict):
            continue
        at = (*route, "items", index)
        yield from empty_texts(item, ("key", "path"), at, "an item")
        for violation in (bad_path(item, "path", local_path_problem, at), bad_mode(item, "mode", at)):
            if violation is not None:
                yield violation


def downward_items(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    """What is wrong in `items` of the downward API, the facts that become files."""
    for index, item in enumerate(items(body.get("items"))):
        if not isinstance(item, dict):
            continue
        at = (*route, "items", index)
        yield from empty_texts(item, ("path",), at, "an item")
        for violation in (bad_path(item, "path", local_path_problem, at), bad_mode(item, "mode", at)):
            if violation is not None:
                yield violation
        field, resource = item.get("fieldRef"), item.get("resourceFieldRef")
        if field is not None and resource is not None:
            yield Violation((*at, "resourceFieldRef"), "an item has both a fieldRef and a resourceFieldRef, and may have one", on="key")
        elif field is None and resource is None:
            yield Violation(at, "an item has neither a fieldRef nor a resourceFieldRef")
        if isinstance(field, dict) and (found := field_violation(field, (*at, "fieldRef"), minor, volume=True)) is not None:
            yield found
        if isinstance(resource, dict):
            yield from resource_field_violations(resource, (*at, "resourceFieldRef"), volume=True)


def projected_violations(body: dict[str, Any], route: Route, minor: int) -> Iterator[Violation]:
    """What is wrong in `sources` of a projected volume."""
    taken: set[str] = set()
    for index, source in enumerate(items(body.get("sources"))):
        if not isinstance(source, dict):
            continue
        at = (*route, "sources", index)
        given = [field for field in _SOURCES if source.get(field) is not None]
        if len(given) > 1:
            yield Violation(at, f"one source of a projected volume has {len(given)} kinds ({', '.join(given)}) and may have one")
        for field in given:
            part = source[field]
            if not isinstance(part, dict):
                continue
            yield from _part(field, part, (*at, field), minor)
            for place, path in _paths(field, part):
                if path in taken:
                    yield Violation((*at, field, *place), f"the path `{shown(path)}` is given twice in this volume")
                taken.add(path)


def _part(field: str, part: dict[str, Any], at: Route, minor: int) -> Iterator[Violation]:
    if field in ("secret", "configMap"):
        if (violation := missing_text(part, "name", _OBJECT_FIELDS, at, f"a projected {field}")) is not None:
            yield violation
        yield from key_items(part, at)
    elif field == "downwardAPI":
        yield from downward_items(part, at, minor)
    elif field == "serviceAccountToken":
        yield from _token(part, at)
    elif field == "clusterTrustBundle":
        yield from _trust_bundle(part, at)
    else:
        yield from _certificate(part, at)


def _token(part: dict[str, Any], at: Route) -> Iterator[Violation]:
    yield from empty_texts(part, ("path",), at, "a token")
    if (violation := bad_path(part, "path", local_path_problem, at)) is not None:
        yield violation
    seconds = whole(part.get("expirationSeconds"))
    if seconds is not None and not _MIN_TOKEN_SECONDS <= seconds <= _MAX_TOKEN_SECONDS:
        message = f"expirationSeconds is {seconds}: a token lives at least {_MIN_TOKEN_SECONDS} s and at most 2^32 s"
        yield Violation((*at, "expirationSeconds"), message)


def _trust_bundle(part: dict[str, Any], at: Route) -> Iterator[Violation]:
    yield from empty_texts(part, ("path", "name", "signerName"), at, "a trust bundle")
    if (violation := bad_path(part, "path", local_path_problem, at)) is not None:
        yield violation
    name, signer = part.get("name"), part.get("signerName")
    if name is not None and signer is not None:
        yield Violation((*at, "signerName"), "a trust bundle has both name and signerName, and may have one of them", on="key")
    elif name is None and signer is None:
        yield Violation(at, "a trust bundle has neither name nor signerName")
    elif name is not None and part.get("labelSelector") is not None:
        yield Violation((*at, "labelSelector"), "labelSelector goes with signerName, not with name", on="key")


def _certificate(part: dict[str, Any], at: Route) -> Iterator[Violation]:
    yield from empty_texts(part, ("signerName",), at, "a certificate")
    for field in _CERTIFICATE_PATHS:
        if (violation := bad_path(part, field, local_path_problem, at)) is not None:
            yield violation
    if not any(part.get(field) for field in _CERTIFICATE_PATHS):
        yield Violation(at, f"a certificate needs one of {', '.join(_CERTIFICATE_PATHS)}")
    seconds = whole(part.get("maxExpirationSeconds"))
    signer = part.get("signerName")
    domain = signer.partition("/")[0] if isinstance(signer, str) else ""
    own = domain == "kubernetes.io" or domain.endswith(".kubernetes.io")
    most = _MAX_KUBERNETES_CERTIFICATE_SECONDS if own else _MAX_CERTIFICATE_SECONDS
    if seconds is not None and not _MIN_CERTIFICATE_SECONDS <= seconds <= most:
        message = f"maxExpirationSeconds is {seconds}, and must be between {_MIN_CERTIFICATE_SECONDS} and {most}"
        yield Violation((*at, "maxExpirationSeconds"), message)


def _paths(field: str, part: dict[str, Any]) -> Iterator[tuple[Route, str]]:
    """The paths that one source of a projected volume names, as far as the API server compares them."""
    if field in ("secret", "configMap", "downwardAPI"):
        for index, item in enumerate(items(part.get("items"))):
            path = mapping(item).get("path")
            if isinstance(path, str) and path:
                yield ("items", index, "path"), path
        return
    if field == "serviceAccountToken":
        return
    for name in ("path",) if field == "clusterTrustBundle" else _CERTIFICATE_PATHS:
        path = part.get(name)
        if isinstance(path, str) and path:
            yield (name,), path
