"""Measure the map from rendered lines to template lines: what it costs, and how much it knows.

python benchmarks/line_map.py --mirrors DIR [--runs 3] [--jobs 2] [--differences]

Renders the charts of corpus.lock with their default values, once as they are and once with markers, and prints the share of
rendered lines by level: text (the line begins with text of that template line), helper (with text of a `define`; the line
that includes it is known as well), call-site (an action of that line printed it), none. The content of a rendering is always
that of the plain one; files whose marked rendering does not read the same are counted, and with --differences listed.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks import corpus
from benchmarks.measuring import family
from linter.discovery.charts import find_charts
from linter.errors import InputError
from linter.provenance.helm_lines import Marked, TemplateLine, line_map, mark
from linter.rendering.helm.charts import Chart, load_chart
from linter.rendering.helm.renderer import ChartRequest, HelmRenderer, RenderedChart
from linter.repository import WorkTree

LEVELS = ("text", "helper", "call-site", "none")


@dataclass(slots=True)
class Tally:
    """What was counted over all charts."""

    charts: int = 0
    files: int = 0
    lines: Counter[str] = field(default_factory=Counter)
    literal: int = 0
    wrong: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    without_map: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def charts_of(folder: str, repository: str) -> Iterator[tuple[str, Chart]]:
    """The charts of a repository that can be loaded, with names to show."""
    tree = WorkTree(folder)
    files = tree.files()
    links = {**tree.links, **tree.directory_links}
    for path in find_charts(tree, files):
        try:
            yield f"{repository}/{path}", load_chart(path, files, tree.read, links)
        except InputError:
            continue


def clock() -> float:
    """Seconds of processor time of this process and those it started, as far as they still run; elsewhere than on Linux
    seconds of wall time."""
    try:
        ticks = 0
        for member in family(os.getpid()):
            with open(f"/proc/{member}/stat") as file:
                ticks += sum(map(int, file.read().rpartition(")")[2].split()[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")
    except OSError:
        return time.perf_counter()


def render(renderer: HelmRenderer, requests: Sequence[ChartRequest]) -> tuple[list[RenderedChart], float]:
    """Render charts, and measure the processor time."""
    began = clock()
    found = list(renderer.render(requests))
    return found, clock() - began


def count(
    tally: Tally, name: str, plain: RenderedChart, marked: RenderedChart, marks: Marked, maps: dict[str, list[TemplateLine | None] | None]
) -> None:
    """Add one chart to what was counted."""
    texts = {file.key: file.text for file in marked.files}
    templates = {path: text.split("\n") for path, text in plain.request.chart.templates().items()}
    tally.charts += 1
    if not texts:
        tally.failed.append(f"{name}: {'; '.join(failure.message for failure in marked.failures)[:300]}")
    for file in plain.files:
        if not file.rendered:
            continue
        tally.files += 1
        lines = file.text.split("\n")
        origins = maps[file.key]
        if origins is None:
            tally.without_map.append(f"{name} {file.path}")
            tally.lines["none"] += sum(1 for line in lines if line.strip())
            continue
        stripped = [marks.table.strip(line) for line in texts.get(file.key, "").split("\n")]
        for number, (line, origin) in enumerate(zip(lines, origins, strict=True)):
            if not line.strip():
                continue
            tally.lines[origin.level if origin is not None else "none"] += 1
            if origin is not None and origin.literal:
                tally.literal += 1
                if templates[origin.path][origin.line - 1].strip() != line.strip():
                    tally.wrong.append(f"{name} {origin.path}:{origin.line}: {line.strip()[:80]}")
            if len(stripped) == len(lines) and stripped[number] != line:
                tally.differing.append(f"{name} {file.path} line {number + 1}: {line.strip()[:70]} | {stripped[number].strip()[:70]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpus.add_arguments(parser)
    parser.add_argument("--runs", type=int, default=3, help="how often everything is rendered; the fastest counts (default: 3)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one for each processor)")
    parser.add_argument("--differences", action="store_true", help="list lines that are different with markers, and files without a map")
    arguments = parser.parse_args()
    # As the command does.
    gc.disable()
    tally = Tally()
    with tempfile.TemporaryDirectory() as directory, HelmRenderer(arguments.jobs) as renderer:
        try:
            folders = corpus.export_chosen(arguments, os.path.join(directory, "corpus"))
        except corpus.CorpusError as error:
            print(error, file=sys.stderr)
            return 2
        found = [entry for repository, folder in folders.items() for entry in charts_of(folder, repository)]
        requests = [ChartRequest(chart, include_crds=False) for _, chart in found if not chart.is_library]
        names = [name for name, chart in found if not chart.is_library]
        plain, _ = render(renderer, requests)
        kept = [number for number, chart in enumerate(plain) if any(file.rendered for file in chart.files)]
        names, requests = [names[number] for number in kept], [requests[number] for number in kept]
        times: list[tuple[float, float, float, float]] = []
        for _ in range(arguments.runs):
            plain, plain_time = render(renderer, requests)
            began = clock()
            marks = [mark(request.chart.templates()) for request in requests]
            marking = clock() - began
            marked, marked_time = render(
                renderer, [replace(request, overrides=entry.templates) for request, entry in zip(requests, marks, strict=True)]
            )
            began = clock()
            maps = [_maps(*entry) for entry in zip(plain, marked, marks, strict=True)]
            times.append((plain_time, marking, marked_time, clock() - began))
        for entry in zip(names, plain, marked, marks, maps, strict=True):
            count(tally, *entry)
    tell(tally, [min(column) for column in zip(*times, strict=True)], arguments.differences)
    return 0


def _maps(plain: RenderedChart, marked: RenderedChart, marks: Marked) -> dict[str, list[TemplateLine | None] | None]:
    texts = {file.key: file.text for file in marked.files}
    return {file.key: line_map(file.text, texts.get(file.key, ""), marks.table) for file in plain.files if file.rendered}


def tell(tally: Tally, times: Sequence[float], differences: bool) -> None:
    """Print what was measured."""
    lines = sum(tally.lines.values())
    print(f"{tally.charts} charts, {tally.files} files, {lines} lines that are not blank\n")
    print("| level | lines | share |\n|---|--:|--:|")
    for level in LEVELS:
        print(f"| {level} | {tally.lines[level]} | {tally.lines[level] / max(lines, 1):.2%} |")
    print(f"\nlines that are a template line as it stands: {tally.literal}, of which read differently there: {len(tally.wrong)}")
    print(f"lines that differ with markers: {len(tally.differing)}")
    print(f"files without a map: {len(tally.without_map)}; charts that cannot be rendered with markers: {len(tally.failed)}")
    plain, marking, marked, mapping = times
    print(f"\nplain {plain:.2f} s; marking {marking:.2f} s, rendering with markers {marked:.2f} s, mapping {mapping:.2f} s")
    print(f"the map takes {(marking + marked + mapping) / plain:.2f} times the processor time of plain rendering")
    for line in (*tally.wrong, *tally.failed, *((*tally.differing, *tally.without_map) if differences else ())):
        print(f"  {line}")


if __name__ == "__main__":
    sys.exit(main())
