"""What the API server checks in custom resources beside their structure: lists that are sets or maps, and validation rules.

Source: k8s.io/apiextensions-apiserver, pkg/apiserver/schema/listtype and pkg/apiserver/schema/cel.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from linter.kubernetes.definitions.rules import Failed, Rules, rules_of
from linter.model import Route, items, mapping, text

MOST_EVALUATIONS = 50_000


class Duplicate(NamedTuple):
    """An item of a list that another one forbids: its route, the index of the first of them, and the keys that they share
    (none for items of a set, which are equal as a whole)."""

    route: Route
    first: int
    keys: tuple[str, ...]


class Broken(NamedTuple):
    """A validation rule that a value breaks: the route of the value, and what is known of the rule and its outcome."""

    route: Route
    failed: Failed


class Checks:
    """What is checked at one part of a schema and below it."""

    __slots__ = ("additional", "items", "list_keys", "properties", "rules")

    def __init__(self) -> None:
        self.properties: dict[str, Checks] = {}
        self.additional: Checks | None = None
        self.items: Checks | None = None
        # The keys of a list that is a map; empty for a set, None for any other list.
        self.list_keys: tuple[str, ...] | None = None
        self.rules: Rules | None = None

    def __bool__(self) -> bool:
        return bool(self.properties or self.additional or self.items or self.rules) or self.list_keys is not None


def checks_of(schema: Mapping[str, Any]) -> Checks | None:
    """What is to be checked for an openAPIV3Schema; None if there is nothing. The status is left out."""
    properties = {name: part for name, part in mapping(schema.get("properties")).items() if name != "status"}
    return _checks({**schema, "properties": properties}, {})


def _checks(node: Mapping[str, Any], known: dict[int, Checks | None]) -> Checks | None:
    if id(node) in known:
        return known[id(node)]
    found = Checks()
    for name, part in mapping(node.get("properties")).items():
        if isinstance(part, dict) and (inner := _checks(part, known)) is not None:
            found.properties[name] = inner
    if isinstance(node.get("additionalProperties"), dict):
        found.additional = _checks(node["additionalProperties"], known)
    if isinstance(node.get("items"), dict):
        found.items = _checks(node["items"], known)
    list_type = node.get("x-kubernetes-list-type")
    if list_type == "set":
        found.list_keys = ()
    elif list_type == "map":
        found.list_keys = tuple(key for key in items(node.get("x-kubernetes-list-map-keys")) if text(key)) or None
    found.rules = rules_of(node)
    known[id(node)] = found or None
    return known[id(node)]


def duplicates(value: Any, checks: Checks, route: Route = ()) -> Iterator[Duplicate]:
    """The items of lists that repeat another one where the list is a set, or its key where it is a map."""
    if isinstance(value, dict):
        for name, inner in checks.properties.items():
            if name in value:
                yield from duplicates(value[name], inner, (*route, name))
        if checks.additional is not None:
            for name, entry in value.items():
                yield from duplicates(entry, checks.additional, (*route, name))
    elif isinstance(value, list):
        if checks.list_keys is not None and len(value) > 1:
            yield from _repeated(value, checks.list_keys, route)
        if checks.items is not None:
            for index, entry in enumerate(value):
                yield from duplicates(entry, checks.items, (*route, index))


def _repeated(entries: list[Any], keys: tuple[str, ...], route: Route) -> Iterator[Duplicate]:
    first: dict[Any, int] = {}
    for index, entry in enumerate(entries):
        if keys:
            if not isinstance(entry, dict):
                continue
            identity = _frozen([(key, entry[key]) for key in keys if key in entry])
        else:
            identity = _frozen(entry)
        if identity in first:
            yield Duplicate((*route, index), first[identity], keys)
        else:
            first[identity] = index


def _frozen(value: Any) -> Any:
    """A value that is equal to another's if JSON says so: 1 and true are not."""
    if isinstance(value, dict):
        return ("{}", tuple(sorted((key, _frozen(entry)) for key, entry in value.items())))
    if isinstance(value, list | tuple):
        return ("[]", tuple(map(_frozen, value)))
    return (type(value).__name__, value)


def broken_rules(value: Any, checks: Checks) -> Iterator[Broken]:
    """The validation rules that values in an object break; none without the library for CEL.

    No more than `MOST_EVALUATIONS` are evaluated. The API server has a bound of its own, which is lower.
    """
    return _broken(value, checks, (), [MOST_EVALUATIONS])


def _broken(value: Any, checks: Checks, route: Route, left: list[int]) -> Iterator[Broken]:
    if value is None:
        return
    if checks.rules is not None:
        left[0] -= len(checks.rules.rules)
        if left[0] < 0:
            return
        for failed in checks.rules.failed(value, marshal.dumps(value, 2)):
            yield Broken(route, failed)
    if isinstance(value, dict):
        for name, inner in checks.properties.items():
            if name in value:
                yield from _broken(value[name], inner, (*route, name), left)
        if checks.additional is not None:
            for name, entry in value.items():
                yield from _broken(entry, checks.additional, (*route, name), left)
    elif isinstance(value, list) and checks.items is not None:
        for index, entry in enumerate(value):
            yield from _broken(entry, checks.items, (*route, index), left)
