"""Which findings are accepted, and which acceptances are wrong, unused or out of date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from linter.config import Config, IgnoreEntry
from linter.engine.findings import Draft, Drafter
from linter.engine.running import Runner
from linter.kubernetes.pods import pod_template
from linter.model import Finding, Location, Resource, Source, Suppressed
from linter.packs.catalog import Catalog
from linter.packs.selection import rule_ids
from linter.provenance.locating import Locator
from linter.suppression import ANNOTATION, Suppression, annotation, comments, covering, parse_day


@dataclass(frozen=True, slots=True)
class Texts:
    """The author's files in which comments count: path -> (text, the sources the file belongs to)."""

    files: Mapping[str, tuple[str, Sequence[Source]]]


class Suppressor:
    """The suppressions of a run, by file and by object."""

    def __init__(self, catalog: Catalog, config: Config, texts: Texts, resources: Iterable[Resource], locator: Locator, today: date) -> None:
        self._catalog = catalog
        self._config = config
        self._today = today
        self._ids: dict[str, frozenset[str]] = {}
        self._texts = texts
        self._comments: dict[str, list[Suppression]] = {}
        for path, (text, _) in texts.files.items():
            if "gitops-lint:" in text and (found := comments(path, text)):
                self._comments[path] = found
        self._annotations: dict[int, tuple[Resource, list[Suppression]]] = {}
        for resource in resources:
            if found := _annotations(resource, locator):
                self._annotations[id(resource)] = (resource, found)

    def suppress(self, draft: Draft) -> Finding:
        """The draft's finding, marked if something accepts it."""
        finding = draft.finding
        found = covering(self._comments.get(finding.location.path, ()), finding.rule, finding.location.line, self._ids_of, self._today)
        for related in () if found else finding.related:
            # A finding and the values line behind it are one: a comment at either place counts.
            if related.message == "value":
                found = found or covering(
                    self._comments.get(related.location.path, ()), finding.rule, related.location.line, self._ids_of, self._today
                )
        if found is None and finding.resource is not None and id(finding.resource) in self._annotations:
            found = covering(self._annotations[id(finding.resource)][1], finding.rule, 0, self._ids_of, self._today)
        if found is not None:
            return replace(finding, suppressed=found.as_suppressed())
        for entry in self._config.ignores:
            if self._covers(entry, finding):
                return replace(finding, suppressed=Suppressed("config", entry.reason, entry.until))
        return finding

    def judge(self, runner: Runner, drafter: Drafter, ran: frozenset[str], complete: Callable[[Sequence[Source]], bool]) -> list[Draft]:
        """Findings about the suppressions themselves.

        A rule is unused only if it ran, and in every source the file belongs to (`complete`).
        """
        drafts: list[Draft] = []
        for path, found in self._comments.items():
            sources = self._texts.files[path][1]
            if sources:
                for suppression in found:
                    drafts += self._judge(suppression, sources[0], complete(sources), runner, drafter, ran)
        for resource, found in self._annotations.values():
            for suppression in found:
                drafts += self._judge(suppression, resource.source, complete((resource.source,)), runner, drafter, ran)
        return drafts

    def _judge(
        self, suppression: Suppression, source: Source, complete: bool, runner: Runner, drafter: Drafter, ran: frozenset[str]
    ) -> Iterable[Draft]:
        unknown = [word for word in suppression.rules if not self._ids_of(word)]
        unused = [word for word in suppression.rules if complete and self._ids_of(word) and word not in suppression.used and self._ids_of(word) <= ran]
        facts = suppression.facts(unknown, unused, self._today)
        for bound, violation in runner.run_suppression(facts):
            identity = f"{suppression.by} {','.join(suppression.rules)} {violation.message}"
            yield drafter.draft_at(bound, violation.message, suppression.location, source, identity)

    def _ids_of(self, word: str) -> frozenset[str]:
        if word not in self._ids:
            self._ids[word] = frozenset(rule_ids(self._catalog, word))
        return self._ids[word]

    def _covers(self, entry: IgnoreEntry, finding: Finding) -> bool:
        day = parse_day(entry.until)
        if day is not None and day < self._today:
            return False
        if entry.rules and not any(finding.rule in self._ids_of(word) for word in entry.rules):
            return False
        resource = finding.resource
        if resource is None:
            return entry.covers(finding.location.path)
        return entry.covers(finding.location.path, resource.type, resource.namespace, resource.name)


def _annotations(resource: Resource, locator: Locator) -> list[Suppression]:
    """The suppressions in an object's annotations, and in those of the pod it creates."""
    found = []
    routes = []
    if ANNOTATION in resource.annotations:
        routes.append(("metadata", "annotations", ANNOTATION))
    pod = pod_template(resource)
    if pod is not None and pod.route and ANNOTATION in pod.annotations:
        routes.append((*pod.route, "metadata", "annotations", ANNOTATION))  # type: ignore[arg-type]
    for route in routes:
        value = resource.annotations[ANNOTATION] if len(route) == 3 else pod.annotations[ANNOTATION] if pod is not None else ""
        location: Location = locator.locate(resource.document, (*resource.prefix, *route), "key")
        found.append(annotation(location.path, location, value))
    return found
