"""Which annotations accept findings about which objects: ours, and those of the linters that the configuration honours."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from linter.kubernetes.pods import POD_TYPES, pod_template
from linter.model import Location, Resource, Route, Source, dig, mapping
from linter.packs.catalog import Catalog
from linter.provenance.locating import Locator
from linter.suppression import ANNOTATION, Suppression, annotation, covering

if TYPE_CHECKING:
    from linter.suppression.honoured import Honoured

Carried = tuple[Suppression, dict[Source, None]]
"""A statement, and the sources whose objects carry it: the annotation of a template is one statement, however many they are."""

Judge = Callable[[Suppression], Suppression]
"""Notes on a statement which parts of the policy it breaks."""

_Key = tuple[int, Route]


class Annotated:
    """The annotations of a run that accept findings, by object."""

    def __init__(self, catalog: Catalog, linters: tuple[str, ...], resources: Iterable[Resource], locator: Locator, judge: Judge) -> None:
        """`linters` are those whose annotations are honoured."""
        self._catalog = catalog
        self._linters = linters
        self._locator = locator
        self._judge = judge
        self._own: dict[tuple[Location, str], Carried] = {}
        self._of_object: dict[_Key, list[Suppression]] = {}
        self._others: dict[tuple[Location, Honoured], Carried] = {}
        self._others_of_object: dict[_Key, list[tuple[Honoured, Suppression]]] = {}
        for resource in resources:
            for route, value in ignore_annotations(resource):
                location = locator.locate(resource.document, (*resource.prefix, *route), "key")
                statement, sources = self._own.setdefault((location, value), (judge(annotation(location.path, location, value)), {}))
                sources[resource.source] = None
                self._of_object.setdefault(_key(resource), []).append(statement)

    def own(self) -> Iterable[Carried]:
        """Our annotations."""
        return self._own.values()

    def others(self) -> Iterable[Carried]:
        """The annotations of other linters that speak about some finding of the run."""
        return [(statement, sources) for statement, sources in self._others.values() if statement.used]

    def covering(self, resource: Resource, rule: str, ids_of: Callable[[str], Collection[str]], today: date) -> Suppression | None:
        """The first annotation that accepts findings of a rule about an object. Each that speaks about them counts as used."""
        found = None
        if (statements := self._of_object.get(_key(resource))) is not None:
            found = covering(statements, rule, ids_of, today)
        if not self._linters or rule not in self._catalog.rules:
            return found
        equivalents = self._catalog.rules[rule].equivalents
        for other, statement in self._others_at(resource) if equivalents else ():
            if other.covers(equivalents):
                statement.used.add(rule)
                if found is None and statement.counts(today):
                    found = statement
        return found

    def _others_at(self, resource: Resource) -> list[tuple[Honoured, Suppression]]:
        """The statements of other linters at an object; found out when the first finding about it asks."""
        key = _key(resource)
        if key not in self._others_of_object:
            statements = self._others_of_object[key] = []
            for other, route in _honoured_annotations(resource, self._linters):
                location = self._locator.locate(resource.document, (*resource.prefix, *route), "key")
                words = tuple(f"{other.linter}:{check}" for check in other.checks)
                new = Suppression("annotation", location.path, location, words, other.until, other.reason, 0, 0)
                statement, sources = self._others.setdefault((location, other), (self._judge(new), {}))
                sources[resource.source] = None
                statements.append((other, statement))
        return self._others_of_object[key]


def ignore_annotations(resource: Resource) -> Iterator[tuple[Route, str]]:
    """Route and value of our annotations: the object's own, and that of the pod it creates."""
    for route in _annotation_routes(resource):
        value = dig(resource.body, *route, ANNOTATION)
        if isinstance(value, str):
            yield (*route, ANNOTATION), value


def _honoured_annotations(resource: Resource, linters: tuple[str, ...]) -> Iterator[tuple[Honoured, Route]]:
    from linter.suppression.honoured import honoured  # few repositories have been checked with another linter before

    for number, route in enumerate(_annotation_routes(resource)):
        for other in honoured(linters, mapping(dig(resource.body, *route)), of_pod=number > 0):
            yield other, (*route, other.key)


def _annotation_routes(resource: Resource) -> Iterator[Route]:
    """Where an object has annotations: its own first, then those of the pod it creates."""
    yield ("metadata", "annotations")
    if resource.type in POD_TYPES and (pod := pod_template(resource)) is not None and pod.route:
        yield (*pod.route, "metadata", "annotations")


def _key(resource: Resource) -> _Key:
    return id(resource.document), resource.prefix
