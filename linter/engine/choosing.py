"""Which rules run, with which options: the configuration, and on top of it the command line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from linter.config import Config
from linter.engine.options import LintOptions
from linter.errors import UsageError
from linter.packs.binding import BoundRule, bind, parameters
from linter.packs.catalog import Catalog
from linter.packs.rule import Rule
from linter.packs.selection import rule_ids, select_rules


def chosen_rules(catalog: Catalog, config: Config, options: LintOptions, targets: Mapping[str, str | None]) -> list[BoundRule]:
    """The rules of a run, ready to run.

    Raises UsageError for a word, parameter or pin that means nothing, naming where it is written.
    """
    return bind(_selected(catalog, config, options), _rule_options(catalog, config), targets, config.place)


def _rule_options(catalog: Catalog, config: Config) -> dict[str, Mapping[str, Any]]:
    """The configuration's `rules:` by current id.

    Raises UsageError for names of rules and packs, parameters and pins that mean nothing, whether or not the rule runs.
    """
    chosen: dict[str, Mapping[str, Any]] = {}
    for name, entry in config.rules.items():
        try:
            rule = catalog.rule(name)
        except UsageError as error:
            raise UsageError(f"{config.place(('rules', name))}: {error}") from None
        parameters(rule, entry.get("params", {}), config.place)
        chosen[rule.id] = entry
    for ignore in config.ignores:
        for number, word in enumerate(ignore.rules):
            if not rule_ids(catalog, word):
                where = config.place(("ignores", ignore.index, "rules", number))
                select_rules(catalog, (word,), where=partial(_always, where))
    for name, pin in config.packs.items():
        pack = catalog.packs.get(name)
        if pack is None:
            raise UsageError(f"{config.place(('packs', name))}: there is no pack `{name}`; the packs are {', '.join(catalog.packs)}")
        if pin is not None and pin.split(".")[:2] != pack.version.split(".")[:2]:
            raise UsageError(
                f"{config.place(('packs', name))}: this version carries {name} {pack.version} and cannot be pinned to {pin}; "
                f"write {'.'.join(pack.version.split('.')[:2])}"
            )
    return chosen


def _always(answer: str, word: str) -> str:
    return answer


def _selected(catalog: Catalog, config: Config, options: LintOptions) -> list[Rule]:
    """The rules that run: those the configuration chooses, and on top of it what the command line says. There `select`
    replaces the choice of the configuration, `ignore` and `extend-select` change it."""

    def in_configuration(word: str) -> str:
        for key in ("select", "ignore", "extend-select", "extend-ignore"):
            words = getattr(config, key.replace("-", "_"))
            if word in words:
                return config.place((key, words.index(word)))
        return config.path or "configuration"

    def on_command_line(word: str) -> str:
        return next(f"--{option.replace('_', '-')}" for option in ("select", "ignore", "extend_select") if word in getattr(options, option))

    chosen = select_rules(catalog, config.select, (*config.ignore, *config.extend_ignore), config.extend_select, where=in_configuration)
    return select_rules(catalog, options.select, options.ignore, options.extend_select, base=chosen, where=on_command_line)
