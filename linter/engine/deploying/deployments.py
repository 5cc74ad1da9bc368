"""The sources of Applications, and where each Application exists: where nothing else puts it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from linter.engine.deploying.nesting import Node, beginnings, depths
from linter.model import Resource, Source
from linter.model.applications import ApplicationSource

# An Application that deploys Applications that deploy Applications …
DEEPEST = 10


class Deployments:
    """What Applications deploy. `details` are all sources that were declared so far.

    An Application in a file, a chart or an overlay that another Application deploys exists where that one puts it, and
    nowhere else; the sources that it has elsewhere are dead. Which ones these are can change with each new Application.
    `reached` are paths and types of the others.
    """

    def __init__(self) -> None:
        self.details: dict[Source, ApplicationSource] = {}
        self.reached: frozenset[tuple[str, str]] = frozenset()
        # The sources that an Application declares, by all that decides about them; and every object that declares a source.
        self._known: dict[str, list[Source]] = {}
        self._declarers: dict[Source, list[Resource]] = {}
        # The sources that are not dead, and how many Applications lead to each.
        self._live: dict[Source, int] = {}

    def declare(
        self, resource: Resource, instance: str, resolve: Callable[[Resource, str], Sequence[ApplicationSource]]
    ) -> list[ApplicationSource]:
        """Add an Application or a set in the Argo CD `instance`, and `resolve` it unless an equal one was; its new sources."""
        text = json.dumps(resource.body, sort_keys=True, default=str)
        key = f"{instance}\0{resource.source.environment}\0{text}"
        new: list[ApplicationSource] = []
        if key not in self._known:
            self._known[key] = [self._add(details, new) for details in resolve(resource, instance)]
        for source in self._known[key]:
            self._declarers[source].append(resource)
        return new

    def _add(self, details: ApplicationSource, new: list[ApplicationSource]) -> Source:
        """Add a source, under an index of its own if another Application has one like it."""
        source = details.source
        while source in self.details and self.details[source].declared.body != details.declared.body:
            source = replace(source, index=source.index + 1)
        if source not in self.details:
            self.details[source] = details = replace(details, source=source)
            self._declarers[source] = []
            new.append(details)
        return source

    def look_again(self) -> None:
        """Find out which sources are dead, now that more are known."""
        declared: dict[Node, dict[Source, None]] = {}
        for source, resources in self._declarers.items():
            for resource in resources:
                declared.setdefault(self._declaring(resource), {})[source] = None
        edges: dict[Node, list[Node]] = {node: [*sources] for node, sources in declared.items()}
        own: dict[tuple[str, str], list[Source]] = {}
        for node in declared:
            if isinstance(node, Source) and node not in self.details:
                own.setdefault((node.path, node.type), []).append(node)
        for source, details in self.details.items():
            edges.setdefault(source, [])
            edges[source] += [path for path in details.files if path in declared]
            edges[source] += own.get((source.path, source.type), ())
        nodes = sorted((node for node in declared if node not in self.details), key=_outermost_first)
        start = frozenset(beginnings(nodes, edges))
        self._live = depths(start, declared)
        self.reached = frozenset((source.path, source.type) for source in self._live)
        for source in self._live:
            details = self.details[source]
            if not self._is_live(details.declared, start):
                live = next(resource for resource in self._declarers[source] if self._is_live(resource, start))
                self.details[source] = replace(details, declared=live)

    def _is_live(self, resource: Resource, start: Collection[Node]) -> bool:
        node = self._declaring(resource)
        return node in self._live or node in start

    def _declaring(self, resource: Resource) -> Node:
        """What has to be deployed for an Application to exist: the file or the source that declares it."""
        source = resource.source
        return resource.document.file.path if source.type == "directory" and source not in self.details else source

    def deployable(self) -> Iterator[Source]:
        """The sources that can be rendered, dead ones left out."""
        return (source for source, depth in self._live.items() if not self.details[source].blocked and depth <= DEEPEST)

    def too_deep(self) -> Iterator[ApplicationSource]:
        """The sources at which so many Applications deploy each other that no more is rendered."""
        return (self.details[source] for source, depth in self._live.items() if depth == DEEPEST + 1)

    def take_dead(self) -> set[Source]:
        """Forget the dead sources, and tell them."""
        dead = {source for source in self.details if source not in self._live}
        for source in dead:
            del self.details[source]
        return dead


def _outermost_first(node: Node) -> tuple[int, str, str]:
    path, state = (node, "") if isinstance(node, str) else (node.path, node.state)
    return (path.count("/"), path, state)
