"""Which findings and failures are accepted, and which acceptances are wrong, unused or out of date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from linter.config import Config, IgnoreEntry
from linter.config.values import SuppressionPolicy
from linter.engine.acceptance.annotated import Annotated
from linter.engine.judging.findings import Draft, Drafter
from linter.engine.judging.fingerprints import failure_fingerprint
from linter.engine.judging.running import Runner
from linter.errors import InputError
from linter.manifest.positions import index_positions
from linter.model import Failure, Finding, Location, Resource, Source, Suppressed
from linter.packs.catalog import Catalog
from linter.packs.selection import rule_ids
from linter.provenance.locating import Locator
from linter.suppression import Breach, FileComments, Suppression, comments, entry, parse_day

if TYPE_CHECKING:
    from linter.baseline import Baseline, BaselineEntry

Complete = Callable[["Iterable[Source] | None"], bool]
"""Whether everything that these sources (None: all) yield was seen, in every environment, so that what was not found is not there."""

Printed = Callable[[str, int, int], bool]
"""Whether lines of a file (path, first, last) are part of what was checked, as those of a template are if they are printed."""

Ran = Callable[[Iterable[str]], frozenset[str]]
"""The rules that ran and whose findings count in every one of these files."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The author's files in which comments count: path -> (text, the sources the file belongs to).

    `inner` are lines, first and last, of text in them that is YAML itself, as the values in an Application can be: there
    comments count as well.
    """

    files: Mapping[str, tuple[str, Sequence[Source]]]
    inner: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)


class Suppressor:
    """The suppressions of a run, by file and by object."""

    def __init__(
        self,
        catalog: Catalog,
        config: Config,
        texts: Texts,
        resources: Iterable[Resource],
        locator: Locator,
        today: date,
        baseline: Baseline | None = None,
    ) -> None:
        self._catalog = catalog
        self._config = config
        self._today = today
        self._ids: dict[str, frozenset[str]] = {}
        self._texts = texts
        self._comments: dict[str, FileComments] = {}
        for path, (text, _) in texts.files.items():
            if "gitops-lint" in text and (found := comments(path, text, _in_scalar(path, text, texts.inner.get(path, ())))):
                judged = [self._judged(suppression) for suppression in found]
                self._comments[path] = FileComments(judged, self._ids_of, today)
        self._annotated = Annotated(catalog, config.honour, resources, locator, self._judged)
        self._used_entries: dict[int, set[str]] = {ignore.index: set() for ignore in config.ignores}
        self._in_force = {ignore.index for ignore in config.ignores if self._counts(ignore)}
        self._baseline = baseline
        self._accepted = baseline.entries if baseline is not None and "baseline" in config.suppressions.allow else {}
        self._found: set[str] = set()

    @property
    def files(self) -> Iterable[str]:
        """The files in which comments count."""
        return self._texts.files

    def suppress(self, draft: Draft) -> Finding:
        """The draft's finding, marked if something accepts it: comments and annotations before the configuration, and the
        baseline last."""
        finding = draft.finding
        # Every place is asked, so that a comment which speaks about the finding counts as used.
        comments_found = [self._comment_at(place, finding.rule) for place in _places(finding)]
        found = next((suppression for suppression in comments_found if suppression is not None), None)
        if finding.resource is not None:
            by_annotation = self._annotated.covering(finding.resource, finding.rule, self._ids_of, self._today)
            found = found or by_annotation
        accepted = found.as_suppressed() if found is not None else None
        for ignore in self._config.ignores:
            if self._covers(ignore, finding):
                accepted = accepted or Suppressed("config", ignore.reason, ignore.until)
        accepted = self._by_baseline(finding.fingerprint) if accepted is None else accepted
        return finding if accepted is None else replace(finding, suppressed=accepted)

    def suppress_failure(self, failure: Failure) -> Suppressed | None:
        """What accepts a failure: an entry of the configuration that names its id, else the baseline."""
        accepted = None
        for ignore in self._config.ignores:
            if failure.id in ignore.failures and ignore.covers(failure.path):
                self._used_entries[ignore.index].add(failure.id)
                if ignore.index in self._in_force:
                    accepted = accepted or Suppressed("config", ignore.reason, ignore.until)
        return accepted or (self._by_baseline(failure_fingerprint(failure)) if self._accepted else None)

    def _by_baseline(self, fingerprint: str) -> Suppressed | None:
        if fingerprint not in self._accepted:
            return None
        self._found.add(fingerprint)
        return Suppressed("baseline")

    def judge(
        self,
        runner: Runner,
        drafter: Drafter,
        ran: Ran,
        complete: Complete,
        printed: Printed,
        failures: Iterable[Failure] = (),
        gone: Callable[[BaselineEntry], bool] | None = None,
    ) -> list[Draft]:
        """Findings about the suppressions themselves.

        A rule is unused only if it ran without crashing, in every source the file belongs to (`complete`), if it counts in
        every file whose findings it may accept (`ran`), and if what the comment speaks about is part of some rendering
        (`printed`). `failures` are those of the run. `gone` says of an entry
        of the baseline whose finding did not come up that the run would have found it; None if no entry can be told.
        """
        crashed = {rule for rule, _ in runner.failures}
        for failure in failures:
            self.suppress_failure(failure)
        drafts: list[Draft] = []
        for path, found in self._comments.items():
            sources = self._texts.files[path][1]
            for suppression in found.suppressions if sources else ():
                seen = partial(_seen, suppression, sources, complete, printed)
                ran_there = ran(self._together_with(path, sources)) - crashed
                drafts += self._judge(suppression, sources, seen, runner, drafter, ran_there)
        for suppression, carriers in self._annotated.own():
            _, everywhere = self._texts.files.get(suppression.path, ("", ()))
            carrying = {**carriers, **dict.fromkeys(everywhere)}
            ran_there = ran(self._together_with(suppression.path, carrying)) - crashed
            drafts += self._judge(suppression, list(carriers), partial(complete, carrying), runner, drafter, ran_there)
        for suppression, carriers in self._annotated.others():
            drafts += self._report(suppression, suppression.facts((), (), self._today), list(carriers), runner, drafter)
        for ignore, suppression in self._entries():
            ran_there = ran(path for path in self._texts.files if ignore.covers_path(path)) - crashed
            drafts += self._judge(suppression, (), partial(complete, None), runner, drafter, ran_there)
        return [*drafts, *self._judge_baseline(runner, drafter, gone)]

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
        unused += [failure for failure in suppression.failures if failure not in suppression.used]
        facts = suppression.facts(unknown, unused if unused and seen() else (), self._today)
        return self._report(suppression, facts, sources, runner, drafter)

    def _report(
        self,
        suppression: Suppression,
        facts: dict[str, Any],
        sources: Iterable[Source],
        runner: Runner,
        drafter: Drafter,
        stale: Mapping[str, str] | None = None,
    ) -> Iterable[Draft]:
        """What the rules of the pack `suppression` say. `stale` is an entry of the baseline that finds nothing any more."""
        policy = self._config.suppressions
        facts |= {"allow": sorted(policy.allow), "max_days": policy.max_days, "stale": stale}
        for bound, violation in runner.run_suppression(facts):
            identity = (suppression.by, ",".join((*suppression.rules, *suppression.failures)), *map(str, violation.route))
            yield from drafter.draft_at(bound, violation, suppression.location, sources, identity)

    def _can_be_unused(self, word: str, ran: frozenset[str]) -> bool:
        """Whether we would know a finding that this word accepts. Those about suppressions are still to come."""
        ids = self._ids_of(word)
        return bool(ids) and ids <= ran and not any(rule.startswith("suppression/") for rule in ids)

    def _comment_at(self, location: Location, rule: str) -> Suppression | None:
        found = self._comments.get(location.path)
        return found.covering(rule, location.line) if found is not None else None

    @property
    def words(self) -> Iterable[str]:
        """The words for rules that suppressions have been asked about so far."""
        return self._ids

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
        return ignore.index in self._in_force

    def _counts(self, ignore: IgnoreEntry) -> bool:
        """Whether an entry of the configuration accepts anything today."""
        day = parse_day(ignore.until)
        expired = day is not None and day < self._today
        return not expired and not breaches(self._config.suppressions, "config", ignore.reason, ignore.until, self._today)

    def _judged(self, suppression: Suppression) -> Suppression:
        """The suppression, with what it breaks of the policy."""
        if suppression.problem is None and not suppression.expired(self._today):
            suppression.breaches = breaches(
                self._config.suppressions, suppression.by, suppression.reason, suppression.until, self._today
            )  # fmt: skip
        return suppression

    def _together_with(self, path: str, sources: Iterable[Source]) -> Iterator[str]:
        """The files in which a finding may be shown that a suppression in `path` accepts: what a chart prints is shown in
        its templates or its values."""
        yield path
        charts = {source for source in sources if source.type != "directory"}
        if charts:
            yield from (other for other, (_, theirs) in self._texts.files.items() if not charts.isdisjoint(theirs))

    def _entries(self) -> Iterable[tuple[IgnoreEntry, Suppression]]:
        """The entries of the repository's own configuration as statements that can be judged."""
        for ignore in self._config.ignores:
            route = ("ignores", ignore.index)
            place = self._config.locate(route)
            if place is None or not self._config.is_local(route):
                continue
            statement = entry(Location(place[0], *place[1]), ignore.rules, ignore.until, ignore.reason, ignore.failures)
            statement.used |= self._used_entries[ignore.index]
            yield ignore, self._judged(statement)

    def _judge_baseline(self, runner: Runner, drafter: Drafter, gone: Callable[[BaselineEntry], bool] | None) -> Iterable[Draft]:
        baseline = self._baseline
        if baseline is None or not baseline.entries:
            return
        if not self._accepted:
            whole = Suppression("baseline", baseline.path, Location(baseline.path, 1, 1, 1, 2), (), None, None, 0, 0)
            whole.breaches = ("not-allowed",)
            yield from self._report(whole, whole.facts((), (), self._today), (), runner, drafter)
            return
        if gone is None:
            return
        for fingerprint, found in self._accepted.items():
            if fingerprint in self._found or not gone(found):
                continue
            line, end = baseline.place(found)
            location = Location(baseline.path, line, 1, line, max(end, 2))
            statement = Suppression("baseline", baseline.path, location, (fingerprint,), None, None, 0, 0)
            stale = {"id": found.id, "type": found.type, "path": found.path, "message": found.message, "accepted": found.accepted}
            yield from self._report(statement, statement.facts((), (), self._today), (), runner, drafter, stale)


def breaches(policy: SuppressionPolicy, by: str, reason: str | None, until: str | None, today: date) -> tuple[Breach, ...]:
    """What a suppression breaks of the policy.

    The baseline is bound by `allow` alone: nobody writes its entries by hand. The annotations of other linters are bound by
    all of it, also where their form has no place for a reason or a last day.
    """
    if by not in policy.allow:
        return ("not-allowed",)
    found: list[Breach] = []
    if policy.require_reason and not reason:
        found.append("reason-missing")
    if policy.max_days is not None:
        day = parse_day(until)
        if day is None or (day - today).days > policy.max_days:
            found.append("lasts-too-long")
    return tuple(found)


def _places(finding: Finding) -> Iterable[Location]:
    """Where a finding can be accepted: at its place, and at every other place that takes part in making what is wrong."""
    yield finding.location
    yield from (related.location for related in finding.related if related.origin)


def _seen(suppression: Suppression, sources: Iterable[Source], complete: Complete, printed: Printed) -> bool:
    return complete(sources) and printed(suppression.path, suppression.content, suppression.last_line)


def _in_scalar(path: str, text: str, inner: Sequence[tuple[int, int]]) -> Callable[[int], bool]:
    """Where a file is no YAML before it is rendered, what looks like a comment is taken for one."""
    try:
        in_scalar = index_positions(text, json=path.endswith(".json")).in_scalar
    except InputError:
        return lambda offset: False
    if not inner:
        return in_scalar

    def in_text(offset: int) -> bool:
        line = text.count("\n", 0, offset) + 1
        return in_scalar(offset) and not any(first < line <= last for first, last in inner)

    return in_text
