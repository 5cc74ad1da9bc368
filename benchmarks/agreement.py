"""Do we refuse what kubeconform and the API server refuse? Every disagreement over public manifests, grouped and explained.

python benchmarks/agreement.py --mirrors DIR --schemas WHEEL [--kubernetes 1.36] [--plain] [--server PROGRAM] [--list]
                               [--command "gitops-lint lint"] [--kubeconform kubeconform]

The objects are those of the repositories in corpus.lock, with --plain without those that charts make. Each is judged alone:

    ours         refused if a rule that speaks for the API server (JUDGING below) finds an error
    kubeconform  refused if `-strict` calls it invalid or cannot read it; not judged where it has no schema
    API server   what PROGRAM says, which gets the paths of YAML files and prints for each document a line of JSON with
                 `file`, `accepted` (true, false, or null for a kind that is not served), `kind`, `message` and `causes`
                 (`field`, `message`): the answer to a creation with dryRun=All and fieldValidation=Strict

Objects that one side alone refuses are grouped by what it says about which field. The file agreement.json explains the groups:
a list of objects with `peer`, `only` (ours or peer), `group` (a regular expression for the group's text), `right` (ours or
peer) and `because`. Groups that nothing explains end the program with exit code 1.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks import corpus, kubeconform, public_objects
from benchmarks.measuring import MeasurementError, environment, resolve
from benchmarks.run import table

EXPLANATIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "agreement.json")
# Rules whose errors say that the API server refuses the object; the other rules say that it will not work.
JUDGING = (
    *("schema", "labels/value-not-a-string", "labels/invalid-syntax", "labels/invalid-selector", "labels/selector-mismatch"),
    *("probes/handler-count", "probes/invalid-handler", "probes/success-threshold", "probes/grace-period-on-readiness"),
    *("probes/on-init-container", "rbac/invalid-binding", "rbac/invalid-rule", "rbac/subject-namespace-missing"),
    *("scheduling/toleration-invalid", "scheduling/invalid-node-affinity", "scheduling/invalid-pod-affinity"),
    *("scheduling/invalid-spread-constraint",),
)
# How kubeconform words a mistake, and the numbers in the place it names.
_PLACED = re.compile(r"- at '([^']*)': (.*?)(?= - at '|$)", re.DOTALL)
_POINTER = re.compile(r"(?<=/)\d+(?=/|$)")
_OBJECT = re.compile(r"(\d{5})/object\.yaml$")
_PLACEHOLDER = re.compile(r"\$\{\w|\$\(\w|<path:")
_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one judge says of an object: nothing at all (`judged` false), or its complaints, each as a group's text."""

    judged: bool = True
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """One entry of agreement.json; see the top of this module."""

    peer: str
    only: str
    group: str
    right: str
    because: str

    def fits(self, peer: str, only: str, group: str) -> bool:
        return self.peer == peer and self.only == only and re.search(self.group, group) is not None


@dataclass(slots=True)
class Comparison:
    """Two judges over the objects that both judge; `groups` has the objects that only one refuses, by side and complaint."""

    judged: int = 0
    accepted: int = 0
    refused: int = 0
    groups: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def objects(self, only: str) -> int:
        return sum(len(names) for (side, _), names in self.groups.items() if side == only)


def general(text: str) -> str:
    """A complaint without what is peculiar to one object: quoted text, numbers, what stands in brackets."""
    lines = re.sub(r"\d+", "N", re.sub(r"(?<=\[)[^\[\]]*(?=\])", "", _QUOTED.sub("…", text))).splitlines()
    return " ".join(dict.fromkeys(line.strip() for line in lines))


def ours(words: Sequence[str], folder: str, names: Iterable[str]) -> dict[str, Verdict]:
    """The linter's verdict on each object below a folder. Raises MeasurementError if it cannot be run."""
    done = subprocess.run(
        [*words, "--select", ",".join(JUDGING), "--format", "json", folder], capture_output=True, env=environment(), check=False
    )
    if done.returncode not in (0, 1, 3):
        raise MeasurementError(done.stderr.decode(errors="replace")[-2000:])
    report = json.loads(done.stdout)
    complaints: dict[str, list[str]] = defaultdict(list)
    for finding in report["findings"]:
        match = _OBJECT.search(finding["location"]["path"])
        if match is not None and finding["severity"] == "error":
            route = ".".join("[]" if isinstance(step, int) else step for step in finding["route"]).replace(".[]", "[]")
            complaints[match[1]].append(f"{finding['rule']} at {route}")
    unread = {
        match[1] for failure in report["failures"] if failure["kind"] == "broken" and (match := _OBJECT.search(failure["path"] or ""))
    }
    return {name: Verdict(name not in unread, tuple(complaints.get(name, ()))) for name in names}


def kubeconforms(words: list[str], folder: str) -> dict[str, Verdict]:
    """kubeconform's verdicts. A List is judged by its items. Raises MeasurementError if it cannot be run."""
    done = subprocess.run([*words, "-output", "json", "-verbose", folder], capture_output=True, env=environment(), check=False)
    try:
        resources = json.loads(done.stdout)["resources"]
    except ValueError:
        raise MeasurementError(done.stderr.decode(errors="replace")[-2000:]) from None
    found: dict[str, Verdict] = {}
    for resource in resources:
        match = _OBJECT.search(resource["filename"])
        if match is None or resource["status"] == "statusEmpty":
            continue
        errors = []
        if resource["status"] in ("statusInvalid", "statusError"):
            errors = [f"{_POINTER.sub('[]', place)}: {general(what)}" for place, what in _PLACED.findall(resource["msg"])]
            errors = errors or [general(resource["msg"])]
        before = found.get(match[1], Verdict(False))
        judged = before.judged or resource["status"] != "statusSkipped"
        found[match[1]] = Verdict(judged, (*before.complaints, *errors))
    return found


def servers(words: Sequence[str], folder: str, names: Sequence[str]) -> dict[str, Verdict]:
    """The API server's verdicts, asked for in portions. Raises MeasurementError if the program fails."""
    found: dict[str, Verdict] = {}
    for first in range(0, len(names), 500):
        paths = [os.path.join(folder, name, "object.yaml") for name in names[first : first + 500]]
        done = subprocess.run([*words, *paths], capture_output=True, env=environment(), check=False)
        if done.returncode:
            raise MeasurementError(done.stderr.decode(errors="replace")[-2000:])
        for line in done.stdout.splitlines():
            answer = json.loads(line)
            match = _OBJECT.search(answer["file"])
            if match is None:
                continue
            before = found.get(match[1], Verdict(False))
            complaints = []
            if answer["accepted"] is False:
                causes = answer["causes"] or [{"field": "", "message": answer["message"]}]
                complaints = [f"{answer['kind']} {general(cause['field'])}: {general(cause['message'])}" for cause in causes]
            found[match[1]] = Verdict(before.judged or answer["accepted"] is not None, (*before.complaints, *complaints))
    return found


def compare(own: Mapping[str, Verdict], peer: Mapping[str, Verdict], open_names: Container[str] = ()) -> Comparison:
    """Two judges over what both judge. An object that one refuses is in the group of that judge's first complaint, and apart
    if it is in `open_names`: those that hold placeholders, which others have yet to replace."""
    result = Comparison()
    for name, mine in own.items():
        theirs = peer.get(name, Verdict(False))
        if not mine.judged or not theirs.judged:
            continue
        result.judged += 1
        if bool(mine.complaints) == bool(theirs.complaints):
            result.refused += bool(mine.complaints)
            result.accepted += not mine.complaints
        else:
            side, complaint = ("ours", mine.complaints[0]) if mine.complaints else ("peer", theirs.complaints[0])
            result.groups[side, f"{complaint} (placeholders)" if name in open_names else complaint].append(name)
    return result


def load_explanations(path: str = EXPLANATIONS) -> list[Explanation]:
    """The explanations of groups."""
    with open(path, encoding="utf-8") as file:
        return [Explanation(**entry) for entry in json.load(file)]


def explained(peer: str, comparison: Comparison, explanations: Sequence[Explanation]) -> tuple[list[list[str]], int]:
    """Lines of the table of disagreements, and how many groups nothing explains."""
    by_reason: dict[tuple[str, str, str], list[tuple[str, list[str]]]] = defaultdict(list)
    for (only, group), names in comparison.groups.items():
        fitting = next((entry for entry in explanations if entry.fits(peer, only, group)), None)
        reason = (only, fitting.right, fitting.because) if fitting is not None else (only, "?", f"not explained: {group}")
        by_reason[reason].append((group, names))
    lines = []
    for (only, right, because), groups in sorted(
        by_reason.items(), key=lambda item: (item[0][0], -sum(len(names) for _, names in item[1]))
    ):
        count = sum(len(names) for _, names in groups)
        shown = {"ours": "gitops-lint", "peer": peer}
        lines.append([shown[only], str(count), str(len(groups)), shown.get(right, right), because.replace("|", "\\|")])
    lines.sort(key=lambda line: (line[0], -int(line[1])))
    return lines, sum(1 for _, right, _ in by_reason if right == "?")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compare verdicts on public manifests.")
    corpus.add_arguments(parser)
    parser.add_argument("--schemas", required=True, metavar="WHEEL", help="the wheel of the package kubernetes-validate")
    parser.add_argument("--kubernetes", default="1.36", metavar="VERSION", help="the version to validate against (default: 1.36)")
    parser.add_argument("--plain", action="store_true", help="only plain manifests, not what charts make")
    parser.add_argument("--server", metavar="PROGRAM", help="a program that asks a real API server")
    parser.add_argument("--list", action="store_true", help="also list every object that one side alone refuses")
    parser.add_argument("--command", default="gitops-lint lint", help='the linter (default: "gitops-lint lint")')
    parser.add_argument("--kubeconform", default="kubeconform", metavar="COMMAND", help="kubeconform (default: the one on PATH)")
    options = parser.parse_args(arguments)
    try:
        return _report(options)
    except (MeasurementError, corpus.CorpusError) as error:
        print(f"agreement.py: {error}", file=sys.stderr)
        return 2


def _report(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="gitops-lint-") as parent:
        parent = os.path.realpath(parent)
        things = public_objects.chosen(options, parent, rendered=not options.plain)
        folder, schemas = os.path.join(parent, "objects"), os.path.join(parent, "schemas")
        names = public_objects.write(things, folder)
        kubeconform.write_schemas(options.schemas, options.kubernetes, schemas)
        own = ours([*resolve(options.command), "--target", f"kubernetes={options.kubernetes}"], folder, names)
        peers = {"kubeconform": kubeconforms(kubeconform.command(resolve(options.kubeconform), schemas, options.kubernetes), folder)}
        if options.server:
            peers["API server"] = servers(resolve(options.server), folder, names)
    explanations = load_explanations()
    open_names = {name for name, thing in zip(names, things, strict=True) if _PLACEHOLDER.search(thing.text)}
    counts, disagreements, unexplained = [], [], 0
    listing = []
    for peer, verdicts in peers.items():
        result = compare(own, verdicts, open_names)
        numbers = (result.judged, result.accepted, result.refused, result.objects("ours"), result.objects("peer"))
        counts.append([peer, *(f"{number:,}" for number in numbers)])
        lines, open_groups = explained(peer, result, explanations)
        disagreements += [[peer, *line] for line in lines]
        unexplained += open_groups
        for (only, group), members in sorted(result.groups.items()):
            listing.append(f"{peer}, only {'gitops-lint' if only == 'ours' else peer} ({len(members)}): {group}")
            listing += [f"    {things[int(name)].origin}: {things[int(name)].value['kind']}" for name in members]
    print(f"{len(things):,} objects\n")
    print(table(("compared with", "both judge", "both accept", "both refuse", "only we refuse", "only it refuses"), counts))
    if disagreements:
        print(f"\n{table(('compared with', 'refused only by', 'objects', 'groups', 'right', 'because'), disagreements)}")
    if options.list:
        print("\n" + "\n".join(listing))
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
