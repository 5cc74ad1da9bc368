"""Commands, arguments and help."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from linter.cli import completion
from linter.cli.arguments import (
    ApiVersions,
    Application,
    ChartMemory,
    ChartTimeout,
    ConfigFile,
    Environment,
    ExtendSelect,
    HelmBackend,
    Ignore,
    Jobs,
    KubeVersion,
    Namespace,
    Paths,
    PythonPacks,
    Release,
    Revision,
    Select,
    SetValues,
    SourceTypes,
    Staged,
    Targets,
    Values,
)
from linter.cli.help import GroupedCommand
from linter.cli.lint import Severity, options_of, run_lint, words
from linter.cli.schema import schema_app

app = typer.Typer(
    name="gitops-lint",
    help="Lint the Kubernetes desired state in a Git repository: Helm charts, Kustomize overlays, plain manifests and what Argo "
    "CD Applications make of them, rendered as the cluster will receive them, each problem on the line its author wrote.",
    epilog="Start with `gitops-lint lint` in a repository. Exit codes: 0 nothing found, 1 findings, 2 wrong usage or "
    "configuration, 3 something could not be judged, 4 internal error.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
rules_app = typer.Typer(help="List, explain and test rules.", no_args_is_help=True, rich_markup_mode=None)
packs_app = typer.Typer(help="List rule packs and their versions.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(rules_app, name="rules")
app.add_typer(packs_app, name="packs")
app.add_typer(schema_app, name="schema")


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        from linter.version import __version__

        print(f"gitops-lint {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(2)


@app.command("lint", cls=GroupedCommand)
def lint_command(
    paths: Paths = None,
    output_format: Annotated[
        Literal["text", "json", "sarif", "github", "gitlab", "junit", "markdown"],
        typer.Option("--format", show_default=False, help="What to print on standard output. [default: text]"),
    ] = "text",
    output: Annotated[
        list[str] | None, typer.Option("--output", metavar="FORMAT=FILE", help="Also write a report to a file. Repeatable.")
    ] = None,
    select: Select = None,
    ignore: Ignore = None,
    extend_select: ExtendSelect = None,
    fail_on: Annotated[
        Severity, typer.Option("--fail-on", show_default=False, help="The least severity that makes the exit code 1. [default: warning]")
    ] = "warning",
    revision: Revision = None,
    staged: Staged = False,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="REV", help="Report only what the merge base of this revision and the tree that is read does not have."
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option("--baseline", metavar="FILE", help="Accepted findings, as the command `baseline` writes them."),
    ] = None,
    source_types: SourceTypes = None,
    targets: Targets = None,
    kube_version: KubeVersion = None,
    api_versions: ApiVersions = None,
    values: Values = None,
    set_values: SetValues = None,
    release: Release = None,
    namespace: Namespace = None,
    environment: Environment = None,
    application: Application = None,
    config: ConfigFile = None,
    python_packs: PythonPacks = None,
    show_suppressed: Annotated[bool, typer.Option("--show-suppressed", help="Show suppressed findings too.")] = False,
    closed_world: Annotated[bool, typer.Option("--closed-world", help="Whatever the repository does not declare is missing.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 3 also when something was unavailable, such as a remote chart.")
    ] = False,
    jobs: Jobs = 0,
    chart_timeout: ChartTimeout = 60.0,
    chart_memory: ChartMemory = 2048,
    helm: HelmBackend = "auto",
    color: Annotated[
        Literal["auto", "always", "never"], typer.Option("--color", show_default=False, help="Colour in text output. [default: auto]")
    ] = "auto",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="One line per finding, no summary.")] = False,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Count findings per rule; list what was not a manifest, and kinds without a schema.")
    ] = False,
) -> None:
    """Check manifests and charts, and print what is wrong with them."""
    raise typer.Exit(
        run_lint(
            paths=paths,
            output_format=output_format,
            output=output,
            select=select,
            ignore=ignore,
            extend_select=extend_select,
            fail_on=fail_on,
            revision=revision,
            staged=staged,
            since=since,
            baseline=baseline,
            source_types=source_types,
            python_packs=python_packs,
            targets=targets,
            kube_version=kube_version,
            api_versions=api_versions,
            values=values,
            set_values=set_values,
            release=release,
            namespace=namespace,
            environment=environment,
            application=application,
            config=config,
            show_suppressed=show_suppressed,
            closed_world=closed_world,
            strict=strict,
            jobs=jobs,
            chart_timeout=chart_timeout,
            chart_memory=chart_memory,
            helm=helm,
            color=color,
            quiet=quiet,
            statistics=statistics,
        )
    )


@app.command("sources", short_help="List every source, its environment and whether it renders.")
def sources_command(
    paths: Paths = None,
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", show_default=False, help="What to print. [default: text]")
    ] = "text",
    revision: Revision = None,
    staged: Staged = False,
    targets: Targets = None,
    kube_version: KubeVersion = None,
    api_versions: ApiVersions = None,
    environment: Environment = None,
    application: Application = None,
    config: ConfigFile = None,
    jobs: Jobs = 0,
    helm: HelmBackend = "auto",
    color: Annotated[
        Literal["auto", "always", "never"], typer.Option("--color", show_default=False, help="Colour in text output. [default: auto]")
    ] = "auto",
) -> None:
    """List every source with its environment, state, and whether it could be rendered."""
    from linter.cli import output as printing
    from linter.engine.run import lint

    options = options_of(
        paths, config, targets, kube_version, api_versions, environment=environment, jobs=jobs, revision=revision, staged=staged,
        application=application, helm=helm, select=("suppression",),
    )  # fmt: skip
    with printing.progress(False) as step:
        report = lint(options, progress=step)
    printing.write_sources(report, output_format, color=printing.use_color(color))
    raise typer.Exit(3 if report.exit_code == 3 else 0)


@app.command("render")
def render_command(
    paths: Paths = None,
    revision: Revision = None,
    staged: Staged = False,
    targets: Targets = None,
    kube_version: KubeVersion = None,
    api_versions: ApiVersions = None,
    values: Values = None,
    set_values: SetValues = None,
    release: Release = None,
    namespace: Namespace = None,
    environment: Environment = None,
    application: Application = None,
    config: ConfigFile = None,
    provenance: Annotated[bool, typer.Option("--provenance", help="Show beside each line where its author wrote what decides it.")] = False,
    show_secrets: Annotated[bool, typer.Option("--show-secrets", help="Print the data of Secrets.")] = False,
    jobs: Jobs = 0,
    helm: HelmBackend = "auto",
) -> None:
    """Print manifests as the cluster will receive them."""
    from linter.cli import output as printing
    from linter.engine.render import render

    options = options_of(
        paths, config, targets, kube_version, api_versions, values, set_values, release, namespace, environment, jobs,
        revision=revision, staged=staged, application=application, helm=helm,
    )  # fmt: skip
    rendering = render(options, show_secrets=show_secrets, provenance=provenance)
    raise typer.Exit(printing.write_rendering(rendering))


@app.command("baseline", short_help="Accept what is found today; show only new findings from now on.")
def baseline_command(
    paths: Paths = None,
    output: Annotated[
        str | None, typer.Option("--output", metavar="FILE", help="The file to write. [default: the one of the configuration]")
    ] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Only take out what no longer occurs; accept nothing new.")] = False,
    revision: Revision = None,
    staged: Staged = False,
    select: Select = None,
    ignore: Ignore = None,
    extend_select: ExtendSelect = None,
    targets: Targets = None,
    kube_version: KubeVersion = None,
    api_versions: ApiVersions = None,
    config: ConfigFile = None,
    python_packs: PythonPacks = None,
    jobs: Jobs = 0,
    helm: HelmBackend = "auto",
) -> None:
    """Accept everything that is found today: write it to a baseline, so that only new findings are shown."""
    from linter.cli.baseline import run_baseline

    options = options_of(
        paths, config, targets, kube_version, api_versions, jobs=jobs, revision=revision, staged=staged,
        select=words(select), ignore=words(ignore), extend_select=words(extend_select), python_packs=tuple(python_packs or ()),
        helm=helm,
    )  # fmt: skip
    raise typer.Exit(run_baseline(options, output, prune=prune))


@app.command("init", short_help="Look at the repository and write a .gitops-lint.yaml for it.")
def init_command(
    path: Annotated[str, typer.Argument(metavar="[FOLDER]", help="A folder of the repository. [default: .]", show_default=False)] = ".",
    force: Annotated[bool, typer.Option("--force", help="Replace a configuration that is already there.")] = False,
    to_standard_output: Annotated[bool, typer.Option("--print", help="Print the configuration and write nothing.")] = False,
) -> None:
    """Look at the repository and write a commented .gitops-lint.yaml for it."""
    from linter.cli.init import run_init

    raise typer.Exit(run_init(path, force=force, to_standard_output=to_standard_output))


@rules_app.command("list", short_help="List all rules; * marks the recommended set.")
def rules_list(
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", show_default=False, help="What to print. [default: text]")
    ] = "text",
    pack: Annotated[str | None, typer.Option("--pack", metavar="NAME", help="Only the rules of this pack.")] = None,
    config: ConfigFile = None,
    python_packs: PythonPacks = None,
) -> None:
    """List all rules, those of the repository's own packs as well; * marks the recommended set."""
    from linter.cli import rules

    rules.print_list(output_format, pack, config, python_packs or ())


@rules_app.command("show", short_help="Explain one rule, and how to fix a finding.")
def rules_show(
    rule: Annotated[str, typer.Argument(help="A rule such as probes/undeclared-port-name.", autocompletion=completion.rules)],
    output_format: Annotated[
        Literal["text", "markdown"], typer.Option("--format", show_default=False, help="What to print. [default: text]")
    ] = "text",
    config: ConfigFile = None,
    python_packs: PythonPacks = None,
) -> None:
    """Explain one rule: why it exists, how to fix a finding, its parameters and examples."""
    from linter.cli import rules

    rules.print_rule(rule, output_format, config, python_packs or ())


@rules_app.command("new", short_help="Write a rule to start from, with examples that pass.")
def rules_new(
    rule: Annotated[str, typer.Argument(metavar="PACK/RULE", help="The id of the new rule, such as acme/image-from-docker-hub.")],
    folder: Annotated[
        str | None, typer.Option("--folder", metavar="FOLDER", help="Where the pack is, or will be. [default: policy/PACK]")
    ] = None,
    cel: Annotated[bool, typer.Option("--cel", help="Write the check as a CEL expression instead of a JSON Schema.")] = False,
) -> None:
    """Write a rule to start from, with examples that pass; its pack as well if there is none yet."""
    from linter.cli import rules

    rules.write_rule(rule, folder, cel=cel)


@rules_app.command("test", short_help="Run the examples of rules.")
def rules_test(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RULE|PACK|FOLDER]...",
            help="What to test; a folder holds a pack. [default: all]",
            autocompletion=completion.rules_and_packs,
        ),
    ] = None,
    jobs: Jobs = 0,
    python_packs: PythonPacks = None,
) -> None:
    """Run the examples of rules: the marked lines must be reported, and no others."""
    from linter.cli import rules

    raise typer.Exit(rules.run_tests(names or [], jobs, python_packs or ()))


@packs_app.command("list", short_help="List the rule packs, with versions and pins.")
def packs_list(
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", show_default=False, help="What to print. [default: text]")
    ] = "text",
    config: ConfigFile = None,
    python_packs: PythonPacks = None,
) -> None:
    """List the rule packs, those of the repository as well, with versions and pins."""
    from linter.cli import rules

    rules.print_packs(output_format, config, python_packs or ())
