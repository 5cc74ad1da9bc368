"""The command `lint`, once its arguments are read; and the options that it shares with other commands."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from linter.engine.options import LintOptions

Severity = Literal["error", "warning", "info", "never"]


def run_lint(
    *,
    paths: list[str] | None = None,
    output_format: str = "text",
    output: list[str] | None = None,
    select: list[str] | None = None,
    ignore: list[str] | None = None,
    extend_select: list[str] | None = None,
    fail_on: Severity = "warning",
    revision: str | None = None,
    staged: bool = False,
    since: str | None = None,
    baseline: str | None = None,
    source_types: list[Any] | None = None,
    python_packs: list[str] | None = None,
    show_suppressed: bool = False,
    closed_world: bool = False,
    strict: bool = False,
    chart_timeout: float = 60.0,
    chart_memory: int = 2048,
    helm: Any = "auto",
    application: str | None = None,
    color: str = "auto",
    quiet: bool = False,
    statistics: bool = False,
    **shared: Any,
) -> int:
    """Lint, print the report and write its copies; the exit code.

    `chart_memory` is in MiB, `chart_timeout` in seconds. `shared` are the arguments of `options_of`.

    Raises UsageError for arguments, paths or a configuration that cannot be used.
    """
    from linter.cli import output as printing
    from linter.engine.run import lint

    sinks = printing.parse_outputs(output or [])
    options = options_of(
        paths, **shared, select=words(select), ignore=words(ignore), extend_select=words(extend_select), fail_on=fail_on,
        revision=revision, staged=staged, since=since, baseline=baseline, source_types=tuple(source_types or ()),
        python_packs=tuple(python_packs or ()), closed_world=closed_world, strict=strict, chart_timeout=chart_timeout,
        chart_memory=chart_memory << 20, helm=helm, application=application,
    )  # fmt: skip
    if "PRE_COMMIT" in os.environ:
        from linter.engine.pre_commit import for_pre_commit

        options = for_pre_commit(options, os.environ)
    with printing.progress(quiet) as step:
        report = lint(options, progress=step)
    printing.write_report(
        report, output_format, sinks, color=printing.use_color(color), quiet=quiet, show_suppressed=show_suppressed, statistics=statistics
    )
    return report.exit_code


def options_of(
    paths: list[str] | None,
    config: str | None = None,
    targets: list[str] | None = None,
    kube_version: str | None = None,
    api_versions: list[str] | None = None,
    values: list[str] | None = None,
    set_values: list[str] | None = None,
    release: str | None = None,
    namespace: str | None = None,
    environment: str | None = None,
    jobs: int = 0,
    **more: Any,
) -> LintOptions:
    """The options of a run; reads standard input if it is among the paths.

    Raises UsageError for a target that is no known system or no version.
    """
    from linter.engine.options import LintOptions, parse_targets

    given = tuple(paths or (".",))
    standard_input = None
    if "-" in given:
        standard_input = sys.stdin.buffer.read()
    return LintOptions(
        paths=given,
        config_file=config,
        targets=parse_targets([*(targets or []), *([f"kubernetes={kube_version}"] if kube_version else [])]),
        api_versions=tuple(name for entry in api_versions or () for name in entry.split(",")),
        values=tuple(values or ()),
        set_values=tuple(set_values or ()),
        release=release,
        namespace=namespace,
        environment=environment,
        jobs=jobs if jobs > 0 else min(os.cpu_count() or 1, 8),
        standard_input=standard_input,
        **more,
    )


def words(values: list[str] | None) -> tuple[str, ...]:
    """Options that take rules may be repeated or separated by commas."""
    return tuple(word.strip() for value in values or () for word in value.split(",") if word.strip())
