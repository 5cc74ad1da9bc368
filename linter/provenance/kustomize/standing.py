"""What stands in a manifest as it was built, and nothing on the way can change: places that no build has to prove."""

from __future__ import annotations

from linter.manifest import shadow
from linter.model import Route
from linter.provenance.kustomize.structure import is_transformed
from linter.provenance.kustomize.tree import Part, Tree
from linter.provenance.kustomize.wants import Want


def stands(want: Want, tree: Tree, with_options: bool) -> bool:
    """Whether the manifest alone decides a wanted place. `with_options` says that an Application may set something."""
    if want.is_scalar:
        return literal_route(want, tree, with_options) is not None
    return want.origin is not None and not want.origin.generated and not _may_be_removed(want) and stands_whole(want, tree)


def literal_route(want: Want, tree: Tree, with_options: bool) -> Route | None:
    """The route in the manifest of a scalar that nothing on the way can change, or None."""
    found, origin = want.manifest, want.origin
    if found is None or origin is None or not found.complete or not origin.certain:
        return None
    if want.touches or with_options or is_transformed(tree, want.at):
        return None
    node = shadow.target(found.node)
    return found.route if isinstance(node, shadow.Scalar) and node.value == want.value else None


def stands_whole(want: Want, tree: Tree) -> bool:
    """Whether the mapping or list at a wanted place stands in the manifest, whatever is changed in it."""
    found, origin = want.manifest, want.origin
    if found is None or origin is None or not found.complete or not origin.certain:
        return False
    kept = all(touch.walk is not None and not touch.removes and not _is_operation(touch.part) for touch in want.touches)
    return kept and (len(want.at) < 2 or not tree.transformed)


def _may_be_removed(want: Want) -> bool:
    """Whether a patch may have taken a missing field away, which a build shows."""
    return want.missing and bool(want.removals)


def _is_operation(part: Part) -> bool:
    return part.text.positions is not None and any(isinstance(root, shadow.Sequence) for root in part.text.positions.roots)
