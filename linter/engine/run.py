"""One run, from options to report. Each step is one call; everything that happens in a run can be read off `lint_tree`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from linter.config import Config
from linter.engine.acceptance.baselines import Judged, baseline_name, load_baseline, reach
from linter.engine.acceptance.suppressing import Suppressor, Texts
from linter.engine.judging.catalogs import catalog_of, renamed
from linter.engine.judging.choosing import Choice, chosen_rules
from linter.engine.judging.findings import Draft, Drafter, merge
from linter.engine.judging.running import Hit, Runner
from linter.engine.judging.sharing import judge_objects
from linter.engine.judging.tracing import trace_places
from linter.engine.options import LintOptions
from linter.engine.reporting import report_on
from linter.engine.session import Session
from linter.engine.unjudged_kinds import unevaluated_rules
from linter.engine.world import Step, World, configure, open_tree, read_world, targets_of
from linter.model import DesiredState, Document, Finding, ManifestFile, Repository, Source
from linter.packs.catalog import Catalog
from linter.provenance.locating import Locator
from linter.report.model import Report
from linter.repository import Tree

if TYPE_CHECKING:
    from linter.baseline import Baseline, BaselineEntry


def lint(options: LintOptions | None = None, *, progress: Step | None = None) -> Report:
    """Lint the repository that holds the given paths, and report on those paths.

    Raises UsageError (of which ConfigurationError is one) for options, paths, revisions or a configuration that cannot be
    used.
    """
    options = options or LintOptions(jobs=os.cpu_count() or 1)
    with Session(options.jobs or os.cpu_count() or 1, options=options) as session:
        tree = open_tree(options)
        if options.since is None:
            return lint_tree(tree, options, session, progress)
        from linter.engine.since import Comparison

        comparison = Comparison(tree, options, lambda base, changed: read_tree(base, changed, session, progress, config))
        config, _ = configure(tree, options)
        report = lint_tree(tree, options, session, progress, config, earlier=comparison.earlier)
        accepted = baseline_name(config) if options.baseline is None else None

        def lint_base(base: Tree, changed: LintOptions) -> Report:
            return lint_tree(base, changed, session, progress, config, tree, comparison.world_of(base, changed))

        return comparison.only_new(report, lint_base, accepted)


def read_tree(tree: Tree, options: LintOptions, session: Session, progress: Step | None, config: Config) -> World:
    """What `lint_tree` reads before it judges anything, with the configuration of a later tree.

    Raises NothingToCheckError for a tree that has nothing of what the options ask for.
    """
    config, scope = configure(tree, options, config)
    return read_world(tree, options, config, scope, session, progress or (lambda text: None))


def lint_tree(
    tree: Tree,
    options: LintOptions,
    session: Session,
    progress: Step | None = None,
    config: Config | None = None,
    packs_from: Tree | None = None,
    world: World | None = None,
    earlier: Callable[[World], Sequence[World]] | None = None,
) -> Report:
    """Lint the files of a tree, with the configuration that stands in it unless one is given.

    The packs of the repository's own are those in `packs_from`, by default the same tree. `world` is what `read_tree` made of
    the tree, if that was done before. `earlier` reads what rules about changes compare with.
    """
    step = progress or (lambda text: None)
    config, scope = configure(tree, options, config)
    catalog = catalog_of(session.catalog, packs_from or tree, config, options)
    choice = chosen_rules(catalog, config, options, targets_of(config, options))
    if world is None:
        world = read_world(tree, options, config, scope, session, step)

    step(f"checking {sum(map(len, world.reading.resources.values()))} objects")
    runner = Runner(choice.rules)
    locator = world.locator
    hits = _hits(world, runner, locator, session.jobs)
    if earlier is not None and runner.rules_on("change"):
        hits += _about_changes(world, runner, earlier(world))

    step("placing findings")
    trace_places(world, hits)
    drafter = Drafter(locator, world.state_options, world.charts.documents)
    drafts = drafter.drafts(hits)
    suppressor = _suppressor(world, catalog, locator, load_baseline(tree, options, config, required=packs_from is None))
    judged = reach(world, runner, choice, catalog)
    findings = _accepted(world, choice, runner, drafter, drafts, suppressor, judged)
    if options.application is not None:
        # What is shown is to be the place that counts for this Application, and not for another that shares the chart.
        findings = [entry for entry in findings if any(each.source.application == options.application for each in entry.occurrences)]
    hints = (*renamed(catalog, config, options, suppressor.words), *unevaluated_rules(world, choice))
    report = report_on(world, catalog, merge(findings), runner.failures.values(), suppressor.suppress_failure, hints)
    return replace(report, judged=judged)


def _hits(world: World, runner: Runner, locator: Locator, jobs: int) -> list[Hit]:
    """Every violation, in an order that depends on the repository alone."""
    hits: list[Hit] = []
    by_source: dict[Source, DesiredState] = {source: state for state in world.states for source in state.sources}
    for state, about_objects in zip(world.states, judge_objects(runner, world.states, jobs), strict=True):
        hits += about_objects
        hits += runner.run_state(state)
    documents: dict[Source, list[Document]] = {}
    for document in world.reading.documents:
        documents.setdefault(document.file.source, []).append(document)
    for source, group in documents.items():
        state = by_source[source]
        if runner.rules_on("document"):
            hits += runner.run_documents(group, state)
        if runner.rules_on("duplicate"):
            for document in group:
                if document.duplicate_keys:
                    found = locator.positions(document.file).duplicates(document.index)
                    hits += runner.run_duplicates(document, [((*entry.route, entry.key), entry.earlier[0][0]) for entry in found], state)
        if runner.rules_on("scalar"):
            for resource in world.reading.resources.get(source, ()):
                if resource.document.rewritten_scalars:
                    scalars = locator.positions(resource.document.file).rewritten_scalars(resource.document.index, resource.prefix)
                    hits += runner.run_scalars(resource, scalars, state)
    if runner.rules_on("chart"):
        for source, facts in world.charts.facts():
            hits += runner.run_chart(source, facts, by_source[source])
    if runner.rules_on("repository"):
        hits += runner.run_repository(Repository(world.states, world.state_options))
    return hits


def _about_changes(world: World, runner: Runner, earlier: Sequence[World]) -> list[Hit]:
    """The violations in what earlier revisions have in another form."""
    from linter.engine.judging.changes import changed_objects

    hits: list[Hit] = []
    for state in world.states:
        hits += runner.run_changes(state, changed_objects(state, [other.states for other in earlier]))
    return hits


def _suppressor(world: World, catalog: Catalog, locator: Locator, baseline: Baseline | None) -> Suppressor:
    """What accepts findings in the files of a run."""
    files: dict[str, tuple[str, list[Source]]] = {}
    seen: set[ManifestFile] = set()
    for document in world.reading.documents:
        file = document.file
        if not file.rendered and file not in seen:
            seen.add(file)
            text, sources = files.setdefault(file.path, (file.text, []))
            sources.append(file.source)
    for path, text in (*world.charts.texts.items(), *world.charts.commented_values.items()):
        files[path] = (text, world.charts.sources_of(path))
    for path, members in world.overlays.files.items():
        if path not in files and (written := world.author_text(path)) is not None and "gitops-lint" in written:
            files[path] = (written, list(members))
    for path, document in world.charts.documents.items():
        files[path] = (document.file.text, world.charts.sources_of(path))
    inner: dict[str, list[tuple[int, int]]] = {}
    for source, details in world.members.applications.items():
        for path in details.uses:
            if path not in files and "gitops-lint" in (written := world.author_text(path) or ""):
                files[path] = (written, [source])
        declared, inline = details.declared, details.helm.inline if details.helm is not None else None
        file = declared.document.file
        if inline is not None and inline.as_text and not inline.file and not file.rendered and "gitops-lint" in inline.text:
            lines = locator.positions(file).lines_of(declared.document.index, (*declared.prefix, *inline.route))
            inner.setdefault(file.path, []).append(lines)
    resources = (resource for group in world.reading.resources.values() for resource in group)
    return Suppressor(catalog, world.config, Texts(files, inner), resources, locator, world.options.today or date.today(), baseline)


def _accepted(
    world: World, choice: Choice, runner: Runner, drafter: Drafter, drafts: Sequence[Draft], suppressor: Suppressor, judged: Judged
) -> list[Finding]:
    """The findings of a run, each marked if something accepts it, and the findings about the suppressions themselves."""
    options = world.options
    findings = [suppressor.suppress(draft) for draft in _counting(drafts, choice)]
    if runner.rules_on("suppression"):
        # With options of its own a chart is not rendered as any environment has it.
        usual = options.whole

        def complete(sources: Iterable[Source] | None) -> bool:
            if sources is None:
                return usual and all(status == "ok" for status in world.statuses.values())
            return usual and all(world.statuses[source] == "ok" for source in sources)

        def printed(path: str, first: int, last: int) -> bool:
            return path not in world.charts.texts or world.charts.prints(path, first, last)

        def gone(entry: BaselineEntry) -> bool:
            return judged(entry.id, entry.path)

        failures = (*world.reading.failures, *runner.failures.values())
        about = suppressor.judge(runner, drafter, choice.selected_in, complete, printed, failures, gone if world.scope.everything else None)
        findings += [suppressor.suppress(draft) for draft in _counting(about, choice)]
    return findings


def _counting(drafts: Sequence[Draft], choice: Choice) -> Sequence[Draft]:
    """The drafts whose rule counts in the file they are shown in."""
    if not choice.depends_on_path:
        return drafts
    return [draft for draft in drafts if choice.selected(draft.finding.rule, draft.finding.location.path)]
