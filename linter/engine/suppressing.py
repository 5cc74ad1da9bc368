"""Which findings are accepted, and which acceptances are wrong, unused or out of date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from linter.config import Config, IgnoreEntry
from linter.engine.findings import INCLUDED, Draft, Drafter
from linter.engine.running import Runner
from linter.errors import InputError
from linter.kubernetes.pods import POD_TYPES, pod_template
from linter.manifest.positions import index_positions
from linter.model import Finding, Location, Resource, Route, Source, Suppressed, dig
from linter.packs.catalog import Catalog
from linter.packs.selection import rule_ids
from linter.provenance.locating import Locator
from linter.suppression import ANNOTATION, Suppression, annotation, comments, covering, entry, parse_day

Complete = Callable[["Iterable[Source] | None"], bool]
"""Whether everything that these sources (None: all) yield was seen, in every environment, so that what was not found is not there."""

Printed = Callable[[str, int, int], bool]
"""Whether lines of a file (path, first, last) are part of what was checked, as those of a template are if they are printed."""

_Key = tuple[int, Route]


@dataclass(frozen=True, slots=True)
class Texts:
    """The author's files in which comments count: path -> (text, the sources the file belongs to)."""

    files: Mapping[str, tuple[str, Sequence[Source]]]


class Suppressor:
    """The suppressions of a run, by file and by object."""

    def __init__(
        self, catalog: Catalog, config: Config, texts: Texts, resources: Iterable[Resource], locator: Locator, today: date
    ) -> None:
        self._catalog = catalog
        self._config = config
        self._today = today
        self._ids: dict[str, frozenset[str]] = {}
        self._texts = texts
        self._comments: dict[str, list[Suppression]] = {}
        for path, (text, _) in texts.files.items():
            if "gitops-lint" in text and (found := comments(path, text, _in_scalar(path, text))):
                self._comments[path] = found
        # An annotation of a template is one statement, however many objects and environments carry it.
        self._annotations: dict[tuple[Location, str], tuple[Suppression, dict[Source, None]]] = {}
        self._annotated: dict[_Key, list[Suppression]] = {}
        for resource in resources:
            for route, value in ignore_annotations(resource):
                location = locator.locate(resource.document, (*resource.prefix, *route), "key")
                statement, sources = self._annotations.setdefault((location, value), (annotation(location.path, location, value), {}))
                sources[resource.source] = None
                self._annotated.setdefault(_key(resource), []).append(statement)
        self._used_entries: dict[int, set[str]] = {ignore.index: set() for ignore in config.ignores}

    def suppress(self, draft: Draft) -> Finding:
        """The draft's finding, marked if something accepts it."""
        finding = draft.finding
        # Every place is asked, so that a comment which speaks about the finding counts as used.
        comments_found = [self._comment_at(place, finding.rule) for place in _places(finding)]
        found = next((suppression for suppression in comments_found if suppression is not None), None)
        if finding.resource is not None and (statements := self._annotated.get(_key(finding.resource))) is not None:
            found = found or covering(statements, finding.rule, 0, self._ids_of, self._today)
        accepted = found.as_suppressed() if found is not None else None
        for ignore in self._config.ignores:
            if self._covers(ignore, finding):
                accepted = accepted or Suppressed("config", ignore.reason, ignore.until)
        return finding if accepted is None else replace(finding, suppressed=accepted)

    def judge(self, runner: Runner, drafter: Drafter, ran: frozenset[str], complete: Complete, printed: Printed) -> list[Draft]:
        """Findings about the suppressions themselves.

        A rule is unused only if it ran without crashing, in every source the file belongs to (`complete`), and if what the
        comment speaks about is part of some rendering (`printed`).
        """
        ran -= {rule for rule, _ in runner.failures}
        drafts: list[Draft] = []
        for path, found in self._comments.items():
            sources = self._texts.files[path][1]
            for suppression in found if sources else ():
                seen = partial(_seen, suppression, sources, complete, printed)
                drafts += self._judge(suppression, sources, seen, runner, drafter, ran)
        for suppression, carriers in self._annotations.values():
            _, everywhere = self._texts.files.get(suppression.path, ("", ()))
            seen = partial(complete, {**carriers, **dict.fromkeys(everywhere)})
            drafts += self._judge(suppression, list(carriers), seen, runner, drafter, ran)
        for suppression in self._entries():
            drafts += self._judge(suppression, (), partial(complete, None), runner, drafter, ran)
        return drafts

    def _judge(
        self,
        suppression: Suppression,
        sources: Iterable[Source],
        seen: Callable[[], bool],
        runner: Runner,
        drafter: Drafter,
        ran: frozenset[str],
    ) -> Iterable[Draft]:
        unknown = [word for word in suppression.rules if not self._ids_of(word)]
        unused = [word for word in suppression.rules if word not in suppression.used and self._can_be_unused(word, ran)]
        facts = suppression.facts(unknown, unused if unused and seen() else (), self._today)
        for bound, violation in runner.run_suppression(facts):
            identity = (suppression.by, ",".join(suppression.rules), *map(str, violation.route))
            yield from drafter.draft_at(bound, violation, suppression.location, sources, identity)

    def _can_be_unused(self, word: str, ran: frozenset[str]) -> bool:
        """Whether we would know a finding that this word accepts. Those about suppressions are still to come."""
        ids = self._ids_of(word)
        return bool(ids) and ids <= ran and not any(rule.startswith("suppression/") for rule in ids)

    def _comment_at(self, location: Location, rule: str) -> Suppression | None:
        found = self._comments.get(location.path)
        return covering(found, rule, location.line, self._ids_of, self._today) if found is not None else None

    def _ids_of(self, word: str) -> frozenset[str]:
        if word not in self._ids:
            self._ids[word] = frozenset(rule_ids(self._catalog, word))
        return self._ids[word]

    def _covers(self, ignore: IgnoreEntry, finding: Finding) -> bool:
        words = [word for word in ignore.rules if finding.rule in self._ids_of(word)]
        resource = finding.resource
        about = ("", "", "") if resource is None else (resource.type, resource.namespace, resource.name)
        if not words or not any(ignore.covers(place.path, *about) for place in _places(finding)):
            return False
        self._used_entries[ignore.index].update(words)
        day = parse_day(ignore.until)
        return day is None or day >= self._today

    def _entries(self) -> Iterable[Suppression]:
        """The entries of the configuration as statements that can be judged."""
        if not self._config.ignores or self._config.path is None:
            return
        positions = index_positions(self._config.text)
        for ignore in self._config.ignores:
            location = Location(self._config.path, *positions.locate(0, ("ignores", ignore.index)))
            statement = entry(location, ignore.rules, ignore.until, ignore.reason)
            statement.used |= self._used_entries[ignore.index]
            yield statement


def _places(finding: Finding) -> Iterable[Location]:
    """Where a finding can be accepted: at its place, and at the values line or the include behind it."""
    yield finding.location
    yield from (related.location for related in finding.related if related.message in ("value", INCLUDED))


def ignore_annotations(resource: Resource) -> Iterable[tuple[Route, str]]:
    """Route and value of the annotations that accept findings: the object's own, and that of the pod it creates."""
    routes: list[Route] = [("metadata", "annotations", ANNOTATION)]
    if resource.type in POD_TYPES and (pod := pod_template(resource)) is not None and pod.route:
        routes.append((*pod.route, "metadata", "annotations", ANNOTATION))
    for route in routes:
        value = dig(resource.body, *route)
        if isinstance(value, str):
            yield route, value


def _seen(suppression: Suppression, sources: Iterable[Source], complete: Complete, printed: Printed) -> bool:
    return complete(sources) and printed(suppression.path, suppression.content, suppression.last_line)


def _key(resource: Resource) -> _Key:
    return id(resource.document), resource.prefix


def _in_scalar(path: str, text: str) -> Callable[[int], bool]:
    """Where a file is no YAML before it is rendered, what looks like a comment is taken for one."""
    try:
        return index_positions(text, json=path.endswith(".json")).in_scalar
    except InputError:
        return lambda offset: False
