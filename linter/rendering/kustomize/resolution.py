"""Every file that a Kustomize root reads, found before kustomize runs, and what keeps the root from being built.

The rules are those of kustomize: a file stands in or below the directory of the kustomization that names it, a directory is a
root of its own and not one that leads to it, a patch or the configuration of a plugin may be written in place.
"""

from __future__ import annotations

import contextlib
import os.path
from collections.abc import Callable, Mapping
from typing import Any

from linter.errors import InputError
from linter.manifest.decoder import decode_bytes
from linter.model import mapping, text
from linter.model.findings import Stage
from linter.rendering.kustomize.lookup import Lookup, NotFoundError, OutsideError
from linter.rendering.kustomize.places import Place
from linter.rendering.kustomize.references import (
    KUSTOMIZATION_NAMES,
    ChartReference,
    Reference,
    charts,
    is_builtin_plugin,
    is_remote,
    plugin_documents,
    plugin_references,
    references,
)
from linter.rendering.kustomize.resolved import Kustomization, Resolved

_FUNCTION_ANNOTATIONS = ("config.kubernetes.io/function", "config.k8s.io/function")


Edit = Callable[[dict[str, Any], Kustomization], dict[str, Any]]


def resolve(lookup: Lookup, root: str, edit: Edit | None = None, unrestricted: bool = False) -> Resolved:
    """What the root at a directory reads, once `edit` has changed its kustomization.

    `edit` raises InputError if it cannot. With `unrestricted`, files may stand anywhere in the repository.
    """
    found = Resolved()
    with contextlib.suppress(NotFoundError, OutsideError):
        root, _ = lookup.locate(root, found.links)
    _Walk(lookup, found, edit, unrestricted).directory(root, "", [], None)
    return found


class _Walk:
    """One root on its way through the tree."""

    def __init__(self, lookup: Lookup, found: Resolved, edit: Edit | None, unrestricted: bool) -> None:
        self._lookup = lookup
        self._found = found
        self._edit = edit
        self.unrestricted = unrestricted
        self._seen: set[tuple[str, str]] = set()

    def directory(self, directory: str, origin: str, chain: list[str], component: bool | None, place: Place | None = None) -> None:
        """A directory that is built upon; `origin` is its path as kustomize reports it."""
        if (directory, origin) in self._seen:
            return
        self._seen.add((directory, origin))
        kustomization = self._kustomization(directory, place)
        if kustomization is None:
            return
        if not chain and self._edit is not None:
            try:
                kustomization.body = self._edit(kustomization.body, kustomization)
            except InputError as error:
                self._found.failures[error.at(kustomization.path)] = None
                return
        name = os.path.basename(kustomization.path)
        self._found.origins.setdefault(os.path.normpath(os.path.join(origin, name)), kustomization.path)
        kind = text(kustomization.body.get("kind"))
        if place is not None and component is not None and component != (kind == "Component"):
            wrong, right = ("components", "resources") if component else ("resources", "components")
            what = "no Component" if component else "a Component"
            self._fail(
                place, "kustomize-build", f"{directory} is {what}, so it cannot be listed under `{wrong}`", f"list it under `{right}`"
            )
            return
        step = _Step(self._lookup, self._found, self, kustomization, origin, [*chain, directory])
        for reference in references(kustomization.body):
            step.follow(reference)
        for chart in charts(kustomization.body):
            step.chart(chart)

    def kustomization_of(self, directory: str) -> list[str]:
        """The paths of the kustomizations in a directory."""
        found = []
        for name in KUSTOMIZATION_NAMES:
            try:
                path, is_directory = self._lookup.locate(os.path.join(directory, name), self._found.links)
            except (NotFoundError, OutsideError):
                continue
            if not is_directory:
                found.append(path)
        return found

    def _kustomization(self, directory: str, place: Place | None) -> Kustomization | None:
        paths = self.kustomization_of(directory)
        if not paths:
            self._fail(
                place or Place(directory),
                "kustomize-reference-missing",
                f"{directory} has no kustomization file" if place else "this folder has no kustomization file",
                "add a kustomization.yaml to that folder, or name the files in it one by one" if place else "add a kustomization.yaml",
            )
            return None
        if len(paths) > 1:
            names = " and ".join(os.path.basename(path) for path in paths)
            self._fail(
                Place(paths[0]), "kustomization-ambiguous", f"this directory has {names}, and kustomize refuses to choose",
                "keep one of the files", stage="parse",
            )  # fmt: skip
            return None
        [path] = paths
        self._found.files[path] = None
        if path in self._found.kustomizations:
            return self._found.kustomizations[path]
        try:
            source, body = self._lookup.kustomization(path)
            self._found.careful |= self._lookup.is_about_annotations(path)
        except InputError as error:
            self._found.failures[error.at(path)] = None
            return None
        version = text(body.get("apiVersion"))
        if version and "kind" in body and not version.startswith("kustomize.config.k8s.io/"):
            self._fail(
                Place(path, source, ("apiVersion",)), "kustomization-invalid",
                f"this is a {text(body['kind'])} of {version}, and no file that kustomize builds",
                "rename it, or write the kustomization of this folder", stage="parse",
            )  # fmt: skip
            return None
        kustomization = Kustomization(path, directory, source, body)
        self._found.kustomizations[path] = kustomization
        return kustomization

    def _fail(self, place: Place, id: str, message: str, fix: str, *, stage: Stage = "render") -> None:
        self._found.failures[place.failure(id, message, fix, stage=stage)] = None


class _Step:
    """One kustomization, and what it refers to."""

    def __init__(self, lookup: Lookup, found: Resolved, walk: _Walk, kustomization: Kustomization, origin: str, chain: list[str]) -> None:
        self._lookup = lookup
        self._found = found
        self._walk = walk
        self._kustomization = kustomization
        self._origin = origin
        self._chain = chain

    def follow(self, reference: Reference, source: Place | None = None) -> None:
        """One reference; `source` is the file it stands in, if that is not the kustomization itself."""
        place = source or Place(self._kustomization.path, self._kustomization.text, reference.route)
        value = reference.value
        if reference.kind in ("patch", "plugin"):
            documents = plugin_documents(value)
            if documents is not None:
                if reference.kind == "plugin":
                    for document in documents:
                        self._plugin(document.value, place)
                return
            if reference.kind == "patch" and "\n" in value:
                return  # not even YAML; kustomize says so
        target = self._target(reference, place)
        if target is None:
            return
        path, is_directory, name = target
        if not is_directory:
            self._file(path, name, reference, place)
        elif reference.kind in ("resource", "component"):
            self._directory(path, name, reference, place)
        elif reference.kind == "plugin":
            self._plugins_of(path, name, place)
        else:
            self._fail(place, "kustomize-reference-missing", f"{value} is a folder, and a file is needed", "name a file in it")

    def chart(self, chart: ChartReference, source: Place | None = None) -> None:
        """A chart, and the files of values for it."""
        place = source or Place(self._kustomization.path, self._kustomization.text, chart.route)
        self._found.charts = True
        if not chart.name:
            return  # kustomize says so
        for reference in (*([chart.values] if chart.values is not None else ()), *chart.more_values):
            self.follow(reference, source)
        try:
            directory, is_directory = self._lookup.locate(os.path.join(self._kustomization.directory, chart.directory), self._found.links)
        except OutsideError:
            self._fail(place, "kustomize-outside-repository", f"the chart {chart.name} would be outside the repository", _INTO_REPOSITORY)
            return
        except NotFoundError:
            directory, is_directory = "", False
        if not is_directory:
            at = os.path.normpath(os.path.join(self._kustomization.directory, chart.directory))
            if chart.repo:
                self._fail(
                    place, "kustomize-chart-unavailable", f"the chart {chart.name} is in {chart.repo}, and not at {at}",
                    f"vendor it: `helm pull --untar` it to {at}", unavailable=True,
                )  # fmt: skip
            else:
                self._fail(
                    place, "kustomize-reference-missing", f"there is no chart at {at}, and no `repo` to pull it from", "add the chart"
                )
            return
        if chart.values is None:
            self._restrict(f"{directory}/values.yaml", f"{chart.directory}/values.yaml", place)
        self._found.files |= dict.fromkeys(self._lookup.below(directory))
        for link, target in self._lookup.links_below(directory):
            self._found.links[link] = target
            self._found.files |= dict.fromkeys([target] if not (below := self._lookup.below(target)) else below)

    def _target(self, reference: Reference, place: Place) -> tuple[str, bool, str] | None:
        """The real path of a reference, whether it is a directory, and the path as it is written or takes its place."""
        value = reference.value
        start = self._kustomization.directory
        if not value:
            self._fail(place, "kustomize-reference-missing", "an entry is empty", "name a file or folder, or remove the entry")
            return None
        remote = is_remote(value)
        if remote and (folder := self._lookup.local(value)) is not None:
            value = os.path.relpath(folder, start)
            if place.path == self._kustomization.path:
                self._kustomization.rewrites[reference.route] = value
                remote = False
        try:
            if remote or not value.startswith("/"):
                path, is_directory = self._lookup.locate(os.path.join(start, value), self._found.links)
                if remote and (is_directory or "://" in value):
                    raise NotFoundError  # kustomize takes the address, whatever stands here
                return path, is_directory, value
            self._fail(place, "kustomize-outside-repository", f"{value} is an absolute path", "write it relative to this folder")
        except OutsideError:
            self._fail(place, "kustomize-outside-repository", f"{value} leads out of the repository", _INTO_REPOSITORY)
        except NotFoundError:
            if remote:
                self._fail(
                    place, "kustomize-remote", f"{value} is elsewhere, and nothing is fetched",
                    "vendor it in this repository, or list the folder that stands for it under `repositories:` in .gitops-lint.yaml",
                    unavailable=True,
                )  # fmt: skip
                return None
            missing = os.path.normpath(os.path.join(start, value))
            if self._lookup.is_ignored(missing):
                message, fix = f"{value} is ignored by Git, so it is not in the repository", "add it to Git, or remove the entry"
            else:
                message, fix = f"there is no {value}", "correct the path, or add the file"
            self._fail(place, "kustomize-reference-missing", message, fix)
        return None

    def _file(self, path: str, name: str, reference: Reference, place: Place) -> None:
        if reference.kind == "component":
            self._fail(place, "kustomize-reference-missing", f"{name} is a file, and a component is a folder", "name the folder")
            return
        if not self._restrict(path, name, place):
            return
        try:
            self._found.careful |= self._lookup.is_about_annotations(path)
        except InputError as error:
            if error.failure.id == "symlink-escape":
                self._fail(place, "kustomize-outside-repository", f"{name} is a link out of the repository", _INTO_REPOSITORY)
            else:
                self._found.failures[error.at(path)] = None
            return
        self._found.files[path] = None
        self._found.origins.setdefault(os.path.normpath(os.path.join(self._origin, name)), path)
        if reference.kind == "plugin":
            self._plugin_file(path)

    def _restrict(self, path: str, name: str, place: Place) -> bool:
        """Whether kustomize would read a file for this kustomization."""
        directory = self._kustomization.directory
        if self._walk.unrestricted or directory == "." or path.startswith(f"{directory}/"):
            return True
        self._fail(
            place, "kustomize-outside-root", f"{name} is outside the folder of this kustomization, and kustomize reads no file from there",
            "move the file here, or give it a kustomization of its own and list its folder; Argo CD reads it only where "
            "kustomize.buildOptions has --load-restrictor LoadRestrictionsNone",
        )  # fmt: skip
        return False

    def _directory(self, path: str, name: str, reference: Reference, place: Place) -> None:
        for visited in self._chain:
            if path in (visited, ".") or visited.startswith(f"{path}/"):
                words = "itself" if visited == path else f"{path}, and stands in it"
                self._fail(place, "kustomize-cycle", f"{visited} builds upon {words}", "remove the entry, or move the folder")
                return
        origin = os.path.normpath(os.path.join(self._origin, name))
        self._walk.directory(path, origin, self._chain, reference.kind == "component", place)

    def _plugin_file(self, path: str) -> None:
        try:
            source, documents = decode_bytes(self._lookup.read(path))
        except InputError as error:
            self._found.failures[error.at(path)] = None
            return
        for document in documents:
            if isinstance(document.value, dict):
                self._plugin(document.value, Place(path, source, (), document.index))

    def _plugins_of(self, directory: str, name: str, place: Place) -> None:
        """Configurations of plugins that a kustomization of their own gathers; paths in them count from this one."""
        before = set(self._found.files)
        self._directory(directory, name, Reference((), name, "resource"), place)
        for path in [path for path in self._found.files if path not in before and path not in self._found.kustomizations]:
            self._plugin_file(path)

    def _plugin(self, config: Mapping[str, Any], place: Place) -> None:
        annotations = mapping(mapping(config.get("metadata")).get("annotations"))
        kind = text(config.get("kind")) or "something without a kind"
        if not is_builtin_plugin(config) or any(name in annotations for name in _FUNCTION_ANNOTATIONS):
            self._fail(
                place, "kustomize-plugin", f"{kind} is a plugin, and no program of a repository is run",
                "replace it by what kustomize has built in, or render this root elsewhere and lint the output", unavailable=True,
            )  # fmt: skip
            return
        found, inflated = plugin_references(config)
        for reference in found:
            self.follow(reference, place.within(reference.route))
        for chart in inflated:
            self.chart(chart, place)

    def _fail(self, place: Place, id: str, message: str, fix: str, *, unavailable: bool = False) -> None:
        self._found.failures[place.failure(id, message, fix, unavailable=unavailable)] = None


_INTO_REPOSITORY = "copy what it names into the repository, and name that"
