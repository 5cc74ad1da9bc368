"""The text of a configuration: what is sure as settings, what is not as comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from linter.inference.findings import Applications, ChartEntry, Environments, Exclusion, Inferred, Pin, Target, Unsure
from linter.inference.text import comment, listing, one_line, scalar
from linter.version import NEWEST_TARGETS

SCHEMA_LINE: Final = "# yaml-language-server: $schema=https://gitops-lint.readthedocs.io/schemas/config.schema.json"
# Of ExternalDNS no newest version is assumed.
_EXAMPLE = "0.22"
_MOST_UNSURE = 12
_MOST_FILES = 4
_MOST_PLAIN = 8


def write_configuration(inferred: Inferred, *, root: bool) -> str:
    """The content of .gitops-lint.yaml. `root` says that the repository begins here and has no Git that would say so."""
    lines = [SCHEMA_LINE]
    lines += comment("Written by `gitops-lint init` from the files of this repository. Settings are what they say for certain;")
    lines += comment("what is commented out is a guess: take it over or delete it.")
    if root:
        lines += ["", "# There is no Git here that would say where the repository begins.", "root: true"]
    blocks = (
        _targets(inferred.targets),
        _packs(inferred.pins),
        _repositories(inferred.applications),
        _clusters(inferred.applications),
        _environments(inferred.environments, inferred.applications),
        _excluded(inferred.exclusions),
        _elsewhere(inferred),
    )
    for block in map(list, blocks):
        lines += ["", *block] if block else []
    return "\n".join(lines) + "\n"


def _targets(targets: Sequence[Target]) -> Iterator[str]:
    yield from comment("The versions that the manifests are for. Without an entry: the newest known; for ExternalDNS, both prefixes count.")
    sure = any(target.version is not None for target in targets)
    # Where nothing is sure the whole mapping is a comment, which is still right when it is uncommented.
    outer = "" if sure else "# "
    yield f"{outer}targets:"
    for target in targets:
        for reason in target.reasons:
            yield from comment(reason, f"{outer}  ")
        if target.version is not None:
            yield f"  {target.system}: {_quoted_version(target.version)}"
        else:
            said = "" if target.reasons else "  # nothing in the repository says which"
            version = _quoted_version(target.suggestion or NEWEST_TARGETS[target.system] or _EXAMPLE)
            yield f"{outer}  {'# ' if sure else ''}{target.system}: {version}{said}"


def _quoted_version(version: str) -> str:
    return f'"{version}"'


def _packs(pins: Sequence[Pin]) -> Iterator[str]:
    wanted = [pin for pin in pins if pin.wanted]
    others = [pin for pin in pins if not pin.wanted]
    if not pins:
        return
    yield from comment("Rule packs, pinned: an update of gitops-lint brings new rules and severities only when you raise the number.")
    yield "packs:" if wanted else "# packs:"
    for pin in wanted:
        yield f"  {pin.name}: {_quoted_version(pin.version)}"
    if others:
        yield from comment("Nothing in the repository is for these yet:", "  ")
        yield from (f"  # {pin.name}: {_quoted_version(pin.version)}" for pin in others)


def _repositories(applications: Applications) -> Iterator[str]:
    if not applications.repositories:
        return
    sure = any(repository.certain for repository in applications.repositories)
    if sure:
        yield from comment("Applications name this address, which no remote of this repository has, and all their paths are here:")
    else:
        yield from comment("Applications name these addresses, which no remote of this repository has, and their paths are here.")
        yield from comment("If one of them is this repository, or a copy of it, say so, and what they deploy is checked:")
    yield "repositories:" if sure else "# repositories:"
    for repository in applications.repositories:
        number = repository.sources
        why = one_line(f"named by {number} {'source' if number == 1 else 'sources'} of Applications")
        yield f"{'' if repository.certain else '# '}  {scalar(repository.address)}: .  # {why}"


def _clusters(applications: Applications) -> Iterator[str]:
    wanted = applications.clusters
    if wanted is None:
        return
    more = f" and {wanted.count - 1} more make" if wanted.count > 1 else " makes"
    yield from comment(f"The ApplicationSet at {wanted.path}:{wanted.line}{more} Applications for the clusters that Argo CD knows.")
    yield from comment("Declare these with the labels of their Secrets, and the Applications are checked:")
    labels = (
        f", labels: {{{', '.join(f'{scalar(key)}: {scalar(value)}' for key, value in wanted.labels.items())}}}" if wanted.labels else ""
    )
    yield "# clusters:"
    for name in wanted.names[:_MOST_FILES] or ("in-cluster",):
        server = "https://kubernetes.default.svc" if name == "in-cluster" else "https://SERVER"
        yield f"#   {scalar(name)}: {{server: {scalar(server)}{labels}}}"


def _environments(environments: Environments, applications: Applications) -> Iterator[str]:
    deployed = len(applications.charts)
    if deployed:
        some = _some(sorted(applications.charts), _MOST_FILES)
        what = (
            "are rendered as the Applications that deploy them say"
            if deployed > 1
            else "is rendered as the Application that deploys it says"
        )
        yield from comment(f"{some} {what}.")
    if not environments.entries and not environments.unsure:
        return
    if environments.entries:
        which = "Each other chart" if deployed else "Each chart"
        yield from comment(
            f"{which} is rendered once per environment. Values files are relative to the chart, with a leading / to this file."
        )
        if environments.unset:
            names = _some(environments.unset, _MOST_FILES)
            yield from comment(
                f"Where a chart needs one of these, add `set: [NAME=VALUE]`. Applications fill them in by template: {names}."
            )
        yield "environments:"
        for name, charts in environments.grouped.items():
            yield f"  {scalar(name)}:"
            for note in environments.notes.get(name, ()):
                yield from comment(note, "    ")
            for glob, entry in charts.items():
                yield f"    {_glob(glob)}: {_entry(entry)}"
        if environments.plain:
            yield from comment(f"Rendered once, with their default values: {_some(environments.plain, _MOST_PLAIN)}.", "  ")
    yield from _unsure(environments.unsure, bool(environments.entries))
    if not environments.entries:
        other = "other " if deployed else ""
        yield f"environments: {{}}  # each {other}chart is rendered once, with its default values"


def _entry(entry: ChartEntry) -> str:
    parts = [f"values: {listing(entry.values)}", *([f"set: {listing(entry.settings)}"] if entry.settings else [])]
    parts += [
        f"{key}: {scalar(value)}"
        for key, value in (("namespace", entry.namespace), ("release", entry.release), ("cluster", entry.cluster))
        if value is not None
    ]
    return "{" + ", ".join(parts) + "}"


def _unsure(unsure: Sequence[Unsure], behind: bool) -> Iterator[str]:
    if not unsure:
        return
    indent = "  " if behind else ""
    yield from comment("Values files that may or may not be those of an environment:", indent)
    for each in unsure[:_MOST_UNSURE]:
        yield from comment(f"- {each.name}: {_some(each.files, _MOST_FILES)} ({each.reason})", indent)
    if len(unsure) > _MOST_UNSURE:
        yield from comment(f"- and {len(unsure) - _MOST_UNSURE} more names", indent)


def _some(words: Sequence[str], most: int) -> str:
    """The first of several words, and how many there are besides."""
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")


def _excluded(exclusions: Sequence[Exclusion]) -> Iterator[str]:
    if not exclusions:
        return
    certain = [entry for entry in exclusions if entry.certain]
    guesses = [entry for entry in exclusions if not entry.certain]
    yield from comment("Files that are not checked at all.")
    yield "exclude:" if certain else "# exclude:"
    for entry in certain:
        yield f"  - {_glob(entry.glob)}  # {_why(entry)}"
    indent = "  # " if certain else "#   "
    for entry in guesses:
        yield f"{indent}- {_glob(entry.glob)}  # {_why(entry)}"


def _why(entry: Exclusion) -> str:
    return one_line(entry.reason if entry.files == 1 else f"{entry.files} files with manifests: {entry.reason}")


def _glob(glob: str) -> str:
    """A glob as people write it: without quotes if its stars are all that is special, and not where YAML reads an alias."""
    starless = glob.replace("*", "x")
    return glob if not glob.startswith("*") and scalar(starless) == starless else scalar(glob)


def _elsewhere(inferred: Inferred) -> Iterator[str]:
    if inferred.elsewhere:
        yield from comment("Namespaces that are referred to, and in which no object of this repository lives. If other teams fill them:")
        yield "# externals:"
        for each in inferred.elsewhere:
            where = one_line(f"{each.path}:{each.line}")
            more = f" and {each.count - 1} more" if each.count > 1 else ""
            yield f'#   - {{kind: "*", namespace: {scalar(each.namespace)}}}  # {where}{more}'
    if inferred.owned is not None:
        yield from comment("Objects that exist only if this repository declares them, so that a reference to a missing one is a finding:")
        yield "# owned:"
        yield f"#   - {{kind: Secret, namespace: {scalar(inferred.owned)}}}"
