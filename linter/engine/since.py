"""Comparing with an earlier revision: what of a report is new."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from linter.engine.options import LintOptions
from linter.engine.reporting import recounted
from linter.engine.world import World
from linter.errors import InputError, NothingToCheckError, UsageError
from linter.model import Finding, Source
from linter.model.findings import Since
from linter.model.resources import SourceType
from linter.report.model import Report, ReportedFailure
from linter.repository import Tree
from linter.repository.git.history import GitRepository
from linter.repository.git.renamed_tree import RenamedTree

# Lint, or only read, a tree as the options say, with the configuration of the later one.
LintBase = Callable[[Tree, LintOptions], Report]
ReadBase = Callable[[Tree, LintOptions], World]

_PLAIN: tuple[SourceType, ...] = ("directory", "kustomize")


class Comparison:
    """The revision that `options.since` means for a tree: the merge base of the two.

    The tree is a revision, the index or the work tree; the last two belong to HEAD, and while a merge is in progress also to
    the commits that are merged: what one of the parents has is not what the merge adds.
    """

    def __init__(self, tree: Tree, options: LintOptions, read_base: ReadBase | None = None) -> None:
        """`read_base` reads what rules about changes compare with.

        Raises UsageError for a tree without Git, a revision that names no commit, and histories without merge base.
        """
        since = "HEAD" if options.since is None else options.since
        self._tree = tree
        self._options = options
        self._read_base = read_base
        self._prepared: dict[str, tuple[Tree, LintOptions]] = {}
        self._worlds: list[tuple[Tree, LintOptions, World]] = []
        self._repository = repository = GitRepository.behind(tree, "--since")
        self._commit = getattr(tree, "commit", None)
        later = self._commit or repository.head()
        merged = repository.being_merged() if self._commit is None else ()
        self._name: str | None = options.revision or "HEAD"
        self._bases: tuple[str, ...] = ()
        if later is None:
            if since not in ("HEAD", "@"):
                repository.commit(since)
                raise UsageError(f"--since {since}: there is no commit yet that could have a common history with it")
        else:
            named = later if since in ("HEAD", "@") and self._commit is None else repository.commit(since)
            self._bases = (named, *merged) if named == later else (repository.merge_base(since, named, later, *merged),)
            if self._bases[0] == named:
                self._name = None

    def only_new(self, report: Report, lint_base: LintBase, baseline: str | None = None) -> Report:
        """The report without the findings and failures that the base has as well; what is left is marked in `Finding.since`.

        `baseline` is the file of accepted findings in both trees. The base is linted only if there is something to compare.
        """
        report = replace(self._without_accepted(report, baseline), compared_with=self._words())
        if not report.findings and not report.failures:
            return replace(report, hints=(*report.hints, f"compared with {report.compared_with}"))
        bases = [judged for base in self._bases for judged in self._lint(base, report, lint_base)]
        judge = _Judge(bases, report)
        findings = tuple(replace(finding, since=judge.since(finding)) for finding in report.findings if not judge.is_old(finding))
        failures = tuple(entry for entry in report.failures if not judge.has_failed(entry))
        older = _counted(len(report.findings) - len(findings), "finding"), _counted(len(report.failures) - len(failures), "failure")
        left_out = " and ".join(words for words in older if words)
        has = "it has" if len(self._bases) == 1 else "they have"
        hints = [f"compared with {report.compared_with}" + (f": {left_out} left out because {has} them as well" if left_out else "")]
        unjudged = sum(finding.since == "base-not-judged" for finding in findings)
        if unjudged:
            hints.append(f"{_counted(unjudged, 'finding')} may be older: what they are about could not be rendered or read there")
        return recounted(replace(report, findings=findings, failures=failures, hints=(*report.hints, *hints)), self._options)

    def _without_accepted(self, report: Report, baseline: str | None) -> Report:
        """The report without what the baseline accepts, if each base has the same baseline: there it was accepted, too."""
        accepting = any(map(_by_baseline, report.findings)) or any(map(_by_baseline, report.failures))
        if baseline is None or not accepting or not all(self._has_same_file(base, baseline) for base in self._bases):
            return report
        findings = tuple(finding for finding in report.findings if not _by_baseline(finding))
        failures = tuple(entry for entry in report.failures if not _by_baseline(entry))
        return recounted(replace(report, findings=findings, failures=failures), self._options)

    def _has_same_file(self, base: str, path: str) -> bool:
        try:
            return self._repository.revision_tree(base, base).read(path) == self._tree.read(path)
        except InputError:
            return False

    def earlier(self, world: World) -> list[World]:
        """What was read of the bases, for rules that compare objects with what they were. Bases with none of it are left out."""
        found: list[World] = []
        listed = world.scope.whole(world.sources, world.members) | world.scope.partly(world.sources)
        for base in self._bases if self._read_base is not None else ():
            tree, options = self._base(base, [source for source in world.sources if source in listed])
            try:
                earlier = self._read_base(tree, options)  # type: ignore[misc]
            except NothingToCheckError:
                continue
            self._worlds.append((tree, options, earlier))
            found.append(earlier)
        return found

    def world_of(self, tree: Tree, options: LintOptions) -> World | None:
        """What was read of a base with these options already, if it was."""
        return next((world for of, by, world in self._worlds if of is tree and by is options), None)

    def _base(self, base: str, sources: Sequence[Source]) -> tuple[Tree, LintOptions]:
        """A base as a tree with the names that files have later, and the options to lint it with. `sources` are those that the
        later run is about; they count when a base is first asked for."""
        if base in self._prepared:
            return self._prepared[base]
        tree: Tree = self._repository.revision_tree(base, base)
        later = frozenset(self._tree.files())
        # In the work tree, what was renamed in the index may have its old name again.
        renames = {old: new for old, new in self._repository.renames(base, self._commit).items() if new in later and old not in later}
        # A chart that has got one more values file is no other chart: without it, it is as it was.
        values = {file for source in sources for file in source.values if file in later}
        if renames or not values.issubset(tree.files()):
            tree = RenamedTree(tree, renames, later, values)
        options = self._options
        top = self._repository.location.top or self._repository.location.directory
        # A file that is new leads to sources that are not: the base is judged whole, and fingerprints tell what to leave out.
        options = replace(options, paths=(top,), revision=None, staged=False, since=None, source_types=())
        if _is_one_chart(options):
            # Which one that is was found in the later tree.
            path = next((source.path for source in sources if source.type == "helm"), ".")
            options = replace(options, paths=(os.path.join(top, path),))
        self._prepared[base] = tree, options
        return tree, options

    def _lint(self, base: str, report: Report, lint_base: LintBase) -> Iterator[Report]:
        """What a base has to say about all that the report can be about."""
        tree, options = self._base(base, [entry.source for entry in report.sources])
        top = self._repository.location.top or self._repository.location.directory
        plain = replace(
            options, paths=(top,), environment=None, values=(), set_values=(), release=None, namespace=None, source_types=_PLAIN
        )
        one_chart = _is_one_chart(options)
        sources = [occurrence.source for finding in report.findings for occurrence in finding.occurrences]
        beside = report.failures or any(source.type != "helm" for source in sources)
        asked = [options, plain] if one_chart and beside else [options]
        for wanted in asked:
            try:
                yield lint_base(tree, wanted)
            except NothingToCheckError:
                # There is no such chart or environment there, but there may be manifests.
                if wanted.environment is not None and plain not in asked:
                    asked.append(plain)

    def _words(self) -> str:
        if not self._bases:
            return "an empty repository, as there is no commit yet"
        short, since = self._repository.short(self._bases[0]), self._options.since
        if self._name is not None:
            return f"{short}, the merge base of {since} and {self._name}"
        merged = "".join(f" and {self._repository.short(base)}, which is being merged" for base in self._bases[1:])
        return f"{short} ({since}){merged}"


class _Judge:
    """What the bases say about a finding."""

    def __init__(self, bases: Sequence[Report], report: Report) -> None:
        self._shown = {finding.fingerprint for base in bases for finding in base.shown()}
        self._found = {finding.fingerprint for base in bases for finding in base.findings}
        # What is unavailable in both, such as a dependency, keeps the rest of a chart from being judged in neither.
        partly = {entry.source for entry in report.sources if entry.status == "unavailable"}
        self._failed = {
            (entry.source.path, entry.source.type, entry.source.environment)
            for base in bases
            for entry in base.sources
            if entry.status == "broken" or (entry.status == "unavailable" and entry.source not in partly)
        }
        failures = [entry.failure for base in bases for entry in base.failures]
        self._shown_failures = {entry.fingerprint for base in bases for entry in base.shown_failures()}
        self._all_failures = {entry.fingerprint for base in bases for entry in base.failures}
        self._unread = {failure.path for failure in failures if failure.stage in ("read", "parse")}
        self._crashes = [failure for failure in failures if failure.id == "rule-crashed"]

    def is_old(self, finding: Finding) -> bool:
        """Whether a base has it. What was suppressed there has never been shown, so it is new once it is shown."""
        return finding.fingerprint in (self._found if finding.suppressed is not None else self._shown)

    def has_failed(self, entry: ReportedFailure) -> bool:
        """The same for a failure."""
        return entry.fingerprint in (self._all_failures if entry.suppressed is not None else self._shown_failures)

    def since(self, finding: Finding) -> Since:
        """Of a finding that no base has: whether one could have it."""
        if finding.location.path in self._unread or any(
            failure.path in ("", finding.location.path) and failure.message.startswith(f"rule {finding.rule} ") for failure in self._crashes
        ):
            return "base-not-judged"
        sources = [occurrence.source for occurrence in finding.occurrences]
        failed = bool(sources) and all((source.path, source.type, source.environment) in self._failed for source in sources)
        return "base-not-judged" if failed else "new"


def _is_one_chart(options: LintOptions) -> bool:
    return bool(options.values or options.set_values or options.release or options.namespace)


def _by_baseline(entry: Finding | ReportedFailure) -> bool:
    return entry.suppressed is not None and entry.suppressed.by == "baseline"


def _counted(number: int, what: str) -> str:
    """`2 findings`; "" for none."""
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""
