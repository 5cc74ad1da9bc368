"""Whether the schema of a custom resource is structural, as apiextensions.k8s.io/v1 demands.

Source: `NewStructural` and `ValidateStructural` in k8s.io/apiextensions-apiserver pkg/apiserver/schema, and
`ValidateCustomResourceDefinitionOpenAPISchema` in pkg/apis/apiextensions/validation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Route, Violation
from linter.wording import shown

_TYPES = frozenset({"array", "boolean", "integer", "number", "object", "string"})
_FORBIDDEN = ("$ref", "definitions", "dependencies", "patternProperties", "additionalItems", "id", "$schema")
# What only the part of a schema outside of allOf, anyOf, oneOf and not may say.
_STRUCTURE = ("type", "description", "title", "default", "additionalProperties", "nullable")
_MAX_DEPTH = 100
_MOST_NODES = 1_000_000
# Fields that a node must be looked at more closely for.
_RARE = frozenset({
    *_FORBIDDEN, "allOf", "anyOf", "oneOf", "not", "uniqueItems", "x-kubernetes-preserve-unknown-fields",
})  # fmt: skip
_TYPE_LIST = tuple(_TYPES)


def schema_problems(schema: dict[str, Any], route: Route) -> Iterator[Violation]:
    """What the API server refuses in the openAPIV3Schema that stands at `route`."""
    kind = schema.get("type")
    if kind != "object" and isinstance(kind, str | None) and (kind or not schema.get("x-kubernetes-preserve-unknown-fields")):
        message = "the schema has no type" if not kind else f"the schema has the type {shown(str(kind))}"
        yield Violation((*route, "type") if kind else route, f"{message}, and a resource is an object", fix="Write `type: object`.")
    for field in ("nullable", "additionalProperties"):
        if schema.get(field):
            message = f"`{field}` is not allowed at the root of the schema"
            yield Violation((*route, field), message, on="key", fix="Remove it, or say it of a field.")
    if not _is_plain(schema):
        yield from _node(schema, route, 0)


def _is_plain(root: dict[str, Any]) -> bool:
    """Whether nothing is wrong below a schema. Definitions have thousands of nodes, and nearly all are in order."""
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if not _RARE.isdisjoint(node) and next(_own(node, (), 0), None) is not None:
            return False
        children: list[Any] = []
        if (properties := node.get("properties")) is not None:
            if not isinstance(properties, dict):
                return False
            children.extend(properties.values())
        if (entries := node.get("items")) is not None:
            children.append(entries)
        elif node.get("type") == "array":
            return False
        if (extra := node.get("additionalProperties")) is not None:
            if properties is not None:
                return False
            if extra is not True:
                children.append(extra)
        for child in children:
            if not isinstance(child, dict):
                return False
            kind = child.get("type")
            if (
                kind not in _TYPE_LIST
                and (kind or not child.get("x-kubernetes-int-or-string"))
                and (kind or not child.get("x-kubernetes-preserve-unknown-fields"))
            ):
                return False
        nodes.extend(children)
        if len(nodes) > _MOST_NODES:
            return False
    return True


def _node(schema: dict[str, Any], route: Route, depth: int) -> Iterator[Violation]:
    if depth > _MAX_DEPTH:
        return
    yield from _own(schema, route, depth)
    properties, extra, entries = schema.get("properties"), schema.get("additionalProperties"), schema.get("items")
    if isinstance(properties, dict):
        for name, child in properties.items():
            if isinstance(child, dict):
                yield from _child(child, (*route, "properties", name), depth)
    if isinstance(extra, dict):
        yield from _child(extra, (*route, "additionalProperties"), depth)
    if isinstance(entries, dict):
        yield from _child(entries, (*route, "items"), depth)
    elif entries is None and schema.get("type") == "array":
        yield Violation(route, "an array needs `items`, which says what it holds", fix="Write `items` with a schema.", on="key")


def _own(schema: dict[str, Any], route: Route, depth: int) -> Iterator[Violation]:
    properties, extra = schema.get("properties"), schema.get("additionalProperties")
    if properties is not None and extra is not None and extra is not False:
        message = "properties and additionalProperties exclude each other"
        yield Violation((*route, "additionalProperties"), message, on="key", fix="Keep one of them.")
    elif extra is False:
        message = "additionalProperties cannot be false: unknown fields are dropped anyhow"
        yield Violation((*route, "additionalProperties"), message, fix="Remove it.")
    for field in _FORBIDDEN:
        if schema.get(field):
            yield Violation((*route, field), f"`{field}` is not supported in the schema of a custom resource", on="key")
    if schema.get("x-kubernetes-preserve-unknown-fields") is False:
        message = "x-kubernetes-preserve-unknown-fields cannot be false"
        yield Violation((*route, "x-kubernetes-preserve-unknown-fields"), message, fix="Remove it.")
    if schema.get("uniqueItems") is True:
        message = "uniqueItems cannot be true"
        yield Violation((*route, "uniqueItems"), message, fix="Write `x-kubernetes-list-type: set`.")
    for field in ("allOf", "anyOf", "oneOf"):
        branches = schema.get(field)
        if branches and isinstance(branches, list):
            for index, branch in enumerate(branches):
                yield from _branch(branch, (*route, field, index), schema, depth)
    if "not" in schema:
        yield from _branch(schema["not"], (*route, "not"), schema, depth)


def _child(schema: dict[str, Any], route: Route, depth: int) -> Iterator[Violation]:
    kind = schema.get("type")
    if kind is None or kind == "":
        if not schema.get("x-kubernetes-int-or-string") and not schema.get("x-kubernetes-preserve-unknown-fields"):
            yield Violation(route, f"`{shown(str(route[-1]))}` has no type", on="key", fix="Write its `type`.")
    elif isinstance(kind, str) and kind not in _TYPES:
        yield Violation((*route, "type"), f"`{shown(kind)}` is not one of {', '.join(sorted(_TYPES))}")
    yield from _node(schema, route, depth + 1)


def _branch(branch: object, route: Route, owner: dict[str, Any], depth: int) -> Iterator[Violation]:
    """A branch of allOf and its like: only values may be restricted in it; the structure is said outside, in `owner`."""
    if not isinstance(branch, dict) or depth > _MAX_DEPTH:
        return
    for field in _STRUCTURE:
        if branch.get(field) not in (None, "", False) and not (field == "type" and owner.get("x-kubernetes-int-or-string")):
            message = f"`{field}` cannot stand inside of {next(step for step in reversed(route) if isinstance(step, str))}"
            yield Violation((*route, field), message, on="key", fix="Say it outside.")
    children, defined = branch.get("properties"), owner.get("properties")
    if children and isinstance(children, dict):
        for name, child in children.items():
            outside = defined.get(name) if isinstance(defined, dict) else None
            if outside is None and child is not None:
                message = f"`{shown(name)}` is restricted here, and the properties outside do not define it"
                yield Violation((*route, "properties", name), message, on="key", fix="Define it with its type outside.")
            elif isinstance(outside, dict):
                yield from _branch(child, (*route, "properties", name), outside, depth + 1)
    entries, outside = branch.get("items"), owner.get("items")
    if isinstance(entries, dict) and entries and isinstance(outside, dict | None):
        if outside is None:
            yield Violation((*route, "items"), "`items` is restricted here, and not defined outside", on="key", fix="Define it outside.")
        else:
            yield from _branch(entries, (*route, "items"), outside, depth + 1)
    for field in ("allOf", "anyOf", "oneOf"):
        nested = branch.get(field)
        for index, one in enumerate(nested if isinstance(nested, list) else ()):
            yield from _branch(one, (*route, field, index), owner, depth + 1)
    if "not" in branch:
        yield from _branch(branch["not"], (*route, "not"), owner, depth + 1)
