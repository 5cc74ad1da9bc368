"""Finding, checking and reading the configuration file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from linter.config import checking
from linter.config.building import build
from linter.config.layers import Layer, Settings, joined
from linter.config.settling import settle
from linter.config.values import Config
from linter.errors import ConfigurationError, InputError, UsageError
from linter.manifest.decoder import decode_bytes
from linter.model import Route
from linter.repository import CONFIG_NAME, MemoryTree, Tree, WorkTree, parents, printable


def load_config(tree: Tree, directory: str = ".", explicit: str | None = None) -> Config:
    """The configuration for what lies in a directory of the repository.

    That is the file `explicit` (a path from the current directory, its globs relative to the repository root), else the
    nearest .gitops-lint.yaml from `directory` up to the repository root, else the defaults. Files that it extends come from
    the same tree; those around an explicit file, which is always read from the file system, come from there as well.

    Raises UsageError if `explicit` cannot be read, ConfigurationError naming every mistake of the file.
    """
    if explicit is not None:
        return _explicit(tree, explicit)
    for parent in (directory, *parents(directory)):
        prefix = "" if parent in ("", ".") else f"{parent}/"
        if tree.is_file(prefix + CONFIG_NAME):
            try:
                data = tree.read(prefix + CONFIG_NAME)
            except InputError as error:
                raise ConfigurationError(prefix + CONFIG_NAME, None, error.failure.message) from None
            return parse_config(data, prefix + CONFIG_NAME, parent or ".", tree)
        other = prefix + CONFIG_NAME.replace(".yaml", ".yml")
        if tree.is_file(other):
            raise ConfigurationError(other, None, f"this file is not read under this name: rename it to {CONFIG_NAME}")
        if tree.exists(prefix + CONFIG_NAME):
            raise ConfigurationError(prefix + CONFIG_NAME, None, "this is a folder, or a link to nothing: make it a file, or remove it")
    return Config()


def parse_config(data: bytes, path: str = CONFIG_NAME, base: str = ".", tree: Tree | None = None) -> Config:
    """The configuration in the text of a file, with what it extends. Its globs are relative to the folder `base` of the
    repository; `tree` holds the other files of the repository.

    Raises ConfigurationError, with a line for every mistake of the file.
    """
    layer = read_layer(data, path, base)
    if "extends" not in layer.value:
        return _finished(settle(layer), path)
    from linter.config.extending import Files, extended

    return _finished(extended(layer, path, Files(tree or MemoryTree({})), read_layer), path)


def _explicit(tree: Tree, explicit: str) -> Config:
    """The configuration in a file that the user names."""
    try:
        with open(explicit, "rb") as file:
            data = file.read()
    except OSError as error:
        raise UsageError(f"--config {printable(explicit)}: {(error.strerror or str(error)).lower()}") from None
    absolute = os.path.abspath(explicit)
    if tree.root is not None and absolute.startswith(tree.root.rstrip("/") + "/"):
        return parse_config(data, os.path.relpath(absolute, tree.root), ".", WorkTree(tree.root))
    layer = read_layer(data, explicit, ".")
    if "extends" not in layer.value:
        return _finished(settle(layer), explicit)
    from linter.config.extending import FilesOutside, extended

    return _finished(extended(layer, explicit, FilesOutside(), read_layer), explicit)


def _finished(settings: Settings, path: str) -> Config:
    settings = joined(settings)
    config = build(settings, path)
    if mistakes := checking.contradictory(settings):
        raise configuration_error(config, mistakes)
    return config


def configuration_error(config: Config, mistakes: Sequence[checking.Mistake]) -> ConfigurationError:
    """One error for mistakes that were found later, each with its route in the configuration."""

    def place(route: Route) -> tuple[str, int]:
        path, line = config.where(route)
        return path, line or 1

    return checking.error(mistakes, place)


def read_layer(data: bytes, path: str, base: str, local: bool = True) -> Layer:
    """One file, checked for itself; an empty one says nothing.

    Raises ConfigurationError, with a line for every mistake of the file.
    """
    try:
        text, documents = decode_bytes(data)
    except InputError as error:
        raise ConfigurationError(path, error.failure.line, f"{error.failure.message}; {error.failure.fix}") from None
    if all(document.value is None for document in documents):
        return Layer(path, base, text, {}, local)
    value: Any = documents[0].value
    layer = Layer(path, base, text, value, local)
    mistakes = [*checking.duplicate_keys(layer, documents[0]), *checking.invalid(layer, value)]
    if len(documents) > 1:
        mistakes.append(((), "the file holds several YAML documents: keep one"))
    if mistakes := mistakes or checking.impossible(layer):
        raise checking.error(mistakes, lambda route: (path, layer.line(route)))
    return layer
