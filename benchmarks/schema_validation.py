"""Measure what validation costs, and compare it with kubeconform on the same files, in one run.

python benchmarks/schema_validation.py --schemas WHEEL [--objects 5000] [--runs 5] [--kubernetes 1.36] [--mirrors DIR]
                                       [--command "gitops-lint lint"] [--kubeconform kubeconform]

Two sets of files: a generated repository (generate.py), and with --mirrors the objects of the public repositories of
corpus.lock, charts rendered. On each set, in turn: the linter with every recommended rule, the same without the pack
`schema`, the pack `schema` alone, and kubeconform -strict with local schemas, which are made from the wheel of the package
kubernetes-validate. Times are those of whole processes; the median of the runs counts.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
from collections.abc import Sequence

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks import corpus, kubeconform, public_objects
from benchmarks.generate import generate
from benchmarks.measuring import MeasurementError, resolve
from benchmarks.run import MANIFESTS_PER_APPLICATION, Result, Tool, compare, table

HEADER = ("files", "tool", "objects", "wall", "range", "ratio to kubeconform", "CPU", "peak memory", "findings")
# What an Application deploys would be read as well, which kubeconform does not do.
_DEPLOYING = ("argoproj.io/",)


def linter(name: str, words: Sequence[str], more: Sequence[str]) -> Tool:
    """The linter with some options."""

    def count(output: bytes) -> tuple[int, int]:
        summary = json.loads(output)["summary"]
        if summary["failures"]:
            raise MeasurementError(f"{summary['failures']} files could not be judged; the figures would be wrong")
        return summary["resources"], summary["errors"] + summary["warnings"] + summary["infos"]

    return Tool(name, lambda directory: [*words, *more, directory], lambda directory: [*words, *more, "--format", "json", directory], count)


def peer(words: list[str], schemas: str, version: str) -> Tool:
    """kubeconform on local schemas; the objects it counts are those that it has a schema for."""
    call = kubeconform.command(words, schemas, version)

    def count(output: bytes) -> tuple[int, int]:
        summary = json.loads(output)["summary"]
        return summary["valid"] + summary["invalid"] + summary["errors"], summary["invalid"] + summary["errors"]

    return Tool(
        "kubeconform -strict",
        lambda directory: [*call, directory],
        lambda directory: [*call, "-output", "json", "-summary", directory],
        count,
    )


def write_public(objects: Sequence[public_objects.PublicObject], folder: str) -> int:
    """Write objects as a repository has them: a folder for each place they come from. Returns how many."""
    count = 0
    for thing in objects:
        if thing.value["apiVersion"].startswith(_DEPLOYING):
            continue
        place = os.path.join(folder, re.sub(r"[^\w.-]+", "-", os.path.dirname(thing.origin)))
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, f"{count:05}.yaml"), "w", encoding="utf-8", newline="") as file:
            file.write(thing.text)
        count += 1
    return count


def rows(label: str, tools: Sequence[Tool], results: Sequence[Result]) -> list[list[str]]:
    """The lines of one set of files. A ratio is the median over pairs of neighbouring runs: below 1 we are faster."""
    other = results[-1]
    return [
        [
            label,
            tool.name,
            f"{result.resources:,}",
            f"{result.wall:.2f} s",
            f"{min(run.wall for run in result.runs):.2f}-{max(run.wall for run in result.runs):.2f}",
            f"{statistics.median(mine.wall / theirs.wall for mine, theirs in zip(result.runs, other.runs, strict=True)):.2f}",
            f"{result.cpu:.2f} s",
            f"{result.memory / 1e6:.0f} MB",
            f"{result.findings:,}",
        ]
        for tool, result in zip(tools, results, strict=True)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure what validation costs, beside kubeconform.")
    parser.add_argument("--schemas", required=True, metavar="WHEEL", help="the wheel of the package kubernetes-validate")
    parser.add_argument("--objects", type=int, default=5000, help="how many objects are generated (default: 5000)")
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each; the median counts (default: 5)")
    parser.add_argument("--kubernetes", default="1.36", metavar="VERSION", help="the version to validate against (default: 1.36)")
    parser.add_argument("--mirrors", metavar="DIR", help="also measure public repositories; the folder of their mirrors, see corpus.py")
    parser.add_argument("--lock", default=corpus.LOCK, metavar="FILE", help="the repositories and commits to use (default: corpus.lock)")
    parser.add_argument("--only", default="", metavar="OWNER/NAME,...", help="use these repositories of the lock only")
    parser.add_argument("--command", default="gitops-lint lint", help='the linter (default: "gitops-lint lint")')
    parser.add_argument("--kubeconform", default="kubeconform", metavar="COMMAND", help="kubeconform (default: the one on PATH)")
    options = parser.parse_args(arguments)
    try:
        print(table(HEADER, _measure(options)))
    except (MeasurementError, corpus.CorpusError) as error:
        print(f"schema_validation.py: {error}", file=sys.stderr)
        return 2
    return 0


def _measure(options: argparse.Namespace) -> list[list[str]]:
    found: list[list[str]] = []
    with tempfile.TemporaryDirectory(prefix="gitops-lint-") as parent:
        parent = os.path.realpath(parent)
        schemas = os.path.join(parent, "schemas")
        kubeconform.write_schemas(options.schemas, options.kubernetes, schemas)
        words = [*resolve(options.command), "--target", f"kubernetes={options.kubernetes}"]
        tools = [
            linter("gitops-lint, all recommended rules", words, ()),
            linter("gitops-lint without schema", words, ("--ignore", "schema")),
            linter("gitops-lint, schema alone", words, ("--select", "schema")),
            peer(resolve(options.kubeconform), schemas, options.kubernetes),
        ]
        generated = os.path.join(parent, "generated")
        generate(generated, round(options.objects / MANIFESTS_PER_APPLICATION) or 1)
        sets = [("generated", generated)]
        if options.mirrors:
            public = os.path.join(parent, "public")
            write_public(public_objects.chosen(options, parent, rendered=True), public)
            sets.append(("public", public))
        for label, directory in sets:
            found += rows(label, tools, compare(tools, directory, options.runs))
    return found


if __name__ == "__main__":
    sys.exit(main())
