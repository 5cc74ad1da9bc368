"""Everything a run has read: the repository, its configuration, its sources rendered, and the states they form."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from linter.config import Config, load_config
from linter.discovery import Discovery, discover
from linter.engine.deploying.deployer import Deployer, application_names
from linter.engine.deploying.membership import Membership
from linter.engine.options import LintOptions
from linter.engine.reading.definitions import all_definitions, named_definitions
from linter.engine.reading.files import Reading, read_plain
from linter.engine.reading.scope import Scope
from linter.engine.reading.states import build_states
from linter.engine.rendering.charts import ChartRun
from linter.engine.rendering.overlays import OverlayRun
from linter.engine.session import Session
from linter.errors import InputError, NothingToCheckError, UsageError
from linter.globs import Globs
from linter.model import DesiredState, Location, Source, SourceStatus, StateOptions
from linter.provenance.locating import Locator, Place, Traced
from linter.repository import MemoryTree, Tree, WorkTree, find_root, printable, relative_path
from linter.spelling import nearest
from linter.version import NEWEST_TARGETS

if TYPE_CHECKING:
    from linter.engine.placing.declared import DeclaredPlaces

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class World:
    """What a run knows before it checks anything. `targets` maps a system to its version, or None if that is unknown."""

    tree: Tree
    options: LintOptions
    config: Config
    scope: Scope
    targets: Mapping[str, str | None]
    discovery: Discovery
    sources: tuple[Source, ...]
    reading: Reading
    charts: ChartRun
    overlays: OverlayRun
    members: Membership
    locator: Locator
    traced: dict[Place, Traced]
    notes: Sequence[str]
    statuses: Mapping[Source, SourceStatus]
    states: tuple[DesiredState, ...]
    state_options: StateOptions

    def author_text(self, path: str) -> str | None:
        """The text of a file as its author wrote it; `archive.tgz!member` inside packed charts. None if there is none."""
        return _author_text(self.tree, self.charts, path)

    def trace(self, places: Iterable[Place]) -> None:
        """Learn where what stands at places in rendered files comes from; the locator then tells it."""
        rendered = [place for place in places if place.document.file.rendered]
        if rendered:
            from linter.engine.placing.values import Surroundings

            surroundings = Surroundings(self.option_place, self.declared, self.members.applications)
            self.charts.map_lines({place.document.file for place in rendered})
            self.traced.update(self.charts.trace(rendered, self.locator, surroundings))
            self.traced.update(self.overlays.trace(rendered, self.declared))

    @property
    def declared(self) -> DeclaredPlaces:
        """Finds what Applications say."""
        from linter.engine.placing.declared import DeclaredPlaces

        return DeclaredPlaces(self.locator, self.author_text, self.trace)

    def option_place(self, source: Source, option: int) -> Location | None:
        """The place of a `--set` of a source: in the Application that declares it, or in the configuration."""
        details = self.members.applications.get(source)
        if details is not None and (said := self.declared.option(details, option)) is not None:
            return self.declared.locate(details, *said)
        for values in self.config.values_for(source.path):
            if values.environment == source.environment and option < len(values.set_values):
                found = self.config.locate((*values.route, "set", option))
                return Location(found[0], *found[1]) if found is not None else None
        return None

    def status(self, source: Source) -> tuple[SourceStatus, str | None]:
        """Whether a source could be rendered, and why not."""
        return _status(source, self.charts, self.overlays, self.members)


def open_tree(options: LintOptions) -> Tree:
    """The files the run reads: the work tree around the paths, a revision or the index of its repository, or what came on
    standard input.

    Raises UsageError for paths in no repository or in several, and for what names no commit.
    """
    if options.standard_input is not None:
        if len(options.paths) != 1:
            raise UsageError("`-` reads one file from standard input and cannot be combined with paths")
        return MemoryTree({"stdin.yaml": options.standard_input})
    if options.revision is None and not options.staged:
        return WorkTree(find_root(options.paths))
    from linter.repository.git.history import GitRepository

    if options.revision is None:
        return GitRepository.around(options.paths, "--staged").index_tree()
    repository = GitRepository.around(options.paths, "--rev")
    return repository.revision_tree(repository.commit(options.revision), options.revision)


def configure(tree: Tree, options: LintOptions, config: Config | None = None) -> tuple[Config, Scope]:
    """The configuration for the paths of a run, unless one is given, and what the run reports on.

    Where one is given, as for the earlier tree of a comparison, paths may be missing in the tree. For standard input it is
    the configuration of the current directory, without what that says about files.
    """
    if options.standard_input is not None:
        around = WorkTree(find_root((".",)))
        config = load_config(around, relative_path(around.root, "."), options.config_file)
        return replace(config, exclude=Globs(), states=(), environments={}), Scope(tree, ["."], options.source_types, options.application)
    paths = [tree.named(path) for path in options.paths]
    if config is None:
        for path in paths:
            if path != "." and not tree.exists(path):
                raise UsageError(f"{printable(path)}: {_why_missing(tree, path)}, so there is nothing to check")
        start = os.path.dirname(paths[0]) or "." if tree.is_file(paths[0]) else paths[0]
        config = load_config(tree, start, options.config_file)
    return config, Scope(tree, paths, options.source_types, options.application)


def _why_missing(tree: Tree, path: str) -> str:
    if not isinstance(tree, WorkTree):
        return f"{tree.place} has no such file or directory"
    if path.partition("/")[0] == ".git":
        return "this is Git's own directory, which holds no files of the work tree (`--rev` reads those of a revision)"
    return "this path is ignored by Git or does not exist"


def survey(tree: Tree, options: LintOptions, config: Config, scope: Scope) -> tuple[Discovery, list[Source]]:
    """What the repository holds, and the sources of it that this run renders.

    Raises UsageError for an environment that nothing declares, and for options of one chart where there are several.
    """
    discovery = discover(tree, config)
    known = sorted({source.environment for source in discovery.sources if source.environment is not None})
    if options.environment is not None and options.environment not in known:
        declared = ", ".join(known) or "no environments"
        raise NothingToCheckError(f"--environment {options.environment}: the configuration declares {declared} for these charts")
    sources = [source for source in discovery.sources if options.environment in (None, source.environment) or source.type != "helm"]
    return discovery, scope.single_chart(sources, options)


def targets_of(config: Config, options: LintOptions) -> dict[str, str | None]:
    """The version of each system: the command line wins over the configuration, and that over the newest known."""
    return {**NEWEST_TARGETS, **config.targets, **options.targets}


def read_world(
    tree: Tree,
    options: LintOptions,
    config: Config,
    scope: Scope,
    session: Session,
    step: Step,
    *,
    narrow: bool = False,
) -> World:
    """Find the sources, read and render them, and gather them into states.

    With `narrow`, charts and overlays out of scope are rendered only if they may declare Applications.

    Raises UsageError as `survey` does, and for an Application that nothing declares.
    """
    targets = targets_of(config, options)
    step("looking for charts and manifests")
    discovery, sources = survey(tree, options, config, scope)
    reading = Reading(failures=[*discovery.failures])
    step(f"reading {len(discovery.manifest_files)} files")
    read_plain(tree, discovery.manifest_files, scope.named_files, reading, session.jobs, session.decoded)
    charts = ChartRun(tree, session, targets, options.api_versions)
    overlays = OverlayRun(tree, session, config.repositories)
    deployer = Deployer(tree, config, options, discovery, sources, session, reading, charts, overlays, targets.get("kubernetes"), step)
    members = deployer.run(scope.whole(sources, discovery) if narrow else None)
    if options.application is not None:
        _known_application(options.application, members)
    traced: dict[Place, Traced] = {}
    locator = Locator(charts.line_maps, lambda path: _author_text(tree, charts, path), traced, overlays)
    charts.finish(reading)
    overlays.finish(reading)
    deployer.place_problems(charts, locator)
    statuses = {source: _status(source, charts, overlays, members)[0] for source in members.sources}
    state_options = StateOptions(
        targets, config.owned, config.externals, options.closed_world, config.opaque,
        named_definitions(tree, config, reading, session.decoded) if config.crds else (), all_definitions(reading),
    )  # fmt: skip
    states = build_states(members.sources, statuses, reading.resources, state_options)
    return World(
        tree, options, config, scope, targets, discovery, members.sources, reading, charts, overlays, members, locator, traced,
        deployer.notes, statuses, tuple(states), state_options,
    )  # fmt: skip


def _author_text(tree: Tree, charts: ChartRun, path: str) -> str | None:
    if path in charts.texts:
        return charts.texts[path]
    try:
        return tree.read(path).decode("utf-8-sig")
    except (InputError, UnicodeDecodeError):
        return None


def _status(source: Source, charts: ChartRun, overlays: OverlayRun, members: Membership) -> tuple[SourceStatus, str | None]:
    failures = [*charts.failures(source), *overlays.failures(source)]
    if source in members.problems:
        failures.append(members.problems[source])
    worst = next((failure for failure in failures if failure.kind == "broken"), failures[0] if failures else None)
    return (worst.kind, worst.message) if worst is not None else ("ok", None)


def _known_application(name: str, members: Membership) -> None:
    names = list(application_names(members.applications))
    if name not in names:
        near = nearest(name, names)
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        declared = f"it declares {', '.join(sorted(names)[:5])}{more}" if names else "it declares none"
        known = f"did you mean {near}?" if near is not None else declared
        raise NothingToCheckError(f"--application {name}: the repository declares no Argo CD Application of that name; {known}")
