"""What is known of a repository and its surroundings while Applications are resolved."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from linter.argocd.addresses import names_fixed_revision, same_repository_key
from linter.argocd.destinations import IN_CLUSTER_NAME, Destination, same_server
from linter.discovery.charts import Charts
from linter.discovery.kustomize import KustomizeRoot
from linter.discovery.listing import Listing
from linter.model.state import Placeholders
from linter.repository import Tree, parents, printable
from linter.wording import without_credentials

_MOST_LINKS = 10
_SUGGESTED = 3
# Comparing a path with every directory of a very large repository would take longer than its rendering.
_COMPARED = 3000
_LONGEST_TEXT = 200


class ClusterNames(Protocol):
    """What the configuration says about a cluster."""

    @property
    def server(self) -> str | None: ...

    @property
    def labels(self) -> Mapping[str, str]: ...


class ApplicationContext:
    """A repository and what the configuration says about others, made once for a run."""

    def __init__(
        self,
        tree: Tree,
        listing: Listing,
        charts: Charts,
        kustomize_roots: Iterable[KustomizeRoot],
        *,
        remotes: Sequence[str] = (),
        repositories: Mapping[str, str] | None = None,
        clusters: Mapping[str, ClusterNames] | None = None,
        excluded: Callable[[str], bool] | None = None,
        opaque: Placeholders | None = None,
    ) -> None:
        """`remotes` are the addresses of this repository. `repositories` maps the addresses of others to the folders that hold
        their content, relative to the repository root. `excluded` tells the files that are not to be read, `opaque` the texts
        that something outside the repository replaces."""
        self.tree = tree
        self.listing = listing
        self.excluded = excluded or (lambda path: False)
        self._opaque = opaque
        self._clusters = clusters or {}
        self._servers: dict[str, str] = {}
        self._own = {same_repository_key(address) for address in remotes}
        self._folders = {same_repository_key(address): os.path.normpath(folder) for address, folder in (repositories or {}).items()}
        self._rendered_directories = sorted({*charts, *(root.path for root in kustomize_roots)})
        self._directories: frozenset[str] | None = None
        self._revisions: dict[tuple[str, str], int] = {}
        self._elsewhere: dict[str, list[tuple[str, str]]] = {}
        self._is_home = False

    # Repositories

    def folder_of(self, address: str, path: str | None = None) -> str | None:
        """The folder of this tree that holds the content of a Git repository; None if none does.

        "." for this repository itself. If nothing tells its address, every address is taken for it, and of a `path` only
        one that is here.
        """
        key = same_repository_key(address)
        if not key:
            return None
        if key in self._folders:
            return self._folders[key]
        if key in self._own or (not self._own and (path is None or self.is_directory(os.path.normpath(path)))):
            return "."
        return None

    def vendored(self, address: str) -> str | None:
        """The folder that the configuration names for an address."""
        return self._folders.get(same_repository_key(address))

    def use_revision(self, address: str, revision: str) -> None:
        """Note that this tree is taken for a revision of the repository."""
        self._is_home = True
        if names_fixed_revision(revision):
            key = (without_credentials(address), revision)
            self._revisions[key] = self._revisions.get(key, 0) + 1

    def leave_elsewhere(self, address: str, path: str) -> None:
        """Note that a source was taken for one of another repository."""
        self._elsewhere.setdefault(same_repository_key(address), []).append((without_credentials(address), os.path.normpath(path)))

    @property
    def notes(self) -> list[str]:
        """Sentences about what was taken for something else, and what perhaps was so wrongly."""
        found = [
            f"{_counted(count)} {shown(address)} at {shown(revision)}, and {self.tree.place} was read instead"
            for (address, revision), count in self._revisions.items()
        ]
        if (sources := self._perhaps_here()) is not None:
            address = shown(sources[0][0])
            paths_here = "its path is" if len(sources) == 1 else "their paths are"
            found.append(
                f"{_counted(len(sources))} {address}, which is not known to be this repository although {paths_here} here: "
                f"if it is, write `repositories: {{{address}: .}}` in .gitops-lint.yaml"
            )
        return found

    def _perhaps_here(self) -> list[tuple[str, str]] | None:
        """The sources that name the repository which most likely is this one under another address, if any seems to be.

        Most of its paths have to be here. One may be so by chance, `deploy` for example, if others name this repository.
        """
        candidates = []
        for sources in self._elsewhere.values():
            # The root is a directory of every repository.
            paths = {path: self.is_directory(path) for _, path in sources if path != "."}
            here = sum(paths.values())
            if here > self._is_home and 2 * here > len(paths):
                candidates.append(sources)
        return max(candidates, key=len, default=None)

    # Clusters

    def add_cluster(self, name: str, server: str) -> None:
        """Take a cluster that the repository declares, unless the configuration knows its name or its server."""
        if name not in self._clusters and server and not Destination(server=server).in_cluster:
            self._servers.setdefault(server.rstrip("/"), name)

    def cluster_of(self, destination: Destination) -> str:
        """The name of a destination's cluster: the one in the configuration or a Secret of Argo CD, else as it is written."""
        if destination.in_cluster or destination.problem:
            return next(
                (name for name, entry in self._clusters.items() if Destination(server=entry.server or "").in_cluster), IN_CLUSTER_NAME
            )
        if destination.name:
            return destination.name
        named = (name for name, entry in self._clusters.items() if entry.server and same_server(entry.server, destination.server))
        server = destination.server.rstrip("/")
        return next(named, self._servers.get(server, server))

    # Files

    def is_opaque(self, text: str) -> bool:
        """Whether something outside the repository, or a template, fills in part of a text."""
        return "{{" in text or (self._opaque is not None and self._opaque.search(text) is not None)

    def real(self, path: str) -> str:
        """A path with the symbolic links to directories of this tree followed, and the one to a file that it may be itself."""
        for _ in range(_MOST_LINKS):
            followed = self._follow(path)
            if followed == path:
                break
            path = followed
        return path

    def _follow(self, path: str) -> str:
        if path in self.tree.links:
            return self.tree.links[path]
        if self.tree.directory_links:
            for above in (path, *parents(path)):
                if above in self.tree.directory_links:
                    return os.path.normpath(self.tree.directory_links[above] + path[len(above) :])
        return path

    def is_directory(self, path: str) -> bool:
        """Whether files are listed below a path, symbolic links followed."""
        return self.real(path) in self.directories

    def is_file(self, path: str) -> bool:
        """Whether a file is there that belongs to the tree."""
        return self.tree.is_file(path) and self.tree.exists(path) and self.real(path) not in self.directories

    def names_in(self, directory: str) -> list[str]:
        """The names of the files that stand directly in a real directory."""
        return [os.path.basename(path) for path in self.listing.directly_in(directory)]

    @property
    def directories(self) -> frozenset[str]:
        """Every directory that holds files, at any depth."""
        if self._directories is None:
            direct = {os.path.dirname(path) or "." for path in self.listing.files}
            self._directories = frozenset(direct | {parent for directory in direct for parent in parents(directory)} | {"."})
        return self._directories

    def similar_directories(self, path: str) -> list[str]:
        """The directories that whoever wrote a path may have meant, the most similar first."""
        from difflib import get_close_matches

        name = os.path.basename(path)
        same_name = sorted(directory for directory in self.directories if os.path.basename(directory) == name)
        if 0 < len(same_name) <= _SUGGESTED:
            return same_name
        beside = sorted(directory for directory in self.directories if os.path.dirname(directory) == os.path.dirname(path))
        pool = [*same_name, *beside, *self._rendered_directories, *sorted(self.directories)]
        return get_close_matches(path, list(dict.fromkeys(pool))[:_COMPARED], _SUGGESTED, 0.75)


def _counted(count: int) -> str:
    return "a source of an Application names" if count == 1 else f"{count} sources of Applications name"


def shown(text: str) -> str:
    """Text of a repository as a message quotes it: one line, of bounded length."""
    text = printable(text).replace("\n", "\\n").replace("\r", "\\r")
    return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"


def inside(path: str, root: str) -> bool:
    """Whether a normalised path is a directory of the tree or below it."""
    if root == ".":
        return not (path == ".." or path.startswith(("../", "/")))
    return path == root or path.startswith(f"{root}/")
