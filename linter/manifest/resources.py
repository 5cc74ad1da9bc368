"""From documents to Kubernetes objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from linter.kubernetes.kinds import is_cluster_scoped, split_api_version, type_name
from linter.model.resources import Document, Resource
from linter.model.routes import Route

# Lists nest in theory only; an object is never behind more of them.
_MAX_LIST_DEPTH: Final = 10


def resources_of(document: Document) -> Iterator[Resource]:
    """The Kubernetes objects of a document: none, one, or those of a list, in the order of the text.

    An object is a mapping with string `apiVersion` and `kind`. A `kind: List` holds objects of any kind; in a typed
    list such as `ConfigMapList` an item that names neither apiVersion nor kind has those of the list.
    """
    yield from _objects(document, document.value, (), 0)


def _objects(document: Document, body: Any, prefix: Route, depth: int) -> Iterator[Resource]:
    if not isinstance(body, dict):
        return
    api_version, kind = body.get("apiVersion"), body.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str) or not api_version or not kind:
        return
    items = body.get("items")
    if kind == "List" and items is None:
        return
    if not kind.endswith("List") or not isinstance(items, list) or depth >= _MAX_LIST_DEPTH:
        yield _resource(document, body, api_version, kind, prefix)
        return
    for number, item in enumerate(items):
        if isinstance(item, dict) and kind != "List" and "apiVersion" not in item and "kind" not in item:
            item = {"apiVersion": api_version, "kind": kind.removesuffix("List"), **item}
        yield from _objects(document, item, (*prefix, "items", number), depth + 1)


def _resource(document: Document, body: dict[str, Any], api_version: str, kind: str, prefix: Route) -> Resource:
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        metadata = {}
    group, _ = split_api_version(api_version)
    full_type = type_name(group, kind)
    declared = _text(metadata.get("namespace")) or document.file.source.namespace or None
    if is_cluster_scoped(full_type):
        namespace, declared = "", None
    else:
        namespace = declared or "default"
    return Resource(
        document,
        body,
        type=full_type,
        api_version=api_version,
        group=group,
        kind=kind,
        name=_text(metadata.get("name")) or _text(metadata.get("generateName")),
        namespace=namespace,
        declared_namespace=declared,
        prefix=prefix,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
