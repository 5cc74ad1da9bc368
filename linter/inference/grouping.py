"""Writing what is said of many charts with few globs, without saying anything else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from linter.globs import match_exactly
from linter.inference.apart import glob_of
from linter.inference.findings import ChartEntry

_FEWEST = 2


def group_by_globs(entries: Mapping[str, ChartEntry], charts: Sequence[str]) -> dict[str, ChartEntry]:
    """The entries of an environment by globs over charts, in an order in which they mean the same; `charts` are all
    charts that a glob could match. The configuration prefers a chart's own path, then the first glob that matches."""
    chosen: dict[str, ChartEntry] = {}
    left = dict(entries)
    for pattern in _patterns(entries):
        matched = [chart for chart in charts if match_exactly(pattern, chart)]
        if len(matched) < _FEWEST or any(chart not in entries for chart in matched):
            continue
        most, count = (
            Counter(left[chart] for chart in matched if chart in left).most_common(1)[0] if left.keys() & set(matched) else (None, 0)
        )
        if most is None or count < _FEWEST or (count <= len(matched) // 2):
            continue
        chosen[pattern] = most
        left = {chart: entry for chart, entry in left.items() if not (chart in matched and entry == most)}
    written = {**chosen, **{_own_glob(chart, charts): entry for chart, entry in left.items()}}
    same = all(_first(written, chart) == entries.get(chart) for chart in charts)
    return written if same else {_own_glob(chart, charts): entry for chart, entry in entries.items()}


def _patterns(charts: Mapping[str, ChartEntry]) -> Iterator[str]:
    """Globs that may name several of these charts: one segment of a path replaced, then two; those that replace the last
    segment first, as people write them."""
    found: Counter[tuple[int, bool, str]] = Counter()
    for chart in charts:
        segments = [glob_of(segment) for segment in chart.split("/")]
        for place in range(len(segments)):
            starred = [*segments[:place], "*", *segments[place + 1 :]]
            if len(segments) > 1:
                found[1, place != len(segments) - 1, "/".join(starred)] += 1
            if place + 1 < len(segments) and len(segments) > 2:
                starred[place + 1] = "*"
                found[2, place + 1 != len(segments) - 1, "/".join(starred)] += 1
    for (_, _, pattern), count in sorted(found.items()):
        if count >= _FEWEST:
            yield pattern


def _own_glob(chart: str, charts: Sequence[str]) -> str:
    """The glob that names one chart only. `.` would name every chart, `[.]` names that of the root alone."""
    if chart == ".":
        return "." if len(charts) == 1 else "[.]"
    return glob_of(chart)


def _first(written: Mapping[str, ChartEntry], chart: str) -> ChartEntry | None:
    """What the configuration makes of this for a chart."""
    matching = [(glob, entry) for glob, entry in written.items() if match_exactly(glob, chart)]
    return next((entry for glob, entry in matching if glob == chart), matching[0][1] if matching else None)
