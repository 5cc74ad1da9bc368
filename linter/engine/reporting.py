"""What of a run's outcome is in scope, counted and sorted: the report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from linter.engine.fingerprints import failure_fingerprint
from linter.engine.options import LintOptions
from linter.engine.secrets import masked
from linter.engine.world import World
from linter.errors import UsageError
from linter.model import Failure, Finding
from linter.packs.catalog import Catalog
from linter.report.model import Report, ReportedFailure, ReportedSource, Summary
from linter.version import __version__

_SEVERITY_ORDER = {"error": 0, "warning": 1, "info": 2}


def report_on(world: World, catalog: Catalog, findings: Sequence[Finding], crashes: Iterable[Failure]) -> Report:
    """The report of a run: its findings in the order of every report, and its failures with those of rules (`crashes`).

    Raises UsageError if nothing in scope could be judged at all.
    """
    whole = world.scope.whole(world.sources, world.discovery)
    listed = whole | world.scope.partly(world.sources)
    shown = [
        finding
        for finding in findings
        if not world.config.exclude.match(finding.location.path)
        and (world.scope.covers(finding.location.path) or any(entry.source in whole for entry in finding.occurrences))
    ]
    failures = sorted(
        (
            failure
            for failure in dict.fromkeys((*world.reading.failures, *crashes))
            if world.scope.covers_failure(failure, whole, world.discovery)
        ),
        key=lambda failure: (failure.path, failure.line or 0, failure.id, failure.message),
    )
    resources = sum(
        source in whole or world.scope.covers(resource.document.file.path)
        for source in world.sources
        for resource in world.reading.resources.get(source, ())
    )
    if not resources and not failures and all(world.statuses[source] == "ok" for source in whole):
        charts = any(source.type == "helm" for source in whole)
        what = "renders to no Kubernetes object" if charts else "holds no Kubernetes manifest and no chart"
        raise UsageError(f"{world.scope.words()} {what}, so there is nothing to check")
    counted = [finding for finding in shown if finding.suppressed is None]
    severities = [finding.severity for finding in counted]
    return Report(
        exit_code=_exit_code(counted, failures, world.options),
        version=__version__,
        packs={name: pack.version for name, pack in catalog.packs.items()},
        targets={system: version for system, version in world.targets.items() if version is not None},
        summary=Summary(
            files=sum(map(world.scope.covers, world.reading.files))
            + sum(not whole.isdisjoint(world.charts.sources_of(path)) for path in world.charts.texts),
            not_manifests=sum(map(world.scope.covers, world.reading.not_manifests)),
            sources=len(listed),
            resources=resources,
            errors=severities.count("error"),
            warnings=severities.count("warning"),
            infos=severities.count("info"),
            suppressed=len(shown) - len(counted),
            failures=len(failures),
        ),
        sources=tuple(ReportedSource(source, *world.charts.status(source)) for source in world.sources if source in listed),
        findings=tuple(shown),
        failures=tuple(ReportedFailure(failure, failure_fingerprint(failure)) for failure in failures),
        hints=(*world.discovery.hints, *world.charts.notices),
        unreadable=tuple(path for path in world.reading.unreadable if world.scope.covers(path)),
        source_line=_line_reader(world.author_text),
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
