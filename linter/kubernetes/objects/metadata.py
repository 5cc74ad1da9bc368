"""What the API server refuses in the metadata of any object, beside its name, labels and annotations; and what only it may write.

Sources: k8s.io/apimachinery api/validation (`ValidateObjectMeta`, `ValidateOwnerReferences`, `ValidateFinalizers`),
`ValidateFinalizerName` of k8s.io/kubernetes pkg/apis/core/validation, and the API server of Kubernetes 1.36, on which it was tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from linter.kubernetes.labels.syntax import key_problem
from linter.kubernetes.objects.naming import finalizer_needs_prefix
from linter.kubernetes.scalars.names import dns_label_problem
from linter.model import Route, items, mapping
from linter.wording import joined, shown

_ORPHAN, _FOREGROUND = "orphan", "foregroundDeletion"
_STANDARD_FINALIZERS = frozenset({"kubernetes", _ORPHAN, _FOREGROUND})
_OWNER_FIELDS = ("apiVersion", "kind", "name", "uid")


class MetadataProblem(NamedTuple):
    """What is wrong at a route of an object, as a sentence."""

    route: Route
    message: str


def metadata_problems(type: str, metadata: dict[str, Any], *, namespaced: bool) -> Iterator[MetadataProblem]:
    """What the API server refuses in the metadata of an object of this type ("Deployment", "example.com/Widget")."""
    namespace = metadata.get("namespace")
    if namespaced and isinstance(namespace, str) and namespace and (problem := dns_label_problem(namespace)) is not None:
        yield MetadataProblem(("metadata", "namespace"), f"`{shown(namespace)}` cannot be the name of a namespace: {problem}")
    if "finalizers" in metadata:
        yield from _finalizers(type, items(metadata["finalizers"]))
    if "ownerReferences" in metadata:
        yield from _owners(items(metadata["ownerReferences"]))


def _finalizers(type: str, finalizers: list[Any]) -> Iterator[MetadataProblem]:
    needs_prefix = finalizer_needs_prefix(type)
    for number, finalizer in enumerate(finalizers):
        if not isinstance(finalizer, str):
            continue
        route = ("metadata", "finalizers", number)
        problem = key_problem(finalizer)
        if problem is not None:
            yield MetadataProblem(route, f"`{shown(finalizer)}` cannot be a finalizer: {problem}")
        elif needs_prefix and "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
            yield MetadataProblem(route, f"the finalizer `{shown(finalizer)}` has no prefix such as `example.com/`")
    if _ORPHAN in finalizers and _FOREGROUND in finalizers:
        route = ("metadata", "finalizers", finalizers.index(_FOREGROUND))
        yield MetadataProblem(route, f"the finalizers `{_ORPHAN}` and `{_FOREGROUND}` exclude each other")


def _owners(references: list[Any]) -> Iterator[MetadataProblem]:
    controller = None
    for number, reference in enumerate(references):
        if not isinstance(reference, dict):
            continue
        route: Route = ("metadata", "ownerReferences", number)
        missing = [field for field in _OWNER_FIELDS if reference.get(field) in (None, "")]
        if missing:
            yield MetadataProblem(route, f"this reference to an owner has no {joined([f'`{field}`' for field in missing])}")
        elif reference["apiVersion"] == "v1" and reference["kind"] == "Event":
            yield MetadataProblem((*route, "kind"), "an Event cannot own anything")
        if mapping(reference).get("controller") is True:
            if controller is not None:
                yield MetadataProblem((*route, "controller"), "only one of the owners can be the controller of the object")
            controller = number


# What happens if it is written by hand, worst first; nothing but noise where there is no text.
SERVER_FIELDS: dict[str, str] = {
    "resourceVersion": "an update is refused as soon as the object has changed in the cluster",
    "uid": "an update is refused in every other cluster, and after the object was made anew",
    "managedFields": "a server-side apply, as Argo CD can do it, is refused",
    "creationTimestamp": "",
    "deletionTimestamp": "",
    "deletionGracePeriodSeconds": "",
    "generation": "",
    "selfLink": "",
}
"""The fields of metadata that only the API server writes, and what comes of those that do harm."""


def server_fields(metadata: dict[str, Any]) -> list[str]:
    """Those of SERVER_FIELDS that an object sets to something, the worst first. Tools write `creationTimestamp: null`."""
    return [field for field in SERVER_FIELDS if metadata.get(field) not in (None, "", [], 0)]
