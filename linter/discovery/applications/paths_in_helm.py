"""Files that the `helm` block of a source names: value files and files of parameters."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from dataclasses import dataclass

from linter.argocd.environment import substitute
from linter.argocd.sources import DeclaredSource
from linter.argocd.value_files import compile_value_glob, is_glob, scheme_of, split_ref
from linter.discovery.applications.context import ApplicationContext, inside, shown
from linter.discovery.applications.locations import Location, folder_of_ref
from linter.discovery.applications.problems import Problems
from linter.errors import InputError
from linter.model import Route
from linter.rendering.helm.archives import Budget, read_archive
from linter.wording import without_credentials

_VALUES_SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True)
class HelmPaths:
    """How the paths of one source are read. `refs` are the sources of its Application that `$ref/…` may name; None if it has
    only one source, where that has no meaning."""

    context: ApplicationContext
    location: Location
    variables: Mapping[str, str]
    refs: Mapping[str, DeclaredSource] | None
    problems: Problems

    def value_files(self, written: list[object], ignore_missing: bool) -> tuple[str, ...]:
        """The files that `valueFiles` names, in the order in which Helm layers them. What is not there is a problem, unless
        missing files are ignored."""
        resolved = [self.resolve(entry, ("helm", "valueFiles", index)) for index, entry in enumerate(written)]
        explicit = {path for path in resolved if path is not None and not is_glob(path)}
        found: dict[str, None] = {}
        for index, path in enumerate(resolved):
            if path is None:
                continue
            route: Route = ("helm", "valueFiles", index)
            if is_glob(path):
                found |= dict.fromkeys(match for match in self._matches(path, route, ignore_missing) if match not in explicit)
            elif (file := self.existing(path)) is not None:
                found[file] = None
            elif not ignore_missing:
                self.missing(path, route)
        return tuple(found)

    def resolve(self, written: object, route: Route) -> str | None:
        """The path in the tree that a written one stands for; None, with a problem, if it can be none."""
        if not isinstance(written, str):
            message = "the name of a file has to be a string"
            self.problems.block("application-invalid", "broken", message, "write the path of a file", *route)
            return None
        if (ref := split_ref(written)) is not None and self.refs is not None:
            return self._in_ref(written, *ref, route)
        path = substitute(written, self.variables)
        if self._is_remote(path, route):
            return None
        start = self.location.root if path.startswith("/") else self._directory
        return self._within(written, os.path.join(start, path.lstrip("/")), self.location.root, route)

    def existing(self, path: str) -> str | None:
        """The real path of a file; None if it is not there."""
        if self.context.is_file(path):
            return self.context.real(path)
        if self.location.packaged and (member := self._member(path)) is not None:
            return member
        return None

    @property
    def _directory(self) -> str:
        return self.location.root if self.location.packaged else self.location.path

    def _in_ref(self, written: str, name: str, rest: str, route: Route) -> str | None:
        refs = self.refs or {}
        source = refs.get(name)
        if source is None:
            known = f"the sources have the refs {', '.join(f'`{shown(ref)}`' for ref in refs)}" if refs else "no source has a `ref`"
            message = f"`{shown(written)}` refers to a source `{shown(name)}`, and {known}"
            self.problems.block(
                "application-ref", "broken", message, "correct the name, or add `ref` to the source that has the file", *route
            )
            return None
        if source.text("chart"):
            message = f"`{shown(written)}` refers to a Helm chart, which Argo CD does not allow"
            self.problems.block("application-ref", "broken", message, "refer to a source in Git", *route)
            return None
        folder = folder_of_ref(source, self.context)
        if folder is None:
            where = shown(without_credentials(source.address))
            message = f"`{shown(written)}` is in {where}, which is not this repository, so the values are not known"
            fix = "put a copy into this repository, and name its folder under `repositories:` in .gitops-lint.yaml"
            self.problems.block("application-source-remote", "unavailable", message, fix, *route)
            return None
        path = substitute(rest, self.variables)
        return self._within(written, os.path.join(folder, path.lstrip("/")), folder, route)

    def _is_remote(self, path: str, route: Route) -> bool:
        scheme = scheme_of(path)
        if self.context.is_opaque(path):
            message = f"`{shown(path)}` is filled in outside of this repository, so the values are not known"
            self.problems.block("application-placeholder", "unavailable", message, "write the path itself", *route)
            return True
        if scheme is None:
            return False
        what = "is fetched when Argo CD renders" if scheme in _VALUES_SCHEMES else f"is for a plugin that reads `{scheme}:`"
        message = f"`{shown(path)}` {what}, so the values are not known"
        fix = "put the file into this repository"
        self.problems.block("application-values-remote", "unavailable", message, fix, *route)
        return True

    def _within(self, written: str, joined: str, root: str, route: Route) -> str | None:
        path = os.path.normpath(joined)
        if not inside(path, root):
            where = "the chart" if root == self.location.path and root != "." else "the repository"
            message = f"`{shown(written)}` leads out of {where}, which Argo CD refuses"
            self.problems.block(
                "application-path-invalid", "broken", message, "name a file inside, or use `$ref/…` of a second source", *route
            )
            return None
        if path == root:
            message = f"`{shown(written)}` is no file" + ("" if "$" not in written else " once its variables are replaced")
            self.problems.block("application-path-invalid", "broken", message, "name a file", *route)
            return None
        return path

    def _matches(self, pattern: str, route: Route, ignore_missing: bool) -> list[str]:
        try:
            glob = compile_value_glob(pattern)
        except ValueError as error:
            message = f"`{shown(pattern)}` is taken for a pattern, and cannot be read: {error}"
            self.problems.block("application-glob-invalid", "broken", message, "correct the pattern", *route)
            return []
        directory = next((path for path in sorted(self.context.directories) if glob.match(path)), None)
        if directory is not None:
            message = f"the pattern `{shown(pattern)}` also names the directory {shown(directory)}, which Helm cannot read as values"
            self.problems.block("application-values-missing", "broken", message, "end the pattern with `*.yaml`", *route)
            return []
        found = [path for path in self.context.listing.files if glob.match(path)]
        if not found and not ignore_missing:
            message = f"the pattern `{shown(pattern)}` names no file"
            self.problems.block(
                "application-values-missing", "broken", message, "correct the pattern, or set `ignoreMissingValueFiles: true`", *route
            )
        return [self.context.real(path) for path in found]

    def missing(self, path: str, route: Route) -> None:
        """Say that a file is not there."""
        if self.context.is_directory(path):
            what = "is a directory"
        elif self.context.tree.is_file(path):
            what = "is ignored by Git"
        else:
            what = "does not exist"
        hint = self._similar(path)
        message = f"the file {shown(path)} {what}{hint}"
        self.problems.block("application-values-missing", "broken", message, "correct the path, or remove it", *route)

    def _similar(self, path: str) -> str:
        from difflib import get_close_matches

        names = self.context.names_in(self.context.real(os.path.dirname(path) or "."))
        close = get_close_matches(os.path.basename(path), names, 1, 0.7)
        return f" (did you mean {shown(close[0])}?)" if close else ""

    def _member(self, path: str) -> str | None:
        """The path of a file in a packaged chart, if it has that file."""
        try:
            top, files = self._package()
        except InputError:
            return None  # the rendering says what is wrong with it
        name = os.path.relpath(path, self.location.root)
        return f"{self.location.path}!{top}/{name}" if name in files else None

    def read(self, file: str) -> bytes:
        """The content of a file that `existing` has found. Raises InputError if it cannot be read."""
        if not self.location.packaged or not file.startswith(f"{self.location.path}!"):
            return self.context.tree.read(file)
        return self._package()[1][file.partition("!")[2].partition("/")[2]]

    def _package(self) -> tuple[str, dict[str, bytes]]:
        return read_archive(self.context.tree.read(self.location.path), self.location.path, Budget())
