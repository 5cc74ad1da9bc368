"""From what discovery has found to everything that is deployed: Applications are looked for and rendered in turns.

An Application can stand in a file, or in what a chart or an overlay renders to, or in what another Application deploys. What
an Application deploys is no source of its own any more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from linter.discovery import Discovery
from linter.engine.deploying.deployments import DEEPEST, Deployments
from linter.engine.deploying.membership import Membership
from linter.engine.options import LintOptions
from linter.engine.reading.files import Reading, read_plain
from linter.engine.rendering.charts import ChartRun
from linter.engine.rendering.overlays import OverlayRun
from linter.errors import InputError
from linter.model import Document, Failure, ManifestFile, Resource, Route, Source
from linter.model.applications import ApplicationSource, Problem
from linter.repository import Tree, printable

if TYPE_CHECKING:
    from linter.config import Config
    from linter.engine.deploying.applications import Expander
    from linter.engine.session import Session
    from linter.provenance.locating import Locator

APPLICATION = "argoproj.io/Application"
APPLICATION_SET = "argoproj.io/ApplicationSet"

Step = Callable[[str], None]


class Deployer:
    """Renders what a repository deploys. Afterwards `membership` says which sources there are."""

    def __init__(
        self,
        tree: Tree,
        config: Config,
        options: LintOptions,
        discovery: Discovery,
        sources: Sequence[Source],
        session: Session,
        reading: Reading,
        charts: ChartRun,
        overlays: OverlayRun,
        kube_version: str | None,
        step: Step,
    ) -> None:
        """`sources` are those of discovery that this run may render."""
        self._tree = tree
        self._config = config
        self._options = options
        self._discovery = discovery
        self._session = session
        self._reading = reading
        self._charts = charts
        self._overlays = overlays
        self._kube_version = kube_version
        self._step = step
        self._own = dict.fromkeys(sources)
        self._rendered: set[Source] = set()
        self._problems: dict[Source, Failure] = dict(discovery.problems)
        self._deployments = Deployments()
        self._details = self._deployments.details
        self._looked_at: dict[Source, int] = {}
        self._expander: Expander | None = None
        self._plain: dict[str, list[Document]] | None = None
        self._unplaced: list[tuple[Resource, Problem, ApplicationSource | None]] = []
        self.notes: list[str] = []

    def run(self, wanted: Collection[Source] | None = None) -> Membership:
        """Render everything; of discovery's sources only those that are `wanted` (None: all) or may declare Applications."""
        self._expand()
        first = [source for source in self._own if source.type != "directory" and self._may_declare_applications(source)]
        self._render_deployed(first)
        # Some declare Applications without showing it, as charts that print what their values hold.
        self._render_deployed([source for source in self._own if wanted is None or source in wanted])
        self._leave_out_dead()
        emptied = self._leave_out_deployed()
        self._charts_of_clusters()
        kept = [source for source in self._own if source in self._rendered or source.type == "directory" or source in self._problems]
        kept = [source for source in kept if not self._is_deployed(source) and source not in emptied]
        return Membership(self._discovery, [*kept, *self._details], self._details, self._problems, self._failures)

    def _render_deployed(self, own: Collection[Source]) -> None:
        """Render sources of discovery's unless they are deployed, and what Applications deploy, until there are no new ones."""
        self._render(source for source in own if not self._is_deployed(source))
        self._expand()
        while found := [source for source in self._deployments.deployable() if source not in self._rendered]:
            self._render(found)
            self._render(source for source in own if not self._is_deployed(source))
            self._expand()

    def _failures(self, source: Source) -> list[Failure]:
        return [*self._charts.failures(source), *self._overlays.failures(source)]

    # Applications

    def _expand(self) -> None:
        """Look into the Applications and ApplicationSets that were rendered or read since this was last done."""
        declared = []
        for source, resources in self._reading.resources.items():
            start = self._looked_at.get(source, 0)
            self._looked_at[source] = len(resources)
            declared += [resource for resource in resources[start:] if resource.type in (APPLICATION, APPLICATION_SET)]
        if not declared:
            return
        if self._expander is None:
            from linter.engine.deploying.applications import Expander

            self._expander = Expander(self._tree, self._config, self._discovery, self._session, self._reading)
        self._step(f"looking into {len(declared)} Applications")
        instances = self._expander.instances(declared)
        for resource in declared:
            instance = instances[id(resource)]
            for details in self._deployments.declare(resource, instance, self._expander.sources):
                self._unplaced += [(details.declared, problem, details) for problem in details.problems]
        self._unplaced += [(resource, problem, None) for resource, problem in self._expander.take_problems()]
        self._deployments.look_again()

    def _may_declare_applications(self, source: Source) -> bool:
        if source in self._problems:
            return False
        if source.type == "helm":
            chart = self._charts.chart(source.path)
            return not isinstance(chart, InputError) and any(
                "argoproj.io" in text and "Application" in text for text in chart.templates().values()
            )
        root = self._discovery.kustomize_sources[source]
        return any(self._mentions_applications(path) for path in root.files)

    def _mentions_applications(self, path: str) -> bool:
        try:
            data = self._tree.read(path)
        except InputError:
            return False
        return b"argoproj.io" in data and b"Application" in data

    # Rendering

    def _render(self, sources: Iterable[Source]) -> None:
        """Render sources that were not rendered yet."""
        new = [source for source in dict.fromkeys(sources) if source not in self._rendered and source not in self._discovery.problems]
        self._rendered.update(new)
        self._charts.render([source for source in new if source.type == "helm"], self._details, self._reading, self._step)
        roots = [source for source in new if source.type == "kustomize"]
        if roots:
            self._step(f"building {len(roots)} Kustomize roots")
        self._overlays.render(roots, self._details, self._reading, self._kube_version, self._options.api_versions)
        for source in new:
            if source.type == "directory" and source in self._details:
                self._read_directory(source, self._details[source].files)

    def _read_directory(self, source: Source, files: Sequence[str]) -> None:
        """The documents of a plain directory that an Application deploys."""
        if self._plain is None:
            self._plain = {}
            for document in self._reading.documents:
                if not document.file.rendered and document.file.source.type == "directory":
                    self._plain.setdefault(document.file.path, []).append(document)
        unread = {}
        for path in files:
            path = self._tree.links.get(path, path)
            known = self._plain.get(path)
            if known is None:
                if path not in self._discovery.manifest_files:
                    unread[path] = (source,)
                continue
            first = known[0].file.source
            file = ManifestFile(path, known[0].file.text, source)
            for document in known:
                if document.file.source == first:
                    flags = document.duplicate_keys, document.rewritten_scalars
                    self._reading.add_document(Document(file, document.index, document.value, *flags))
        if unread:
            read_plain(self._tree, unread, frozenset(), self._reading)

    # What is left of discovery's own sources

    def _is_deployed(self, source: Source) -> bool:
        """Whether an Application deploys what this source of discovery is made of."""
        return source.type != "directory" and (source.path, source.type) in self._deployments.reached

    def _leave_out_dead(self) -> None:
        """Forget the sources of Applications that exist in another place than where they were found first."""
        self._leave_out(self._deployments.take_dead())
        for details in self._deployments.too_deep():
            words = f"Applications deploy each other more than {DEEPEST} levels deep"
            problem = Problem("application-nesting", "broken", words, "deploy this Application from one that stands higher", ())
            self._unplaced.append((details.declared, problem, details))

    def _leave_out_deployed(self) -> set[Source]:
        """Forget what Applications deploy of discovery's own sources; the plain directories of which nothing is left."""
        self._leave_out({source for source in self._own if self._is_deployed(source)})
        files = {self._tree.links.get(path, path) for details in self._details.values() for path in details.files}
        if not files:
            return set()
        own = frozenset(self._own)
        self._reading.leave_out(lambda file: file.source in own and file.source.type == "directory" and file.path in files)
        left = {source for path, sources in self._discovery.manifest_files.items() if path not in files for source in sources}
        return {source for source in own if source.type == "directory" and source not in left}

    def _leave_out(self, sources: Collection[Source]) -> None:
        if not sources:
            return
        self._reading.leave_out(lambda file: file.source in sources)
        for source in sorted(self._rendered.intersection(sources), key=lambda source: (source.path, source.state)):
            self._charts.forget(source, self._reading)
            self._overlays.forget(source, self._reading)

    # Capabilities

    def _charts_of_clusters(self) -> None:
        """Render again the charts that ask for API versions, with those that their cluster gets from custom resource definitions."""
        asking = self._charts.asking_for_api_versions()
        if not asking:
            return
        from linter.kubernetes.api_versions.added import api_versions_of

        of_state: dict[str, list[Resource]] = {}
        for source, resources in self._reading.resources.items():
            of_state.setdefault(source.state, []).extend(resources)
        again: dict[Source, Sequence[str]] = {}
        offered: dict[str, tuple[str, ...]] = {}
        for source in asking:
            if source.state not in offered:
                offered[source.state] = api_versions_of(of_state.get(source.state, ()))
            known = frozenset(self._charts.requests[source].api_versions)
            more = [api for api in offered[source.state] if api not in known]
            replaced = source in self._details and self._details[source].helm is not None
            if more and not (replaced and self._details[source].helm.api_versions is not None):  # type: ignore[union-attr]
                again[source] = more
        if again:
            self._charts.render_with(again, self._reading, self._step)

    # Problems

    def place_problems(self, charts: ChartRun, locator: Locator) -> None:
        """Turn what is wrong with Applications into failures, on the lines of the objects that declare them."""
        if self._expander is not None:
            self.notes += self._expander.notes
        charts.map_lines({declared.document.file for declared, _, _ in self._unplaced})
        for declared, problem, details in self._unplaced:
            if details is not None and details.source not in self._details:
                continue
            path, line = problem.file, problem.line
            if not path:
                location = locator.locate(declared.document, (*declared.prefix, *problem.route))
                path, line = location.path, location.line
            elif line is None:
                line = self._line_in(path, problem.route)
            if problem.kind == "unsupported":
                self.notes.append(f"{printable(path)}:{line}: {problem.message}")
                continue
            failure = Failure(problem.id, problem.kind, "render", path, line, problem.message, problem.fix)
            if failure not in self._reading.failures:
                self._reading.failures.append(failure)
            if details is not None:
                self._problems.setdefault(details.source, failure)

    def _line_in(self, path: str, route: Route) -> int | None:
        """The line of a route in an override file."""
        from linter.manifest.positions import index_positions

        try:
            return index_positions(self._tree.read(path).decode("utf-8-sig"), json=path.endswith(".json")).locate(0, route)[0]
        except (InputError, UnicodeDecodeError):
            return None


def application_names(details: Mapping[Source, ApplicationSource]) -> Iterator[str]:
    """The names of all Applications."""
    yield from dict.fromkeys(source.application for source in details if source.application)
