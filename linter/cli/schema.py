"""The commands about schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from linter.cli.arguments import ConfigFile, Jobs, Paths

if TYPE_CHECKING:
    from linter.engine.schemas import ListedSchema
    from linter.model import Failure

schema_app = typer.Typer(help="List and make schemas of objects.", no_args_is_help=True, rich_markup_mode=None)


@schema_app.command("list", short_help="List the schemas of custom resources, and where they come from.")
def list_command(
    paths: Paths = None,
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", show_default=False, help="What to print. [default: text]")
    ] = "text",
    shipped: Annotated[bool, typer.Option("--shipped", help="Only those that come with gitops-lint; read no repository.")] = False,
    config: ConfigFile = None,
    jobs: Jobs = 0,
) -> None:
    """List the schemas of custom resources: those of the repository, and those that come with gitops-lint."""
    from linter.cli import output as printing
    from linter.cli.lint import options_of
    from linter.engine.schemas import list_schemas, shipped_schemas

    failures: list[Failure] = []
    if shipped:
        schemas = shipped_schemas()
    else:
        with printing.progress(False) as step:
            schemas, failures = list_schemas(options_of(paths, config, jobs=jobs, select=("suppression",)), step or (lambda text: None))
    printing.write_standard_output(_as_json(schemas) if output_format == "json" else _as_text(schemas))
    from linter.report.terminal import safe

    for failure in failures:
        printing.complain(f"{safe(failure.path)}:{failure.line or 1}: {safe(failure.message)} [{failure.id}]")
    raise typer.Exit(3 if any(failure.kind == "broken" for failure in failures) else 0)


@schema_app.command("import", short_help="Make files of schemas from CustomResourceDefinitions.")
def import_command(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files with CustomResourceDefinitions.", show_default=False)],
    output: Annotated[str, typer.Option("--output", metavar="DIR", help="The folder to write to; its index.json is brought up to date.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Name of the system, such as istio.")],
    origin: Annotated[str, typer.Option("--origin", metavar="TEXT", help="Where the definitions come from: project and path.")],
    version: Annotated[str, typer.Option("--version", metavar="VERSION", help="The release they come from.")],
    licence: Annotated[str, typer.Option("--licence", metavar="SPDX", help="Their licence, such as Apache-2.0.")],
    title: Annotated[
        str, typer.Option("--title", metavar="TEXT", help="The system's name in messages. [default: its name]", show_default=False)
    ] = "",
    channel: Annotated[
        str, typer.Option("--channel", metavar="NAME", help="The channel, if not every cluster has what it adds.", show_default=False)
    ] = "",
) -> None:
    """Make a compressed file of structure and rules from CustomResourceDefinitions, and put it into the index beside it."""
    from linter.cli.output import write_standard_output
    from linter.importing.definitions import import_definitions

    path, kinds = import_definitions(files, output, name, origin, version, licence, title, channel)
    write_standard_output(f"wrote {path} ({kinds} kinds)")


@schema_app.command("import-kubernetes", short_help="Make the table of built-in kinds from kubernetes-validate.")
def import_kubernetes_command(
    package: Annotated[
        str | None,
        typer.Option("--package", metavar="DIR", help="The unpacked package. [default: the installed one]", show_default=False),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", metavar="DIR", help="The folder to write to. [default: schemas/kubernetes]", show_default=False),
    ] = None,
) -> None:
    """Make the table of the schemas of built-in kinds from the PyPI package kubernetes-validate."""
    import os

    from linter import shipped
    from linter.cli.output import write_standard_output
    from linter.errors import UsageError
    from linter.importing.kubernetes import import_kubernetes

    folder = output or shipped.path("schemas", "kubernetes")
    for name, content in import_kubernetes(package or _installed()).items():
        path = os.path.join(folder, name)
        try:
            os.makedirs(folder, exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from None
        write_standard_output(f"wrote {path} ({len(content):,} bytes)")


def _installed() -> str:
    """The folder in which kubernetes-validate is installed; it is looked up, and not run.

    Raises UsageError.
    """
    import importlib.util
    import os

    from linter.errors import UsageError

    found = importlib.util.find_spec("kubernetes_validate")
    if found is None or found.origin is None:
        raise UsageError("kubernetes-validate is not installed: pip install kubernetes-validate, or name its folder with --package")
    return os.path.dirname(os.path.dirname(found.origin))


def _as_json(schemas: list[ListedSchema]) -> str:
    import json

    from linter.cel.rules import is_available

    entries: list[dict[str, Any]] = [
        {
            "apiVersion": schema.api_version, "kind": schema.kind, "origin": schema.origin, "place": schema.place,
            "version": schema.release or None, "licence": schema.licence or None, "channel": schema.channel or None,
            "rules": schema.rules, "notChecked": [{"what": part.what, "why": part.why} for part in schema.not_checked],
            "problem": schema.problem,
        }
        for schema in schemas
    ]  # fmt: skip
    first, last, kinds = _built_in()
    built_in = {"first": first, "last": last, "kinds": kinds}
    return (
        json.dumps({"cel": is_available(), "kubernetes": built_in, "schemas": entries}, indent=2, ensure_ascii=False)
        .encode("utf-8", "replace")
        .decode()
    )


def _as_text(schemas: list[ListedSchema]) -> str:
    from itertools import groupby

    from linter.cel.rules import is_available
    from linter.report.terminal import safe

    lines: list[str] = []
    for heading, group in groupby(schemas, key=_heading):
        lines += ["", safe(heading)] if lines else [safe(heading)]
        for schema in group:
            rules = "" if not schema.rules else "  1 validation rule" if schema.rules == 1 else f"  {schema.rules} validation rules"
            lines.append(f"  {safe(schema.api_version)} {safe(schema.kind)}{rules}")
            lines += [f"    not used: {safe(schema.problem)}"] if schema.problem is not None else []
            if is_available():
                lines += [f"    not checked: {safe(_short(part.what))} ({safe(part.why)})" for part in schema.not_checked]
    first, last, kinds = _built_in()
    lines += ["", f"with gitops-lint: Kubernetes {first} to {last}", f"  {kinds} kinds, each in every version"]
    count = sum(schema.rules for schema in schemas)
    lines += ["", f"{len(schemas)} schemas of custom resources, {count} validation rules"]
    if count and not is_available():
        lines.append("The rules are not evaluated, for CEL is not installed: pip install 'gitops-lint[cel]'")
    return "\n".join(lines)


def _built_in() -> tuple[str, str, int]:
    """The first and last version of Kubernetes whose kinds are known, and how many these are."""
    from linter.kubernetes.schemas.table import load

    table = load()
    kinds = {(entry.api_version, entry.kind) for entry in table.kinds()}
    return f"1.{table.span.first}", f"1.{table.span.last}", len(kinds)


def _heading(schema: ListedSchema) -> str:
    if schema.origin != "shipped":
        return f"{schema.place} (named under crds:)" if schema.origin == "crds" else schema.place
    channel = f", {schema.channel} channel" if schema.channel else ""
    return f"with gitops-lint: {schema.place}, {schema.release}{channel}, {schema.licence}"


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:99]}…"
