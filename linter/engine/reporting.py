"""What of a run's outcome is in scope, counted and sorted: the report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from linter.engine.judging.fingerprints import failure_fingerprint
from linter.engine.options import LintOptions
from linter.engine.secrets import masked
from linter.engine.unjudged_kinds import kinds_without_schema
from linter.engine.world import World
from linter.errors import NothingToCheckError
from linter.kubernetes.schemas.table import load
from linter.kubernetes.targets import minor_of
from linter.model import Failure, Finding, Suppressed
from linter.packs.catalog import Catalog
from linter.report.model import Report, ReportedFailure, ReportedSource, RuleInfo, Summary
from linter.repository import printable
from linter.version import __version__

_SEVERITY_ORDER = {"error": 0, "warning": 1, "info": 2}


def report_on(
    world: World,
    catalog: Catalog,
    findings: Sequence[Finding],
    crashes: Iterable[Failure],
    suppressed: Callable[[Failure], Suppressed | None],
    hints: Iterable[str] = (),
) -> Report:
    """The report of a run: its findings in the order of every report, and its failures with those of rules (`crashes`).

    `suppressed` says what accepts a failure. `hints` are sentences for people, beside those of the world.

    Raises UsageError if the paths of the user hold nothing at all that could be judged.
    """
    whole = world.scope.whole(world.sources, world.members)
    listed = whole | world.scope.partly(world.sources)
    shown = [
        finding
        for finding in findings
        if not world.config.exclude.match(finding.location.path)
        and (world.scope.covers(finding.location.path) or any(entry.source in whole for entry in finding.occurrences))
        and world.scope.counts_any(entry.source for entry in finding.occurrences)
    ]
    failures = sorted(
        (
            ReportedFailure(failure, failure_fingerprint(failure), suppressed(failure))
            for failure in dict.fromkeys((*world.reading.failures, *crashes))
            if world.scope.covers_failure(failure, whole, world.members)
        ),
        key=lambda entry: (entry.failure.path, entry.failure.line or 0, entry.failure.id, entry.failure.message),
    )
    resources = sum(
        source in whole or (world.scope.counts(source.type) and world.scope.covers(resource.document.file.path))
        for source in world.sources
        for resource in world.reading.resources.get(source, ())
    )
    if not resources and not failures and all(world.statuses[source] == "ok" for source in whole):
        charts = any(source.type == "helm" for source in whole)
        what = "renders to no Kubernetes object" if charts else "holds no Kubernetes manifest and no chart"
        if world.options.source_types and not listed:
            what = f"holds no source of type {' or '.join(world.options.source_types)}"
        if world.options.since is None or not world.scope.everything:
            raise NothingToCheckError(f"{world.scope.words()} {what}, so there is nothing to check")
        # Whoever asks what is new in a whole repository, as a hook does for every commit, has an answer.
        hints = (*hints, f"{world.scope.words()} {what}")
    report = Report(
        exit_code=0,
        version=__version__,
        packs={name: pack.version for name, pack in catalog.packs.items()},
        targets={system: version for system, version in world.targets.items() if version is not None},
        summary=Summary(
            files=sum(map(world.scope.covers_plain, world.reading.files))
            + sum(not whole.isdisjoint(world.charts.sources_of(path)) for path in world.charts.texts)
            + sum(not whole.isdisjoint(sources) for path, sources in world.overlays.files.items() if path not in world.charts.texts),
            not_manifests=sum(map(world.scope.covers_plain, world.reading.not_manifests)),
            sources=len(listed),
            resources=resources,
        ),
        sources=tuple(ReportedSource(source, *world.status(source)) for source in world.sources if source in listed),
        findings=tuple(shown),
        failures=tuple(failures),
        without_schema=kinds_without_schema(world, whole),
        hints=(*_about_the_repository(world), *hints),
        unreadable=tuple(path for path in world.reading.unreadable if world.scope.covers_plain(path)),
        source_line=_line_reader(world.author_text),
        rule_info=_rule_informer(catalog),
    )
    return recounted(report, world.options)


def _about_the_repository(world: World) -> Iterator[str]:
    """What is to be said of the repository as a whole, to those who ask about all of it: in a report on some paths, or on
    what is new, the same sentences each time would hide what it is about."""
    if world.options.since is not None or not world.scope.everything:
        yield from world.tree.notices
        return
    yield from world.config.notes
    yield from world.discovery.hints_beside({source.path for source in world.members.applications if source.type == "helm"})
    yield from world.notes
    if schemas := [printable(path) for path in world.charts.unread_schemas]:
        more, verb = (f" and {len(schemas) - 1} more", "refer") if len(schemas) > 1 else ("", "refers")
        yield f"{schemas[0]}{more} {verb} to other schemas, which are not read: the values are not checked against them"
    minor = minor_of(world.targets.get("kubernetes"))
    if minor is not None and not (known := load().span).has(minor):
        words = f"objects are judged by the schemas of 1.{known.nearest(minor)}"
        yield f"Kubernetes 1.{minor} is not among the versions that are known, 1.{known.first} to 1.{known.last}: {words}"


def recounted(report: Report, options: LintOptions) -> Report:
    """The report with the numbers and the exit code that its findings and failures make."""
    findings, failures = report.shown(), report.shown_failures()
    severities = [finding.severity for finding in findings]
    summary = replace(
        report.summary,
        errors=severities.count("error"),
        warnings=severities.count("warning"),
        infos=severities.count("info"),
        suppressed=len(report.findings) - len(findings) + len(report.failures) - len(failures),
        failures=len(failures),
    )
    code = _exit_code(findings, failures, options)
    return replace(report, summary=summary, exit_code=code, fail_on=options.fail_on, strict=options.strict)


def _exit_code(findings: Iterable[Finding], failures: Iterable[ReportedFailure], options: LintOptions) -> int:
    if any(reported.failure.kind == "broken" or options.strict for reported in failures):
        return 3
    if options.fail_on == "never":
        return 0
    worst = _SEVERITY_ORDER[options.fail_on]
    return 1 if any(_SEVERITY_ORDER[finding.severity] <= worst for finding in findings) else 0


def _rule_informer(catalog: Catalog) -> Callable[[str], RuleInfo | None]:
    def rule_info(id: str) -> RuleInfo | None:
        rule = catalog.rules.get(id)
        if rule is None:
            return None
        texts = catalog.texts(id)
        return RuleInfo(id, rule.title, rule.severity, rule.default, texts.why, rule.fix, rule.docs, texts.references, rule.equivalents)

    return rule_info


def _line_reader(author_text: Callable[[str], str | None]) -> Callable[[str, int], str | None]:
    lines: dict[str, list[str]] = {}

    def source_line(path: str, number: int) -> str | None:
        if path not in lines:
            lines[path] = re.split(r"\r\n|\n|\r", masked(author_text(path) or "", is_json=path.endswith(".json")))
        return lines[path][number - 1] if 0 < number <= len(lines[path]) else None

    return source_line
