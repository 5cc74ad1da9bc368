"""Which object of an author's file a built object is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from linter.errors import InputError
from linter.manifest import shadow
from linter.manifest.decoder import decode_text
from linter.model import Route, items, mapping, text
from linter.provenance.kustomize.schemas import without_schemas
from linter.provenance.kustomize.texts import Text, Texts, plain_value
from linter.provenance.kustomize.tree import Tree
from linter.rendering.kustomize.requests import BuiltObject, BuiltRoot

_HASH: Final = re.compile(r"-[bcdfghkmt2456789]{10}$")
_GENERATORS: Final = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}
_CHARTS: Final = ("helmCharts", "helmChartInflationGenerator")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an object was declared: a text, the document in it and the route of the object there.

    `name` is what its author called it, None for an object that a chart makes. `generated` says that the place is a
    generator's entry and not the object itself; `certain` that no other place can be meant.
    """

    text: Text
    document: int
    prefix: Route
    name: str | None
    generated: bool = False
    certain: bool = True


@dataclass(frozen=True, slots=True)
class _Candidate:
    document: int
    prefix: Route
    name: str
    namespace: str
    generated: bool = False


def body_of(built: BuiltObject, *, brief: bool = False) -> Any:
    """The value of a built object; if it is to be `brief`, without the schemas of custom resources."""
    written = without_schemas(built.text) if brief else built.text
    try:
        return next((document.value for document in decode_text(written) if document.value is not None), None)
    except InputError:
        return None


def without_hash(name: str) -> str:
    """A name without the hash that generators put behind it."""
    return _HASH.sub("", name)


def origins(root: BuiltRoot, bodies: Sequence[Any], texts: Texts, tree: Tree) -> list[Origin | None]:
    """For each object of a root the place that declares it, None if there is none that can be read."""
    index: dict[str, dict[tuple[str, str], list[_Candidate]]] = {}
    used: dict[tuple[str, int, Route], str] = {}

    def origin(path: str, built: BuiltObject, body: Any) -> Origin | None:
        file = texts.get(path)
        if file is None or file.positions is None:
            return None
        if path not in index:
            index[path] = _index(file)
        return _origin(built, mapping(body), file, index[path], tree, used)

    found = []
    manifests = list(dict.fromkeys(part.text.path for part in tree.parts if part.role == "manifest" and not part.in_kustomization))
    for built, body in zip(root.objects, bodies, strict=True):
        declared = origin(built.path, built, body)
        if declared is None and (built.generator is None or "Generator" not in built.generator):
            # A patch that replaces all annotations also takes away what says where an object comes from.
            plain = replace(built, generator=None)
            declared = next((known for path in manifests if (known := origin(path, plain, body)) is not None and known.certain), None)
        found.append(declared)
    return found


def _origin(
    built: BuiltObject,
    body: dict[str, Any],
    file: Text,
    index: dict[tuple[str, str], list[_Candidate]],
    tree: Tree,
    used: dict[tuple[str, int, Route], str],
) -> Origin | None:
    metadata = mapping(body.get("metadata"))
    name, namespace = text(metadata.get("name")) or text(metadata.get("generateName")), text(metadata.get("namespace"))
    if built.generator is not None and "Chart" in built.generator:
        return _chart(file, name, body)
    kind, group = text(body.get("kind")), _group(body)
    candidates = [c for c in index.get((kind, group), ()) if c.generated == (built.generator is not None)]
    if not candidates and file.path == built.path:
        # A patch may change what an object is.
        same_kind = [c for key, found in index.items() if key[0] == kind for c in found]
        candidates = same_kind or [c for found in index.values() for c in found if c.name == name]
    affixes = tree.affixes.get(file.path, {("", "")})
    chosen = _named(candidates, name, affixes)
    if file.path != built.path:
        chosen = [c for c in chosen if c.name and c.name in name]
    if len(chosen) > 1:
        chosen = [c for c in chosen if c.namespace == namespace] or chosen
    if not chosen:
        return None
    # Objects that cannot be told apart are taken in the order of the file.
    pick = next((c for c in chosen if (file.path, c.document, c.prefix) not in used), chosen[0])
    used[file.path, pick.document, pick.prefix] = name
    return Origin(file, pick.document, pick.prefix, pick.name, pick.generated, certain=len(chosen) == 1)


def _named(candidates: list[_Candidate], name: str, affixes: set[tuple[str, str]]) -> list[_Candidate]:
    """The candidates whose name, with prefix and suffix, is the built one; else those whose name is in it."""
    for built in dict.fromkeys((name, without_hash(name))):
        exact = [c for c in candidates if any(f"{prefix}{c.name}{suffix}" == built for prefix, suffix in affixes)]
        if exact:
            return exact
    if len(candidates) > 1:
        inside = [c for c in candidates if c.name and c.name in name]
        longest = max((len(c.name) for c in inside), default=0)
        return [c for c in inside if len(c.name) == longest] or candidates
    return candidates


def _index(file: Text) -> dict[tuple[str, str], list[_Candidate]]:
    """The objects that a file declares, by kind and group: its manifests, and the generators of a kustomization."""
    assert file.positions is not None
    found: dict[tuple[str, str], list[_Candidate]] = {}
    for number, root in enumerate(file.positions.roots):
        for prefix, body in _objects(plain_value(root), (), 0):
            metadata = mapping(body.get("metadata"))
            name = text(metadata.get("name")) or text(metadata.get("generateName"))
            found.setdefault((text(body.get("kind")), _group(body)), []).append(
                _Candidate(number, prefix, name, text(metadata.get("namespace")))
            )
        if isinstance(root, shadow.Mapping):
            for kind, key in _GENERATORS.items():
                for index, generator in enumerate(items(plain_value(root.entries[key][1]) if key in root.entries else None)):
                    entry = mapping(generator)
                    candidate = _Candidate(number, (key, index), text(entry.get("name")), text(entry.get("namespace")), True)
                    found.setdefault((kind, ""), []).append(candidate)
    return found


def _objects(value: Any, prefix: Route, depth: int) -> Iterator[tuple[Route, dict[str, Any]]]:
    body = mapping(value)
    inner = body.get("items")
    if text(body.get("kind")).endswith("List") and isinstance(inner, list) and depth < 10:
        for number, item in enumerate(inner):
            typed = text(body["kind"]) != "List" and isinstance(item, dict) and "kind" not in item
            own = {"apiVersion": body.get("apiVersion"), "kind": text(body["kind"]).removesuffix("List"), **item} if typed else item
            yield from _objects(own, (*prefix, "items", number), depth + 1)
    elif isinstance(body.get("kind"), str):
        yield prefix, body


def _chart(file: Text, name: str, body: dict[str, Any]) -> Origin | None:
    """The entry of a kustomization that inflates the chart of an object, by the release it names."""
    assert file.positions is not None
    labels = mapping(mapping(body.get("metadata")).get("labels"))
    release = text(labels.get("app.kubernetes.io/instance")) or text(labels.get("release"))
    for number, root in enumerate(file.positions.roots):
        value = mapping(plain_value(root))
        entries = [(key, index, mapping(entry)) for key in _CHARTS for index, entry in enumerate(items(value.get(key)))]
        names = [text(entry.get("releaseName")) or text(entry.get("name")) for _, _, entry in entries]
        fitting = [n for n, known in enumerate(names) if known and known == release]
        fitting = fitting or [n for n, known in enumerate(names) if known and name.startswith(known)] or list(range(len(entries)))
        if fitting:
            key, index, _ = entries[fitting[0]]
            return Origin(file, number, (key, index), None, True, certain=len(fitting) == 1)
        if isinstance(value.get("kind"), str):
            return Origin(file, number, (), None, True, certain=len(file.positions.roots) == 1)
    return None


def _group(body: dict[str, Any]) -> str:
    group, slash, _ = text(body.get("apiVersion")).partition("/")
    return group if slash else ""
