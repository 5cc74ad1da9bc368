"""The arguments and options that several commands share."""

from __future__ import annotations

from typing import Annotated, Literal

import click
import typer

from linter.cli import completion

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
Application = Annotated[str | None, typer.Option("--application", metavar="NAME", help="Only what the Applications of this name deploy.")]
HelmBackend = Annotated[
    Literal["auto", "sdk", "helm"],
    typer.Option(
        "--helm",
        show_default=False,
        help="What renders charts: the Helm SDK in a process of its own, or the program helm. [default: the SDK if it is installed]",
    ),
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        metavar="RULES",
        autocompletion=completion.rules_and_packs,
        help="Run only these: packs, rules, ALL, or kube-linter:no-liveness-probe.",
    ),
]
Ignore = Annotated[
    list[str] | None, typer.Option("--ignore", metavar="RULES", autocompletion=completion.rules_and_packs, help="Leave these out.")
]
ExtendSelect = Annotated[
    list[str] | None, typer.Option("--extend-select", metavar="RULES", autocompletion=completion.rules_and_packs, help="Run these as well.")
]
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

Revision = Annotated[str | None, typer.Option("--rev", metavar="REV", help="Read this Git revision instead of the work tree.")]
Staged = Annotated[bool, typer.Option("--staged", help="Read what is staged in Git instead of the work tree.")]
SourceTypes = Annotated[
    list[str] | None,
    typer.Option(
        "--type",
        click_type=click.Choice(["directory", "helm", "kustomize"]),
        show_default=False,
        help="Report only on sources of this type. Repeatable. [default: all]",
    ),
]
PythonPacks = Annotated[
    list[str] | None,
    typer.Option("--allow-python-pack", metavar="FOLDER", help="Run Python rules of the packs below this folder. Repeatable."),
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
