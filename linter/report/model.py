"""What a run found out, as the formats need it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from linter.model import Failure, Finding, Source, SourceStatus, Suppressed
from linter.model.findings import SEVERITIES, Severity


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts. `errors`, `warnings` and `infos` leave out suppressed findings."""

    files: int = 0
    not_manifests: int = 0
    sources: int = 0
    resources: int = 0
    errors: int = 0
    warnings: int = 0
    infos: int = 0
    suppressed: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class ReportedSource:
    """A source, whether it could be read, and why not."""

    source: Source
    status: SourceStatus
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ReportedFailure:
    """Input that could not be judged, with the identity that ignores and baselines use, and whether something accepts it."""

    failure: Failure
    fingerprint: str
    suppressed: Suppressed | None = None


@dataclass(frozen=True, slots=True)
class KindWithoutSchema:
    """A kind of custom resources whose structure nothing describes, and how many objects of it there are."""

    api_version: str
    kind: str
    resources: int


# What to do about kinds without schema, as every report says it.
SCHEMA_REMEDY = "list the CustomResourceDefinitions of these kinds under `crds:` in .gitops-lint.yaml"


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What a format tells about a rule. `equivalents` maps another linter to its ids for the same check."""

    id: str
    title: str
    severity: Severity
    default: bool
    why: str
    fix: str
    docs: str
    references: tuple[str, ...] = ()
    equivalents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a run.

    `findings` are sorted by path, line, column and rule, suppressed ones included; `failures` by path and line.
    `source_line(path, line)` gives a line of an author's file for code frames, or None. `rule_info(id)` tells about a rule
    that a finding names. `unreadable` lists files that are neither manifests nor YAML, `without_schema`
    kinds whose structure is not judged. `hints` are sentences for people.
    `judged(id, path)` says whether the run would have found in a file what a rule or failure of this id is about.
    `fail_on` and `strict` say what makes the exit code other than 0, see `fails`. `compared_with` names the revision that the
    findings are new against, if they are compared with one.
    """

    exit_code: int
    version: str
    packs: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)
    summary: Summary = field(default_factory=Summary)
    sources: tuple[ReportedSource, ...] = ()
    findings: tuple[Finding, ...] = ()
    failures: tuple[ReportedFailure, ...] = ()
    hints: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    without_schema: tuple[KindWithoutSchema, ...] = ()
    source_line: Callable[[str, int], str | None] = lambda path, line: None
    rule_info: Callable[[str], RuleInfo | None] = lambda rule: None
    judged: Callable[[str, str], bool] = lambda name, path: False
    fail_on: Literal["error", "warning", "info", "never"] = "warning"
    strict: bool = False
    compared_with: str | None = None

    def fails(self, item: Finding | ReportedFailure) -> bool:
        """Whether a finding or failure is one that makes the exit code other than 0."""
        if item.suppressed is not None:
            return False
        if isinstance(item, ReportedFailure):
            return item.failure.kind == "broken" or self.strict
        return self.fail_on != "never" and SEVERITIES.index(item.severity) <= SEVERITIES.index(self.fail_on)

    def shown(self, *, suppressed: bool = False) -> list[Finding]:
        """The findings that a format shows: those that count and, on demand, the suppressed ones."""
        return [finding for finding in self.findings if suppressed or finding.suppressed is None]

    def shown_failures(self, *, suppressed: bool = False) -> list[ReportedFailure]:
        """The failures that a format shows: those that count and, on demand, the suppressed ones."""
        return [failure for failure in self.failures if suppressed or failure.suppressed is None]

    def statistics(self) -> list[tuple[str, Severity, int]]:
        """Each rule with findings that count: its id, its worst severity and how many findings; the most frequent first."""
        counts = Counter(finding.rule for finding in self.shown())
        severities: dict[str, Severity] = {}
        for finding in self.shown():
            severities[finding.rule] = min(finding.severity, severities.get(finding.rule, "info"), key=SEVERITIES.index)
        return [(rule, severities[rule], count) for rule, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))]
