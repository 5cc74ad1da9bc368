"""Defaults of a definition, and the nulls that the API server drops, on a copy of an object.

Source: k8s.io/apiextensions-apiserver, pkg/apiserver/schema/defaulting: a field that is absent, or null and not nullable,
takes its default; other nulls that are not nullable are removed from mappings, and stay in lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.model import items, mapping


class Defaults:
    """The defaults of one part of a schema and of those below it."""

    __slots__ = ("additional", "items", "own", "properties")

    def __init__(self) -> None:
        # Name, default, and whether the field may be null.
        self.own: list[tuple[str, Any, bool]] = []
        self.properties: dict[str, Defaults] = {}
        self.additional: tuple[Defaults | None, Any] | None = None
        self.items: tuple[Defaults | None, Any] | None = None

    def __bool__(self) -> bool:
        return bool(self.own or self.properties or self.additional or self.items)


def defaults_of(schema: Mapping[str, Any]) -> Defaults | None:
    """What is to be filled in for an openAPIV3Schema; None if it has no defaults. Defaults of the status are left out."""
    known: dict[int, Defaults | None] = {}
    properties = {name: part for name, part in mapping(schema.get("properties")).items() if name not in ("metadata", "status")}
    return _defaults({**schema, "properties": properties}, known)


def _defaults(node: Mapping[str, Any], known: dict[int, Defaults | None]) -> Defaults | None:
    if id(node) in known:
        return known[id(node)]
    found = Defaults()
    for name, part in mapping(node.get("properties")).items():
        part = mapping(part)
        if part.get("default") is not None:
            found.own.append((name, part["default"], part.get("nullable") is True))
        inner = _defaults(part, known)
        if inner is not None:
            found.properties[name] = inner
    found.additional = _of_each(node.get("additionalProperties"), known)
    found.items = _of_each(node.get("items"), known)
    known[id(node)] = found or None
    return known[id(node)]


def _of_each(part: object, known: dict[int, Defaults | None]) -> tuple[Defaults | None, Any] | None:
    """What fills in the entries of a mapping or list, and what stands for one that is null and must not be."""
    if not isinstance(part, dict):
        return None
    inner = _defaults(part, known)
    instead = part.get("default") if part.get("nullable") is not True else None
    return (inner, instead) if inner is not None or instead is not None else None


def with_defaults(value: Any, defaults: Defaults) -> Any:
    """The value with its defaults; the value itself, or a copy of what had to change. Defaults are shared, not copied."""
    if isinstance(value, dict):
        return _mapping_with_defaults(value, defaults)
    if isinstance(value, list) and defaults.items is not None:
        inner, instead = defaults.items
        changed = [_entry(entry, inner, instead) for entry in value]
        return changed if any(one is not other for one, other in zip(changed, value, strict=True)) else value
    return value


def _mapping_with_defaults(value: dict[str, Any], defaults: Defaults) -> dict[str, Any]:
    result = value
    for name, default, nullable in defaults.own:
        if name not in value or (value[name] is None and not nullable):
            if result is value:
                result = dict(value)
            result[name] = default
    for name, inner in defaults.properties.items():
        if name in result:
            entry = result[name]
            filled = with_defaults(entry, inner)
            if filled is not entry:
                if result is value:
                    result = dict(value)
                result[name] = filled
    if defaults.additional is not None:
        each, instead = defaults.additional
        declared = {*(name for name, *_ in defaults.own), *defaults.properties}
        for name, entry in value.items():
            if name not in declared:
                filled = _entry(entry, each, instead)
                if filled is not entry:
                    if result is value:
                        result = dict(value)
                    result[name] = filled
    return result


def _entry(value: Any, defaults: Defaults | None, instead: Any) -> Any:
    if value is None and instead is not None:
        value = instead
    return with_defaults(value, defaults) if defaults is not None else value


def without_nulls(value: Any, schema: Mapping[str, Any]) -> Any:
    """The value without the nulls that the API server drops: those of fields in mappings that are neither nullable nor have a
    default. The value itself, or a copy of what had to change.

    Fields that are required stay as they are: the object is wrong with and without them, and a null says more.
    """
    if isinstance(value, dict):
        required = items(schema.get("required"))
        properties, additional = mapping(schema.get("properties")), schema.get("additionalProperties")
        result = value
        for name, entry in value.items():
            part = properties.get(name, additional)
            if not isinstance(part, dict):
                continue
            if entry is None:
                if part.get("nullable") is not True and part.get("default") is None and name not in required:
                    if result is value:
                        result = dict(value)
                    del result[name]
                continue
            kept = without_nulls(entry, part)
            if kept is not entry:
                if result is value:
                    result = dict(value)
                result[name] = kept
        return result
    inner = schema.get("items")
    if isinstance(value, list) and isinstance(inner, dict):
        changed = [without_nulls(entry, inner) for entry in value]
        return changed if any(one is not other for one, other in zip(changed, value, strict=True)) else value
    return value
