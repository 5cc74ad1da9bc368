"""Public repositories to measure on: their commits are named in corpus.lock, their content comes from mirrors.

corpus.lock is a JSON list with one object per repository:

    repository      owner/name
    commit          40 hexadecimal digits
    licence         its SPDX identifier; nothing of the repository is copied into this one
    paths           what is exported, as `git archive` takes it; all of it by default
    dependencies    folders of charts, each DIR of the same repository or owner/name:DIR of another one. What a Chart.yaml
                    depends on, and charts/ does not hold, is copied into charts/ from there, for these copies as well
    configuration   the .gitops-lint.yaml that the export gets, as an object
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from linter.errors import InputError
from linter.manifest.decoder import decode_bytes

LOCK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus.lock")

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_NESTING = 6


class CorpusError(Exception):
    """The lock says something impossible, or a mirror does not hold what it names."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One repository of the lock; see the top of this module."""

    repository: str
    commit: str
    licence: str
    paths: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    configuration: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """The name of its mirror and of its export: owner+name."""
        return self.repository.replace("/", "+")


def load_lock(path: str = LOCK) -> list[Entry]:
    """The repositories of a lock file. Raises CorpusError for one that cannot be used."""
    with open(path, encoding="utf-8") as file:
        entries = [Entry(**{**entry, **{key: tuple(entry.get(key, ())) for key in ("paths", "dependencies")}}) for entry in json.load(file)]
    for entry in entries:
        if not _REPOSITORY.fullmatch(entry.repository) or not _COMMIT.fullmatch(entry.commit):
            raise CorpusError(f"{path}: {entry.repository} needs a name of the form owner/name and a commit of 40 digits")
    return entries


def add_arguments(parser: Any) -> None:
    """The options that say where the mirrors are and which repositories are used."""
    parser.add_argument("--mirrors", required=True, metavar="DIR", help="folder of Git repositories, bare or not, each named owner+name")
    parser.add_argument("--lock", default=LOCK, metavar="FILE", help="the repositories and commits to use (default: corpus.lock)")
    parser.add_argument("--only", default="", metavar="OWNER/NAME,...", help="use these repositories of the lock only")


def export_chosen(arguments: Any, target: str) -> dict[str, str]:
    """Export what the options ask for; repository -> its folder below `target`.

    Raises CorpusError as `export` does, and for a repository that the lock does not name.
    """
    entries = load_lock(arguments.lock)
    wanted = [name for name in arguments.only.split(",") if name]
    unknown = set(wanted) - {entry.repository for entry in entries}
    if unknown:
        raise CorpusError(f"{arguments.lock} does not name {', '.join(sorted(unknown))}")
    return export([entry for entry in entries if not wanted or entry.repository in wanted], arguments.mirrors, target, entries)


def export(entries: Sequence[Entry], mirrors: str, target: str, lock: Sequence[Entry] | None = None) -> dict[str, str]:
    """Write the content of repositories below `target`; repository -> its folder there.

    `lock` names the repositories that dependencies may come from, by default those exported. Raises CorpusError if a mirror
    or a commit is missing.
    """
    known = {entry.repository: entry for entry in lock or entries}
    shelves: dict[str, str] = {}
    folders: dict[str, str] = {}
    for entry in entries:
        folder = os.path.join(target, entry.folder)
        _archive(entry, mirrors, folder)
        if entry.dependencies:
            _complete(folder, [_shelf(place, entry, known, mirrors, target, shelves) for place in entry.dependencies])
        if entry.configuration:
            with open(os.path.join(folder, ".gitops-lint.yaml"), "w", encoding="utf-8") as file:
                json.dump(entry.configuration, file, indent=2)
        folders[entry.repository] = folder
    return folders


def _archive(entry: Entry, mirrors: str, folder: str) -> None:
    git_directory = _git_directory(os.path.join(mirrors, entry.folder))
    os.makedirs(folder)
    # Attributes such as export-ignore are those of releases, not of what is linted.
    command = ["git", f"--git-dir={git_directory}", "-c", "safe.directory=*", "archive", "--format=tar", entry.commit, *entry.paths]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "GIT_ATTR_NOSYSTEM": "1"}) as git:
        unpacked = subprocess.run(["tar", "-x", "-C", folder], stdin=git.stdout, stderr=subprocess.PIPE, check=False)
        complaint = git.stderr.read().decode(errors="replace") if git.stderr is not None else ""
    if git.returncode or unpacked.returncode:
        raise CorpusError(f"{entry.repository} at {entry.commit} cannot be exported: {(complaint or unpacked.stderr.decode()).strip()}")


def _git_directory(mirror: str) -> str:
    """The Git directory of a mirror: the folder itself, its .git, or the one repository that stands in it."""
    inside = sorted(os.listdir(mirror)) if os.path.isdir(mirror) else []
    for place in (mirror, os.path.join(mirror, ".git"), *(os.path.join(mirror, name) for name in inside)):
        if os.path.isfile(os.path.join(place, "HEAD")) and os.path.isdir(os.path.join(place, "objects")):
            return place
    raise CorpusError(f"{mirror} holds no Git repository: mirror it there with `git clone --bare`")


def _shelf(place: str, entry: Entry, known: dict[str, Entry], mirrors: str, target: str, shelves: dict[str, str]) -> str:
    """The folder whose charts serve as dependencies. It stands outside of every export, without charts/ of its own making."""
    owner, _, path = place.rpartition(":")
    source = known.get(owner or entry.repository)
    if source is None:
        raise CorpusError(f"{entry.repository} takes charts from {owner}, which the lock does not name")
    if source.repository not in shelves:
        shelves[source.repository] = os.path.join(f"{target}.charts", source.folder)
        _archive(source, mirrors, shelves[source.repository])
    return os.path.join(shelves[source.repository], path)


def _complete(folder: str, shelves: Sequence[str]) -> None:
    """Copy into charts/ what the charts below a folder depend on."""
    found = [directory for directory, _, names in os.walk(folder) if "Chart.yaml" in names]
    # A chart that stands in charts/ of another one is completed with it.
    charts = [chart for chart in found if not os.path.isfile(os.path.join(chart, "..", "..", "Chart.yaml"))]
    for chart in charts:
        _vendor(chart, shelves, 0)


def _vendor(chart: str, shelves: Sequence[str], depth: int) -> None:
    held = {name for directory in _directories(os.path.join(chart, "charts")) if (name := _metadata(directory).get("name"))}
    for dependency in _metadata(chart).get("dependencies") or ():
        name = dependency.get("name")
        if name in held or str(dependency.get("repository", "")).startswith("file://") or depth >= _NESTING:
            continue
        source = next((found for shelf in shelves if os.path.isfile(os.path.join(found := os.path.join(shelf, name), "Chart.yaml"))), None)
        if source is None:
            continue
        held.add(name)
        copy = os.path.join(chart, "charts", name)
        shutil.copytree(source, copy, copy_function=_link, ignore=_left_out)
        _vendor(copy, shelves, depth + 1)


def _left_out(directory: str, names: list[str]) -> list[str]:
    """What charts do not render."""
    return [name for name in names if name.endswith((".md", ".lock")) or name in ("img", "ci")]


def _link(source: str, target: str) -> None:
    # A few library charts are copied into hundreds of others.
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _directories(folder: str) -> Iterator[str]:
    if os.path.isdir(folder):
        yield from (entry.path for entry in os.scandir(folder) if entry.is_dir())


def _metadata(chart: str) -> dict[str, Any]:
    try:
        with open(os.path.join(chart, "Chart.yaml"), "rb") as file:
            _, documents = decode_bytes(file.read())
    except (OSError, InputError):
        return {}
    body = documents[0].value if documents else None
    return body if isinstance(body, dict) else {}
