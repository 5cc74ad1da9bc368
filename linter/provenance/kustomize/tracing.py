"""Places in built objects to places in the files of their authors, for many roots at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from linter.model import Location
from linter.provenance.kustomize.matching import Origin, body_of, origins
from linter.provenance.kustomize.placing import AuthoredNode, declaration, place
from linter.provenance.kustomize.proving import Build, RootTrace, prove
from linter.provenance.kustomize.texts import Contents, Texts
from linter.provenance.kustomize.tree import read_tree
from linter.provenance.kustomize.wants import WantedNode
from linter.rendering.kustomize.requests import BuiltRoot

Read = Callable[[str], bytes]
# The files of so many roots are kept in memory at one time.
_AT_ONCE: Final = 32


@dataclass(frozen=True, slots=True)
class TracedRoot:
    """What is known of a root: the author's place of each wanted one, and for each object what `authored_names` and
    `declared_at` say of it."""

    places: Mapping[WantedNode, AuthoredNode]
    names: Sequence[str | None]
    declared: Sequence[Location]


def trace(roots: Sequence[tuple[BuiltRoot, Sequence[WantedNode]]], build: Build, read: Read) -> list[dict[WantedNode, AuthoredNode]]:
    """For each root the author's place of each wanted one; see `trace_roots`."""
    return [dict(traced.places) for traced in trace_roots(roots, build, read)]


def trace_roots(roots: Sequence[tuple[BuiltRoot, Sequence[WantedNode]]], build: Build, read: Read) -> list[TracedRoot]:
    """For each root the author's place of each wanted one, and of each object as a whole.

    `build` builds roots again with other files, and may answer in any order; it is called at most twice for every 32 roots.
    `read` gives the content of a file by its path in the repository. A place is `exact` if a build has shown that the
    scalar there decides the wanted one, or if it stands in the manifest and nothing can change it on the way. Otherwise it
    is the object's.
    """
    found: list[TracedRoot] = []
    contents = Contents(read)
    for start in range(0, len(roots), _AT_ONCE):
        traces = [RootTrace(root, wanted, _texts(root, wanted, contents)) for root, wanted in roots[start : start + _AT_ONCE]]
        prove(traces, build)
        for entry in traces:
            places = {want.node: place(want, entry) for want in entry.wants}
            found.append(TracedRoot(places, _names(entry.origins), _declarations(entry.root, entry.origins)))
    return found


def authored_names(root: BuiltRoot, read: Read) -> list[str | None]:
    """For each object the name its author wrote, in the manifest or for a generator; None for objects of charts, and
    where the declaring file does not tell."""
    return _names(_origins(root, read))


def declared_at(root: BuiltRoot, read: Read) -> list[Location]:
    """For each object the place that stands for it: the value of `kind:` in its manifest, or the name of the entry that
    generates it; where it cannot be found, the beginning of its file."""
    return _declarations(root, _origins(root, read))


def _names(origins: Sequence[Origin | None]) -> list[str | None]:
    return [origin.name if origin is not None else None for origin in origins]


def _declarations(root: BuiltRoot, origins: Sequence[Origin | None]) -> list[Location]:
    return [declaration(origin, built.path) for origin, built in zip(origins, root.objects, strict=True)]


def _origins(root: BuiltRoot, read: Read) -> list[Origin | None]:
    texts = _texts(root, (), Contents(read))
    tree = read_tree(root.request.path, root.files, texts, root.request.options)
    return origins(root, [body_of(built, brief=True) for built in root.objects], texts, tree)


def _texts(root: BuiltRoot, wanted: Sequence[WantedNode], contents: Contents) -> Texts:
    """The files of a root, without the schemas of custom resources that nothing wanted is in and nothing changes."""
    if any(contents.reaches_schemas(path) for path in root.files):
        return Texts(contents, root.request.overrides)
    asked = (root.objects[node.object] for node in wanted)
    return Texts(contents, root.request.overrides, {built.path for built in asked if "\nkind: CustomResourceDefinition\n" in built.text})
