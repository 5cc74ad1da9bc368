"""The addresses of a repository's remotes, as its configuration names them."""

from __future__ import annotations

import os
import re

from linter.errors import InputError, UsageError
from linter.repository.git.location import GitLocation, locate
from linter.repository.paths import is_git_root
from linter.repository.trees import Tree

_SECTION = re.compile(r'\[remote "(?:[^"\\]|\\.)*"\]')
_ADDRESS = re.compile(r"(?i:url)\s*=\s*(.*?)\s*(?:[#;].*)?")
_LARGEST = 1_000_000


def remote_addresses(tree: Tree) -> tuple[str, ...]:
    """The addresses of all remotes of the repository that a tree belongs to; none for files in no repository of Git.

    Read from the file `config` of the Git directory; files that it includes are not followed, and nothing is run.
    """
    location = _location_of(tree)
    if location is None:
        return ()
    try:
        with open(os.path.join(location.common, "config"), "rb") as file:
            text = file.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return ()
    found: list[str] = []
    in_remote = False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            in_remote = _SECTION.fullmatch(line) is not None
        elif in_remote and (match := _ADDRESS.fullmatch(line)) is not None and match[1]:
            found.append(match[1].strip('"'))
    return tuple(dict.fromkeys(found))


def _location_of(tree: Tree) -> GitLocation | None:
    known = getattr(tree, "location", None)
    if isinstance(known, GitLocation):
        return known
    if tree.root is None or not is_git_root(tree.root):
        return None
    try:
        return locate([tree.root], "git")
    except (UsageError, InputError):
        return None
