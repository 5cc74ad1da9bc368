"""Where in the repository the content of a source stands."""

from __future__ import annotations

import os.path
from dataclasses import dataclass

from linter.argocd.addresses import same_repository_key
from linter.argocd.sources import DeclaredSource
from linter.discovery.applications.context import ApplicationContext, inside, shown
from linter.discovery.applications.problems import Problems
from linter.discovery.applications.vendored_charts import find_vendored_chart
from linter.wording import without_credentials


@dataclass(frozen=True, slots=True)
class Location:
    """The directory of a source, or the packaged chart that it is. `root` is what paths of the source may not leave.

    `link` says that the path itself is a symbolic link to the directory.
    """

    path: str
    root: str = "."
    packaged: bool = False
    link: bool = False


def locate_source(source: DeclaredSource, context: ApplicationContext, problems: Problems) -> Location | None:
    """Where a source stands. None, with a problem, if it is not in the repository or nowhere."""
    if not _is_complete(source, context, problems):
        return None
    if source.is_oci:
        return _oci(source, context, problems)
    if source.chart:
        folder = context.vendored(source.address)
        if folder is None:
            _remote(source, problems, f"the chart {shown(source.chart)} is in {_address(source)}")
            return None
        return _vendored(folder, source.chart, source, context, problems)
    path = source.text("path")
    folder = context.folder_of(source.address, path)
    if folder is None:
        context.leave_elsewhere(source.address, path)
        _remote(source, problems, f"`{shown(path)}` is in {_address(source)}, which is not this repository")
        return None
    if folder == ".":
        context.use_revision(source.address, source.text("targetRevision"))
    return _directory(folder, path, context, problems)


def folder_of_ref(source: DeclaredSource, context: ApplicationContext) -> str | None:
    """The folder that holds the repository of a source that others refer to."""
    folder = context.vendored(source.address) if source.is_oci else context.folder_of(source.address)
    if folder == ".":
        context.use_revision(source.address, source.text("targetRevision"))
    return folder


def _is_complete(source: DeclaredSource, context: ApplicationContext, problems: Problems) -> bool:
    for key in ("repoURL", "path", "chart", "targetRevision", "ref"):
        value = source.body.get(key)
        if value is not None and not isinstance(value, str):
            message = f"`{key}` of the source is {_noun(value)}, and the API accepts only a string"
            problems.block("application-invalid", "broken", message, "write a string, in quotes if it looks like something else", key)
            return False
    if not source.address:
        problems.block("application-invalid", "broken", "the source names no `repoURL`", "add the address of the repository")
        return False
    if not source.text("path") and not source.text("chart"):
        message = "the source has neither `path` nor `chart`" + (", nor `ref`" if source.multiple else "")
        problems.block("application-invalid", "broken", message, "add the `path` of a directory, `.` for the whole repository")
        return False
    for key in ("repoURL", "path", "chart"):
        if context.is_opaque(source.text(key)):
            written = shown(without_credentials(source.text(key)))
            message = f"`{key}: {written}` is filled in outside of this repository, so nobody knows here what is deployed"
            problems.block("application-placeholder", "unavailable", message, "write the value itself", key)
            return False
    if source.chart and not source.text("targetRevision"):
        message = f"the chart {shown(source.chart)} is named without a version, which Argo CD refuses"
        problems.block("application-invalid", "broken", message, "add `targetRevision`, the version of the chart or a range of versions")
        return False
    return True


def _oci(source: DeclaredSource, context: ApplicationContext, problems: Problems) -> Location | None:
    """An OCI artifact: its own entry of the configuration, or a chart below the one for its registry."""
    address = source.address.rstrip("/")
    folder = context.vendored(address)
    if folder is not None:
        return _directory(folder, source.text("path") or ".", context, problems)
    parent, _, name = same_repository_key(address).rpartition("/")
    folder = context.vendored(parent) if parent else None
    if folder is not None:
        return _vendored(folder, name, source, context, problems)
    extra = "; with `oci://` before it, this is an artifact, and `chart` has no effect" if source.text("chart") else ""
    _remote(source, problems, f"the source is the artifact {_address(source)}{extra}")
    return None


def _vendored(folder: str, chart: str, source: DeclaredSource, context: ApplicationContext, problems: Problems) -> Location | None:
    found, reason = find_vendored_chart(context, folder, chart, source.text("targetRevision"))
    if found is None:
        where = f"the chart {shown(chart)} from {_address(source)} is not vendored"
        fix = "vendor the version that is asked for, or correct the folder under `repositories:` in .gitops-lint.yaml"
        problems.block("application-source-remote", "unavailable", f"{where}: {reason}", fix, "chart" if source.chart else "repoURL")
        return None
    packaged = found.endswith(".tgz")
    return Location(found, (os.path.dirname(found) or ".") if packaged else found, packaged)


def _directory(root: str, written: str, context: ApplicationContext, problems: Problems) -> Location | None:
    path = os.path.normpath(os.path.join(root, written.lstrip("/")))
    if written.startswith("/"):
        message = f"`path: {shown(written)}` is absolute, which Argo CD refuses"
        problems.block(
            "application-path-invalid", "broken", message, "write it from the root of the repository, without a leading `/`", "path"
        )
        return None
    if not inside(path, root):
        message = f"`path: {shown(written)}` leads out of the repository, which Argo CD refuses"
        problems.block("application-path-invalid", "broken", message, "write it from the root of the repository, without `..`", "path")
        return None
    if context.is_directory(path):
        real = context.real(path)
        return Location(real, root, link=real != path and path in context.tree.directory_links)
    if context.is_file(path):
        message = f"`path: {shown(written)}` is a file, and Argo CD wants a directory"
        problems.block("application-path-missing", "broken", message, "name the directory, and the file in `directory.include`", "path")
        return None
    prefix = "" if root == "." else f"{root}/"
    similar = [shown(name.removeprefix(prefix)) for name in context.similar_directories(path) if inside(name, root) and name != root]
    hint = f" (did you mean {' or '.join(similar)}?)" if similar else ""
    message = f"`path: {shown(written)}` is no directory in {_holder(root, context)}{hint}"
    problems.block("application-path-missing", "broken", message, "correct the path, or add the directory", "path")
    return None


def _holder(root: str, context: ApplicationContext) -> str:
    return context.tree.place if root == "." else shown(root)


def _remote(source: DeclaredSource, problems: Problems, what: str) -> None:
    fix = f"put a copy into this repository, and name its folder: `repositories: {{{_address(source)}: FOLDER}}` in .gitops-lint.yaml"
    problems.block("application-source-remote", "unavailable", f"{what}, so nothing of it is checked", fix, "repoURL")


def _address(source: DeclaredSource) -> str:
    return shown(without_credentials(source.address))


def _noun(value: object) -> str:
    if isinstance(value, bool):
        return "a boolean"
    return "a number" if isinstance(value, int | float) else "a list" if isinstance(value, list) else "a mapping"
