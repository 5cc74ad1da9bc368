"""One run, from options to report. Each step is one call; everything that happens in a run can be read off `lint_tree`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import date

from linter.engine.choosing import chosen_rules
from linter.engine.findings import Draft, Drafter, merge
from linter.engine.options import LintOptions
from linter.engine.reporting import report_on
from linter.engine.running import Hit, Runner
from linter.engine.session import Session
from linter.engine.suppressing import Suppressor, Texts, ignore_annotations
from linter.engine.world import Step, World, configure, open_tree, read_world, targets_of
from linter.model import DesiredState, Document, Finding, ManifestFile, Repository, Source
from linter.packs.binding import BoundRule
from linter.packs.catalog import Catalog
from linter.provenance.locating import Locator
from linter.report.model import Report
from linter.repository import Tree


def lint(options: LintOptions | None = None, *, progress: Step | None = None) -> Report:
    """Lint the repository that holds the given paths, and report on those paths.

    Raises UsageError (of which ConfigurationError is one) for options, paths or a configuration that cannot be used.
    """
    options = options or LintOptions(jobs=os.cpu_count() or 1)
    with Session(options.jobs or os.cpu_count() or 1, options=options) as session:
        return lint_tree(open_tree(options), options, session, progress)


def lint_tree(tree: Tree, options: LintOptions, session: Session, progress: Step | None = None) -> Report:
    """Lint the files of a tree."""
    step = progress or (lambda text: None)
    config, scope = configure(tree, options)
    rules = chosen_rules(session.catalog, config, options, targets_of(config, options))
    world = read_world(tree, options, config, scope, session, step)

    step(f"checking {sum(map(len, world.reading.resources.values()))} objects")
    runner = Runner(rules)
    locator = Locator(world.charts.line_maps, world.author_text)
    hits = _hits(world, runner, locator)

    step("placing findings")
    world.charts.map_lines(_files_to_map(world, hits))
    drafter = Drafter(locator, world.state_options, world.charts.documents)
    drafts = drafter.drafts(hits)
    findings = _accepted(world, session.catalog, rules, runner, locator, drafter, drafts)
    return report_on(world, session.catalog, merge(findings), runner.failures.values())


def _hits(world: World, runner: Runner, locator: Locator) -> list[Hit]:
    """Every violation, in an order that depends on the repository alone."""
    hits: list[Hit] = []
    by_source: dict[Source, DesiredState] = {source: state for state in world.states for source in state.sources}
    for state in world.states:
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
    if runner.rules_on("chart"):
        for source, facts in world.charts.facts():
            hits += runner.run_chart(source, facts, by_source[source])
    if runner.rules_on("repository"):
        hits += runner.run_repository(Repository(world.states, world.state_options))
    return hits


def _files_to_map(world: World, hits: Iterable[Hit]) -> set[ManifestFile]:
    """The rendered files in which some place will be shown: of a violation, of what explains it, of an annotation that accepts it."""
    files = {hit.document.file for hit in hits if hit.document is not None}
    for hit in hits:
        resources = (hit.resource, *(related.resource for related in hit.violation.related))
        files |= {resource.document.file for resource in resources if resource is not None}
    for source, resources_of_source in world.reading.resources.items():
        if source.type == "helm":
            files |= {resource.document.file for resource in resources_of_source if any(ignore_annotations(resource))}
    return {file for file in files if file.rendered}


def _accepted(
    world: World,
    catalog: Catalog,
    rules: Sequence[BoundRule],
    runner: Runner,
    locator: Locator,
    drafter: Drafter,
    drafts: Sequence[Draft],
) -> list[Finding]:
    """The findings of a run, each marked if something accepts it, and the findings about the suppressions themselves."""
    options = world.options
    files: dict[str, tuple[str, list[Source]]] = {}
    seen: set[ManifestFile] = set()
    for document in world.reading.documents:
        file = document.file
        if not file.rendered and file not in seen:
            seen.add(file)
            text, sources = files.setdefault(file.path, (file.text, []))
            sources.append(file.source)
    for path, text in world.charts.texts.items():
        files[path] = (text, world.charts.sources_of(path))
    for path, document in world.charts.documents.items():
        files[path] = (document.file.text, world.charts.sources_of(path))
    resources = (resource for group in world.reading.resources.values() for resource in group)
    suppressor = Suppressor(catalog, world.config, Texts(files), resources, locator, world.options.today or date.today())
    findings = [suppressor.suppress(draft) for draft in drafts]
    if runner.rules_on("suppression"):
        ran = frozenset(bound.rule.id for bound in rules)
        # With options of its own a chart is not rendered as any environment has it.
        usual = not (options.environment or options.values or options.set_values or options.release or options.namespace)

        def complete(sources: Iterable[Source] | None) -> bool:
            if sources is None:
                return usual and options.standard_input is None and all(status == "ok" for status in world.statuses.values())
            return usual and all(world.statuses[source] == "ok" for source in sources)

        def printed(path: str, first: int, last: int) -> bool:
            return path not in world.charts.texts or world.charts.prints(path, first, last)

        judged = suppressor.judge(runner, drafter, ran, complete, printed)
        findings += [suppressor.suppress(draft) for draft in judged]
    return findings
