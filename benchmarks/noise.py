"""How much the recommended rules say about public manifests, and whether it is right.

python benchmarks/noise.py --mirrors DIR [--sample 100 --seed 2026] [--verdicts FILE] [--fill FILE] [--jobs N]

Lints the repositories of corpus.lock with the recommended rules, each chart with its default values unless the repository
says which environments it has, and counts findings per object: mean, median, 90th percentile, maximum and the share of
objects without any; then findings by severity, pack and rule. An object that two sources make counts twice, and so do its
findings. CHARTS are the repositories whose charts are made for everybody to install, and count as well made.

With --sample findings are drawn: from each rule in turn, so that no flood of one rule fills the sample, and within a rule from
each repository in turn. What is drawn depends on the seed and on the findings alone, and hardly changes when some of them
disappear. Each is printed with what verdicts.json says of it. That file is a list of objects:

    repository, fingerprint   which finding it is
    rule, path, line, message what it says, for people
    verdict                   right, wrong or arguable
    reason                    one sentence
    mended                    for a wrong one: what was changed so that it is not found any more

--fill writes the sample as such a list, with an empty verdict where there is none. Exit code 1 means that a finding occurs
that was judged wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks import corpus
from benchmarks.run import table
from linter.engine.options import LintOptions
from linter.engine.run import lint_tree
from linter.engine.session import Session
from linter.model import Finding
from linter.repository import WorkTree

VERDICTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "verdicts.json")
ANSWERS = ("right", "wrong", "arguable")
CHARTS = (
    *("bitnami/charts", "prometheus-community/helm-charts", "grafana/helm-charts", "argoproj/argo-helm", "istio/istio"),
    *("external-secrets/external-secrets", "traefik/traefik-helm-chart", "stefanprodan/podinfo"),
)


@dataclass(slots=True)
class Noise:
    """What the rules said about some objects: how many objects, and the findings of each that has some."""

    objects: int = 0
    charts: int = 0
    about: Counter[object] = field(default_factory=Counter)

    def add(self, other: Noise) -> None:
        """Count the objects of another repository as well."""
        self.objects += other.objects
        self.charts += other.charts
        self.about.update(other.about)

    def per_object(self) -> list[int]:
        """The number of findings of each object, in ascending order."""
        return sorted([0] * (self.objects - len(self.about)) + list(self.about.values()))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finding, and what somebody who read its file thinks of it."""

    repository: str
    fingerprint: str
    rule: str
    path: str
    line: int
    message: str
    verdict: str = ""
    reason: str = ""
    mended: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells findings apart, whatever becomes of their words and lines."""
        return self.repository, self.fingerprint


def measure(folders: dict[str, str], jobs: int) -> tuple[dict[str, Noise], list[tuple[str, Finding]]]:
    """Lint exported repositories (`corpus.export`): the noise of each, and all findings that nothing accepts."""
    noise: dict[str, Noise] = {}
    findings: list[tuple[str, Finding]] = []
    with Session(jobs) as session:
        for repository, folder in folders.items():
            report = lint_tree(WorkTree(folder), LintOptions(paths=(folder,), jobs=jobs), session)
            charts = {entry.source.path for entry in report.sources if entry.source.type == "helm" and entry.status == "ok"}
            counted = Noise(report.summary.resources, len(charts))
            for finding in report.shown():
                findings.append((repository, finding))
                for occurrence in finding.occurrences:
                    thing = occurrence.resource
                    # Files of one source may declare an object several times, as alternatives.
                    named = (
                        (thing.document.file.path, thing.document.index, thing.prefix) if thing is not None else (finding.location.path,)
                    )
                    counted.about[repository, occurrence.source, named] += 1
            noise[repository] = counted
            print(f"{repository}: {counted.objects} objects, {len(report.shown())} findings", file=sys.stderr, flush=True)
    return noise, findings


def percentile(numbers: Sequence[int], share: float) -> int:
    """The smallest of some ascending numbers that at least this share of them does not exceed; 0 if there are none."""
    return numbers[max(0, -int(-len(numbers) * share // 1) - 1)] if numbers else 0


def tables(noise: dict[str, Noise], findings: Sequence[tuple[str, Finding]]) -> str:
    """The Markdown tables of noise by repository and of findings by severity, pack and rule."""
    groups: list[tuple[str, Iterable[str]]] = [(repository, (repository,)) for repository in noise]
    groups += [("charts for everybody", CHARTS), ("all", tuple(noise))]
    rows = []
    for title, members in groups:
        total = Noise()
        for repository in members:
            total.add(noise.get(repository, Noise()))
        numbers = total.per_object()
        if not numbers:
            continue
        mean, silent = sum(numbers) / len(numbers), numbers.count(0) / len(numbers)
        spread = [str(percentile(numbers, share)) for share in (0.5, 0.9, 1)]
        rows.append([title, str(total.charts), str(total.objects), f"{mean:.2f}", *spread, f"{silent:.0%}"])
    parts = [table(["repository", "charts", "objects", "mean", "median", "90th percentile", "most", "without finding"], rows)]
    parts.append(_shares("severity", [(repository, finding.severity) for repository, finding in findings]))
    parts.append(_shares("pack", [(repository, finding.rule.partition("/")[0]) for repository, finding in findings]))
    parts.append(_shares("rule", [(repository, finding.rule) for repository, finding in findings]))
    return "\n\n".join(parts)


def _shares(title: str, found: Sequence[tuple[str, str]]) -> str:
    """How many findings have a name, and in how many repositories, which tells the habit of one author from one of all."""
    counted = Counter(name for _, name in found)
    where = Counter(name for _, name in set(found))
    rows = [
        [name, str(count), str(where[name]), f"{count / len(found):.1%}"]
        for name, count in sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))
    ]
    return table([title, "findings", "repositories", "share"], rows)


def draw(findings: Iterable[tuple[str, Finding]], count: int, seed: int) -> list[Drawn]:
    """`count` findings: from each rule in turn, and within a rule from each repository in turn."""
    stock: dict[str, list[Drawn]] = defaultdict(list)
    for repository, finding in findings:
        place = finding.location
        stock[finding.rule].append(Drawn(repository, finding.fingerprint, finding.rule, place.path, place.line, finding.message))
    queues = []
    for rule in sorted(stock, key=lambda rule: _lot(seed, rule)):
        turns: Counter[str] = Counter()
        ranked = []
        for drawn in sorted(stock[rule], key=lambda drawn: _lot(seed, *drawn.key)):
            ranked.append((turns[drawn.repository], drawn))
            turns[drawn.repository] += 1
        queues.append([drawn for _, drawn in sorted(ranked, key=lambda entry: entry[0])])
    turn = 0
    sample: list[Drawn] = []
    while len(sample) < count and any(turn < len(queue) for queue in queues):
        sample += [queue[turn] for queue in queues if turn < len(queue)]
        turn += 1
    return sample[:count]


def _lot(seed: int, *words: str) -> str:
    return hashlib.sha256("\0".join((str(seed), *words)).encode()).hexdigest()


def load_verdicts(path: str) -> dict[tuple[str, str], Drawn]:
    """The findings that were judged. Raises CorpusError for an entry that is none."""
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        judged = [Drawn(**entry) for entry in json.load(file)]
    for entry in judged:
        if entry.verdict not in ANSWERS or not entry.reason:
            raise corpus.CorpusError(
                f"{path}: {entry.rule} at {entry.path}:{entry.line} needs a verdict ({', '.join(ANSWERS)}) and a reason"
            )
    return {entry.key: entry for entry in judged}


def tell(sample: Sequence[Drawn], verdicts: dict[tuple[str, str], Drawn]) -> None:
    """Print the sample with its verdicts, and the shares."""
    counted: Counter[str] = Counter()
    for number, drawn in enumerate(sample, 1):
        known = verdicts.get(drawn.key, drawn)
        counted[known.verdict or "not judged"] += 1
        print(f"{number:3} {known.verdict or 'not judged'}: {drawn.repository} {drawn.path}:{drawn.line} {drawn.rule}: {drawn.message}")
        if known.reason:
            print(f"    {known.reason}")
    judged = sum(counted[answer] for answer in ANSWERS)
    shares = ", ".join(f"{counted[answer]} {answer} ({counted[answer] / judged:.0%})" for answer in ANSWERS) if judged else "none"
    print(f"\n{len(sample)} findings drawn, {judged} judged: {shares}")
    if mended := sum(bool(known.mended) for known in verdicts.values()):
        print(f"{mended} others were judged wrong before, in samples and beside them, and what made them was mended")


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpus.add_arguments(parser)
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="draw N findings and print what was thought of them")
    parser.add_argument("--seed", type=int, default=2026, help="equal seeds draw equal findings (default: 2026)")
    parser.add_argument("--verdicts", default=VERDICTS, metavar="FILE", help="the findings that were judged (default: verdicts.json)")
    parser.add_argument("--fill", metavar="FILE", help="write the sample to this file, for verdicts to be filled in")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one for each processor)")
    arguments = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as directory:
        try:
            verdicts = load_verdicts(arguments.verdicts)
            folders = corpus.export_chosen(arguments, os.path.join(directory, "corpus"))
        except corpus.CorpusError as error:
            print(error, file=sys.stderr)
            return 2
        noise, findings = measure(folders, arguments.jobs)
    print(tables(noise, findings))
    if arguments.sample:
        sample = draw(findings, arguments.sample, arguments.seed)
        print()
        tell(sample, verdicts)
        if arguments.fill:
            with open(arguments.fill, "w", encoding="utf-8") as file:
                json.dump([asdict(verdicts.get(drawn.key, drawn)) for drawn in sample], file, indent=1, ensure_ascii=False)
                file.write("\n")
    known = {(repository, finding.fingerprint) for repository, finding in findings}
    again = [entry for key, entry in verdicts.items() if entry.verdict == "wrong" and key in known]
    for entry in again:
        print(f"found again, though judged wrong: {entry.repository} {entry.path}:{entry.line} {entry.rule}: {entry.reason}")
    return 1 if again else 0


if __name__ == "__main__":
    sys.exit(main())
