"""The files of a plain directory that Argo CD takes for manifests.

Source: the repo-server of Argo CD (how it walks a directory) and the documentation, "Directory".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.argocd.glob_parsing import Glob
from linter.argocd.globs import compile_glob
from linter.discovery.applications.context import ApplicationContext, shown
from linter.discovery.applications.locations import Location
from linter.discovery.applications.problems import Problems
from linter.errors import InputError
from linter.model import text

_SUFFIXES = (".yaml", ".yml", ".json", ".jsonnet")
_SKIP = b"+argocd:skip-file-rendering"
_NAMED = 3


def directory_files(context: ApplicationContext, location: Location, options: Mapping[str, Any], problems: Problems) -> tuple[str, ...]:
    """The manifests of a directory in the order in which they are read, under the paths of the files behind links.

    `options` is the `directory` block of the source. Templates of Jsonnet are a problem, and not among them. What the
    configuration excludes is left out.
    """
    if location.link:
        message = "`path` is a symbolic link to a directory, in which Argo CD finds no manifests: it does not follow the link"
        problems.note("application-path-invalid", "broken", message, "name the directory itself", "path")
        return ()
    include, exclude = (_glob(options, key, problems) for key in ("include", "exclude"))
    prefix = "" if location.path == "." else f"{location.path}/"
    found: dict[str, None] = {}
    jsonnet: list[str] = []
    every = context.listing.below(location.path) if options.get("recurse") is True else context.listing.directly_in(location.path)
    # Directories are read in the order of their names, which is not that of the paths as text.
    for path in sorted(every, key=lambda path: path.split("/")):
        relative = path[len(prefix) :]
        if options.get("disableExtensionFilter") is not True and not path.endswith(_SUFFIXES):
            continue
        # A pattern that cannot be read matches nothing.
        if exclude is not None and exclude.match(relative):
            continue
        if text(options.get("include")) and (include is None or not include.match(relative)):
            continue
        real = context.tree.links.get(path, path)
        if context.excluded(path) or context.excluded(real) or _skips(context, real):
            continue
        if path.endswith(".jsonnet"):
            jsonnet.append(relative)
        else:
            found[real] = None
    if jsonnet:
        names = ", ".join(map(shown, jsonnet[:_NAMED])) + (f" and {len(jsonnet) - _NAMED} more" if len(jsonnet) > _NAMED else "")
        message = f"Jsonnet is not evaluated, so nothing of {names} is checked"
        problems.note("application-jsonnet", "unsupported", message, "check its output, or exclude these files", "path")
    return tuple(found)


def _glob(options: Mapping[str, Any], key: str, problems: Problems) -> Glob | None:
    """A glob of the options; None if there is none, or, with a problem, one that Argo CD cannot read."""
    pattern = text(options.get(key))
    if not pattern:
        return None
    try:
        return compile_glob(pattern)
    except ValueError as error:
        effect = "so it matches nothing, and no file is deployed" if key == "include" else "so it excludes nothing"
        message = f"Argo CD cannot read the pattern `{shown(pattern)}` ({error}), {effect}"
        fix = "write several patterns as `{a*,b*}`, and a set as a list `[abc]` or one range `[a-z]`"
        problems.note("application-glob-invalid", "broken", message, fix, "directory", key)
        return None


def _skips(context: ApplicationContext, path: str) -> bool:
    try:
        return _SKIP in context.tree.read(path)
    except InputError:
        return False  # whoever reads it says what is wrong
