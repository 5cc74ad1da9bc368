"""Kustomize roots of a run: built, their output read, and places traced back where there are findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from linter.engine.reading.files import Reading, read_rendered
from linter.engine.rendering.failures import SourceFailures, place_in_application
from linter.engine.secrets import without_excerpts, without_values
from linter.errors import InputError
from linter.model import Document, Failure, Location, ManifestFile, Source, items, text
from linter.model.applications import ApplicationSource
from linter.model.findings import FailureKind
from linter.provenance.locating import Place, Traced
from linter.repository import Tree

if TYPE_CHECKING:
    from linter.engine.placing.declared import DeclaredPlaces
    from linter.engine.session import Session
    from linter.provenance.kustomize import WantedNode
    from linter.rendering.kustomize.requests import BuiltRoot, KustomizeRequest


class OverlayRun:
    """What became of the Kustomize roots. `texts` are the author's files that took part in them, by path."""

    def __init__(self, tree: Tree, session: Session, repositories: Mapping[str, str]) -> None:
        """`repositories` maps the addresses of other repositories to the folders that hold their content."""
        self._tree = tree
        self._session = session
        self._repositories = repositories
        self._details: dict[Source, ApplicationSource] = {}
        self._folders: dict[str, str] | None = None
        self._built: dict[Source, BuiltRoot] = {}
        self._objects: dict[ManifestFile, int] = {}
        self._failures = SourceFailures()
        self._members: dict[str, list[Source]] = {}
        self._names: dict[Source, Sequence[str | None]] = {}
        self._declared: dict[Source, Sequence[Location]] = {}

    def render(
        self,
        sources: Sequence[Source],
        details: Mapping[Source, ApplicationSource],
        reading: Reading,
        kube_version: str | None,
        api_versions: Sequence[str],
    ) -> None:
        """Build roots, and read what comes out."""
        if not sources:
            return
        from linter.rendering.kustomize.requests import KustomizeRequest

        self._details |= {source: details[source] for source in sources if source in details}
        requests = []
        for source in sources:
            options: Mapping[str, Any] = details[source].kustomize if source in details else {}
            version = text(options.get("kubeVersion")) or kube_version
            offered = [api for api in items(options.get("apiVersions")) if isinstance(api, str)] or api_versions
            requests.append(KustomizeRequest(source.path, options, kube_version=version, api_versions=offered))
        restricted: dict[Source, BuiltRoot] = {}
        for source, built in zip(sources, self._build(requests), strict=True):
            if source not in details and any(failure.id == "kustomize-outside-root" for failure in built.failures):
                restricted[source] = built
            else:
                self._add(source, built, reading)
        if restricted:
            self._render_as_flux(restricted, reading)

    def _render_as_flux(self, restricted: Mapping[Source, BuiltRoot], reading: Reading) -> None:
        """Build roots that name files outside of their folders once more, if it is Flux that builds them: it allows that."""
        from linter.discovery.flux import find_flux_builds

        flux = find_flux_builds(self._tree)
        requests = {
            source: replace(built.request, unrestricted=True)
            for source, built in restricted.items()
            if flux.build(source.path, built.files)
        }
        again = dict(zip(requests, self._build(list(requests.values())), strict=True))
        for source, built in restricted.items():
            self._add(source, again.get(source, built), reading)

    def _build(self, requests: Sequence[KustomizeRequest]) -> Iterable[BuiltRoot]:
        return self._session.kustomize(self._tree, self._folder_of).render(requests)

    def _folder_of(self, reference: str) -> str | None:
        """The folder that a remote reference stands for: of this repository, or one that the configuration names."""
        from linter.argocd.addresses import folder_of_reference, same_repository_key

        if self._folders is None:
            from linter.repository.git.remotes import remote_addresses

            self._folders = {same_repository_key(address): "." for address in remote_addresses(self._tree)}
            self._folders |= {same_repository_key(address): folder for address, folder in self._repositories.items()}
        return folder_of_reference(reference, self._folders)

    def finish(self, reading: Reading) -> None:
        """Say for which Applications a root could not be built, once all are."""
        self._failures.say_where(self._built, reading)

    def failures(self, source: Source) -> Sequence[Failure]:
        """Why a root could not be built whole."""
        return self._failures.get(source, ())

    def forget(self, source: Source, reading: Reading) -> None:
        """Leave out a root that something else deploys. Its documents stay."""
        self._built.pop(source, None)
        for members in self._members.values():
            if source in members:
                members.remove(source)
        self._failures.forget(source, reading)

    def files_of(self, source: Source) -> Iterable[str]:
        """The author's files that took part in a root."""
        return self._built[source].files if source in self._built else ()

    @property
    def files(self) -> Mapping[str, Sequence[Source]]:
        """Every author's file that took part in some root, and in which."""
        return self._members

    def _add(self, source: Source, built: BuiltRoot, reading: Reading) -> None:
        self._built[source] = built
        for path in built.files:
            self._members.setdefault(path, []).append(source)
        self._failures.add(source, (self._shown(source, failure) for failure in built.failures), reading)
        for number, entry in enumerate(built.objects):
            try:
                file, held = read_rendered(entry.path, entry.text, source, reading)
            except InputError as error:
                was = without_excerpts(error.at(entry.path), entry.text)
                broken: FailureKind = "broken"
                words = f"what this is built to is {was.message}"
                self._failures.add(
                    source, [Failure("kustomize-output-invalid", broken, "parse", entry.path, None, words, was.fix)], reading
                )
            else:
                if held:
                    self._objects[file] = number

    def _in_application(self, source: Source, failure: Failure) -> Failure:
        """A failure of options, in the Application that has them."""
        details = self._details.get(source)
        if failure.id != "kustomize-options-invalid" or details is None:
            return failure
        named = re.match(r"`(\w+)`", failure.message)
        key = (named[1],) if named is not None and named[1] in details.kustomize else ()
        path, line = place_in_application(details, (*details.route, "kustomize", *key))
        return replace(failure, path=path, line=line)

    def _shown(self, source: Source, failure: Failure) -> Failure:
        """A failure at its place, without what its message quotes of Secrets: of its file, and where kustomize speaks of any."""
        failure = without_excerpts(failure, self._text(failure.path))
        if failure.id == "kustomize-build":
            texts = map(self._text, sorted({*self._built[source].files, failure.path}))
            failure = replace(failure, message=without_values(failure.message, texts))
        return self._in_application(source, failure)

    def _text(self, path: str) -> str:
        try:
            return self._tree.read(path).decode("utf-8-sig", "replace")
        except InputError:
            return ""

    def trace(self, places: Iterable[Place], declared: DeclaredPlaces) -> dict[Place, Traced]:
        """The author's places of routes in built objects, by building their roots again with marks in the files."""
        wanted: dict[Source, dict[Place, None]] = {}
        for place in places:
            if place.document.file in self._objects:
                wanted.setdefault(place.document.file.source, {})[place] = None
        if not wanted:
            return {}
        from linter.provenance.kustomize import WantedNode, trace_roots

        def node(place: Place) -> WantedNode:
            return WantedNode(self._objects[place.document.file], place.route, place.on)

        sources = sorted(wanted, key=lambda source: (source.path, source.application or "", source.state))
        roots = [(self._built[source], [node(place) for place in wanted[source]]) for source in sources]
        found: dict[Place, Traced] = {}
        for source, traced in zip(sources, trace_roots(roots, self._build, self._tree.read), strict=True):
            self._names[source], self._declared[source] = traced.names, traced.declared
            for place in wanted[source]:
                if (authored := traced.places.get(node(place))) is not None:
                    found[place] = Traced(authored.location, authored.related)
            found |= self._trace_options(source, [place for place in wanted[source] if not _is_exact(found.get(place))], node, declared)
        return found

    def _trace_options(
        self, source: Source, places: Sequence[Place], node: Callable[[Place], WantedNode], declared: DeclaredPlaces
    ) -> dict[Place, Traced]:
        """The places that the options of an Application decide, in that Application."""
        details = self._details.get(source)
        if details is None or not details.kustomize or not places:
            return {}
        from linter.provenance.kustomize import trace_options

        routes = trace_options(self._built[source], [node(place) for place in places], self._build)
        declared.prepare((details, (*details.route, "kustomize", *route)) for route in routes.values())
        found = {}
        for place in places:
            route = routes.get(node(place))
            location = declared.kustomize(details, route, place.route) if route is not None and place.on == "value" else None
            if location is not None:
                found[place] = Traced(location)
        return found

    def declared(self, document: Document) -> Location | None:
        """Where an author declared the object that a document holds; None if it was not built by Kustomize."""
        number = self._objects.get(document.file)
        if number is None:
            return None
        source = document.file.source
        if source not in self._declared:
            from linter.provenance.kustomize import declared_at

            self._declared[source] = declared_at(self._built[source], self._tree.read)
        return self._declared[source][number]

    def authored_name(self, document: Document) -> str | None:
        """The name that the author gave to the object in a document, before prefixes and hashes; None if nobody knows."""
        number = self._objects.get(document.file)
        if number is None:
            return None
        source = document.file.source
        if source not in self._names:
            from linter.provenance.kustomize import authored_names

            self._names[source] = authored_names(self._built[source], self._tree.read)
        return self._names[source][number]


def _is_exact(traced: Traced | None) -> bool:
    return traced is not None and traced.location is not None and traced.location.precision == "exact"
