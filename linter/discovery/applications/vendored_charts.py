"""Charts of a remote repository that the configuration says are vendored in a folder."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator

from linter.discovery.applications.context import ApplicationContext, inside, shown
from linter.errors import InputError
from linter.manifest.decoder import decode_bytes
from linter.model import mapping, text
from linter.versions import Version, parse_constraint

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")


def find_vendored_chart(context: ApplicationContext, folder: str, chart: str, wanted: str) -> tuple[str | None, str]:
    """The path of a chart, a directory or a package; if there is none, None and why, as the end of a sentence.

    It may stand in `<folder>/<chart>`, in `<folder>/<chart>-<version>.tgz`, or below `<folder>/<chart>/<version>`. `wanted` is
    a version or a range of versions; of several charts the newest that satisfies it is taken.
    """
    if _NAME.fullmatch(chart) is None:
        return None, "this is not the name of a chart"
    found = dict(_candidates(context, folder, chart))
    if not found:
        return None, f"{shown(folder)} holds neither {shown(chart)}/Chart.yaml nor a package {shown(os.path.basename(chart))}-VERSION.tgz"
    try:
        fitting = [(_precedence(version), path) for path, version in found.items() if _fits(version, wanted)]
    except ValueError as error:
        return None, str(error)
    if fitting:
        return max(fitting)[1], ""
    versions = ", ".join(sorted({shown(version) or "one without a version" for version in found.values()}))
    return None, f"version {shown(wanted) or '*'} is asked for, and {shown(folder)} holds {versions}"


def _candidates(context: ApplicationContext, folder: str, chart: str) -> Iterator[tuple[str, str]]:
    """Paths of charts of that name, and their versions."""
    home = os.path.normpath(os.path.join(folder, chart))
    own = context.real(home)
    name = os.path.basename(chart)
    for directory in (own, *(path for path in sorted(context.directories) if path != own and inside(path, own))):
        depth = os.path.relpath(directory, own).count("/") + (directory != own)
        last = os.path.basename(directory)
        if depth <= 1 or (depth == 2 and last == name):
            version = _version_of(context, f"{directory}/Chart.yaml")
            if version is not None:
                yield directory, version
                if directory == own:
                    break  # what lies below belongs to it
    package = re.compile(re.escape(name) + r"-v?(\d.*)\.tgz")
    for directory in dict.fromkeys((context.real(os.path.dirname(home) or "."), own)):
        for file in context.names_in(directory):
            if (match := package.fullmatch(file)) is not None:
                yield os.path.normpath(f"{directory}/{file}"), match[1]


def _version_of(context: ApplicationContext, path: str) -> str | None:
    """The version in a Chart.yaml; None if there is no such file."""
    path = os.path.normpath(path)
    if not context.is_file(path):
        return None
    try:
        _, documents = decode_bytes(context.tree.read(path))
    except InputError:
        return ""  # it is for the rendering to say what is wrong with it
    return text(mapping(documents[0].value if documents else None).get("version"))


def _fits(version: str, wanted: str) -> bool:
    """Whether a version satisfies a range. Raises ValueError if that is neither a version nor a range."""
    if wanted in ("", version, f"v{version}"):
        return True
    constraint = parse_constraint(wanted)
    try:
        return constraint.admits(Version.parse(version))
    except ValueError:
        return False


def _precedence(version: str) -> Version:
    try:
        return Version.parse(version)
    except ValueError:
        return Version(0)
