"""Where the start-up time of linting one file goes, and whether it imports what it must not.

    python benchmarks/imports.py [FILE] [--runs 15] [--module linter]

Exit code 1 if a forbidden module was imported, 2 if the linter could not be run.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks.generate import generate
from benchmarks.measuring import ROOT, MeasurementError, environment, measure

# A lint of the work tree needs none of these; each costs tens of milliseconds.
FORBIDDEN = frozenset({"git", "rich", "pydantic", "jsonschema", "helm_python", "multiprocessing"})

_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|(\s+)(\S+)")


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module: microseconds in itself, and with everything it imported."""

    module: str
    own: int
    total: int


def parse(report: str) -> list[Import]:
    """The lines of `-X importtime`, in the order the imports ended."""
    return [Import(match[4], int(match[1]), int(match[2])) for match in map(_LINE.match, report.splitlines()) if match]


def forbidden(imports: Sequence[Import]) -> list[str]:
    """The forbidden packages among the imported modules, sorted."""
    return sorted({entry.module.partition(".")[0] for entry in imports} & FORBIDDEN)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Import times of linting one file.")
    parser.add_argument("file", nargs="?", help="the manifest to lint (default: a generated Deployment in a Git repository)")
    parser.add_argument("--module", default="linter", help="the module that is run (default: linter)")
    parser.add_argument("--runs", type=int, default=15, help="timed runs of each process; the median counts (default: 15)")
    options = parser.parse_args(arguments)
    if options.runs < 1:
        parser.error("--runs starts at 1")
    try:
        if options.file:
            return _report(options.module, os.path.abspath(options.file), options.runs)
        with tempfile.TemporaryDirectory(prefix="gitops-lint-") as parent:
            directory = os.path.join(os.path.realpath(parent), "repository")
            generate(directory, 1, mistake_rate=0, git=True)
            return _report(options.module, _a_deployment(directory), options.runs)
    except (MeasurementError, subprocess.CalledProcessError, OSError) as error:
        print(f"imports.py: {error}", file=sys.stderr)
        return 2


def _a_deployment(directory: str) -> str:
    """The first file with a Deployment, whichever way the application was written."""
    for folder, _, names in sorted(os.walk(directory)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.endswith(".yaml"):
                with open(path) as file:
                    if "\nkind: Deployment\n" in file.read():
                        return path
    raise MeasurementError("the generated repository has no Deployment")


def _report(module: str, file: str, runs: int) -> int:
    command = ["-m", module, "lint", file]
    measure([sys.executable, *command])
    traced = subprocess.run(
        [sys.executable, "-X", "importtime", *command],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    imports = parse(traced.stderr)
    if traced.returncode not in (0, 1) or not imports:
        words = [line for line in traced.stderr.splitlines() if not _LINE.match(line) and not line.startswith("import time:")]
        raise MeasurementError(f"linting {file} ended with exit code {traced.returncode}:\n" + "\n".join(words[-20:]))

    bare: list[float] = []
    lint: list[float] = []
    for _ in range(runs):
        bare.append(measure([sys.executable, "-c", "pass"]).wall)
        lint.append(measure([sys.executable, *command]).wall)
    print(f"python that does nothing   {statistics.median(bare) * 1000:7.1f} ms")
    print(f"lint of one file           {statistics.median(lint) * 1000:7.1f} ms")
    print(f"  of which imports         {sum(entry.own for entry in imports) / 1000:7.1f} ms (traced, {len(imports)} modules)")
    print("\nThe twenty largest, in milliseconds:\n\n    own  total  module")
    for entry in sorted(imports, key=lambda entry: entry.own, reverse=True)[:20]:
        print(f"{entry.own / 1000:7.1f} {entry.total / 1000:6.1f}  {entry.module}")
    if found := forbidden(imports):
        print(f"\nimported and must not be: {', '.join(found)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
