"""Measure the linter on generated repositories, and compare it with kube-linter on the same files.

python benchmarks/run.py [--sizes 100,1000,5000] [--charts 0] [--runs 5] [--command "gitops-lint lint"] [--peer]
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks.charts import ENVIRONMENTS
from benchmarks.generate import Generated, generate
from benchmarks.measuring import MeasurementError, Run, measure, observe, resolve

# The mean over many applications.
MANIFESTS_PER_APPLICATION = 8.2


@dataclass(frozen=True, slots=True)
class Tool:
    """A command to compare: how it is called on a directory, how its findings are asked for and counted."""

    name: str
    command: Callable[[str], list[str]]
    counting: Callable[[str], list[str]]
    count: Callable[[bytes], tuple[int, int]]  # output -> resources (0 if it does not say), findings


@dataclass(frozen=True, slots=True)
class Result:
    resources: int
    findings: int
    memory: int
    runs: tuple[Run, ...]

    @property
    def wall(self) -> float:
        return statistics.median(run.wall for run in self.runs)

    @property
    def cpu(self) -> float:
        return statistics.median(run.cpu for run in self.runs)


def ours(command: str) -> Tool:
    """The linter itself. Raises MeasurementError if it cannot be found."""
    words = resolve(command)

    def count(output: bytes) -> tuple[int, int]:
        summary = json.loads(output)["summary"]
        if summary["failures"]:
            raise MeasurementError(
                f"{summary['failures']} files of the generated repository could not be judged; the figures would be wrong"
            )
        return summary["resources"], summary["errors"] + summary["warnings"] + summary["infos"]

    return Tool("gitops-lint", lambda directory: [*words, directory], lambda directory: [*words, "--format", "json", directory], count)


def kube_linter(command: str) -> Tool:
    """kube-linter on plain manifests. Raises MeasurementError if it is not on PATH."""
    words = resolve(command)
    return Tool(
        "kube-linter", lambda directory: [*words, directory], lambda directory: [*words, "--format", "json", directory], _kube_linter_count
    )


def kube_linter_after_helm(command: str) -> Tool:
    """`helm template` piped into kube-linter, once for each chart and environment.

    Raises MeasurementError if one of them is not on PATH.
    """
    helm, words = resolve("helm"), resolve(command)

    def loop(directory: str, *more: str) -> list[str]:
        script = (
            f"for chart in {shlex.quote(directory)}/charts/*/; do for environment in {' '.join(ENVIRONMENTS)}; do "
            f'{shlex.join(helm)} template main "$chart" --namespace "$environment" --values "$chart/values-$environment.yaml" '
            f"| {shlex.join([*words, *more, '-'])}; done; done"
        )
        return ["sh", "-c", script]

    return Tool("helm template, kube-linter", loop, lambda directory: loop(directory, "--format", "json"), _kube_linter_count)


def _kube_linter_count(output: bytes) -> tuple[int, int]:
    """Findings of one or several JSON reports that follow each other."""
    decoder = json.JSONDecoder()
    rest = output.decode().lstrip()
    findings = 0
    while rest:
        report, end = decoder.raw_decode(rest)
        findings += len(report.get("Reports") or ())
        rest = rest[end:].lstrip()
    return 0, findings


def compare(tools: Sequence[Tool], directory: str, runs: int) -> list[Result]:
    """Each tool on one directory: one untimed run that counts and warms up, then timed runs in turn."""
    counted = []
    for tool in tools:
        output, memory = observe(tool.counting(directory))
        counted.append((*tool.count(output), memory))
    timed: list[list[Run]] = [[] for _ in tools]
    for _ in range(runs):
        for tool, own in zip(tools, timed, strict=True):
            own.append(measure(tool.command(directory)))
    return [Result(*counts, tuple(own)) for counts, own in zip(counted, timed, strict=True)]


def speed_row(label: str, made: Generated, result: Result) -> list[str]:
    """One line of the first table."""
    megabytes = made.bytes / 1e6
    return [
        label,
        f"{made.files:,}",
        f"{result.resources:,}",
        f"{megabytes:.2f}",
        f"{megabytes / result.wall:.1f}",
        f"{result.wall:.3f} s",
        f"{min(run.wall for run in result.runs):.3f}-{max(run.wall for run in result.runs):.3f}",
        f"{result.cpu:.3f} s",
        f"{result.memory / 1e6:.0f} MB",
        f"{result.findings:,}",
        f"{len(made.mistakes):,}",
    ]


def peer_row(label: str, tool: Tool, own: Result, peer: Result) -> list[str]:
    """One line of the second table. The ratio is the median over pairs of neighbouring runs: below 1 we are faster."""
    ratio = statistics.median(mine.wall / theirs.wall for mine, theirs in zip(own.runs, peer.runs, strict=True))
    return [
        label,
        tool.name,
        f"{own.wall:.3f} s",
        f"{peer.wall:.3f} s",
        f"{ratio:.2f}",
        f"{own.cpu:.3f} s",
        f"{peer.cpu:.3f} s",
        f"{own.memory / 1e6:.0f} MB",
        f"{peer.memory / 1e6:.0f} MB",
        f"{peer.findings:,}",
    ]


SPEED_HEADER = ("size", "files", "resources", "MB", "MB/s", "wall", "range", "CPU", "peak memory", "findings", "planted")
PEER_HEADER = ("size", "peer", "wall", "peer's wall", "ratio", "CPU", "peer's CPU", "memory", "peer's memory", "peer's findings")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; every column but the first is aligned to the right."""
    lines = [header, ["---", *("---:" for _ in header[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure the linter on generated repositories.")
    parser.add_argument("--sizes", default="100,1000,5000", help="numbers of plain manifests, separated by commas (default: 100,1000,5000)")
    parser.add_argument("--charts", type=int, default=0, metavar="M", help="also measure a repository of M Helm charts (default: none)")
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each; the median counts (default: 5)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the generated repositories (default: 1)")
    parser.add_argument(
        "--command", default="gitops-lint lint", help='what is measured; a directory is appended (default: "gitops-lint lint")'
    )
    parser.add_argument(
        "--peer",
        nargs="?",
        const="kube-linter lint",
        metavar="COMMAND",
        help='compare with a peer on the same files (default: "kube-linter lint")',
    )
    options = parser.parse_args(arguments)
    try:
        sizes = [int(size) for size in options.sizes.split(",") if size]
    except ValueError:
        parser.error("--sizes: write numbers separated by commas, such as 100,1000")
    if options.runs < 1 or any(size < 1 for size in sizes):
        parser.error("--runs and --sizes start at 1")
    try:
        _measure_all(options, sizes)
    except MeasurementError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 2
    return 0


def _measure_all(options: argparse.Namespace, sizes: Sequence[int]) -> None:
    plain = [ours(options.command), *([kube_linter(options.peer)] if options.peer else [])]
    cases = [(f"{size:,} manifests", round(size / MANIFESTS_PER_APPLICATION) or 1, 0, plain) for size in sizes]
    if options.charts:
        charts = [plain[0], *([kube_linter_after_helm(options.peer)] if options.peer else [])]
        cases.append((f"{options.charts:,} charts, {len(ENVIRONMENTS)} environments", 0, options.charts, charts))
    speed, against = [], []
    for label, applications, chart_count, tools in cases:
        with tempfile.TemporaryDirectory(prefix="gitops-lint-") as parent:
            directory = os.path.join(os.path.realpath(parent), "repository")
            made = generate(directory, applications, seed=options.seed, chart_count=chart_count)
            own, *peers = compare(tools, directory, options.runs)
        speed.append(speed_row(label, made, own))
        against += [peer_row(label, tool, own, peer) for tool, peer in zip(tools[1:], peers, strict=True)]
    print(table(SPEED_HEADER, speed))
    if against:
        print(f"\n{table(PEER_HEADER, against)}")


if __name__ == "__main__":
    sys.exit(main())
