"""Helm charts as files in memory: read from the repository, with the subcharts that stand in it."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from linter.errors import InputError
from linter.model import ChartFacts, Failure
from linter.rendering.helm.archives import Budget, read_archive
from linter.rendering.helm.ignore_rules import IgnoreRules
from linter.rendering.helm.metadata import Metadata, invalid, lock_of, read_metadata
from linter.rendering.helm.values import ValueLayer, decode_values

Read = Callable[[str], bytes]

_MAX_NESTING = 16
_CRD_SUFFIXES = (".yaml", ".yml", ".json")
_BOM = b"\xef\xbb\xbf"


class Chart:
    """A chart and the subcharts found for it.

    `path` is its directory relative to the repository root ("." for the root itself, `charts/x-1.0.tgz!x` in archives).
    `files` are its own files, relative to that directory and without charts/; unless `reads_files` says that a template
    may read them, those that are of no other use are left out. `subcharts` are all charts in charts/, and the `file://`
    dependencies, whose names are `local`. `unresolved` explains, by the name of a dependency, why its `file://` directory
    could not be used.
    """

    __slots__ = (
        "_origins", "files", "local", "lock", "metadata", "path", "reads_files", "subcharts", "unresolved", "values", "values_layer"
    )  # fmt: skip

    def __init__(
        self, path: str, metadata: Metadata, files: dict[str, bytes], origins: Mapping[str, str], reads_files: bool = True
    ) -> None:
        self.path = path
        self.metadata = metadata
        self.files = files
        self._origins = origins
        self.reads_files = reads_files
        self.subcharts: list[Chart] = []
        self.local: set[str] = set()
        self.unresolved: dict[str, Failure] = {}
        self.lock: dict[str, Any] | None = None
        self.values_layer = ValueLayer({})
        self.values: Mapping[str, Any] = {}

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def version(self) -> str:
        return self.metadata.version

    @property
    def is_library(self) -> bool:
        """Whether the chart only defines templates for others: Helm renders nothing of it."""
        return self.metadata.type == "library"

    def origin(self, file: str) -> str:
        """The path, relative to the repository root, of one of `files`."""
        return self._origins.get(file) or join_path(self.path, file)

    def tree(self) -> Iterable[Chart]:
        """This chart and all charts below it."""
        yield self
        for subchart in self.subcharts:
            yield from subchart.tree()

    def templates(self) -> dict[str, str]:
        """The text of every template of this chart and its subcharts, by its path in the repository."""
        return {
            chart.origin(file): data.removeprefix(_BOM).decode("utf-8", "replace")
            for chart in self.tree()
            for file, data in chart.files.items()
            if file.startswith("templates/")
        }

    def crds(self) -> list[str]:
        """Those of `files` that Helm takes for CustomResourceDefinitions."""
        return sorted(file for file in self.files if file.startswith("crds/") and file.lower().endswith(_CRD_SUFFIXES))

    def facts(self) -> ChartFacts:
        """The chart as rules see it."""
        vendored = {chart.name: chart.version for chart in self.subcharts if chart.name not in self.local}
        return ChartFacts(self.path, self.metadata.raw, dict(self.values), self.lock, vendored)


def load_chart(path: str, files: Iterable[str], read: Read, links: Mapping[str, str] | None = None) -> Chart:
    """The chart in the directory `path` ("." for the repository root), or in the packaged chart (.tgz) at `path`.

    `files` are all files of the repository, relative to its root; a sequence must be sorted. `read` gives the content of
    one or raises InputError. `links` maps symbolic links to the real paths of the files and directories behind them,
    where the files of a linked directory are listed under their real path only.

    Raises InputError for a chart that Helm would refuse to load: `helm-chart-invalid`, `helm-archive-invalid`,
    `helm-chart-too-large`, `helm-values-invalid`, and what `read` and the YAML decoder raise.
    """
    listing = files if isinstance(files, Sequence) else sorted(files)
    loader = _Loader(listing, read, links or {})
    return loader.from_package(path) if path.endswith(".tgz") and loader.is_file(path) else loader.from_directory(path, ())


class _Loader:
    def __init__(self, listing: Sequence[str], read: Read, links: Mapping[str, str]) -> None:
        self._listing = listing
        self._read = read
        self._links = links
        self._budget = Budget()
        self._local: dict[str, Chart] = {}

    def from_package(self, path: str) -> Chart:
        """The chart in a package. Helm knows no .helmignore there: packaging has left those files out."""
        origin = self._links.get(path, path)
        return self._packaged(origin, self._fetch(origin), (), -1)

    def is_file(self, path: str) -> bool:
        return self._listed(self._links.get(path, path))

    def from_directory(self, path: str, above: tuple[str, ...]) -> Chart:
        """The chart in a directory; `above` are the directories whose `file://` dependencies led here."""
        origins = self._files_below(path)
        rules = IgnoreRules()
        if ".helmignore" in origins:
            try:
                rules = IgnoreRules(self._read(origins[".helmignore"]).decode("utf-8", "replace"))
            except ValueError as error:
                line, _, message = str(error).partition(": ")
                raise invalid(origins[".helmignore"], int(line), message, "write a pattern that Helm accepts") from None
        kept = {file: origins[file] for file in rules.keep(origins)}
        return self._build(path, kept, self._fetch, (*above, path))

    def _files_below(self, path: str) -> dict[str, str]:
        """The files of a directory, relative to it, and where they stand in the repository."""
        prefix = "" if path == "." else path + "/"
        found = {file: self._links.get(origin, origin) for file, origin in self._listed_below(prefix)}
        for link, target in self._links.items():
            inside = link.startswith(prefix) and link[len(prefix) :] not in found
            if inside and not prefix.startswith(target + "/"):
                found |= {f"{link[len(prefix) :]}/{file}": origin for file, origin in self._listed_below(target + "/")}
        return found

    def _listed_below(self, prefix: str) -> Iterator[tuple[str, str]]:
        for at in range(bisect_left(self._listing, prefix), len(self._listing)):
            file = self._listing[at]
            if not file.startswith(prefix):
                return
            yield file[len(prefix) :], file

    def _fetch(self, path: str) -> bytes:
        data = self._read(path)
        self._budget.spend(len(data), path)
        return data

    def _build(self, path: str, origins: Mapping[str, str], fetch: Read, above: tuple[str, ...], depth: int = 0) -> Chart:
        """The chart made of files given by their path in the chart and where `fetch` finds them."""
        if "Chart.yaml" not in origins:
            raise invalid(join_path(path, "Chart.yaml"), None, "the chart has no Chart.yaml", "add one with apiVersion, name and version")
        if depth > _MAX_NESTING:
            raise invalid(path, None, f"charts are nested more than {_MAX_NESTING} levels deep", "remove a level of charts/")
        own = {file: origin for file, origin in origins.items() if not file.startswith("charts/")}
        contents = {file: fetch(origin) for file, origin in own.items() if _always_needed(file)}
        reads_files = any(_reads_files(data) for data in contents.values())
        if reads_files:
            contents |= {file: fetch(origin) for file, origin in own.items() if file not in contents}
        metadata = read_metadata(
            contents["Chart.yaml"], origins["Chart.yaml"], contents.get("requirements.yaml"), origins.get("requirements.yaml", "")
        )
        chart = Chart(path, metadata, contents, origins, reads_files)
        if "values.yaml" in contents:
            chart.values_layer = decode_values(contents["values.yaml"], origins["values.yaml"])
            chart.values = chart.values_layer.values
        for name in ("Chart.lock", "requirements.lock"):
            if name in contents and chart.lock is None:
                chart.lock = lock_of(contents[name], origins[name])
        chart.subcharts = self._vendored(path, origins, fetch, above, depth)
        self._add_local(chart, above)
        return chart

    def _vendored(self, path: str, origins: Mapping[str, str], fetch: Read, above: tuple[str, ...], depth: int) -> list[Chart]:
        """The charts in charts/: directories and packages. Names that begin with `_` or `.` are none, as for Helm."""
        groups: dict[str, dict[str, str]] = {}
        for file, origin in origins.items():
            if file.startswith("charts/") and not file.endswith(".prov"):
                name, _, rest = file.removeprefix("charts/").partition("/")
                if not name.startswith(("_", ".")):
                    groups.setdefault(name, {})[rest] = origin
        found: list[Chart] = []
        for name, group in sorted(groups.items()):
            place = join_path(path, f"charts/{name}")
            if name.endswith(".tgz") and "" in group:
                found.append(self._packaged(group[""], fetch(group[""]), above, depth))
            elif "Chart.yaml" not in group:
                message = f"`{name}` is not a chart: it has no Chart.yaml, and Helm refuses anything else in charts/"
                raise invalid(group.get("", place), None, message, "remove it, or name it in the .helmignore of the chart")
            else:
                inside = {file: origin for file, origin in group.items() if file}
                found.append(self._build(_directory_of(inside, place), inside, fetch, above, depth + 1))
        return found

    def _packaged(self, path: str, data: bytes, above: tuple[str, ...], depth: int) -> Chart:
        top, members = read_archive(data, path, self._budget)
        place = f"{path}!{top}"
        origins = {file: f"{place}/{file}" for file in members}
        return self._build(place, origins, lambda origin: members[origin[len(place) + 1 :]], above, depth + 1)

    def _add_local(self, chart: Chart, above: tuple[str, ...]) -> None:
        """Vendor the `file://` dependencies that charts/ does not hold. What stands in charts/ wins, as for Helm."""
        for dependency in chart.metadata.dependencies:
            local = dependency.local
            if local is None or any(subchart.name == dependency.name for subchart in chart.subcharts):
                continue
            try:
                found = self._local_chart(chart.path, local, above)
                if found.name != dependency.name:
                    raise _missing(f"{dependency.repository} holds the chart `{found.name}`, not `{dependency.name}`", "correct the name")
                chart.subcharts.append(found)
                chart.local.add(found.name)
            except InputError as error:
                failure = error.failure
                if not failure.path:
                    failure = Failure(
                        failure.id, failure.kind, failure.stage, dependency.path, dependency.line, failure.message, failure.fix
                    )
                chart.unresolved[dependency.name] = failure

    def _local_chart(self, base: str, written: str, above: tuple[str, ...]) -> Chart:
        target = posixpath.normpath(posixpath.join(base, written))
        if written.startswith("/") or target == ".." or target.startswith("../") or "!" in base:
            raise _missing(f"file://{written} is outside of the repository", "put the chart into the repository, or vendor it in charts/")
        target = self._links.get(target, target)
        if target in above:
            circle = " -> ".join((*above[above.index(target) :], target))
            raise InputError(
                "helm-dependency-cycle", f"the chart depends on itself: {circle}", fix="remove one of these dependencies", stage="render"
            )
        if target not in self._local:
            if not self._listed(join_path(target, "Chart.yaml")):
                raise _missing(f"file://{written} leads to {target}, where there is no chart", "correct the path, or add the chart")
            self._local[target] = self.from_directory(target, above)
        return self._local[target]

    def _listed(self, file: str) -> bool:
        at = bisect_left(self._listing, file)
        return at < len(self._listing) and self._listing[at] == file


def _always_needed(file: str) -> bool:
    """Whether a file matters without any template reading it through `.Files`."""
    return "/" not in file or file.startswith(("templates/", "crds/"))


def _reads_files(data: bytes) -> bool:
    """Whether a template may look at the chart's other files; `tpl` may run text from anywhere."""
    return b"Files" in data or b"tpl" in data


def _missing(message: str, fix: str) -> InputError:
    return InputError("helm-dependency-missing", message, fix=fix, stage="render")


def join_path(directory: str, file: str) -> str:
    """The path of a file in a directory, where "." is the root of the repository."""
    return file if directory == "." else f"{directory}/{file}"


def _directory_of(origins: Mapping[str, str], place: str) -> str:
    """The real directory of a subchart, which a symbolic link may have put somewhere else."""
    return origins["Chart.yaml"].removesuffix("/Chart.yaml") if origins["Chart.yaml"].endswith("/Chart.yaml") else place
