"""Measure how many objects the rules judge in a second, on one core, and which rules take the time.

python benchmarks/rules_speed.py [PATH] [--objects 5000] [--select WORD]... [--runs 3] [--slowest 20]

PATH is a folder of a repository, by default a generated one. Reading and rendering do not count. `first` is processor time
from the first object on, with loading the rules and compiling the schemas they need; `again` is that of the same objects once
more, read anew. Both are the medians of runs in processes of their own.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks.generate import generate
from benchmarks.measuring import ROOT, MeasurementError, environment
from benchmarks.run import MANIFESTS_PER_APPLICATION, table

HEADER = ("rules", "number", "resources", "first", "resources/s", "again", "resources/s")


class Speed(NamedTuple):
    """One measurement: processor seconds for all objects, at first and again, and microseconds per object by rule."""

    rules: int
    resources: int
    first: float
    again: float
    by_rule: dict[str, float]


def measure(path: str, select: Sequence[str], *, by_rule: bool) -> Speed:
    """Judge the objects below a path in this process. `select` are the rules, the recommended ones if it is empty."""
    from linter.engine.judging.catalogs import catalog_of
    from linter.engine.judging.choosing import chosen_rules
    from linter.engine.judging.running import Runner
    from linter.engine.options import LintOptions
    from linter.engine.run import read_tree
    from linter.engine.session import Session
    from linter.engine.world import World, configure, open_tree, targets_of

    options = LintOptions(paths=(path,), select=tuple(select))
    gc.disable()
    with Session(1, options=options) as session:
        tree = open_tree(options)
        config, _ = configure(tree, options)
        catalog = catalog_of(session.catalog, tree, config, options)
        choice = chosen_rules(catalog, config, options, targets_of(config, options))

        def judge(world: World) -> float:
            began = time.process_time()
            runner = Runner(choice.rules)
            for state in world.states:
                runner.run_objects(state, state.resources)
                runner.run_state(state)
            return time.process_time() - began

        worlds = [read_tree(tree, options, session, None, config) for _ in range(3 if by_rule else 2)]
        first, again = judge(worlds[0]), judge(worlds[1])
        count = sum(len(state.resources) for state in worlds[0].states)
        times: dict[str, float] = {}
        if by_rule:
            _time_checks(choice.rules, times)
            judge(worlds[2])
        return Speed(len(choice.rules), count, first, again, {rule: seconds / count * 1e6 for rule, seconds in times.items()})


def _time_checks(rules: Iterable[Any], times: dict[str, float]) -> None:
    """Have each check add up the seconds it takes. What rules share counts for the one that comes first."""
    for bound in rules:
        bound._check = _timed(bound.check, bound.rule.id, times)


def _timed(check: Callable[..., Any], rule: str, times: dict[str, float]) -> Callable[..., Any]:
    clock = time.perf_counter
    times[rule] = 0.0

    def timed(node: Any, state: Any, params: dict[str, Any]) -> Any:
        began = clock()
        found = check(node, state, params)
        if found is not None and hasattr(found, "__next__"):
            found = list(found)
        times[rule] += clock() - began
        return found

    return timed


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure how many objects the rules judge in a second, on one core.")
    parser.add_argument("path", nargs="?", help="a folder of a repository (default: a generated one)")
    parser.add_argument("--objects", type=int, default=5000, help="how many objects are generated (default: 5000)")
    parser.add_argument("--select", action="append", help="judge by these rules (default: the recommended ones, and ALL)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each; the median counts (default: 3)")
    parser.add_argument("--slowest", type=int, default=20, help="how many rules are listed (default: 20)")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one is not None:
        print(json.dumps(measure(options.path, json.loads(options.one), by_rule=options.slowest > 0)))
        return 0
    try:
        with tempfile.TemporaryDirectory(prefix="gitops-lint-") as parent:
            path = options.path
            if path is None:
                path = os.path.join(os.path.realpath(parent), "repository")
                generate(path, round(options.objects / MANIFESTS_PER_APPLICATION) or 1)
            _report(os.path.abspath(path), [options.select] if options.select else [[], ["ALL"]], options.runs, options.slowest)
    except MeasurementError as error:
        print(f"rules_speed.py: {error}", file=sys.stderr)
        return 2
    return 0


def _report(path: str, choices: Sequence[Sequence[str]], runs: int, slowest: int) -> None:
    lines = []
    last: Speed | None = None
    for select in choices:
        found = [_in_a_process(path, select, slowest if number == 0 and select is choices[-1] else 0) for number in range(runs)]
        last = found[0]
        first = statistics.median(speed.first for speed in found)
        again = statistics.median(speed.again for speed in found)
        name = ", ".join(select) or "recommended"
        count = last.resources
        lines.append(
            [name, str(last.rules), f"{count:,}", f"{first:.2f} s", f"{count / first:,.0f}", f"{again:.2f} s", f"{count / again:,.0f}"]
        )
        if last.by_rule:
            slow = last.by_rule
    print(table(HEADER, lines))
    if last is not None and slowest:
        print(f"\nThe slowest of {name}, microseconds per resource; of all {sum(slow.values()):.1f}:\n")
        for rule, micros in sorted(slow.items(), key=lambda entry: -entry[1])[:slowest]:
            print(f"{micros:7.2f}  {rule}")


def _in_a_process(path: str, select: Sequence[str], slowest: int) -> Speed:
    command = [sys.executable, os.path.abspath(__file__), path, "--slowest", str(slowest), "--one", json.dumps(list(select))]
    result = subprocess.run(command, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode:
        raise MeasurementError(f"judging {path} failed:\n{result.stderr[-2000:]}")
    return Speed(*json.loads(result.stdout))


if __name__ == "__main__":
    sys.exit(main())
