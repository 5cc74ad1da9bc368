"""The places of a built object's fields in its manifest and in patches, and what may change a field on the way.

This reads, and builds nothing: lists are followed as Kubernetes merges them, by the keys that tell their items apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from linter.manifest import shadow
from linter.model import Route, dig, items, mapping, text
from linter.provenance.kustomize.leaves import MERGE_KEYS
from linter.provenance.kustomize.matching import Origin
from linter.provenance.kustomize.texts import follow, plain_value
from linter.provenance.kustomize.tree import Part, Tree


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a route leads in an authored document: the route there, the node, and whether it is the whole way."""

    route: Route
    node: shadow.Node
    complete: bool


def walk(body: Any, route: Route, root: shadow.Node, prefix: Route = ()) -> Walk:
    """Follows a route of a built object in the document that may have made it, from `prefix` on."""
    node = follow(root, prefix)
    if node is None:
        return Walk((), root, False)
    authored = prefix
    for number, step in enumerate(route):
        inner = shadow.target(node)
        if isinstance(step, str):
            if not isinstance(inner, shadow.Mapping) or step not in inner.entries:
                return Walk(authored, node, False)
            node, authored = inner.entries[step][1], (*authored, step)
        else:
            index = _item(dig(body, *route[:number]), step, inner) if isinstance(inner, shadow.Sequence) else None
            if index is None or not isinstance(inner, shadow.Sequence):
                return Walk(authored, node, False)
            node, authored = inner.items[index], (*authored, index)
    return Walk(authored, node, True)


def _item(built: Any, index: int, authored: shadow.Sequence) -> int | None:
    """Which item of an authored list an item of a built list is."""
    values = [plain_value(item) for item in authored.items]
    siblings = items(built)
    if index >= len(siblings):
        return None
    wanted = siblings[index]
    if isinstance(wanted, dict):
        for key in MERGE_KEYS:
            if key in wanted:
                fitting = [n for n, value in enumerate(values) if isinstance(value, dict) and value.get(key) == wanted[key]]
                if len(fitting) == 1:
                    return fitting[0]
                if fitting:
                    return _nth(siblings, index, values, fitting)
        if len(values) == len(siblings) and isinstance(values[index], dict) and set(values[index]) & set(wanted):
            return index
        return None
    fitting = [n for n, value in enumerate(values) if value == wanted]
    return _nth(siblings, index, values, fitting) if fitting else index if len(values) == len(siblings) else None


def _nth(siblings: Sequence[Any], index: int, values: Sequence[Any], fitting: list[int]) -> int:
    """Of several items that fit: the same value, else the one of the same rank."""
    same = [n for n in fitting if values[n] == siblings[index]]
    rank = sum(1 for sibling in siblings[:index] if sibling == siblings[index])
    chosen = same or fitting
    return chosen[min(rank, len(chosen) - 1)]


@dataclass(frozen=True, slots=True)
class Touch:
    """A patch that may change a field: the document in it, and the field's place there, None for anything above it.

    `removes` says that it takes the field away.
    """

    part: Part
    document: int
    walk: Walk | None
    removes: bool = False


def patches_of(tree: Tree, origin: Origin, body: Any, route: Route) -> Iterator[Touch]:
    """Every patch that may change the field at a route of an object, from the innermost to the outermost."""
    for part in tree.parts:
        if part.role != "patch" or part.text.positions is None:
            continue
        for number, root in enumerate(part.text.positions.roots):
            if isinstance(root, shadow.Sequence):
                if part.target is None or _is_target(part.target, origin, body):
                    yield from _operations(part, number, root, body, route)
            elif isinstance(root, shadow.Mapping):
                value = mapping(plain_value(root))
                selected = _is_target(part.target, origin, body) if part.target is not None else _is_same(value, origin, body)
                if selected and (touch := _merge(part, number, root, body, route)) is not None:
                    yield touch


def _merge(part: Part, number: int, root: shadow.Node, body: Any, route: Route) -> Touch | None:
    found = walk(body, route, root)
    end = shadow.target(found.node)
    if found.complete:
        return Touch(part, number, found, isinstance(end, shadow.Scalar) and end.value is None)
    if isinstance(end, shadow.Mapping):
        return Touch(part, number, None) if any(key.startswith("$") for key in end.entries) else None
    if isinstance(end, shadow.Sequence):
        keyed = all(isinstance(item, dict) and any(key in item for key in MERGE_KEYS) and "$patch" not in item for item in plain_value(end))
        return None if keyed else Touch(part, number, None)
    return Touch(part, number, None)


def _operations(part: Part, number: int, root: shadow.Sequence, body: Any, route: Route) -> Iterator[Touch]:
    for index, item in enumerate(root.items):
        operation = mapping(plain_value(item))
        steps = [step.replace("~1", "/").replace("~0", "~") for step in text(operation.get("path")).split("/")[1:]]
        if operation.get("op") == "test" or not all(_same_step(step, own) for step, own in zip(steps, route, strict=False)):
            continue
        if len(steps) > len(route):
            continue
        removes = operation.get("op") == "remove"
        authored: Route = (index, "path" if removes else "value")
        node = shadow.target(item)
        inside = node.entries.get(str(authored[1])) if isinstance(node, shadow.Mapping) else None
        if inside is None:
            yield Touch(part, number, None)
            continue
        rest = () if removes else route[len(steps) :]
        found = walk(dig(body, *route[: len(steps)]), rest, inside[1])
        yield Touch(part, number, Walk((*authored, *found.route), found.node, found.complete), removes)


def _same_step(step: str, own: str | int) -> bool:
    return step == own if isinstance(own, str) else step == "-" or step.isdigit()


def _is_same(value: dict[str, Any], origin: Origin, body: Any) -> bool:
    """Whether a strategic-merge patch is for an object, as far as names that get prefixes can tell."""
    if text(value.get("kind")) not in ("", text(dig(body, "kind"))):
        return False
    name, built = text(dig(value, "metadata", "name")), text(dig(body, "metadata", "name"))
    return name in ("", origin.name, built) or origin.name is None or (origin.name in name and name in built)


def _is_target(target: Any, origin: Origin, body: Any) -> bool:
    """Whether a patch's target may be an object. Labels and annotations are not looked at."""
    names = [name for name in (origin.name, text(dig(body, "metadata", "name"))) if name]
    kind, name = text(mapping(target).get("kind")), text(mapping(target).get("name"))
    if kind and not _matches(kind, [text(dig(body, "kind"))]):
        return False
    return not name or not names or _matches(name, names) or any(inner in name for inner in names)


def _matches(pattern: str, values: list[str]) -> bool:
    try:
        return any(re.fullmatch(pattern, value) for value in values)
    except re.error:
        return True


def is_transformed(tree: Tree, route: Route) -> bool:
    """Whether something else than a patch may change the field at a route: transformers and replacements."""
    if tree.configured:
        return True
    keys = {step for step in route if isinstance(step, str)}
    for kustomization in tree.kustomizations:
        body = kustomization.body
        if (
            (keys & {"labels", "matchLabels", "selector"} and (body.get("labels") or body.get("commonLabels")))
            or ("annotations" in keys and body.get("commonAnnotations"))
            or (route[-1:] == ("image",) and (body.get("images") or body.get("imageTags")))
            or (route[-1:] == ("namespace",) and body.get("namespace"))
            or (route == ("spec", "replicas") and body.get("replicas"))
            or body.get("vars")
        ):
            return True
        for replacement in items(body.get("replacements")):
            if "path" in mapping(replacement):
                return True
            for target in items(mapping(replacement).get("targets")):
                for path in items(mapping(target).get("fieldPaths")):
                    last = re.split(r"\.(?![^\[]*\])", text(path))[-1]
                    if last in keys or last.startswith("[") or last.isdigit() or last == "*":
                        return True
    return False
