"""One run, from options to report. Each step is one call; everything that happens in a run can be read off `lint_tree`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from linter.config import Config, load_config
from linter.discovery import Discovery, discover
from linter.engine.charts import ChartRun, render_charts
from linter.engine.findings import Draft, Drafter, merge
from linter.engine.fingerprints import failure_fingerprint
from linter.engine.options import LintOptions
from linter.engine.reading import Reading, read_plain
from linter.engine.running import Hit, Runner
from linter.engine.scope import Scope
from linter.engine.secrets import masked
from linter.engine.states import build_states
from linter.engine.suppressing import Suppressor, Texts, ignore_annotations
from linter.errors import UsageError
from linter.model import DesiredState, Document, Failure, Finding, ManifestFile, Repository, Source, SourceStatus, StateOptions
from linter.packs.binding import BoundRule, bind, parameters
from linter.packs.catalog import Catalog, load_catalog
from linter.packs.rule import Rule
from linter.packs.selection import select_rules
from linter.provenance.locating import Locator
from linter.report.model import Report, ReportedFailure, ReportedSource, Summary
from linter.repository import MemoryTree, Tree, WorkTree, find_root, relative_path
from linter.version import NEWEST_TARGETS, __version__

if TYPE_CHECKING:
    from linter.rendering.helm import HelmRenderer

Progress = Callable[[str], None]
_SEVERITY_ORDER = {"error": 0, "warning": 1, "info": 2}


class Session:
    """What several runs can share: the catalog of rules, and the processes that render charts."""

    def __init__(self, jobs: int = 1, catalog: Catalog | None = None, options: LintOptions | None = None) -> None:
        self.jobs = jobs
        self._options = options or LintOptions()
        self.catalog = catalog or load_catalog()
        self._renderer: HelmRenderer | None = None

    @property
    def renderer(self) -> HelmRenderer:
        """The renderer; its processes start when the first chart is rendered."""
        if self._renderer is None:
            from linter.rendering.helm import HelmRenderer

            self._renderer = HelmRenderer(self.jobs, self._options.chart_timeout, self._options.chart_memory)
            self._renderer.__enter__()
        return self._renderer

    def close(self) -> None:
        """End the processes."""
        if self._renderer is not None:
            self._renderer.__exit__(None, None, None)
            self._renderer = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def lint(options: LintOptions | None = None, *, progress: Progress | None = None) -> Report:
    """Lint the repository that holds the given paths, and report on those paths.

    Raises UsageError (of which ConfigurationError is one) for options, paths or a configuration that cannot be used.
    """
    options = options or LintOptions(jobs=os.cpu_count() or 1)
    with Session(options.jobs or os.cpu_count() or 1, options=options) as session:
        return lint_tree(open_tree(options), options, session, progress)


def open_tree(options: LintOptions) -> Tree:
    """The files the run reads: the work tree around the paths, or what came on standard input."""
    if options.standard_input is not None:
        if len(options.paths) != 1:
            raise UsageError("`-` reads one file from standard input and cannot be combined with paths")
        return MemoryTree({"stdin.yaml": options.standard_input})
    return WorkTree(find_root(options.paths))


def lint_tree(tree: Tree, options: LintOptions, session: Session, progress: Progress | None = None) -> Report:
    """Lint the files of a tree."""
    step = progress or (lambda text: None)
    config, scope = configure(tree, options)
    catalog = session.catalog
    targets = {**NEWEST_TARGETS, **config.targets, **options.targets}
    rules = bind(_selected(catalog, config, options), _rule_options(catalog, config), targets, config.place)
    state_options = StateOptions(targets, config.owned, config.externals, options.closed_world, config.opaque)

    step("looking for charts and manifests")
    discovery = discover(tree, config)
    sources = [source for source in discovery.sources if options.environment in (None, source.environment) or source.type != "helm"]
    _check_environment(options, discovery)
    sources = scope.single_chart(sources, options)

    reading = Reading(failures=[*discovery.failures])
    step(f"reading {len(discovery.manifest_files)} files")
    read_plain(tree, discovery.manifest_files, scope.named_files, reading)
    charts = render_charts(tree, discovery, sources, session, reading, options, targets, step)
    statuses = {source: charts.status(source)[0] for source in sources}

    states = build_states(sources, statuses, reading.resources, state_options)
    runner = Runner(rules)
    step(f"checking {sum(map(len, reading.resources.values()))} objects")
    locator = Locator(charts.line_maps, lambda path: _author_text(tree, charts, reading, path))
    hits = _run(runner, states, reading, charts, state_options, locator)
    charts.map_lines(_files_to_map(hits, reading))

    step("placing findings")
    drafter = Drafter(locator, state_options, charts.documents)
    drafts = [draft for hit in hits if (draft := drafter.draft(hit)) is not None]
    findings = _suppressed(drafts, drafter, runner, catalog, config, reading, charts, locator, options, statuses, rules)
    return _report(tree, options, config, catalog, scope, discovery, sources, statuses, reading, runner, charts, findings, targets)


def configure(tree: Tree, options: LintOptions) -> tuple[Config, Scope]:
    """The configuration for the paths of a run, and what the run reports on."""
    paths = ["."] if tree.root is None else [relative_path(tree.root, path) for path in options.paths]
    for path in paths:
        if path != "." and not tree.exists(path):
            raise UsageError(f"{path}: this path is ignored by Git or does not exist, so there is nothing to check")
    start = paths[0] if tree.root is None or os.path.isdir(os.path.join(tree.root, paths[0])) else os.path.dirname(paths[0]) or "."
    return load_config(tree, start, options.config_file), Scope(tree, paths)


def _rule_options(catalog: Catalog, config: Config) -> dict[str, Mapping[str, Any]]:
    """The configuration's `rules:` by current id.

    Raises UsageError for names of rules and packs, parameters and pins that mean nothing, whether or not the rule runs.
    """
    chosen: dict[str, Mapping[str, Any]] = {}
    for id, entry in config.rules.items():
        try:
            rule = catalog.rule(id)
        except UsageError as error:
            raise UsageError(f"{config.place(('rules', id))}: {error}") from None
        parameters(rule, entry.get("params", {}), config.place)
        chosen[rule.id] = entry
    for ignore in config.ignores:
        for number, word in enumerate(ignore.rules):
            select_rules(catalog, (word,), where=lambda _, route=("ignores", ignore.index, "rules", number): config.place(route))
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


def _check_environment(options: LintOptions, discovery: Discovery) -> None:
    if options.environment is None:
        return
    known = sorted({source.environment for source in discovery.sources if source.environment is not None})
    if options.environment not in known:
        raise UsageError(
            f"--environment {options.environment}: the configuration declares {', '.join(known) if known else 'no environments'} for these charts"
        )


def _author_text(tree: Tree, charts: ChartRun, reading: Reading, path: str) -> str | None:
    if path in charts.texts:
        return charts.texts[path]
    from linter.errors import InputError

    try:
        return tree.read(path).decode("utf-8-sig")
    except (InputError, UnicodeDecodeError):
        return None


def _run(
    runner: Runner, states: Sequence[DesiredState], reading: Reading, charts: ChartRun, options: StateOptions, locator: Locator
) -> list[Hit]:
    """Every violation, in an order that depends on the repository alone."""
    hits: list[Hit] = []
    by_source: dict[Source, DesiredState] = {source: state for state in states for source in state.sources}
    for state in states:
        hits += runner.run_state(state)
    documents: dict[Source, list[Document]] = {}
    for document in reading.documents:
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
        for source, facts in charts.facts():
            hits += runner.run_chart(source, facts, by_source[source])
    if runner.rules_on("repository"):
        hits += runner.run_repository(Repository(states, options))
    return hits


def _files_to_map(hits: Iterable[Hit], reading: Reading) -> set[ManifestFile]:
    """The rendered files in which some place will be shown: of a violation, of what explains it, of an annotation that accepts it."""
    files = {hit.document.file for hit in hits if hit.document is not None}
    for hit in hits:
        resources = (hit.resource, *(related.resource for related in hit.violation.related))
        files |= {resource.document.file for resource in resources if resource is not None}
    for source, resources_of_source in reading.resources.items():
        if source.type == "helm":
            files |= {resource.document.file for resource in resources_of_source if any(ignore_annotations(resource))}
    return {file for file in files if file.rendered}


def _suppressed(
    drafts: Sequence[Draft],
    drafter: Drafter,
    runner: Runner,
    catalog: Catalog,
    config: Config,
    reading: Reading,
    charts: ChartRun,
    locator: Locator,
    options: LintOptions,
    statuses: dict[Source, SourceStatus],
    rules: Sequence[BoundRule],
) -> list[Finding]:
    """The findings of a run, each marked if something accepts it, and the findings about the suppressions themselves."""
    files: dict[str, tuple[str, list[Source]]] = {}
    seen: set[ManifestFile] = set()
    for document in reading.documents:
        file = document.file
        if not file.rendered and file not in seen:
            seen.add(file)
            text, sources = files.setdefault(file.path, (file.text, []))
            sources.append(file.source)
    for path, text in charts.texts.items():
        files[path] = (text, charts.sources_of(path))
    for path, document in charts.documents.items():
        files[path] = (document.file.text, charts.sources_of(path))
    resources = (resource for group in reading.resources.values() for resource in group)
    suppressor = Suppressor(catalog, config, Texts(files), resources, locator, options.today or date.today())
    findings = [suppressor.suppress(draft) for draft in drafts]
    if runner.rules_on("suppression"):
        ran = frozenset(bound.rule.id for bound in rules)
        # With options of its own a chart is not rendered as any environment has it.
        usual = not (options.environment or options.values or options.set_values or options.release or options.namespace)

        def complete(sources: Iterable[Source] | None) -> bool:
            return usual and all(statuses[source] == "ok" for source in (statuses if sources is None else sources))

        judged = suppressor.judge(runner, drafter, ran, complete)
        findings += [suppressor.suppress(draft) for draft in judged]
    return merge(findings)


def _report(
    tree: Tree,
    options: LintOptions,
    config: Config,
    catalog: Catalog,
    scope: Scope,
    discovery: Discovery,
    sources: Sequence[Source],
    statuses: dict[Source, SourceStatus],
    reading: Reading,
    runner: Runner,
    charts: ChartRun,
    findings: Sequence[Finding],
    targets: dict[str, str | None],
) -> Report:
    whole = scope.whole(sources, discovery)
    listed = whole | scope.partly(sources)
    shown = [
        finding
        for finding in findings
        if not config.exclude.match(finding.location.path)
        and (scope.covers(finding.location.path) or any(entry.source in whole for entry in finding.occurrences))
    ]
    failures = sorted(
        (failure for failure in dict.fromkeys((*reading.failures, *runner.failures.values())) if scope.covers_failure(failure, whole, discovery)),
        key=lambda failure: (failure.path, failure.line or 0, failure.id, failure.message),
    )
    resources = sum(
        source in whole or scope.covers(resource.document.file.path) for source in sources for resource in reading.resources.get(source, ())
    )
    if not resources and not failures and all(statuses[source] == "ok" for source in whole):
        raise UsageError(f"{scope.words()} holds no Kubernetes manifest and no chart, so there is nothing to check")
    counted = [finding for finding in shown if finding.suppressed is None]
    severities = [finding.severity for finding in counted]
    return Report(
        exit_code=_exit_code(counted, failures, options),
        version=__version__,
        packs={name: pack.version for name, pack in catalog.packs.items()},
        targets={system: version for system, version in targets.items() if version is not None},
        summary=Summary(
            files=sum(map(scope.covers, reading.files)) + sum(not whole.isdisjoint(charts.sources_of(path)) for path in charts.texts),
            not_manifests=sum(map(scope.covers, reading.not_manifests)),
            sources=len(listed),
            resources=resources,
            errors=severities.count("error"),
            warnings=severities.count("warning"),
            infos=severities.count("info"),
            suppressed=len(shown) - len(counted),
            failures=len(failures),
        ),
        sources=tuple(ReportedSource(source, *charts.status(source)) for source in sources if source in listed),
        findings=tuple(shown),
        failures=tuple(ReportedFailure(failure, failure_fingerprint(failure)) for failure in failures),
        hints=tuple(discovery.hints),
        unreadable=tuple(path for path in reading.unreadable if scope.covers(path)),
        source_line=_line_reader(lambda path: _author_text(tree, charts, reading, path)),
    )


def _exit_code(findings: Iterable[Finding], failures: Iterable[Failure], options: LintOptions) -> int:
    if any(failure.kind == "broken" or options.strict for failure in failures):
        return 3
    if options.fail_on == "never":
        return 0
    worst = _SEVERITY_ORDER[options.fail_on]
    return 1 if any(_SEVERITY_ORDER[finding.severity] <= worst for finding in findings) else 0


def _line_reader(author_text: Callable[[str], str | None]) -> Callable[[str, int], str | None]:
    lines: dict[str, list[str]] = {}

    def source_line(path: str, number: int) -> str | None:
        if path not in lines:
            lines[path] = re.split(r"\r\n|\n|\r", masked(author_text(path) or "", is_json=path.endswith(".json")))
        return lines[path][number - 1] if 0 < number <= len(lines[path]) else None

    return source_line



