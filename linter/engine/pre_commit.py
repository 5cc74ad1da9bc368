"""What a run below pre-commit compares: `--staged --since HEAD` as the kind of run asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from linter.engine.options import LintOptions


def for_pre_commit(options: LintOptions, environment: Mapping[str, str]) -> LintOptions:
    """The options of a hook, adapted to the way pre-commit was started; other runs keep theirs.

    Between two revisions (`--from-ref` and `--to-ref`, before a push) these are compared; before the push of a whole history
    there is no earlier one, and everything is checked. In a run over all files nothing is staged, and comparing nothing with
    HEAD could never fail: there everything is checked, too. A commit that stages nothing is told from it by the index that
    Git names to its hooks.
    Source: pre-commit's documentation of the variables PRE_COMMIT_FROM_REF, PRE_COMMIT_TO_REF and PRE_COMMIT_LOCAL_BRANCH;
    githooks(5).
    """
    if "PRE_COMMIT" not in environment or not options.staged or options.since != "HEAD":
        return options
    earlier, later = environment.get("PRE_COMMIT_FROM_REF"), environment.get("PRE_COMMIT_TO_REF")
    if earlier and later:
        return replace(options, staged=False, revision=later, since=earlier)
    if pushed := environment.get("PRE_COMMIT_LOCAL_BRANCH"):
        return replace(options, staged=False, since=None, revision=pushed)
    if "GIT_INDEX_FILE" not in environment and _nothing_is_staged(options):
        return replace(options, staged=False, since=None)
    return options


def _nothing_is_staged(options: LintOptions) -> bool:
    from linter.repository.git.history import GitRepository

    repository = GitRepository.around(options.paths, "--staged")
    try:
        return repository.stages_nothing()
    finally:
        repository.close()
