"""Measure what reading from Git costs: the work tree, a revision, the index, and the comparison with an earlier revision.

python benchmarks/revisions.py [--size 5000] [--runs 7] [--command "gitops-lint lint"]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks.generate import generate
from benchmarks.measuring import MeasurementError, measure, observe, resolve
from benchmarks.run import MANIFESTS_PER_APPLICATION, table

MODES: tuple[tuple[str, ...], ...] = ((), ("--rev", "HEAD"), ("--staged",), ("--since", "HEAD~1"), ("--staged", "--since", "HEAD"))


def git(directory: str, *arguments: str) -> str:
    identity = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@example.com")
    return subprocess.run(["git", *identity, *arguments], cwd=directory, capture_output=True, text=True, check=True).stdout


def prepare(directory: str, size: int) -> None:
    """A repository with two commits, the second of which changes one file, all packed; one more change is staged."""
    generate(directory, round(size / MANIFESTS_PER_APPLICATION) or 1, git=True)
    first, second = [path for path in git(directory, "ls-files").splitlines() if path.endswith("deployment.yaml")][:2]
    for path, commit in ((first, True), (second, False)):
        with open(os.path.join(directory, path), "a", encoding="utf-8") as file:
            file.write("# changed\n")
        git(directory, "add", path)
        if commit:
            git(directory, "commit", "-q", "-m", "change one file")
    git(directory, "gc", "-q")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure what reading from Git costs.")
    parser.add_argument("--size", type=int, default=5000, help="number of plain manifests (default: 5000)")
    parser.add_argument("--runs", type=int, default=7, help="timed runs of each; the median counts (default: 7)")
    parser.add_argument("--command", default="gitops-lint lint", help='what is measured (default: "gitops-lint lint")')
    options = parser.parse_args(arguments)
    try:
        words = resolve(options.command)
        with tempfile.TemporaryDirectory(prefix="gitops-lint-") as parent:
            directory = os.path.join(os.path.realpath(parent), "repository")
            prepare(directory, options.size)
            memory = {mode: observe([*words, *mode, "--format", "json", directory])[1] for mode in MODES}
            timed: dict[tuple[str, ...], list[float]] = {mode: [] for mode in MODES}
            for _ in range(options.runs):
                for mode in MODES:
                    timed[mode].append(measure([*words, *mode, directory]).wall)
    except MeasurementError as error:
        print(f"revisions.py: {error}", file=sys.stderr)
        return 2
    rows = [
        [
            f"`{' '.join(('lint', *mode))}`",
            f"{statistics.median(walls):.2f} s",
            f"{min(walls):.2f}-{max(walls):.2f}",
            f"{memory[mode] / 1e6:.0f} MB",
        ]
        for mode, walls in timed.items()
    ]
    print(table(("command", "wall", "range", "peak memory"), rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
