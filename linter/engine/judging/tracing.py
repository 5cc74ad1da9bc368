"""Where violations come from: the places of a run's hits, asked of templates, values and overlays all at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from linter.engine.acceptance.annotated import ignore_annotations
from linter.engine.judging.running import Hit
from linter.engine.world import World
from linter.model import Document
from linter.provenance.locating import Place


def trace_places(world: World, hits: Iterable[Hit]) -> None:
    """Find the author's places of everything that will be shown: of violations, of what explains them, of annotations that
    accept them. What is found is given to the world's locator."""
    world.trace(dict.fromkeys((*_of_hits(hits), *_of_annotations(world))))


def _of_hits(hits: Iterable[Hit]) -> Iterator[Place]:
    for hit in hits:
        violation = hit.violation
        resource = hit.resource
        document: Document | None = resource.document if resource is not None else hit.document
        if document is None:
            continue
        prefix = resource.prefix if resource is not None else ()
        yield Place(document, (*prefix, *violation.route), violation.on or hit.bound.rule.on)
        for related in violation.related:
            target = related.resource or resource
            if target is not None:
                yield Place(target.document, (*target.prefix, *(related.route or ("kind",))), "value")


def _of_annotations(world: World) -> Iterator[Place]:
    for resources in world.reading.resources.values():
        for resource in resources:
            if resource.document.file.rendered:
                for route, _ in ignore_annotations(resource):
                    yield Place(resource.document, (*resource.prefix, *route), "key")
