"""CustomResourceDefinitions that judge custom resources: those that `crds:` of the configuration names, and all others."""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Sequence

from linter.config import Config
from linter.engine.reading.decoding import Content, Known, decode_all
from linter.engine.reading.files import Reading
from linter.engine.secrets import without_excerpts
from linter.errors import InputError
from linter.globs import matches
from linter.manifest.resources import resources_of
from linter.model import Document, Failure, ManifestFile, Resource, Source
from linter.repository import Tree

_TYPE = "CustomResourceDefinition"
_SUFFIXES = (".yaml", ".yml", ".json")


def all_definitions(reading: Reading) -> tuple[Resource, ...]:
    """Every CustomResourceDefinition among what was read and rendered."""
    return tuple(resource for group in reading.resources.values() for resource in group if resource.type == _TYPE)


def named_definitions(tree: Tree, config: Config, reading: Reading, known: Known | None = None) -> tuple[Resource, ...]:
    """The CustomResourceDefinitions in the files that `crds:` of the configuration names, whatever else becomes of those files.

    A pattern without such a file, and a file that cannot be read, becomes a failure of the reading. Files that are `known` are
    not decoded again.
    """
    found: dict[str, list[Resource]] = {}
    for index, pattern in enumerate(config.crds.patterns):
        paths = [path for path in tree.files() if matches(pattern, path) and (path == pattern or path.lower().endswith(_SUFFIXES))]
        new = [path for path in paths if path not in found]
        found.update(zip(new, _read(tree, new, reading, known), strict=True))
        if not any(found[path] for path in paths) and config.is_local(("crds", index)):
            path, line = config.where(("crds", index))
            reading.failures.append(_failure(pattern, paths, path, line, tree))
    return tuple(resource for resources in found.values() for resource in resources)


def _read(tree: Tree, paths: Sequence[str], reading: Reading, known: Known | None) -> Iterator[list[Resource]]:
    """The definitions in each file."""
    contents: dict[str, Content] = {}
    for path in paths:
        try:
            contents[path] = Content(tree.read(path), path.endswith(".json"))
        except InputError as error:
            _add(reading, error.at(path))
    results = dict(zip(contents, decode_all(tuple(contents.values()), 1, known), strict=True))
    for path in paths:
        result = results.get(path)
        if isinstance(result, InputError):
            _add(reading, without_excerpts(result.at(path), contents[path].data.decode("utf-8", "replace")))
        if result is None or isinstance(result, InputError):
            yield []
            continue
        text, decoded = result
        file = ManifestFile(path, text, Source(os.path.dirname(path) or ".", "directory", "crds"))
        documents = [Document(file, entry.index, entry.value) for entry in decoded]
        yield [resource for document in documents for resource in resources_of(document) if resource.type == _TYPE]


def _add(reading: Reading, failure: Failure) -> None:
    # What the file is to the repository otherwise may have said so already.
    if all((other.path, other.line) != (failure.path, failure.line) for other in reading.failures):
        reading.failures.append(failure)


def _failure(pattern: str, paths: Sequence[str], path: str, line: int | None, tree: Tree) -> Failure:
    if paths:
        holds = f"{paths[0]} holds" if len(paths) == 1 else f"none of the {len(paths)} files that `{pattern}` names holds"
        any_or_no = "no" if len(paths) == 1 else "a"
        return Failure(
            "crds-empty", "broken", "read", path, line, f"{holds} {any_or_no} CustomResourceDefinition that can be read",
            "name files with CustomResourceDefinitions, or remove the entry",
        )  # fmt: skip
    ignored = " that Git does not ignore" if tree.root is not None else ""
    return Failure(
        "crds-missing", "broken", "read", path, line, f"`{pattern}` under `crds:` names no YAML or JSON file of the repository{ignored}",
        "correct the path, which starts at the folder of the configuration, or remove the entry",
    )  # fmt: skip
