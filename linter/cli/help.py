"""The help of a command with many options: in groups, in the order in which they are looked for."""

from __future__ import annotations

import click
from typer.core import TyperCommand

_GROUPS = {
    "Output": ("--format", "--output", "--show-suppressed", "--statistics", "--quiet", "--color"),
    "What counts": ("--fail-on", "--since", "--baseline", "--type", "--environment", "--application", "--strict"),
    "Rules": ("--select", "--ignore", "--extend-select", "--closed-world", "--allow-python-pack"),
    "What is read": ("--rev", "--staged", "--config"),
    "Clusters": ("--target", "--kube-version", "--api-versions"),
    "Charts": ("--values", "--set", "--release", "--namespace", "--chart-timeout", "--chart-memory", "--helm"),
}


class GroupedCommand(TyperCommand):
    """A command whose help shows its options in groups; those of no group come last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the arguments, and a section for each group of options."""
        records: dict[str, tuple[str, str]] = {}
        arguments = []
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                records[parameter.opts[0]] = record
            elif record is not None:
                arguments.append(record)
        sections = {"Arguments": arguments}
        sections |= {title: [records.pop(name) for name in names if name in records] for title, names in _GROUPS.items()}
        for title, entries in {**sections, "Options": [*records.values()]}.items():
            if entries:
                with formatter.section(title):
                    formatter.write_dl(entries)
