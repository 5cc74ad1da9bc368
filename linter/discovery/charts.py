"""Helm charts: directories with a Chart.yaml, and the files that belong to them.

Source: the documentation of Helm, "The Chart File Structure" and "Chart Dependencies".
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from linter.errors import InputError
from linter.manifest.decoder import decode_bytes
from linter.model import items, mapping, text
from linter.repository import Tree, parents

_CHART_FILE = "Chart.yaml"
# What a chart is made of. A directory in one of these folders is part of the chart, also when it has a Chart.yaml.
_FOLDERS = frozenset({"templates", "charts", "crds", "files", "ci"})
_ROOT_FILES = re.compile(r"values.*\.(?:ya?ml|json)|Chart\..*|\.helmignore")
_ENVIRONMENT_VALUES = re.compile(r"values[-_.](.+)\.ya?ml")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that is not vendored inside another one.

    `path` is its directory ("." for the repository root). A `library` chart has no manifests of its own.
    `dependencies` are the charts of this repository that it is rendered with.
    """

    path: str
    library: bool = False
    dependencies: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Whether a file below its directory belongs to it. A chart that is the whole repository holds only what a chart
        is made of, so that manifests beside it are still seen."""
        if self.path != ".":
            return True
        folder, _, rest = path.partition("/")
        return folder in _FOLDERS if rest else _ROOT_FILES.fullmatch(folder) is not None


class Charts(Mapping[str, Chart]):
    """The charts of a repository by path."""

    def __init__(self, charts: Iterable[Chart]) -> None:
        self._charts = {chart.path: chart for chart in charts}
        self._nearest: dict[str, Chart | None] = {}

    def __getitem__(self, path: str) -> Chart:
        return self._charts[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._charts)

    def __len__(self) -> int:
        return len(self._charts)

    def around(self, path: str) -> Chart | None:
        """The chart a file belongs to: the innermost one around it."""
        directory = os.path.dirname(path) or "."
        if directory not in self._nearest:
            self._nearest[directory] = next((self._charts[parent] for parent in parents(path) if parent in self._charts), None)
        chart = self._nearest[directory]
        return chart if chart is not None and chart.holds(path) else None

    def has_in_its_folders(self, path: str) -> bool:
        """Whether a file is in one of the folders that a chart is made of."""
        chart = self.around(path)
        return chart is not None and os.path.relpath(path, chart.path).partition("/")[0] in _FOLDERS

    def rendered_with(self, path: str) -> list[Chart]:
        """A chart and every chart that depends on it, directly or not."""
        found = {path: self._charts[path]}
        while True:
            more = {
                chart.path: chart
                for chart in self._charts.values()
                if chart.path not in found and not found.keys().isdisjoint(chart.dependencies)
            }
            if not more:
                return list(found.values())
            found |= more


def find_charts(tree: Tree, files: Iterable[str]) -> Charts:
    """The charts among the given files of a tree."""
    directories = {os.path.dirname(path) or "." for path in files if os.path.basename(path) == _CHART_FILE}
    own = sorted(directory for directory in directories if not _is_part_of_another(directory, directories))
    return Charts(_read(tree, directory, own) for directory in own)


def environment_of(name: str) -> str | None:
    """The environment whose values a file in a chart's directory seems to be, by its name; None if it is no such file."""
    match = _ENVIRONMENT_VALUES.fullmatch(name)
    return match[1] if match is not None else None


def _is_part_of_another(directory: str, directories: set[str]) -> bool:
    below = os.path.basename(directory)
    for parent in parents(directory):
        if parent in directories and below in _FOLDERS:
            return True
        below = os.path.basename(parent)
    return False


def _read(tree: Tree, directory: str, charts: list[str]) -> Chart:
    """A chart with what its Chart.yaml says; what is wrong with that file is for its rendering to report."""
    path = os.path.normpath(os.path.join(directory, _CHART_FILE))
    try:
        _, documents = decode_bytes(tree.read(path))
    except InputError:
        return Chart(directory)
    body = mapping(documents[0].value) if documents else {}
    repositories = (text(mapping(dependency).get("repository")) for dependency in items(body.get("dependencies")))
    prefix = "" if directory == "." else f"{directory}/"
    needed = [
        os.path.normpath(os.path.join(directory, name.removeprefix("file://"))) for name in repositories if name.startswith("file://")
    ]
    holds = Chart(directory).holds
    needed += [target for link, target in tree.directory_links.items() if link.startswith(prefix) and holds(f"{link}/link")]
    found = {chart for chart in charts for target in needed if chart != directory and (target == chart or target.startswith(f"{chart}/"))}
    return Chart(directory, body.get("type") == "library", tuple(sorted(found)))
