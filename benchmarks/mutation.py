"""Is the line that a finding names the line that makes it? Change it, and see.

python benchmarks/mutation.py --mirrors DIR [--count 500] [--seed 1] [--jobs 2] [--json FILE] [--every-scalar]

Lints public repositories (corpus.lock) with every rule, draws findings, and changes the line that each of them names in its
author's file, one operator after the other (see mutating.py), until the finding is gone or says something else. After each
change the source is rendered and linted again, in memory.

    hit             the finding of that rule about that object is gone, or has another message, route or place
    hit (refused)   rendering now fails at the changed line, and not because the change is no YAML or no template
    unparseable     the changed text is no YAML or no template any more; another operator is tried
    object          the object is gone with the line removed, which proves nothing; another operator is tried
    same            the finding stands as it did; another operator is tried
    miss            no operator made a hit

Findings are drawn evenly from strata: kind of source (helm, kustomize, application, plain) and precision (exact, call-site,
object, file), and within a stratum evenly from sources and rules. A control changes another line of the same file in the same
way: the smaller its share, the more a hit says. With --every-scalar the places are not those of findings but of every
scalar in every object, which a rule of this benchmark reports with its value.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from multiprocessing import get_context
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks import corpus
from benchmarks.mutating import Mutation, mutations
from benchmarks.mutation_trees import Checkout
from linter.engine.options import LintOptions
from linter.engine.run import lint_tree
from linter.engine.session import Session
from linter.errors import UsageError
from linter.model import Finding, Location, Source
from linter.report.model import Report

PROBE_PACK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "probe")
_PROBE = "probe/scalar"
PRECISIONS = ("exact", "call-site", "object", "file")
KINDS = ("helm", "kustomize", "application", "plain")
# What a change that is no YAML, or no template, looks like in the report.
_NOT_PARSED = frozenset({"helm-output-invalid", "yaml-syntax", "yaml-multiple", "kustomize-build", "kustomization-invalid", "helm-values"})
_TEMPLATE_ERRORS = ("parse", "unexpected", "unclosed", "undefined variable", "bad character")
_MOST_ATTEMPTS = 12
# How many claims one process takes at a time.
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding whose place is to be proven."""

    repository: str
    rule: str
    message: str
    fingerprint: str
    resource: tuple[str, str, str] | None
    route: tuple[str | int, ...]
    location: Location
    sources: tuple[Source, ...]
    related: tuple[str, ...]
    level: str
    random: bool = False
    """The name of its object is another one in each rendering."""

    @property
    def kind(self) -> str:
        """How the manifest is obtained."""
        source = self.sources[0] if self.sources else None
        if source is not None and source.application is not None:
            return "application"
        return source.type if source is not None and source.type != "directory" else "plain"


@dataclass(slots=True)
class Outcome:
    """What became of the changes to one line: the operator and what it did, in order."""

    claim: Claim
    verdict: str = "miss"
    attempts: list[tuple[str, str]] = field(default_factory=list)
    reason: str = ""
    control: bool | None = None
    seconds: float = 0.0


def claim_of(finding: Finding, repository: str) -> Claim:
    """What is to be proven of a finding."""
    resource = (finding.resource.kind, finding.resource.namespace, finding.resource.name) if finding.resource is not None else None
    return Claim(
        repository,
        finding.rule,
        finding.message,
        finding.fingerprint,
        resource,
        finding.route,
        finding.location,
        tuple(dict.fromkeys(occurrence.source for occurrence in finding.occurrences)),
        tuple(related.location.path for related in finding.related),
        _level(finding),
    )


def _level(finding: Finding) -> str:
    """What kind of line a finding names."""
    location, path = finding.location, finding.location.path
    source = finding.occurrences[0].source if finding.occurrences else None
    if location.precision != "exact":
        return location.precision
    if source is None or source.type == "directory":
        return "plain"
    if source.type == "kustomize":
        return "kustomize"
    inside = path.partition("!")[2] or path
    if "/templates/" not in f"/{inside}" and "/crds/" not in f"/{inside}":
        return "values" if path.endswith((".yaml", ".yml", ".json")) and not path.endswith("Chart.yaml") else "chart"
    return "helper" if any(related.message == "included here" for related in finding.related) else "text"


def same(finding: Finding, claim: Claim) -> bool:
    """Whether a finding is the one that was claimed, unchanged."""
    place, claimed = finding.location, claim.location
    if (finding.rule, finding.route, place.path, place.line) != (claim.rule, claim.route, claimed.path, claimed.line):
        return False
    other = claim_of(finding, claim.repository)
    if claim.random:
        return other.fingerprint == claim.fingerprint and _nameless(other) == _nameless(claim)
    return (other.message, other.resource) == (claim.message, claim.resource)


def _nameless(claim: Claim) -> str:
    return claim.message.replace(claim.resource[2], "") if claim.resource is not None else claim.message


def options(rule: str) -> LintOptions:
    """One rule, or ALL of them, on everything."""
    if rule.startswith("probe/"):
        return LintOptions(select=(rule,), python_packs=(PROBE_PACK,), jobs=1)
    return LintOptions(select=(rule,), jobs=1)


class Experiment:
    """Changes the lines of claims about one repository."""

    def __init__(self, checkout: Checkout, session: Session) -> None:
        self._checkout = checkout
        self._session = session
        self._before: dict[tuple[str, frozenset[str]], Report] = {}

    def run(self, claim: Claim, seed: int) -> Outcome:
        """Change the line of a claim until its finding changes."""
        began = time.perf_counter()
        outcome = Outcome(claim)
        text = self._checkout.text(claim.location.path)
        found = self._smallest_part(claim)
        if text is None:
            outcome.reason = "the file that is named cannot be read"
        elif found is None:
            outcome.verdict, outcome.reason = "unstable", "the finding is not there when the source is linted again"
        else:
            part, claim = found
            self._change(claim, text, part, outcome)
            outcome.control = self._control(claim, text, part, seed)
        outcome.seconds = time.perf_counter() - began
        return outcome

    def _smallest_part(self, claim: Claim) -> tuple[frozenset[str], Claim] | None:
        """The files in which the finding stands as it does in the whole repository, and the finding as it stands there."""
        small = self._checkout.part(claim.sources, (claim.location.path, *claim.related))
        for part in (small, self._checkout.everything()):
            report = self._lint(claim.rule, part)
            for random_name in (False, True):
                if any(same(finding, replace(claim, random=random_name)) for finding in report.findings):
                    return part, replace(claim, random=random_name)
        return None

    def _lint(self, rule: str, part: frozenset[str]) -> Report:
        key = (rule, part)
        if key not in self._before:
            self._before[key] = lint_tree(self._checkout.tree(part), options(rule), self._session)
        return self._before[key]

    def _change(self, claim: Claim, text: str, part: frozenset[str], outcome: Outcome) -> None:
        before = self._lint(claim.rule, part)
        for number, mutation in enumerate(mutations(text, claim.location)):
            if number == _MOST_ATTEMPTS:
                break
            effect = self._effect(claim, mutation, part, before)
            outcome.attempts.append((mutation.operator, effect))
            if effect in ("gone", "changed", "refused"):
                outcome.verdict = "hit"
                return
        effects = {effect for _, effect in outcome.attempts}
        if not effects:
            outcome.reason = "no operator fits the line"
        elif effects == {"unparseable"}:
            outcome.verdict, outcome.reason = "unparseable", "every change made the text unreadable"
        elif "same" in effects:
            outcome.reason = "the finding stands whatever the line says"
        else:
            outcome.reason = f"no change could be judged: {', '.join(sorted(effects))}"

    def _effect(self, claim: Claim, mutation: Mutation, part: frozenset[str], before: Report) -> str:
        tree = self._checkout.tree(part, {claim.location.path: mutation.text})
        try:
            after = lint_tree(tree, options(claim.rule), self._session)
        except UsageError:
            return "unparseable"
        known = {(failure.failure.id, failure.failure.path) for failure in before.failures}
        new = [failure.failure for failure in after.failures if (failure.failure.id, failure.failure.path) not in known]
        for failure in new:
            if failure.id in _NOT_PARSED or any(word in failure.message for word in _TEMPLATE_ERRORS):
                return "unparseable"
        if new:
            here = any(failure.path == claim.location.path and failure.line == claim.location.line for failure in new)
            return "refused" if here and mutation.operator in ("scalar", "action", "key") else "fails elsewhere"
        if mutation.operator in ("node", "line", "key") and after.summary.resources < before.summary.resources:
            return "object"
        if any(same(finding, claim) for finding in after.findings):
            return "same"
        about = [finding for finding in after.findings if claim_of(finding, claim.repository).resource == claim.resource]
        return "changed" if any(finding.route == claim.route for finding in about) else "gone"

    def _control(self, claim: Claim, text: str, part: frozenset[str], seed: int) -> bool | None:
        """Whether a change of another line of the file, drawn by chance, changes the finding as well; None if it breaks it."""
        stream = random.Random(f"{seed} {claim.fingerprint}")
        lines = text.split("\n")
        numbers = [number for number, line in enumerate(lines, 1) if line.strip(" {}-") and number != claim.location.line]
        stream.shuffle(numbers)
        before = self._lint(claim.rule, part)
        for number in numbers[:4]:
            line = lines[number - 1]
            place = Location(claim.location.path, number, len(line) - len(line.lstrip()) + 1, number, len(line.rstrip()) + 1)
            for mutation in mutations(text, place):
                if mutation.operator not in ("scalar", "action"):
                    break
                effect = self._effect(claim, mutation, part, before)
                if effect in ("same", "gone", "changed"):
                    return effect != "same"
        return None


def draw(claims: Iterable[Claim], count: int, seed: int) -> list[Claim]:
    """`count` claims, evenly from the strata, and within each evenly from sources and rules."""
    stream = random.Random(seed)
    strata: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        strata[claim.kind, claim.location.precision].append(claim)
    queues = {}
    for key in sorted(strata):
        members = sorted(strata[key], key=lambda claim: (claim.repository, claim.fingerprint))
        stream.shuffle(members)
        turns: Counter[tuple[str, ...]] = Counter()
        rank = {}
        for claim in members:
            paths = tuple(source.path for source in claim.sources[:1])
            rank[claim] = max(turns[claim.repository, *paths], turns[claim.rule,])
            turns[claim.repository, *paths] += 1
            turns[claim.rule,] += 1
        queues[key] = sorted(members, key=rank.__getitem__)
    drawn: list[Claim] = []
    while len(drawn) < count and any(queues.values()):
        for queue in queues.values():
            if queue and len(drawn) < count:
                drawn.append(queue.pop(0))
    return drawn


def collect(folders: dict[str, str], jobs: int, every_scalar: bool) -> list[Claim]:
    """The findings of all repositories that nothing accepts."""
    claims: list[Claim] = []
    wanted = options(_PROBE if every_scalar else "ALL")
    with Session(jobs) as session:
        for repository, folder in folders.items():
            began = time.perf_counter()
            checkout = Checkout(folder)
            report = lint_tree(checkout.base, replace(wanted, paths=(folder,), jobs=jobs), session)
            found = [claim_of(finding, repository) for finding in report.findings if finding.suppressed is None]
            claims += [claim for claim in found if not claim.rule.startswith("suppression/")]
            precision = ", ".join(f"{number} {name}" for name, number in Counter(claim.location.precision for claim in found).most_common())
            seconds = time.perf_counter() - began
            print(f"{repository}: {report.summary.resources} objects, {len(found)} findings ({precision}) in {seconds:.1f} s", flush=True)
    return claims


@lru_cache(maxsize=4)
def checkout_of(folder: str) -> Checkout:
    """A repository, listed once by each process."""
    return Checkout(folder)


def work(folder: str, claims: Sequence[Claim], seed: int) -> list[Outcome]:
    """Change the lines of claims about one repository, in a process of its own."""
    with Session(1) as session:
        experiment = Experiment(checkout_of(folder), session)
        return [experiment.run(claim, seed) for claim in claims]


def test(folders: dict[str, str], claims: Sequence[Claim], seed: int, jobs: int) -> list[Outcome]:
    """Change the lines of all claims, a few of one repository at a time."""
    groups: dict[str, list[Claim]] = defaultdict(list)
    for claim in sorted(claims, key=lambda claim: (claim.repository, str(claim.sources[:1]), claim.location)):
        groups[claim.repository].append(claim)
    outcomes: list[Outcome] = []
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        pending = [
            pool.submit(work, folders[repository], group[start : start + _AT_ONCE], seed)
            for repository, group in groups.items()
            for start in range(0, len(group), _AT_ONCE)
        ]
        for future in pending:
            outcomes += future.result()
            if sys.stderr.isatty():
                print(f"\r{len(outcomes)} of {len(claims)}", end="", file=sys.stderr, flush=True)
    return outcomes


def tell(outcomes: Sequence[Outcome]) -> None:
    """Print the shares and every miss."""
    tables: list[tuple[str, Callable[[Outcome], str], Sequence[str]]] = [
        ("precision", lambda outcome: outcome.claim.location.precision, PRECISIONS),
        ("kind of source", lambda outcome: outcome.claim.kind, KINDS),
        ("level", lambda outcome: outcome.claim.level, ()),
        ("repository", lambda outcome: outcome.claim.repository, ()),
    ]
    for title, key, order in tables:
        print(f"\n| {title} | places | hit | share | unparseable | unstable | miss | control |\n|---|--:|--:|--:|--:|--:|--:|--:|")
        groups: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            groups[key(outcome)].append(outcome)
        for name in sorted(groups, key=lambda name: (order.index(name) if name in order else len(order), name)):
            print(_row(name, groups[name]))
        if len(groups) > 1:
            print(_row("all", outcomes))
    effects = Counter(outcome.attempts[-1] for outcome in outcomes if outcome.verdict == "hit")
    print("\nhits by operator: " + ", ".join(f"{operator} ({effect}) {number}" for (operator, effect), number in effects.most_common()))
    for outcome in outcomes:
        if outcome.verdict != "hit":
            claim = outcome.claim
            place = f"{claim.repository} {claim.location.path}:{claim.location.line}"
            tried = ", ".join(f"{operator}: {effect}" for operator, effect in outcome.attempts)
            print(f"{outcome.verdict}: {place} [{claim.location.precision}, {claim.level}] {claim.rule}: {claim.message[:100]}")
            print(f"    {outcome.reason} ({tried})")


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    verdicts = Counter(outcome.verdict for outcome in outcomes)
    judged = len(outcomes) - verdicts["unparseable"] - verdicts["unstable"]
    share = f"{verdicts['hit'] / judged:.1%}" if judged else "-"
    controls = [outcome.control for outcome in outcomes if outcome.control is not None]
    control = f"{sum(controls) / len(controls):.0%}" if controls else "-"
    counts = " | ".join(str(verdicts[verdict]) for verdict in ("unparseable", "unstable", "miss"))
    return f"| {name} | {len(outcomes)} | {verdicts['hit']} | {share} | {counts} | {control} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpus.add_arguments(parser)
    parser.add_argument("--count", type=int, default=500, help="how many findings are tested (default: 500)")
    parser.add_argument("--seed", type=int, default=1, help="equal seeds draw equal findings (default: 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one for each processor)")
    parser.add_argument("--every-scalar", action="store_true", help="test the places of scalars instead of findings")
    parser.add_argument("--kinds", default="", metavar="KIND,...", help=f"only sources of these kinds: {', '.join(KINDS)}")
    parser.add_argument("--json", metavar="FILE", help="write every outcome to this file")
    arguments = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as directory:
        try:
            folders = corpus.export_chosen(arguments, os.path.join(directory, "corpus"))
        except corpus.CorpusError as error:
            print(error, file=sys.stderr)
            return 2
        claims = collect(folders, arguments.jobs, arguments.every_scalar)
        kinds = [kind for kind in arguments.kinds.split(",") if kind]
        chosen = draw([claim for claim in claims if not kinds or claim.kind in kinds], arguments.count, arguments.seed)
        print(f"{len(claims)} findings after {time.perf_counter() - began:.0f} s, {len(chosen)} drawn", flush=True)
        outcomes = test(folders, chosen, arguments.seed, arguments.jobs)
    tell(outcomes)
    slowest = max((outcome.seconds for outcome in outcomes), default=0.0)
    print(f"\n{len(outcomes)} places in {time.perf_counter() - began:.0f} s, the slowest in {slowest:.1f} s")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump([_plain(outcome) for outcome in outcomes], file, indent=1)
    return 0


def _plain(outcome: Outcome) -> dict[str, Any]:
    found = asdict(outcome)
    found["claim"]["kind"] = outcome.claim.kind
    return found


if __name__ == "__main__":
    sys.exit(main())
