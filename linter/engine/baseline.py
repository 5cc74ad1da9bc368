"""What is found today, as a baseline."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from linter.baseline import Baseline, BaselineEntry, read_baseline, write_baseline
from linter.engine.acceptance.baselines import baseline_name
from linter.engine.options import LintOptions
from linter.engine.run import lint_tree
from linter.engine.session import Session
from linter.engine.world import Step, configure, open_tree
from linter.errors import UsageError
from linter.report.model import Report
from linter.repository import printable
from linter.repository.paths import inside

# Findings about the baseline itself, which it cannot accept.
_ABOUT_BASELINES = frozenset({"suppression/stale-baseline"})


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A baseline to be written.

    `path` is the file, `name` how messages call it, `text` its new content or None if it stays as it is. `added`, `kept`
    and `dropped` count entries, `failures` those of the new content that accept failures. `left` counts what was found
    and is not accepted. `named` says that `lint` does not find the file by itself.
    """

    path: str
    name: str
    text: str | None
    added: int
    kept: int
    dropped: int
    failures: int
    left: int
    named: bool


def accept(options: LintOptions, output: str | None = None, *, prune: bool = False, progress: Step | None = None) -> Acceptance:
    """Lint, and put what is found beside what the baseline already accepts; with `prune` only take out what is gone.

    `output` is the file, by default the one that `lint` reads. Entries keep their day. An entry goes if what it accepts
    was not found, or is accepted by a comment, an annotation or the configuration; it stays if this run could not have
    found it: its rule did not run, its file is outside the paths, or something in its state could not be read.

    Raises UsageError as `lint` does, if there is nothing to prune, or if the configuration allows no baseline.
    """
    if options.standard_input is not None:
        raise UsageError("standard input has no baseline: give the paths of a repository")
    with Session(options.jobs or os.cpu_count() or 1, options=options) as session:
        tree = open_tree(options)
        config, _ = configure(tree, options)
        if "baseline" not in config.suppressions.allow:
            raise UsageError(f"{config.place(('suppressions', 'allow'))}: the configuration allows no baseline; add `baseline` to `allow:`")
        usual = baseline_name(config)
        at_root = os.path.join(tree.root or ".", usual)
        path = output if output is not None else at_root
        name = printable(output if output is not None else usual)
        if output is None and tree.root is not None and not inside(os.path.realpath(path), os.path.realpath(tree.root)):
            # Nobody has named this place, so the repository must not choose one outside.
            raise UsageError(f"{name}: this path leads out of the repository; replace the symbolic link by a file")
        old = _read(path, name)
        if prune and old is None:
            raise UsageError(f"{name}: there is no baseline to prune; `gitops-lint baseline` writes one")
        # What the old baseline accepts is found all the same; one that is named and not yet written is no mistake here.
        report = lint_tree(tree, options, session, progress, replace(config, baseline=None), tree)
    before = old.entries if old is not None else {}
    today = (options.today or date.today()).isoformat()
    found = {entry.fingerprint: entry for entry in _found(report, today)}
    after: dict[str, BaselineEntry] = {}
    for fingerprint, entry in before.items():
        if fingerprint in found:
            after[fingerprint] = entry if prune else replace(found[fingerprint], accepted=entry.accepted)
        elif not report.judged(entry.id, entry.path):
            after[fingerprint] = entry
    kept = len(after)
    new = {fingerprint: entry for fingerprint, entry in found.items() if fingerprint not in before}
    if not prune:
        after |= new
    text = write_baseline(after.values())
    unchanged = (old is None and not after) or (old is not None and text == old.text)
    return Acceptance(
        path=path,
        name=name,
        text=None if unchanged else text,
        added=len(after) - kept,
        kept=kept,
        dropped=len(before) - kept,
        failures=sum(entry.type == "failure" for entry in after.values()),
        left=len(new) if prune else 0,
        named=os.path.realpath(path) != os.path.realpath(at_root),
    )


def _found(report: Report, today: str) -> Iterator[BaselineEntry]:
    """What a baseline can accept: all that nothing but the baseline accepts."""
    for finding in report.findings:
        if (finding.suppressed is None or finding.suppressed.by == "baseline") and finding.rule not in _ABOUT_BASELINES:
            yield BaselineEntry(finding.location.path, finding.rule, finding.message, finding.fingerprint, today)
    for reported in report.failures:
        if reported.suppressed is None or reported.suppressed.by == "baseline":
            failure = reported.failure
            yield BaselineEntry(failure.path, failure.id, failure.message, reported.fingerprint, today, "failure")


def _read(path: str, name: str) -> Baseline | None:
    """The baseline as it is on the disk, or None if there is none.

    Raises UsageError for a file that cannot be read, ConfigurationError for one that is no baseline.
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{name}: {(error.strerror or str(error)).lower()}") from None
    return read_baseline(data, name)
