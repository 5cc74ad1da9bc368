"""The rules a run can choose from: the shipped packs, those of the repository's own, each at the version it is pinned to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from linter.config import Config
from linter.engine.options import LintOptions
from linter.errors import ConfigurationError, UsageError
from linter.packs.catalog import Catalog
from linter.packs.rule import Pack
from linter.repository import Tree

if TYPE_CHECKING:
    from linter.packs.folders import PackFolder


class _Word(NamedTuple):
    """A word that selects rules, and where it is written; finding the place reads the file again, so it is not done early."""

    text: str
    place: Callable[[], str]


class _Pin(NamedTuple):
    version: str
    place: Callable[[], str]


def catalog_of(catalog: Catalog, tree: Tree, config: Config, options: LintOptions) -> Catalog:
    """The catalog of a run: `catalog` with the packs that the configuration and the command line add, and with its pins.

    Packs of the repository are read through `tree`, unless the command line allows them to hold Python: then from disk. A
    pack that `catalog` has from the same folder already stays as it is, so that two runs can share what one has read.

    Raises UsageError for a pack, path or version that does not exist, ConfigurationError for a pack that is wrong, each
    with the place of the entry or mistake.
    """
    words = [*_configured(config), *_given(options)]
    if not config.packs and not options.python_packs and not any("@" in word.text for word in words):
        return catalog
    for name, entry in config.packs.items():
        if entry.path is not None:
            catalog = _with_own(catalog, name, entry.path, tree, config, options)
        else:
            try:
                catalog.pack(name)
            except UsageError as error:
                raise UsageError(f"{config.place(('packs', name))}: {error}") from None
    for folder in options.python_packs:
        catalog = _with_allowed(catalog, folder)
    return _pinned(catalog, config, options)


def renamed(catalog: Catalog, config: Config, options: LintOptions, suppressed: Iterable[str] = ()) -> list[str]:
    """A hint for each rule that the configuration, the command line or a suppression calls by an earlier id.

    `suppressed` are the words for rules in comments and annotations.
    """
    words = [*_configured(config), *_given(options)]
    words += [_Word(name, partial(config.place, ("rules", name))) for name in config.rules]
    for entry in config.ignores:
        for number, word in enumerate(entry.rules):
            words.append(_Word(word, partial(config.place, ("ignores", entry.index, "rules", number))))
    places: dict[str, list[str]] = {}
    for text, place in words:
        if text in catalog.aliases:
            places.setdefault(text, []).append(place())
    for text in suppressed:
        if text in catalog.aliases and text not in places:
            places[text] = ["a comment or annotation"]
    return [
        f"the rule {old} is now called {catalog.aliases[old]}: {', '.join(dict.fromkeys(found))} can use the new id"
        for old, found in sorted(places.items())
    ]


def _configured(config: Config) -> Iterator[_Word]:
    for key in ("select", "ignore", "extend-select", "extend-ignore"):
        for number, word in enumerate(getattr(config, key.replace("-", "_"))):
            yield _Word(word, partial(config.place, (key, number)))
    for entry in config.per_path:
        for key in ("select", "ignore", "extend-select"):
            for number, word in enumerate(getattr(entry, key.replace("-", "_")) or ()):
                yield _Word(word, partial(config.place, ("per-path", entry.index, key, number)))


def _given(options: LintOptions) -> Iterator[_Word]:
    for option in ("select", "ignore", "extend_select"):
        for word in getattr(options, option):
            yield _Word(word, f"--{option.replace('_', '-')}".__str__)


def _with_own(catalog: Catalog, name: str, path: str, tree: Tree, config: Config, options: LintOptions) -> Catalog:
    """The catalog with a pack of the repository's own."""
    from linter.packs.files import read_pack

    there = catalog.packs.get(name)
    if there is not None and there.folder == path:
        return catalog
    place = config.place(("packs", name))
    if there is not None:
        raise UsageError(f"{place}: `{name}` is a pack that comes with gitops-lint: give your own another name")
    if os.path.isabs(path) or ".." in path.split("/"):
        raise UsageError(f"{place}: `{path}` leads out of the repository, and packs are read only inside of it")
    if options.standard_input is not None:
        # What came on standard input is judged by the configuration around the current directory, and so by its packs.
        from linter.repository import WorkTree, find_root

        tree = WorkTree(find_root((".",)))
    folder, allow_python = _folder(tree, path, options)
    try:
        pack, sources = read_pack(folder, name, allow_python=allow_python)
    except ConfigurationError as error:
        if error.path != folder.path:
            raise
        raise UsageError(f"{place}: {error}") from None
    return catalog.with_packs([pack], sources)


def _folder(tree: Tree, path: str, options: LintOptions) -> tuple[PackFolder, bool]:
    """The folder of a pack, and whether its rules may be Python: only if the command line names it or a folder above."""
    from linter.packs.folders import DiskFolder, TreeFolder

    if tree.root is not None and options.python_packs:
        absolute = os.path.join(tree.root, path)
        real = os.path.realpath(absolute)
        if any(os.path.commonpath((real, os.path.realpath(allowed))) == os.path.realpath(allowed) for allowed in options.python_packs):
            return DiskFolder(absolute, path), True
    return TreeFolder(tree, path), False


def _with_allowed(catalog: Catalog, folder: str) -> Catalog:
    """The catalog with the pack that stands in a folder of the command line, if one does and no configuration names it."""
    from linter.packs.files import read_pack
    from linter.packs.folders import DiskFolder

    if not os.path.isdir(folder):
        raise UsageError(f"--allow-python-pack {folder}: there is no such folder")
    if not os.path.isfile(os.path.join(folder, "pack.yaml")):
        return catalog
    pack, sources = read_pack(DiskFolder(folder))
    there = catalog.packs.get(pack.name)
    return catalog if there is not None and _same_rules(there, pack) else catalog.with_packs([pack], sources)


def _same_rules(one: Pack, other: Pack) -> bool:
    """Whether two packs are one, read by two paths."""
    return {rule.id for rule in (*one.rules, *one.later)} == {rule.id for rule in other.rules} and one.folder is not None


def _pinned(catalog: Catalog, config: Config, options: LintOptions) -> Catalog:
    """The catalog with its pins: those of the command line win over those of the configuration."""
    written = [(name, _Pin(entry.version, partial(config.place, ("packs", name)))) for name, entry in config.packs.items() if entry.version]
    pins = {**_agreed([*written, *_of_words(catalog, _configured(config))]), **_agreed(_of_words(catalog, _given(options)))}
    for name, pin in pins.items():
        if catalog.packs[name].pin != pin.version:
            try:
                catalog = catalog.pinned({name: pin.version})
            except UsageError as error:
                raise UsageError(f"{pin.place()}: {error}") from None
    return catalog


def _of_words(catalog: Catalog, words: Iterable[_Word]) -> Iterator[tuple[str, _Pin]]:
    for word in words:
        name, at, version = word.text.partition("@")
        # Anything else with the sign is complained about where words are selected.
        if at and name in catalog.packs:
            yield name, _Pin(version, word.place)


def _agreed(pins: Iterable[tuple[str, _Pin]]) -> Mapping[str, _Pin]:
    """One version for each pack.

    Raises UsageError, with both places, where a pack has two.
    """
    agreed: dict[str, _Pin] = {}
    for name, pin in pins:
        other = agreed.setdefault(name, pin)
        if other.version != pin.version:
            places = f"{pin.place()}: {name} is pinned to {pin.version} here, and to {other.version} by {other.place()}"
            raise UsageError(f"{places}: keep one of them")
    return agreed
