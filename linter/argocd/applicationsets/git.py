"""The Git generator: directories, or the content of files, of this repository as it is read."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from linter.argocd.applicationsets.contracts import MAX_APPLICATIONS, GeneratorError, Row, SetContext, invalid, too_many
from linter.argocd.applicationsets.parameters import flattened, normalised
from linter.argocd.applicationsets.patterns import Matches, directory_pattern, doublestar, literal_start, pathspec
from linter.argocd.applicationsets.templating import Templating
from linter.argocd.applicationsets.values import add_values
from linter.errors import InputError
from linter.model.applications import Problem
from linter.model.routes import Route, items, mapping, text

_MAX_SHOWN_URL = 100


class GitRows:
    """The Git generators of one ApplicationSet. What one of them has listed or read is kept for the next.

    With `new_globbing` patterns of files are doublestar's, as an option of Argo CD's controller has it, and not Git's.
    """

    def __init__(self, context: SetContext, templating: Templating, *, new_globbing: bool = False) -> None:
        self._context = context
        self._templating = templating
        self._file_pattern: Callable[[str], Matches] = doublestar if new_globbing else pathspec
        self._files: dict[str, Sequence[str]] = {}
        self._directories: dict[str, list[str]] = {}
        self._found: dict[tuple[str, str], list[str]] = {}
        self._objects: dict[str, list[dict[str, Any]]] = {}

    def rows(self, body: Mapping[str, Any], route: Route) -> list[Row]:
        """The rows of the generator `body`, which stands at `route`. Raises GeneratorError."""
        url = text(body.get("repoURL"))
        folder = self._context.is_local(url)
        if folder is None:
            shown = url if len(url) <= _MAX_SHOWN_URL else f"{url[:_MAX_SHOWN_URL]}…"
            message = f"the generator reads the repository `{shown}`, which is not this one"
            fix = "map its URL to a folder under `repositories:` in the configuration, if that is where it is"
            raise GeneratorError(Problem("applicationset-generator-remote", "unavailable", message, fix, (*route, "repoURL")))
        prefix = body.get("pathParamPrefix")
        prefix = prefix if isinstance(prefix, str) else ""
        if items(body.get("directories")):
            rows = [self._directory_row(path, prefix) for path in self._matching_directories(folder, body["directories"], route)]
        elif items(body.get("files")):
            rows = list(self._file_rows(folder, body["files"], prefix, route))
        else:
            raise invalid("the Git generator has neither `directories` nor `files`", "say what it is to look for", route)
        add_values(self._templating, body.get("values"), rows, (*route, "values"))
        return rows

    def _listing(self, folder: str) -> Sequence[str]:
        if folder not in self._files:
            below = "" if folder in (".", "") else folder + "/"
            listed = self._context.files()
            self._files[folder] = [file[len(below) :] for file in listed if file.startswith(below)] if below else listed
        return self._files[folder]

    def _matching_directories(self, folder: str, entries: Sequence[Any], route: Route) -> list[str]:
        if folder not in self._directories:
            seen: set[str] = set()
            for file in self._listing(folder):
                directory = posixpath.dirname(file)
                while directory and directory not in seen:
                    seen.add(directory)
                    directory = posixpath.dirname(directory)
            visible = (path.split("/") for path in seen if not path.startswith(".") and "/." not in path)
            self._directories[folder] = ["/".join(path) for path in sorted(visible)]
        wanted, unwanted = self._compiled(entries, directory_pattern, (*route, "directories"))
        return [
            path
            for path in self._directories[folder]
            if any(matches(path) for _, matches in wanted) and not any(matches(path) for _, matches in unwanted)
        ]

    def _compiled(
        self, entries: Sequence[Any], compiled: Callable[[str], Matches], route: Route
    ) -> tuple[list[tuple[str, Matches]], list[tuple[str, Matches]]]:
        """The patterns to take and the patterns to leave out."""
        patterns: tuple[list[tuple[str, Matches]], list[tuple[str, Matches]]] = [], []
        for number, entry in enumerate(entries):
            pattern = text(mapping(entry).get("path"))
            try:
                patterns[mapping(entry).get("exclude") is True].append((pattern, compiled(pattern)))
            except ValueError as error:
                message = f"the pattern `{pattern}` cannot be used: {error}"
                raise invalid(message, "correct the pattern", (*route, number, "path")) from None
        return patterns

    def _file_rows(self, folder: str, entries: Sequence[Any], prefix: str, route: Route) -> Iterator[Row]:
        wanted, unwanted = self._compiled(entries, self._file_pattern, (*route, "files"))
        paths = {path for pattern, matches in wanted for path in self._matching_files(folder, pattern, matches)}
        paths -= {path for pattern, matches in unwanted for path in self._matching_files(folder, pattern, matches)}
        if len(paths) > MAX_APPLICATIONS:
            raise too_many((*route, "files"))
        for path in sorted(paths):
            where = path if folder in (".", "") else f"{folder}/{path}"
            for found in self._read(where, (*route, "files")):
                yield self._file_row(found, path, prefix)

    def _matching_files(self, folder: str, pattern: str, matches: Matches) -> list[str]:
        if (folder, pattern) not in self._found:
            listing = self._listing(folder)
            start = literal_start(pattern)
            found = []
            for at in range(bisect_left(listing, start), len(listing)):
                if not listing[at].startswith(start):
                    break
                if matches(listing[at]):
                    found.append(listing[at])
            self._found[folder, pattern] = found
        return self._found[folder, pattern]

    def _read(self, path: str, route: Route) -> list[dict[str, Any]]:
        """The mappings in a file. Raises GeneratorError where it holds anything else."""
        if path not in self._objects:
            try:
                documents = self._context.decode(self._context.read(path))
            except InputError as error:
                raise _unusable(path, error.failure.message, error.failure.fix, route, error.failure.line) from None
            found = documents[0] if documents else None
            entries = found if isinstance(found, list) else [found]
            if not all(entry is None or isinstance(entry, dict) for entry in entries):
                fix = "write a mapping or a list of mappings, or narrow the pattern"
                raise _unusable(path, "it holds no mapping, and no list of mappings", fix, route)
            self._objects[path] = [entry or {} for entry in entries]
        return self._objects[path]

    def _directory_row(self, path: str, prefix: str) -> Row:
        base = posixpath.basename(path)
        return self._path_parameters(path, {"basename": base, "basenameNormalized": normalised(base)}, prefix)

    def _file_row(self, found: dict[str, Any], path: str, prefix: str) -> Row:
        directory, name = posixpath.dirname(path) or ".", posixpath.basename(path)
        base = posixpath.basename(directory)
        facts = {"basename": base, "filename": name, "basenameNormalized": normalised(base), "filenameNormalized": normalised(name)}
        row: Row = dict(found) if self._templating.go else dict(flattened(found))
        return {**row, **self._path_parameters(directory, facts, prefix)}

    def _path_parameters(self, path: str, facts: dict[str, str], prefix: str) -> Row:
        segments = tuple(path.split("/"))
        if self._templating.go:
            parameters: Row = {"path": {"path": path, **facts, "segments": segments}}
            return {prefix: parameters} if prefix else parameters
        name = f"{prefix}.path" if prefix else "path"
        row: Row = {name: path, **{f"{name}.{key}": value for key, value in facts.items()}}
        return row | {f"{name}[{number}]": segment for number, segment in enumerate(segments) if segment}


def _unusable(path: str, why: str, fix: str, route: Route, line: int | None = None) -> GeneratorError:
    message = f"the Git generator cannot use {path}: {why}"
    return GeneratorError(Problem("applicationset-generator-invalid", "broken", message, fix, route, path, line))
