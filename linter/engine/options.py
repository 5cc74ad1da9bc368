"""What one run was asked to do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from linter.errors import UsageError
from linter.model.resources import SourceType

HelmBackend = Literal["auto", "sdk", "helm"]
FailOn = Literal["error", "warning", "info", "never"]


@dataclass(frozen=True, slots=True)
class LintOptions:
    """The command line, as values. Paths are the user's, relative to the current directory or absolute.

    `targets` maps a system to a version and wins over the configuration. `values`, `set_values`, `release` and
    `namespace` are for a run on one chart. `environment` limits the report to one declared environment, `application` to what
    the Argo CD Applications of that name deploy.
    `revision` reads the tree of a Git revision instead of the work tree, `staged` that of the index. `since` is a revision:
    only findings that its merge base with what is read does not have are reported. `baseline` is a file of accepted
    findings. `source_types` limits the report to sources of these types. Packs below the folders `python_packs` may hold
    rules in Python. A chart may take `chart_timeout` seconds and `chart_memory` bytes to render. `helm` is what renders charts: the Helm
    SDK, the program on PATH, or whichever there is. `today` decides which suppressions have expired.
    """

    paths: tuple[str, ...] = (".",)
    config_file: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    fail_on: FailOn = "warning"
    targets: dict[str, str] = field(default_factory=dict)
    api_versions: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    set_values: tuple[str, ...] = ()
    release: str | None = None
    namespace: str | None = None
    environment: str | None = None
    application: str | None = None
    closed_world: bool = False
    strict: bool = False
    revision: str | None = None
    staged: bool = False
    since: str | None = None
    baseline: str | None = None
    source_types: tuple[SourceType, ...] = ()
    python_packs: tuple[str, ...] = ()
    jobs: int = 0
    chart_timeout: float = 60.0
    chart_memory: int = 2 << 30
    helm: HelmBackend = "auto"
    standard_input: bytes | None = None
    today: date | None = None

    @property
    def whole(self) -> bool:
        """Whether the run is about everything that the repository declares, as it declares it."""
        narrowed = self.environment or self.application or self.values or self.set_values or self.release or self.namespace
        return not narrowed and self.standard_input is None

    def __post_init__(self) -> None:
        if self.revision is not None and self.staged:
            raise UsageError("--rev and --staged name two different trees: give one of them")
        if self.standard_input is not None and (self.revision or self.staged or self.since):
            raise UsageError("standard input is no Git revision: leave out --rev, --staged and --since")
        if not self.chart_timeout > 0:  # also what is no number
            raise UsageError(f"--chart-timeout {self.chart_timeout}: give seconds above 0")
        if self.chart_memory > 1 << 40:
            raise UsageError(f"--chart-memory {self.chart_memory >> 20}: give at most {1 << 20} MiB")
        if self.chart_memory < 1 << 30:
            raise UsageError(f"--chart-memory {self.chart_memory >> 20}: Helm's engine does not start with less than 1024 MiB")


def parse_targets(entries: list[str]) -> dict[str, str]:
    """`SYSTEM=VERSION` entries of the command line.

    Raises UsageError for an unknown system or something that is no version.
    """
    from linter.version import NEWEST_TARGETS

    targets = {}
    for entry in entries:
        system, equals, version = entry.partition("=")
        if system not in NEWEST_TARGETS:
            raise UsageError(f"--target {entry}: `{system}` is not one of {', '.join(NEWEST_TARGETS)}")
        version = version.removeprefix("v")
        if not equals or not re.fullmatch(r"[0-9]{1,9}\.[0-9]{1,9}(\.[0-9]{1,9})?", version):
            raise UsageError(f"--target {entry}: write it as {system}=1.34")
        targets[system] = version
    return targets
