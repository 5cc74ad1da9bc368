"""Comparing with an earlier revision: what of a report is new."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from linter.engine.options import LintOptions
from linter.engine.reporting import recounted
from linter.errors import NothingToCheckError, UsageError
from linter.model import Finding
from linter.model.findings import Since
from linter.report.model import Report
from linter.repository import Tree
from linter.repository.git_repository import GitRepository
from linter.repository.renamed_tree import RenamedTree

# Lint a tree as the options say, with the configuration of the later one.
LintBase = Callable[[Tree, LintOptions], Report]

_NOTHING = Report(exit_code=0, version="")


class Comparison:
    """The revision that `options.since` means for a tree: the merge base of the two.

    The tree is a revision, the index or the work tree; the last two belong to HEAD.
    """

    def __init__(self, tree: Tree, options: LintOptions) -> None:
        """Raises UsageError for a tree without Git, a revision that names no commit, and histories without merge base."""
        since = options.since or "HEAD"
        self._tree = tree
        self._options = options
        self._repository = repository = GitRepository.behind(tree, "--since")
        self._commit = getattr(tree, "commit", None)
        later = self._commit or repository.head()
        self._name: str | None = options.revision or "HEAD"
        if later is None:
            if since not in ("HEAD", "@"):
                repository.commit(since)
                raise UsageError(f"--since {since}: there is no commit yet that could have a common history with it")
            self._base = None
        else:
            named = repository.commit(since)
            self._base = repository.merge_base(since, named, later)
            if self._base == named:
                self._name = None

    def only_new(self, report: Report, lint_base: LintBase) -> Report:
        """The report without the findings and failures that the base has as well; what is left is marked in `Finding.since`.

        The base is linted only if there is something to compare.
        """
        if not report.findings and not report.failures:
            return replace(report, hints=(*report.hints, f"compared with {self._words()}"))
        base = self._lint(report, lint_base) if self._base is not None else _NOTHING
        judge = _Judge(base)
        findings = tuple(replace(finding, since=judge.since(finding)) for finding in report.findings if not judge.is_old(finding))
        known = {entry.fingerprint for entry in base.shown_failures()}
        failures = tuple(entry for entry in report.failures if entry.fingerprint not in known)
        older = _counted(len(report.findings) - len(findings), "finding"), _counted(len(report.failures) - len(failures), "failure")
        left_out = " and ".join(words for words in older if words)
        hints = [f"compared with {self._words()}" + (f": {left_out} left out because it has them as well" if left_out else "")]
        unjudged = sum(finding.since == "base-not-judged" for finding in findings)
        if unjudged:
            hints.append(f"{_counted(unjudged, 'finding')} may be older: what they are about could not be rendered or read there")
        return recounted(replace(report, findings=findings, failures=failures, hints=(*report.hints, *hints)), self._options)

    def _lint(self, report: Report, lint_base: LintBase) -> Report:
        assert self._base is not None
        tree: Tree = self._repository.revision_tree(self._base, self._base)
        renames = self._repository.renames(self._base, self._commit)
        if renames:
            tree = RenamedTree(tree, renames, self._tree.files())
        options = self._options
        top = self._repository.location.top or self._repository.location.directory
        path = "."
        if options.values or options.set_values or options.release or options.namespace:
            # These are for one chart, which was found in the later tree.
            path = next((entry.source.path for entry in report.sources if entry.source.type == "helm"), ".")
        # A file that is new leads to sources that are not: the base is judged whole, and fingerprints tell what to leave out.
        options = replace(options, paths=(os.path.join(top, path),), revision=None, staged=False, since=None, source_types=())
        try:
            return lint_base(tree, options)
        except NothingToCheckError:
            return _NOTHING

    def _words(self) -> str:
        if self._base is None:
            return "an empty repository, as there is no commit yet"
        short, since = self._repository.short(self._base), self._options.since
        return f"{short} ({since})" if self._name is None else f"{short}, the merge base of {since} and {self._name}"


class _Judge:
    """What the base says about a finding."""

    def __init__(self, base: Report) -> None:
        self._base = base
        self._shown = {finding.fingerprint for finding in base.shown()}
        self._found = {finding.fingerprint for finding in base.findings}
        self._failed = {
            (entry.source.path, entry.source.type, entry.source.environment)
            for entry in base.sources
            if entry.status in ("broken", "unavailable")
        }
        self._unread = {entry.failure.path for entry in base.failures if entry.failure.stage in ("read", "parse")}
        self._crashes = [entry.failure for entry in base.failures if entry.failure.id == "rule-crashed"]

    def is_old(self, finding: Finding) -> bool:
        """Whether the base has it. What was suppressed there has never been shown, so it is new once it is shown."""
        return finding.fingerprint in (self._found if finding.suppressed is not None else self._shown)

    def since(self, finding: Finding) -> Since:
        """Of a finding that the base does not have: whether it could have it."""
        if finding.location.path in self._unread or any(
            failure.path in ("", finding.location.path) and failure.message.startswith(f"rule {finding.rule} ") for failure in self._crashes
        ):
            return "base-not-judged"
        sources = [occurrence.source for occurrence in finding.occurrences]
        failed = bool(sources) and all((source.path, source.type, source.environment) in self._failed for source in sources)
        return "base-not-judged" if failed else "new"


def _counted(number: int, what: str) -> str:
    """`2 findings`; "" for none."""
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""
