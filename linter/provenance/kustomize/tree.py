"""The kustomizations of a root, and what each file is to them.

Source: the reference of the kustomization file (kubectl.docs.kubernetes.io/references/kustomize/kustomization) and
kustomize's api/internal/target/kusttarget.go, for the order in which a kustomization applies what it names.
"""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from linter.manifest import shadow
from linter.model import Route, items, mapping, text
from linter.provenance.kustomize.texts import Text, Texts, follow, inside, plain_value

NAMES: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
Role = Literal["manifest", "patch", "kustomization", "transformer", "values", "env", "content"]
# A root whose bases are reached in more ways than this is not followed further.
_MAX_VISITS: Final = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Kustomization:
    """A kustomization file. `order` grows from bases to the root; `body` is its first document, decoded."""

    text: Text
    directory: str
    body: Mapping[str, Any]
    order: int

    @property
    def path(self) -> str:
        return self.text.path


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A text that takes part in a build: what it is, and the entry of a kustomization that names it.

    `target` is what the entry says of the objects it is for.
    """

    text: Text
    role: Role
    owner: Kustomization
    route: Route
    target: Mapping[str, Any] | None = None

    @property
    def in_kustomization(self) -> bool:
        """Whether the text stands in the kustomization itself."""
        return self.text.path == self.owner.path


@dataclass(slots=True)
class Tree:
    """All kustomizations of a root from the innermost to the root, the parts they name, and the prefixes and suffixes
    that the names in each file get."""

    kustomizations: list[Kustomization] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    affixes: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    # Whether fields may be changed by settings and transformers that are not read here.
    configured: bool = False
    transformed: bool = False


def read_tree(path: str, files: frozenset[str], texts: Texts, options: Mapping[str, Any]) -> Tree:
    """The tree of the root in the directory `path`. `options` are those of an Application."""
    reader = _Reader(files, texts)
    reader.visit(path, ("", ""), options)
    # An address may stand for a folder of this repository; what is there is among the files, and nothing has led to it.
    for file in sorted(files) if reader.addresses else ():
        directory, name = os.path.split(file)
        if name in NAMES:
            reader.visit_once(directory or ".")
    return reader.tree


class _Reader:
    def __init__(self, files: frozenset[str], texts: Texts) -> None:
        self.tree = Tree()
        self.addresses = False
        self._files = files
        self._texts = texts
        self._known: dict[str, Kustomization | None] = {}
        self._open: set[str] = set()
        self._placed: set[str] = set()
        self._named: set[tuple[str, str, Route]] = set()
        self._visits = 0

    def visit(self, directory: str, affix: tuple[str, str], options: Mapping[str, Any]) -> None:
        """Reads a kustomization and what it names. `affix` is what those around it put before and behind names."""
        self._visits += 1
        kustomization = self._find(directory)
        if kustomization is None or directory in self._open or self._visits > _MAX_VISITS:
            return
        self._open.add(directory)
        body = kustomization.body
        own = (
            text(options.get("namePrefix")) or text(body.get("namePrefix")),
            text(options.get("nameSuffix")) or text(body.get("nameSuffix")),
        )
        outer = affix[0] + own[0], own[1] + affix[1]
        components = [(number, self._path(directory, entry)) for number, entry in enumerate(items(body.get("components")))]
        for _, component in reversed(components):
            if component is not None and (found := self._find(component)) is not None:
                outer = outer[0] + text(found.body.get("namePrefix")), text(found.body.get("nameSuffix")) + outer[1]
        for key in ("resources", "bases"):
            for number, entry in enumerate(items(body.get(key))):
                target = self._path(directory, entry)
                if target is None:
                    self.addresses = True
                    self._inline(kustomization, (key, number), "manifest")
                elif target in self._files:
                    self._name(target, "manifest", kustomization, (key, number))
                    self.tree.affixes.setdefault(target, set()).add(outer)
                else:
                    self.visit(target, outer, {})
        for _, component in components:
            if component is None:
                self.addresses = True
            else:
                # What a component adds gets its own prefix inside those of the kustomization that names it.
                self.visit(component, (affix[0] + own[0], own[1] + affix[1]), {})
        self.tree.affixes.setdefault(kustomization.path, set()).add(outer)
        if kustomization.path not in self._placed:
            self._placed.add(kustomization.path)
            placed = Kustomization(kustomization.text, directory, body, len(self.tree.kustomizations))
            self.tree.kustomizations.append(placed)
            self._parts(placed)
        self._open.discard(directory)

    def visit_once(self, directory: str) -> None:
        """As `visit`, for a directory that nothing may have led to."""
        kustomization = self._find(directory)
        if kustomization is not None and kustomization.path not in self._placed:
            self.visit(directory, ("", ""), {})

    def _find(self, directory: str) -> Kustomization | None:
        if directory not in self._known:
            self._known[directory] = None
            for name in NAMES:
                path = name if directory == "." else f"{directory}/{name}"
                found = self._texts.get(path) if path in self._files else None
                if found is not None and found.positions is not None and found.positions.roots:
                    root = next((root for root in found.positions.roots if isinstance(root, shadow.Mapping)), None)
                    if root is not None:
                        self._known[directory] = Kustomization(found, directory, mapping(plain_value(root)), 0)
                        break
        return self._known[directory]

    def _path(self, directory: str, entry: object) -> str | None:
        """The path that an entry names, or None if the entry is no path."""
        if not isinstance(entry, str) or not entry or "\n" in entry or "://" in entry or entry.startswith("/"):
            return None
        path = os.path.normpath(os.path.join(directory, entry))
        return path if path in self._files or self._find(path) is not None else None

    def _name(self, path: str, role: Role, owner: Kustomization, route: Route, target: Mapping[str, Any] | None = None) -> None:
        found = self._texts.get(path)
        self.tree.configured |= role == "patch" and (found is None or found.positions is None)
        if found is not None and (path, owner.path, route) not in self._named:
            self._named.add((path, owner.path, route))
            self.tree.parts.append(Part(found, role, owner, route, target))

    def _inline(self, owner: Kustomization, route: Route, role: Role, target: Mapping[str, Any] | None = None) -> None:
        assert owner.text.positions is not None
        known = False
        for root in owner.text.positions.roots:
            node = follow(root, route)
            scalar = shadow.target(node) if node is not None else None
            found = inside(owner.text, scalar) if isinstance(scalar, shadow.Scalar) else None
            if found is None or found.positions is None or all(isinstance(inner, shadow.Scalar) for inner in found.positions.roots):
                continue
            known = True
            if (owner.path, owner.path, route) not in self._named:
                self._named.add((owner.path, owner.path, route))
                self.tree.parts.append(Part(found, role, owner, route, target))
        # Of a patch that cannot be read, nobody knows what it changes.
        self.tree.configured |= not known and role != "manifest"

    def _either(self, owner: Kustomization, route: Route, entry: object, role: Role, target: Mapping[str, Any] | None = None) -> None:
        """An entry that is a path, or YAML itself."""
        path = self._path(owner.directory, entry)
        if path in self._files:
            self._name(str(path), role, owner, route, target)
        elif path is not None:
            self.visit(path, ("", ""), {})
        else:
            self._inline(owner, route, role, target)

    def _parts(self, owner: Kustomization) -> None:
        body = owner.body
        self.tree.parts.append(Part(owner.text, "kustomization", owner, ()))
        for number, entry in enumerate(items(body.get("patchesStrategicMerge"))):
            self._either(owner, ("patchesStrategicMerge", number), entry, "patch")
        for key in ("patches", "patchesJson6902"):
            for number, entry in enumerate(map(mapping, items(body.get(key)))):
                for step in ("path", "patch"):
                    if step in entry:
                        self._either(owner, (key, number, step), entry[step], "patch", mapping(entry.get("target")) or None)
        for key in ("generators", "transformers"):
            for number, entry in enumerate(items(body.get(key))):
                self._either(owner, (key, number), entry, "transformer")
        self.tree.configured |= bool(body.get("configurations") or body.get("crds") or body.get("openapi") or body.get("transformers"))
        self.tree.transformed |= bool(body.get("transformers"))
        for key in ("configMapGenerator", "secretGenerator"):
            for number, generator in enumerate(map(mapping, items(body.get(key)))):
                for index, entry in enumerate(items(generator.get("files"))):
                    self._file(owner, (key, number, "files", index), text(entry).rpartition("=")[2], "content")
                for index, entry in enumerate(items(generator.get("envs"))):
                    self._file(owner, (key, number, "envs", index), text(entry), "env")
                self._file(owner, (key, number, "env"), text(generator.get("env")), "env")
        for key in ("helmCharts", "helmChartInflationGenerator"):
            for number, chart in enumerate(map(mapping, items(body.get(key)))):
                for step in ("valuesFile", "values"):
                    self._file(owner, (key, number, step), text(chart.get(step)), "values")
                for index, entry in enumerate(items(chart.get("additionalValuesFiles"))):
                    self._file(owner, (key, number, "additionalValuesFiles", index), text(entry), "values")
                home = text(mapping(body.get("helmGlobals")).get("chartHome")) or "charts"
                for folder in (chart.get("name"), f"{chart.get('name')}-{chart.get('version')}/{chart.get('name')}"):
                    self._file(owner, (key, number, "name"), f"{home}/{folder}/values.yaml", "values")

    def _file(self, owner: Kustomization, route: Route, entry: str, role: Role) -> None:
        path = self._path(owner.directory, entry)
        if path in self._files:
            self._name(str(path), role, owner, route)
