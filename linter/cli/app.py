"""Commands, arguments and help."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from linter.cli.lint import Severity, options_of, run_lint

app = typer.Typer(
    name="gitops-lint",
    help="Lint the Kubernetes desired state in a Git repository: Helm charts and plain manifests, rendered as the cluster "
    "will receive them, each problem on the line its author wrote.",
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

Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PATH]...", help="Files or folders to report on; - reads one file from standard input. [default: .]"),
]
ConfigFile = Annotated[str | None, typer.Option("--config", metavar="FILE", help="Configuration instead of the nearest .gitops-lint.yaml.")]
Targets = Annotated[
    list[str] | None, typer.Option("--target", metavar="SYSTEM=VERSION", help="kubernetes=1.34, istio=1.28, external-dns=0.22. Repeatable.")
]
KubeVersion = Annotated[str | None, typer.Option("--kube-version", metavar="VERSION", help="Short for --target kubernetes=VERSION.")]
ApiVersions = Annotated[
    list[str] | None, typer.Option("--api-versions", metavar="GROUP/VERSION[/KIND]", help="APIs that charts may ask for. Repeatable.")
]
Values = Annotated[
    list[str] | None, typer.Option("--values", "-f", metavar="FILE", help="Values file for the one chart given. Repeatable.")
]
SetValues = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A value for the one chart given. Repeatable.")]
Release = Annotated[str | None, typer.Option("--release", metavar="NAME", help="Release name for the one chart given.")]
Namespace = Annotated[str | None, typer.Option("--namespace", "-n", metavar="NAME", help="Namespace for the one chart given.")]
Environment = Annotated[str | None, typer.Option("--environment", metavar="NAME", help="Only this environment of the configuration.")]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs",
        "-j",
        metavar="N",
        show_default=False,
        help="Processes that read manifests and render charts. [default: one per processor]",
    ),
]

ChartTimeout = Annotated[
    float,
    typer.Option("--chart-timeout", metavar="SECONDS", show_default=False, help="How long one chart may take to render. [default: 60]"),
]
ChartMemory = Annotated[
    int,
    typer.Option(
        "--chart-memory", metavar="MIB", show_default=False, help="How much memory the rendering of a chart may take. [default: 2048]"
    ),
]


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


@app.command("lint")
def lint_command(
    paths: Paths = None,
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", show_default=False, help="What to print on standard output. [default: text]")
    ] = "text",
    output: Annotated[
        list[str] | None, typer.Option("--output", metavar="FORMAT=FILE", help="Also write a report to a file. Repeatable.")
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="RULES", help="Run only these: packs, rules, ALL, or kube-linter:no-liveness-probe."),
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="RULES", help="Leave these out.")] = None,
    extend_select: Annotated[list[str] | None, typer.Option("--extend-select", metavar="RULES", help="Run these as well.")] = None,
    fail_on: Annotated[
        Severity, typer.Option("--fail-on", show_default=False, help="The least severity that makes the exit code 1. [default: warning]")
    ] = "warning",
    targets: Targets = None,
    kube_version: KubeVersion = None,
    api_versions: ApiVersions = None,
    values: Values = None,
    set_values: SetValues = None,
    release: Release = None,
    namespace: Namespace = None,
    environment: Environment = None,
    config: ConfigFile = None,
    show_suppressed: Annotated[bool, typer.Option("--show-suppressed", help="Show suppressed findings too.")] = False,
    closed_world: Annotated[bool, typer.Option("--closed-world", help="Whatever the repository does not declare is missing.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 3 also when something was unavailable, such as a remote chart.")
    ] = False,
    jobs: Jobs = 0,
    chart_timeout: ChartTimeout = 60.0,
    chart_memory: ChartMemory = 2048,
    color: Annotated[
        Literal["auto", "always", "never"], typer.Option("--color", show_default=False, help="Colour in text output. [default: auto]")
    ] = "auto",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="One line per finding, no summary.")] = False,
    statistics: Annotated[bool, typer.Option("--statistics", help="Count findings per rule, and list what was not a manifest.")] = False,
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
            targets=targets,
            kube_version=kube_version,
            api_versions=api_versions,
            values=values,
            set_values=set_values,
            release=release,
            namespace=namespace,
            environment=environment,
            config=config,
            show_suppressed=show_suppressed,
            closed_world=closed_world,
            strict=strict,
            jobs=jobs,
            chart_timeout=chart_timeout,
            chart_memory=chart_memory,
            color=color,
            quiet=quiet,
            statistics=statistics,
        )
    )


@app.command("sources")
def sources_command(
    paths: Paths = None,
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", show_default=False, help="What to print. [default: text]")
    ] = "text",
    targets: Targets = None,
    kube_version: KubeVersion = None,
    api_versions: ApiVersions = None,
    environment: Environment = None,
    config: ConfigFile = None,
    jobs: Jobs = 0,
    color: Annotated[
        Literal["auto", "always", "never"], typer.Option("--color", show_default=False, help="Colour in text output. [default: auto]")
    ] = "auto",
) -> None:
    """List every source with its environment, state, and whether it could be rendered."""
    from linter.cli import output as printing
    from linter.engine.run import lint

    options = options_of(
        paths, config, targets, kube_version, api_versions, None, None, None, None, environment, jobs, select=("suppression",)
    )
    with printing.progress(False) as step:
        report = lint(options, progress=step)
    printing.write_sources(report, output_format, color=printing.use_color(color))
    raise typer.Exit(3 if report.exit_code == 3 else 0)


@app.command("render")
def render_command(
    paths: Paths = None,
    targets: Targets = None,
    kube_version: KubeVersion = None,
    api_versions: ApiVersions = None,
    values: Values = None,
    set_values: SetValues = None,
    release: Release = None,
    namespace: Namespace = None,
    environment: Environment = None,
    config: ConfigFile = None,
    show_secrets: Annotated[bool, typer.Option("--show-secrets", help="Print the data of Secrets.")] = False,
    jobs: Jobs = 0,
) -> None:
    """Print manifests as the cluster will receive them."""
    from linter.cli import output as printing
    from linter.engine.render import render

    options = options_of(paths, config, targets, kube_version, api_versions, values, set_values, release, namespace, environment, jobs)
    rendering = render(options, show_secrets=show_secrets)
    raise typer.Exit(printing.write_rendering(rendering))


@rules_app.command("list")
def rules_list(
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", show_default=False, help="What to print. [default: text]")
    ] = "text",
    pack: Annotated[str | None, typer.Option("--pack", metavar="NAME", help="Only the rules of this pack.")] = None,
) -> None:
    """List all rules; * marks the recommended set."""
    from linter.cli import rules

    rules.print_list(output_format, pack)


@rules_app.command("show")
def rules_show(rule: Annotated[str, typer.Argument(help="A rule such as probes/undeclared-port-name.")]) -> None:
    """Explain one rule: why it exists, how to fix a finding, its parameters and examples."""
    from linter.cli import rules

    rules.print_rule(rule)


@rules_app.command("test")
def rules_test(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[RULE|PACK|FOLDER]...", help="What to test; a folder holds a pack. [default: all]")
    ] = None,
    jobs: Jobs = 0,
) -> None:
    """Run the examples of rules: the marked lines must be reported, and no others."""
    from linter.cli import rules

    raise typer.Exit(rules.run_tests(names or [], jobs))


@packs_app.command("list")
def packs_list(
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", show_default=False, help="What to print. [default: text]")
    ] = "text",
) -> None:
    """List the rule packs."""
    from linter.cli import rules

    rules.print_packs(output_format)
