"""Applications and ApplicationSets of a run -> the sources they deploy."""

from __future__ import annotations

import os.path
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from linter.argocd.applicationsets import ClusterFacts, Expansion, TemplateError, expand
from linter.argocd.clusters import cluster_of
from linter.discovery import Discovery
from linter.discovery.applications import ApplicationContext, application_sources
from linter.engine.reading.files import Reading
from linter.manifest.decoder import decode_bytes
from linter.model import Resource, Route
from linter.model.applications import ApplicationSource, Problem
from linter.repository import Tree

if TYPE_CHECKING:
    from linter.config import Config
    from linter.engine.session import Session

_SET = "argoproj.io/ApplicationSet"
_TEMPLATE: Route = ("spec", "template")


class Expander:
    """Resolves Applications. One per run."""

    def __init__(self, tree: Tree, config: Config, discovery: Discovery, session: Session, reading: Reading) -> None:
        from linter.repository.git.remotes import remote_addresses

        self._tree = tree
        self._config = config
        self._session = session
        self._reading = reading
        self._context = ApplicationContext(
            tree,
            discovery.listing,
            discovery.charts,
            discovery.kustomize_roots,
            remotes=remote_addresses(tree),
            repositories=config.repositories,
            clusters=config.clusters,
            excluded=config.exclude.match,
            opaque=config.opaque,
        )
        self._problems: list[tuple[Resource, Problem]] = []
        self._clusters: list[ClusterFacts] | None = None

    @property
    def notes(self) -> Sequence[str]:
        """What is to be said of Applications that were resolved."""
        return self._context.notes

    def instances(self, declared: Sequence[Resource]) -> dict[int, str]:
        """The Argo CD in which each Application lives, by the identity of the object. Its clusters are looked for once more."""
        self._clusters = self._known_clusters()
        for cluster in self._clusters or ():
            self._context.add_cluster(cluster.name, cluster.server)
        return _instances(declared)

    def sources(self, resource: Resource, instance: str) -> list[ApplicationSource]:
        """The sources of an Application, or of those that an ApplicationSet generates."""
        environment = resource.source.environment
        if resource.type != _SET:
            return application_sources(resource, resource.body, self._context, instance=instance, environment=environment)
        expansion = self._expansion(resource)
        self._problems += [(resource, problem) for problem in expansion.problems]
        found: list[ApplicationSource] = []
        for generated in expansion.applications:
            found += application_sources(
                resource, generated.body, self._context, instance=instance, environment=environment, template_route=_TEMPLATE
            )
        return found

    def take_problems(self) -> list[tuple[Resource, Problem]]:
        """What is wrong with ApplicationSets, since this was last asked."""
        found, self._problems = self._problems, []
        return found

    def _expansion(self, resource: Resource) -> Expansion:
        return expand(resource.body, _Surroundings(self._tree, self._context, self._session, self._clusters))

    def _known_clusters(self) -> list[ClusterFacts] | None:
        """The clusters that the configuration and the Secrets of Argo CD declare; None if nobody declares any."""
        found = [
            ClusterFacts(name, entry.server or "", dict(entry.labels), {}, "") for name, entry in self._config.clusters.items()
        ]  # fmt: skip
        known = {cluster.name for cluster in found}
        for resources in self._reading.resources.values():
            for resource in resources:
                if resource.type == "Secret":
                    cluster = cluster_of(resource.body)
                    if cluster is not None and cluster.name not in known:
                        known.add(cluster.name)
                        found.append(cluster)
        return found or None


class _Surroundings:
    """What generators may ask of the repository."""

    def __init__(self, tree: Tree, context: ApplicationContext, session: Session, clusters: list[ClusterFacts] | None) -> None:
        self._tree = tree
        self._context = context
        self._session = session
        self._clusters = clusters

    def files(self) -> Sequence[str]:
        return self._tree.files()

    def read(self, path: str) -> bytes:
        return self._tree.read(path)

    def decode(self, data: bytes) -> Sequence[Any]:
        return [document.value for document in decode_bytes(data)[1]]

    def is_local(self, repo_url: str) -> str | None:
        return self._context.folder_of(repo_url)

    def clusters(self) -> Sequence[ClusterFacts] | None:
        return self._clusters

    def evaluate(
        self, texts: Sequence[tuple[str, Mapping[str, Any]]], missing_key: Literal["default", "error", "zero"]
    ) -> Sequence[str | TemplateError]:
        from linter.rendering.helm.strings import evaluate

        return evaluate(texts, missing_key, self._session.renderer)


def _instances(declared: Sequence[Resource]) -> dict[int, str]:
    """The Argo CD in which each Application lives: the state of its source.

    Where one plain directory declares an Application twice, its subdirectories are for several installations: the first
    level that tells the two apart tells the installations apart.
    """
    groups: dict[str, list[Resource]] = {}
    found: dict[int, str] = {}
    for resource in declared:
        found[id(resource)] = resource.source.state
        if resource.source.type == "directory" and resource.source.application is None:
            groups.setdefault(resource.source.state, []).append(resource)
    for group in groups.values():
        level = _level_that_separates(group)
        if level is not None:
            for resource in group:
                folders = os.path.dirname(resource.document.file.path).split("/")
                found[id(resource)] = "/".join(folders[:level])
    return found


def _level_that_separates(group: Sequence[Resource]) -> int | None:
    """How many folders of the paths are needed so that no Application is declared twice; None if there is no need, or no way."""
    by_name: dict[tuple[str, str, str], set[tuple[str, ...]]] = {}
    for resource in group:
        folders = os.path.dirname(resource.document.file.path).split("/")
        # Two in one directory belong to one installation, whatever Argo CD makes of that.
        by_name.setdefault((resource.type, resource.namespace, resource.name), set()).add(tuple(folders))
    repeated = [paths for paths in by_name.values() if len(paths) > 1]
    if not repeated:
        return None
    for level in range(1, max(map(len, (path for paths in repeated for path in paths))) + 1):
        if all(len({path[:level] for path in paths}) == len(paths) for paths in repeated):
            return level
    return None
