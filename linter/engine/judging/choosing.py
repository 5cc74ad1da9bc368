"""Which rules run and where they count: the configuration, and on top of it the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from linter.config import Config
from linter.engine.options import LintOptions
from linter.errors import UsageError
from linter.model import Route
from linter.packs.binding import BoundRule, bind, parameters
from linter.packs.catalog import Catalog
from linter.packs.rule import Rule
from linter.packs.selection import rule_ids, select_rules

ABOUT_CHANGES: Final = ("on", ("change",))
"""The match of a rule that compares an object with what it was."""

_KEYS = ("select", "ignore", "extend-select", "extend-ignore")


class Choice:
    """The rules of a run, ready to run, and for which files each of them counts."""

    __slots__ = ("_at", "_known", "rules")

    def __init__(self, rules: Sequence[BoundRule], at: Callable[[str], frozenset[str]] | None = None) -> None:
        """`at` gives the ids of the rules that count in a file; without it, all of them count everywhere."""
        self.rules = rules
        self._at = at
        self._known: dict[str, frozenset[str]] = {}

    @property
    def depends_on_path(self) -> bool:
        """Whether some rule may count in one file and not in another."""
        return self._at is not None

    def selected(self, rule_id: str, path: str) -> bool:
        """Whether a finding of this rule counts, if it is shown in the file `path`."""
        return self._at is None or rule_id in self._ids(path)

    def selected_in(self, paths: Iterable[str]) -> frozenset[str]:
        """The rules of the run that count in every one of these files. Those about changes see what is changed only, so that
        nothing follows from their silence."""
        ids = frozenset(bound.rule.id for bound in self.rules if bound.rule.match != ABOUT_CHANGES)
        return ids if self._at is None else ids.intersection(*map(self._ids, paths))

    def _ids(self, path: str) -> frozenset[str]:
        found = self._known.get(path)
        if found is None and self._at is not None:
            found = self._known[path] = self._at(path)
        return found or frozenset()


def chosen_rules(catalog: Catalog, config: Config, options: LintOptions, targets: Mapping[str, str | None]) -> Choice:
    """The rules of a run.

    Raises UsageError for a word or parameter that means nothing, naming where it is written; ConfigurationError with all of
    them if the configuration holds them.
    """
    try:
        return _choice(catalog, config, options, targets)
    except UsageError:
        if mistakes := list(dict.fromkeys(_mistakes(catalog, config))):
            from linter.config import configuration_error

            raise configuration_error(config, mistakes) from None
        raise


def _choice(catalog: Catalog, config: Config, options: LintOptions, targets: Mapping[str, str | None]) -> Choice:
    settings = _settings(catalog, config)
    for ignore in config.ignores:
        for word in ignore.rules:
            if not rule_ids(catalog, word):
                select_rules(catalog, (word,))
    base = select_rules(catalog, config.select, (*config.ignore, *config.extend_ignore), config.extend_select)
    # Rules for any file at all; what counts in which of them is asked when something has been found.
    anywhere = {rule.id: rule for rule in base}
    for entry in config.per_path:
        chosen = select_rules(catalog, entry.select, entry.ignore, entry.extend_select, base=())
        anywhere |= {rule.id: rule for rule in chosen}

    def on_command_line(word: str) -> str:
        return next(f"--{option.replace('_', '-')}" for option in ("select", "ignore", "extend_select") if word in getattr(options, option))

    def finally_chosen(rules: Iterable[Rule]) -> list[Rule]:
        return select_rules(catalog, options.select, options.ignore, options.extend_select, base=rules, where=on_command_line)

    chosen = [rule for rule in finally_chosen(anywhere.values()) if options.since is not None or rule.match != ABOUT_CHANGES]
    bound = bind(chosen, settings, targets, config.place)
    if not config.per_path or options.select:
        return Choice(bound)
    by_entries: dict[tuple[int, ...], frozenset[str]] = {}

    def at(path: str) -> frozenset[str]:
        entries = [entry for entry in config.per_path if entry.paths.match(path)]
        key = tuple(entry.index for entry in entries)
        if key not in by_entries:
            rules = base
            for entry in entries:
                rules = select_rules(catalog, entry.select, entry.ignore, entry.extend_select, base=rules)
            by_entries[key] = frozenset(rule.id for rule in finally_chosen(rules))
        return by_entries[key]

    return Choice(bound, at)


def _settings(catalog: Catalog, config: Config) -> dict[str, Mapping[str, Any]]:
    """The configuration's `rules:` by current id.

    Raises UsageError for names of rules and parameters that mean nothing, whether or not the rule runs.
    """
    chosen: dict[str, Mapping[str, Any]] = {}
    for name, entry in config.rules.items():
        rule = catalog.rule(name)
        parameters(rule, entry.get("params", {}), config.place)
        before = chosen.get(rule.id, {})
        chosen[rule.id] = {**before, **entry, "params": {**before.get("params", {}), **entry.get("params", {})}}
    return chosen


def _mistakes(catalog: Catalog, config: Config) -> Iterator[tuple[Route, str]]:
    """Everything in a configuration that means nothing to this catalog, with the route it stands at."""
    for name, entry in config.rules.items():
        try:
            rule = catalog.rule(name)
        except UsageError as error:
            yield ("rules", name), str(error)
            continue
        for parameter, value in entry.get("params", {}).items():
            try:
                parameters(rule, {parameter: value}, lambda route: "")
            except UsageError as error:
                yield ("rules", name, "params", parameter), str(error).removeprefix(": ")
    for route, word in _words(config):
        try:
            select_rules(catalog, (word,))
        except UsageError as error:
            yield route, str(error)


def _words(config: Config) -> Iterator[tuple[Route, str]]:
    """Every word of a configuration that names rules, with its route."""
    for key in _KEYS:
        yield from (((key, index), word) for index, word in enumerate(getattr(config, key.replace("-", "_"))))
    for entry in config.per_path:
        for key in _KEYS[:3]:
            words = getattr(entry, key.replace("-", "_"))
            yield from ((("per-path", entry.index, key, index), word) for index, word in enumerate(words))
    for ignore in config.ignores:
        yield from ((("ignores", ignore.index, "rules", index), word) for index, word in enumerate(ignore.rules))
