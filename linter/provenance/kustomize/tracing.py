"""Places in built objects to places in the files of their authors, for many roots at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from linter.model import Location
from linter.provenance.kustomize.matching import Origin, body_of, origins
from linter.provenance.kustomize.placing import AuthoredNode, declaration, place
from linter.provenance.kustomize.proving import Build, RootTrace, prove
from linter.provenance.kustomize.texts import Texts
from linter.provenance.kustomize.tree import read_tree
from linter.provenance.kustomize.wants import WantedNode
from linter.rendering.kustomize.requests import BuiltRoot

Read = Callable[[str], bytes]
# The files of so many roots are kept in memory at one time.
_AT_ONCE: Final = 32


def trace(roots: Sequence[tuple[BuiltRoot, Sequence[WantedNode]]], build: Build, read: Read) -> list[dict[WantedNode, AuthoredNode]]:
    """For each root the author's place of each wanted one.

    `build` builds roots again with other files, and may answer in any order; it is called at most twice for every 32 roots.
    `read` gives the content of a file by its path in the repository. A place is `exact` if a build has shown that the
    scalar there decides the wanted one, or if it stands in the manifest and nothing can change it on the way. Otherwise it
    is the object's.
    """
    found: list[dict[WantedNode, AuthoredNode]] = []
    for start in range(0, len(roots), _AT_ONCE):
        traces = [RootTrace(root, wanted, Texts(read, root.request.overrides)) for root, wanted in roots[start : start + _AT_ONCE]]
        prove(traces, build)
        found += [{want.node: place(want, entry) for want in entry.wants} for entry in traces]
    return found


def authored_names(root: BuiltRoot, read: Read) -> list[str | None]:
    """For each object the name its author wrote, in the manifest or for a generator; None for objects of charts, and
    where the declaring file does not tell."""
    return [origin.name if origin is not None else None for origin in _origins(root, read)]


def declared_at(root: BuiltRoot, read: Read) -> list[Location]:
    """For each object the place that stands for it: the value of `kind:` in its manifest, or the name of the entry that
    generates it; where it cannot be found, the beginning of its file."""
    return [declaration(origin, built.path) for origin, built in zip(_origins(root, read), root.objects, strict=True)]


def _origins(root: BuiltRoot, read: Read) -> list[Origin | None]:
    texts = Texts(read, root.request.overrides)
    tree = read_tree(root.request.path, root.files, texts, root.request.options)
    return origins(root, [body_of(built) for built in root.objects], texts, tree)
