"""From what is known of a wanted place to the line of its author."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from linter.manifest import shadow
from linter.model import Location, Route
from linter.model.findings import RelatedLocation
from linter.provenance.kustomize.leaves import Leaf
from linter.provenance.kustomize.matching import Origin
from linter.provenance.kustomize.proving import RootTrace
from linter.provenance.kustomize.standing import literal_route, stands_whole
from linter.provenance.kustomize.texts import Text, follow, span
from linter.provenance.kustomize.tree import Part
from linter.provenance.kustomize.wants import Want


@dataclass(frozen=True, slots=True)
class AuthoredNode:
    """The place in an author's file that decided a wanted one, and others that explain it."""

    location: Location
    related: tuple[RelatedLocation, ...] = ()


def declaration(origin: Origin | None, path: str) -> Location:
    """The place of an object as a whole: its `kind:`, the name of its generator, or nothing but the file."""
    if origin is None or origin.text.positions is None:
        return Location(path, 1, 1, 1, 1, "file")
    step = "name" if origin.generated and origin.prefix else "kind"
    return _shown(origin.text, origin.document, (*origin.prefix, step), "value", exact=origin.certain)


def place(want: Want, trace: RootTrace) -> AuthoredNode:
    """The author's place of a want, after `prove`."""
    origin, path = want.origin, trace.root.objects[want.node.object].path
    whole = declaration(origin, path)
    if origin is None:
        return AuthoredNode(whole) if () not in want.proof else _decided(want, want.proof[()])
    if want.removed is not None:
        leaf = want.removed
        return AuthoredNode(leaf.text.location(leaf.start, leaf.end), (*_applied(leaf.part), *_base(want, leaf.text)))
    if want.is_named:
        return _named(want, origin, whole)
    if want.is_scalar or () in want.proof:
        if () in want.proof:
            return _decided(want, want.proof[()])
        return _literal(want, origin, trace) or AuthoredNode(_uncertain(whole))
    found = _node(want, origin, trace) or AuthoredNode(_uncertain(whole))
    # A patch seems to take the field away, so that nobody knows whether adding it here would help.
    return AuthoredNode(_uncertain(found.location), found.related) if want.removals else found


def _named(want: Want, origin: Origin, whole: Location) -> AuthoredNode:
    """Kind and name stand in the manifest or generator, whatever is put before and behind the name."""
    step = want.at or ("kind",)
    if origin.text.positions is None or origin.generated or want.manifest is None:
        # What a generator is called says nothing of the kind of what it makes.
        return AuthoredNode(_uncertain(whole) if want.at in (("kind",), ("apiVersion",)) else whole)
    on: Literal["key", "value"] = "value" if want.missing else want.node.on
    node = follow(origin.text.positions.roots[origin.document], (*origin.prefix, *step))
    written = shadow.target(node) if node is not None else None
    if (
        not isinstance(written, shadow.Scalar)
        or not isinstance(written.value, str)
        or written.value not in str(want.value if want.at else written.value)
    ):
        # An item of a typed list has the kind of the list, and a patch may rename what it is for.
        return AuthoredNode(_uncertain(whole))
    return AuthoredNode(_shown(origin.text, origin.document, (*origin.prefix, *step), on, exact=origin.certain))


def _decided(want: Want, leaves: list[Leaf]) -> AuthoredNode:
    """A scalar that leaves decide: the last of them if it is put together from several, as an image is."""
    leaf = leaves[-1]
    on: Literal["key", "value"] = "key" if want.missing else want.node.on
    others = (
        RelatedLocation("another part of the value is set here", _leaf_place(want, other, on), True) for other in reversed(leaves[:-1])
    )
    return AuthoredNode(_leaf_place(want, leaf, on), (*_applied(leaf.part), *_base(want, leaf.text), *others))


def _leaf_place(want: Want, leaf: Leaf, on: Literal["key", "value"]) -> Location:
    source = leaf.text
    if leaf.form == "content":
        return source.range((1, 1, len(source.starts), 1)) if not source.content else source.location(0, len(source.content.rstrip("\r\n")))
    if leaf.form == "line":
        start = source.content.rfind(leaf.key, 0, leaf.start)
        return source.location(start, start + len(leaf.key)) if on == "key" else source.location(leaf.start, leaf.end)
    if leaf.form == "literal":
        return source.location(leaf.start, leaf.end)
    document, route = leaf.document, leaf.route
    # A scalar with an anchor may be meant at an alias.
    if want.origin is not None and want.manifest is not None and source is want.origin.text and want.manifest.complete:
        node = shadow.target(want.manifest.node)
        if isinstance(node, shadow.Scalar) and span(source, node)[0] == leaf.start:
            document, route = want.origin.document, want.manifest.route
    return _shown(source, document, route, on)


def _literal(want: Want, origin: Origin, trace: RootTrace) -> AuthoredNode | None:
    """A scalar that stands in the manifest as it was built, if nothing on the way can change it."""
    route = literal_route(want, trace.tree, bool(trace.root.request.options))
    return AuthoredNode(_shown(origin.text, origin.document, route, want.node.on)) if route is not None else None


def _node(want: Want, origin: Origin, trace: RootTrace) -> AuthoredNode | None:
    """A mapping or list, or what is left of a route that does not exist: where it was brought in."""
    on: Literal["key", "value"] = "value" if want.missing else want.node.on
    if origin.generated and origin.prefix:
        return AuthoredNode(declaration(origin, origin.text.path))
    nodes = [
        (leaf, leaf.route[: len(leaf.route) - len(tail)])
        for tail, leaves in want.proof.items()
        for leaf in leaves
        if _ends_with(leaf, tail)
    ]
    found = want.manifest
    if found is not None and found.complete:
        proven = any(
            leaf.text is origin.text and leaf.document == origin.document and leaf.route[: len(found.route)] == found.route
            for leaf, _ in nodes
        )
        if proven or stands_whole(want, trace.tree):
            return AuthoredNode(_shown(origin.text, origin.document, found.route, on))
    if nodes:
        leaf, route = min(nodes, key=lambda entry: entry[0].part.owner.order)
        if leaf.form == "value":
            return AuthoredNode(_item(leaf.text, leaf.document, route, want.at, on), _applied(leaf.part))
    return None


def _ends_with(leaf: Leaf, tail: Route) -> bool:
    if leaf.form != "value" or len(tail) > len(leaf.route):
        return False
    own = leaf.route[len(leaf.route) - len(tail) :]
    return all(a == b or (isinstance(a, int) and isinstance(b, int)) for a, b in zip(own, tail, strict=True))


def _item(source: Text, document: int, route: Route, at: Route, on: Literal["key", "value"]) -> Location:
    """A list item that is the value of an operation is shown by its name, as in a list."""
    if at and isinstance(at[-1], int) and route and isinstance(route[-1], str) and source.positions is not None:
        node = follow(source.positions.roots[document], route)
        inner = shadow.target(node) if node is not None else None
        if isinstance(inner, shadow.Mapping) and inner.own:
            key, value = inner.own.get("name") or min(inner.own.values(), key=lambda entry: entry[0].start)
            end = span(source, value)[1] if isinstance(value, shadow.Scalar) else span(source, key)[1]
            return source.location(key.start, end)
    return _shown(source, document, route, on)


def _applied(part: Part) -> tuple[RelatedLocation, ...]:
    """The entry of the kustomization that names a file."""
    messages = {
        "patch": "this kustomization applies the patch", "values": "this kustomization uses the values",
        "env": "this kustomization reads the file", "content": "this kustomization reads the file",
    }  # fmt: skip
    if part.in_kustomization or part.role not in messages or part.owner.text.positions is None:
        return ()
    for number, root in enumerate(part.owner.text.positions.roots):
        if follow(root, part.route) is not None:
            return (RelatedLocation(messages[part.role], _shown(part.owner.text, number, part.route, "value")),)
    return ()


def _base(want: Want, decided_in: Text) -> tuple[RelatedLocation, ...]:
    """The manifest's own value where something else wins."""
    origin, found = want.origin, want.manifest
    if origin is None or found is None or not found.complete or decided_in is origin.text or not want.at:
        return ()
    return (RelatedLocation("the base has its own value here", _shown(origin.text, origin.document, found.route, "value"), True),)


def _shown(source: Text, document: int, route: Route, on: Literal["key", "value"], *, exact: bool = True) -> Location:
    assert source.positions is not None
    return source.range(source.positions.locate(document, route, on), "exact" if exact else "object")


def _uncertain(location: Location) -> Location:
    if location.precision != "exact":
        return location
    return Location(location.path, location.line, location.column, location.end_line, location.end_column, "object")
