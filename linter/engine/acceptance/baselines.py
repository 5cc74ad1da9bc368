"""The baseline of a run: where it is, and which of its entries the run can tell about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from linter.config import Config
from linter.engine.judging.choosing import Choice
from linter.engine.judging.running import Runner
from linter.engine.options import LintOptions
from linter.errors import ConfigurationError, InputError, UsageError
from linter.model import Source
from linter.packs.catalog import Catalog
from linter.repository import BASELINE_NAME, Tree, printable, relative_path

if TYPE_CHECKING:
    from linter.baseline import Baseline
    from linter.engine.world import World

Judged = Callable[[str, str], bool]
"""Whether a run would have found, in the file `path`, what the rule or failure `id` is about: (id, path) -> bool."""

_WRITE_IT = "`gitops-lint baseline` writes it"


def load_baseline(tree: Tree, options: LintOptions, config: Config, *, required: bool = True) -> Baseline | None:
    """The baseline that the options or the configuration name, or the one at the repository root; None if there is none.

    Files of the repository are read as they are in `tree`; only one that the options name may also be another file.
    `required` says that a named file must exist, and be a baseline.

    Raises UsageError for a file that is missing or cannot be read, ConfigurationError for one that is no baseline.
    """
    if options.baseline is not None:
        found = _named_by_options(tree, options.baseline, required)
    elif options.standard_input is not None:
        found = None
    elif config.baseline is not None:
        if tree.is_file(config.baseline):
            found = config.baseline, _content(tree, config.baseline)
        elif required:
            where, line = config.where(("baseline",))
            raise ConfigurationError(where, line, f"baseline: there is no file {printable(config.baseline)} here; {_WRITE_IT}")
        else:
            found = None
    else:
        found = (BASELINE_NAME, _content(tree, BASELINE_NAME)) if tree.is_file(BASELINE_NAME) else None
    if found is None:
        return None
    from linter.baseline import read_baseline

    try:
        return read_baseline(found[1], printable(found[0]))
    except ConfigurationError:
        # An earlier revision must not keep the one that mends it from being checked.
        if required:
            raise
        return None


def baseline_name(config: Config) -> str:
    """The baseline that `lint` reads without options: a path relative to the repository root."""
    return config.baseline or BASELINE_NAME


def _named_by_options(tree: Tree, given: str, required: bool) -> tuple[str, bytes] | None:
    path = given
    if tree.root is not None:
        try:
            path = relative_path(tree.root, given)
        except UsageError:
            path = given
        else:
            if tree.is_file(path):
                return path, _content(tree, path)
    elif tree.is_file(given):
        return given, _content(tree, given)
    try:
        with open(given, "rb") as file:
            return path, file.read()
    except OSError as error:
        if not required and isinstance(error, FileNotFoundError):
            return None
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else (error.strerror or str(error)).lower()
        raise UsageError(f"--baseline {printable(given)}: {reason}; {_WRITE_IT}") from None


def _content(tree: Tree, path: str) -> bytes:
    try:
        return tree.read(path)
    except InputError as error:
        raise UsageError(f"{printable(path)}: {error}; {error.failure.fix}") from None


def reach(world: World, runner: Runner, choice: Choice, catalog: Catalog) -> Judged:
    """Whether the run would have found, in a file, what a rule or a failure of some id is about.

    `choice` are the rules of the run; what a rule that the catalog does not know found occurs no more. A file was
    judged if every source in its states was read whole; in one that is gone nothing is left to be found.
    """
    ran = {bound.rule.id for bound in choice.rules} - {rule for rule, _ in runner.failures}
    everywhere = {bound.rule.id for bound in runner.rules_on("repository")}
    usual = world.options.whole and not world.options.source_types
    incomplete = {source for source, status in world.statuses.items() if status != "ok"}
    of_state: dict[Source, set[Source]] = {}
    for state in world.states:
        together = set(state.sources)
        of_state |= dict.fromkeys(together, together)

    def judged(id: str, path: str) -> bool:
        rule = catalog.aliases.get(id, id)
        if not usual or not world.scope.covers(path) or (rule in catalog.rules and not (rule in ran and choice.selected(rule, path))):
            return False
        if not incomplete:
            return True
        if rule in everywhere:
            return False
        sources = {*world.members.sources_of(path), *world.charts.sources_of(path), *_around(world, path)}
        return not any(of_state.get(source, {source}) & incomplete for source in sources)

    return judged


def _around(world: World, path: str) -> list[Source]:
    """The charts and overlays whose folder a file is, or was, in."""
    return [
        source
        for source in world.sources
        if source.type != "directory"
        and (source.path == "." or path == source.path or path.startswith((source.path + "/", source.path + "!")))
    ]
