"""The scalars that authors of a root wrote, and how each can be changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from linter.manifest import shadow
from linter.model import Route, items, mapping, text
from linter.provenance.kustomize.texts import Edits, Text, follow, plain_value, quoted, span
from linter.provenance.kustomize.tree import Part, Tree

# Keys by which Kubernetes merges lists, in the order in which they tell items apart best. Source: x-kubernetes-patch-merge-key
# in the OpenAPI document of Kubernetes.
MERGE_KEYS: Final = ("name", "mountPath", "devicePath", "containerPort", "port", "ip", "key", "topologyKey", "type", "uid", "topologyKey")
_IDENTITY: Final = {("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"), ("metadata", "generateName")}
# Where a kustomization holds values that become part of objects; None stands for any step.
_IN_KUSTOMIZATION: Final[tuple[tuple[str | None, ...], ...]] = (
    ("images", None, "newName"), ("images", None, "newTag"), ("images", None, "digest"), ("replicas", None, "count"),
    ("labels", None, "pairs", None), ("commonLabels", None), ("commonAnnotations", None),
    ("configMapGenerator", None, "literals", None), ("secretGenerator", None, "literals", None),
    ("configMapGenerator", None, "options", "labels", None), ("secretGenerator", None, "options", "labels", None),
    ("configMapGenerator", None, "options", "annotations", None), ("secretGenerator", None, "options", "annotations", None),
    ("generatorOptions", "labels", None), ("generatorOptions", "annotations", None), ("secretGenerator", None, "type"),
    ("replacements", None, "sourceValue"),
)  # fmt: skip
_NAMES: Final = ("namePrefix", "nameSuffix", "namespace")
_FILTER: Final = re.compile(r"\[([^=\]]+)=")

Form = Literal["value", "literal", "line", "content", "removal", "null"]


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A scalar somewhere in a part: the range of what is written and the value it stands for.

    `form` says how it is written: a YAML scalar, `KEY=value` in a list of literals, the value in a line of an env file, a
    whole file, the path that an operation of a JSON patch removes, or the null with which a patch takes a field away.
    `identity` says that other parts of the root refer to it, so that it cannot be changed alone.
    """

    part: Part
    document: int
    route: Route
    start: int
    end: int
    value: Any
    form: Form = "value"
    identity: bool = False
    key: str = ""

    @property
    def text(self) -> Text:
        return self.part.text

    def set(self, edits: Edits, value: Any) -> None:
        """Adds the change to a string, number, boolean or null."""
        written = value if isinstance(value, str) else str(value).lower()
        if self.form == "value":
            edits.replace(self.text, self.start, self.end, quoted(value) if isinstance(value, str) else written)
        elif self.form == "literal":
            edits.replace(self.text, self.start, self.end, quoted(f"{self.key}={written}"))
        elif self.form == "removal":
            self._add_instead(edits, written)
        elif self.form == "null":
            self._spare(edits, written)
        else:
            edits.replace(self.text, self.start, self.end, written)

    def _spare(self, edits: Edits, key: str) -> None:
        """Makes a null take away another field, which there is not."""
        assert self.text.positions is not None
        around = follow(self.text.positions.roots[self.document], self.route[:-1])
        mapping_node = shadow.target(around) if around is not None else None
        if isinstance(mapping_node, shadow.Mapping) and self.route[-1] in mapping_node.own:
            written, _ = mapping_node.own[str(self.route[-1])]
            edits.replace(self.text, *span(self.text, written), quoted(key))

    def _add_instead(self, edits: Edits, value: str) -> None:
        """Makes an operation that removes a field one that adds it."""
        assert self.text.positions is not None
        operation = follow(self.text.positions.roots[self.document], self.route[:1])
        if not isinstance(operation, shadow.Mapping) or "op" not in operation.own:
            return
        key, written = operation.own["op"]
        between = ", " if self.text.content[operation.start] == "{" else "\n" + " " * _indent(self.text.content, key.start)
        edits.replace(self.text, *span(self.text, written), f'"add"{between}"value": {quoted(value)}')


def _indent(content: str, offset: int) -> int:
    """The number of characters before an offset in its line."""
    return offset - max(content.rfind("\n", 0, offset), content.rfind("\r", 0, offset)) - 1


def leaves_of(tree: Tree) -> list[Leaf]:
    """Every scalar of a root's parts that can become part of an object, each once."""
    found: list[Leaf] = []
    seen: set[tuple[int, int]] = set()
    matched = _matched(tree)
    for part in tree.parts:
        for leaf in _of_part(part, matched):
            if (id(leaf.text), leaf.start) not in seen:
                seen.add((id(leaf.text), leaf.start))
                found.append(leaf)
    return found


class _Matched:
    """What selectors and targets look at: whether labels, the keys of list items, the names of images."""

    __slots__ = ("images", "keys", "labels")

    def __init__(self, labels: bool, keys: frozenset[str], images: frozenset[str]) -> None:
        self.labels = labels
        self.keys = keys
        self.images = images


def _matched(tree: Tree) -> _Matched:
    labels, keys, images = False, set(), set()
    for part in tree.parts:
        if part.role not in ("kustomization", "transformer"):
            continue
        content = part.text.content
        labels |= "labelSelector" in content or "annotationSelector" in content
        keys.update(_FILTER.findall(content))
        for entry in map(mapping, items(part.owner.body.get("images"))):
            images.add(text(entry.get("name")))
    return _Matched(labels, frozenset(key.rpartition(".")[2] for key in keys), frozenset(images))


def _of_part(part: Part, matched: _Matched) -> Iterator[Leaf]:
    if part.role == "content":
        content = part.text.content
        yield Leaf(part, 0, (), 0, len(content), content, "content")
    elif part.role == "env":
        yield from _env(part)
    elif part.text.positions is not None:
        for number, root in enumerate(part.text.positions.roots):
            if part.role == "kustomization":
                yield from _kustomization(part, number, root)
            else:
                for route, node in _scalars(root, ()):
                    start, end = span(part.text, node)
                    yield Leaf(part, number, route, start, end, node.value, identity=_is_identity(part, route, root, node.value, matched))


def _env(part: Part) -> Iterator[Leaf]:
    """The lines of an env file. Source: kustomize's api/kv/kv.go."""
    for number, start in enumerate(part.text.starts):
        end = part.text.starts[number + 1] if number + 1 < len(part.text.starts) else len(part.text.content)
        line = part.text.content[start:end].rstrip("\r\n")
        stripped = line.lstrip()
        key, equals, value = stripped.partition("=")
        if stripped and not stripped.startswith("#") and equals:
            begin = start + len(line) - len(value)
            yield Leaf(part, 0, (key,), begin, start + len(line), value, "line", key=key)


def _kustomization(part: Part, document: int, root: shadow.Node) -> Iterator[Leaf]:
    for route, node in _scalars(root, ()):
        if len(route) == 1 and route[0] in _NAMES:
            start, end = span(part.text, node)
            yield Leaf(part, document, route, start, end, node.value, identity=True)
        elif any(_fits(route, pattern) for pattern in _IN_KUSTOMIZATION) or "valuesInline" in route:
            start, end = span(part.text, node)
            if len(route) > 2 and route[2] == "literals":
                key, equals, value = text(node.value).partition("=")
                if equals:
                    value = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
                    yield Leaf(part, document, route, start, end, value, "literal", key=key)
            else:
                yield Leaf(part, document, route, start, end, node.value)


def _fits(route: Route, pattern: tuple[str | None, ...]) -> bool:
    return len(route) == len(pattern) and all(wanted is None or wanted == step for wanted, step in zip(pattern, route, strict=True))


def _scalars(node: shadow.Node, route: Route) -> Iterator[tuple[Route, shadow.Scalar]]:
    """The scalars below a node with their routes, those behind aliases where the alias stands."""
    found = shadow.target(node)
    if isinstance(found, shadow.Mapping):
        for key, (_, value) in found.entries.items():
            yield from _scalars(value, (*route, key))
    elif isinstance(found, shadow.Sequence):
        for number, item in enumerate(found.items):
            yield from _scalars(item, (*route, number))
    else:
        yield route, found


def _is_identity(part: Part, route: Route, root: shadow.Node, value: object, matched: _Matched) -> bool:
    if not route:
        return True
    last = route[-1]
    if part.role == "values":
        return False
    if isinstance(root, shadow.Sequence) and len(route) == 2:
        return last != "value" or _names_something(root, route[0])
    inner = route[2:] if len(route) > 2 and route[0] == "items" and isinstance(route[1], int) else route
    # What a LabelTransformer or AnnotationsTransformer adds stands directly below these keys.
    setting = part.role == "transformer" and len(inner) < 3 and inner[0] not in ("labels", "annotations")
    if setting or inner in _IDENTITY:
        return True
    if isinstance(last, str) and last.startswith("$"):
        return True
    if len(route) > 1 and isinstance(route[-2], int) and (last in MERGE_KEYS or last in matched.keys):
        return True
    if matched.labels and len(route) > 1 and route[-2] in ("labels", "annotations"):
        return True
    return last == "image" and value in matched.images


def _names_something(root: shadow.Sequence, number: str | int) -> bool:
    """Whether an operation of a JSON patch tests a value, or sets what objects and list items are told apart by."""
    operation = mapping(plain_value(root.items[number])) if isinstance(number, int) else {}
    if operation.get("op") == "test":
        return True
    steps = text(operation.get("path")).strip("/").split("/")
    return tuple(steps) in _IDENTITY or (len(steps) > 1 and steps[-1] in MERGE_KEYS and (steps[-2].isdigit() or steps[-2] == "-"))
