"""All rules this run can choose from: the shipped packs, read from YAML or from the index a wheel carries."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from linter import shipped
from linter.errors import ConfigurationError, UsageError
from linter.packs.rule import Pack, Rule, RuleTexts
from linter.spelling import nearest

INDEX = "rules-index.json"
TEXTS = "rules-texts.json"


class Catalog:
    """The packs of a run, their rules by id, and the prose of a rule on demand."""

    def __init__(self, packs: Sequence[Pack], sources: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """`sources` are the decoded rule files by rule id; None means they are in the index of the wheel.

        `rules` holds all rules, also those that came after the version a pack is pinned to.
        """
        self.packs: dict[str, Pack] = {pack.name: pack for pack in sorted(packs, key=lambda pack: pack.name)}
        self.rules: dict[str, Rule] = {rule.id: rule for pack in self.packs.values() for rule in (*pack.rules, *pack.later)}
        self.aliases: dict[str, str] = {alias: rule.id for rule in self.rules.values() for alias in rule.aliases}
        self._sources = dict(sources) if sources is not None else None

    def rule(self, id: str) -> Rule:
        """The rule with this id or earlier id.

        Raises UsageError, naming the nearest id, if there is none.
        """
        found = self.rules.get(self.aliases.get(id, id))
        if found is None:
            raise UsageError(f"there is no rule `{id}`{did_you_mean(id, self.rules)}; `gitops-lint rules list` shows all")
        return found

    def texts(self, id: str) -> RuleTexts:
        """Why the rule exists, further reading, and its examples as written."""
        if self._sources is None:
            self._sources = json.loads(shipped.read(TEXTS))
        source = self._sources[id]
        return RuleTexts(source["why"].strip(), tuple(source.get("references", ())), tuple(source["examples"]))

    def with_packs(self, packs: Sequence[Pack], sources: Mapping[str, Mapping[str, Any]]) -> Catalog:
        """This catalog with a team's packs beside the shipped ones.

        Raises ConfigurationError for a pack or an alias that takes the place of something that is already there.
        """
        for pack in packs:
            if pack.name in self.packs:
                raise ConfigurationError(
                    os.path.join(pack.folder or "", "pack.yaml"), None, f"there is already a pack `{pack.name}`: give this one another name"
                )
        names = {*self.rules, *self.aliases, *(rule.id for pack in packs for rule in pack.rules)}
        for rule in (rule for pack in packs for rule in pack.rules):
            for alias in rule.aliases:
                if alias in names:
                    raise ConfigurationError(rule.path, None, f"the alias `{alias}` names a rule already: an id has one meaning only")
                names.add(alias)
        if self._sources is None:
            self._sources = json.loads(shipped.read(TEXTS))
        return Catalog([*self.packs.values(), *packs], {**self._sources, **sources})

    def pinned(self, pins: Mapping[str, str]) -> Catalog:
        """This catalog with packs as of earlier versions, by name.

        Raises UsageError for a pack that is not here, or a version it cannot be pinned to.
        """
        from linter.packs.versions import pinned

        packs = dict(self.packs)
        for name, pin in pins.items():
            packs[name] = pinned(self.pack(name), pin)
        return Catalog(list(packs.values()), self._sources)

    def pack(self, name: str) -> Pack:
        """The pack with this name.

        Raises UsageError, naming the nearest, if there is none.
        """
        found = self.packs.get(name)
        if found is None:
            near = did_you_mean(name, self.packs)
            raise UsageError(f"there is no pack `{name}`{near or '; the packs are ' + ', '.join(self.packs)}")
        return found


def load_catalog(only: Collection[str] | None = None) -> Catalog:
    """The shipped packs: from the index in a wheel, from YAML in a checkout. `only` may leave out the packs not named."""
    if shipped.is_packed():
        folder = shipped.path("rules")
        return Catalog([_unpack(entry, folder) for entry in json.loads(shipped.read(INDEX))])
    return read_catalog(shipped.path("rules"), only)


def read_catalog(folder: str, only: Collection[str] | None = None) -> Catalog:
    """Every pack below a folder, or only those named, read from its YAML files.

    Raises ConfigurationError for the first file that is wrong.
    """
    from linter.packs.files import read_pack

    packs: list[Pack] = []
    sources: dict[str, Mapping[str, Any]] = {}
    for name in sorted(os.listdir(folder)):
        if only is not None and name not in only:
            continue
        if not name.startswith((".", "_")) and os.path.isdir(os.path.join(folder, name)):
            pack, pack_sources = read_pack(os.path.join(folder, name), name, shipped=True)
            packs.append(pack)
            sources.update(pack_sources)
    return Catalog(packs, sources)


def compile_index(folder: str) -> tuple[str, str]:
    """What a wheel carries for a folder of packs: the index that every run loads, and the texts by rule id.

    Both are JSON. Paths of checks are relative to the folder.
    """
    catalog = read_catalog(folder)
    index = [_pack_entry(pack, folder) for pack in catalog.packs.values()]
    sources = catalog._sources or {}
    texts = {rule: {key: source[key] for key in ("why", "references", "examples") if key in source} for rule, source in sources.items()}
    return json.dumps(index, separators=(",", ":")), json.dumps(texts, separators=(",", ":"))


def _pack_entry(pack: Pack, folder: str) -> dict[str, Any]:
    entry = asdict(pack)
    for key in ("later", "pin", "folder"):
        del entry[key]
    for rule in entry["rules"]:
        if rule["check_path"] is not None:
            rule["check_path"] = os.path.relpath(rule["check_path"], folder).replace(os.sep, "/")
    return entry


def _unpack(entry: dict[str, Any], folder: str) -> Pack:
    rules = []
    for rule in entry.pop("rules"):
        check_path = rule.pop("check_path")
        kind, values = rule.pop("match")
        at = rule.pop("at")
        rules.append(
            Rule(
                match=(kind, tuple(values)),
                check_path=None if check_path is None else os.path.join(folder, *check_path.split("/")),
                at=None if at is None else tuple(at),
                aliases=tuple(rule.pop("aliases")),
                changes=tuple(rule.pop("changes")),
                require=tuple(rule.pop("require")),
                equivalents={peer: tuple(ids) for peer, ids in rule.pop("equivalents").items()},
                **rule,
            )
        )
    return Pack(rules=tuple(rules), **entry)


def did_you_mean(word: str, known: Mapping[str, object] | Sequence[str]) -> str:
    """`: did you mean …?` if one of the known words is close, else nothing."""
    near = nearest(word, known)
    return f": did you mean `{near}`?" if near is not None else ""
