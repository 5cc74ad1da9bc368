"""The part of a repository that a finding depends on, in memory, with one file changed."""

from __future__ import annotations

import gzip
import io
import os
import posixpath
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping

from linter.config import load_config
from linter.discovery import discover
from linter.errors import InputError
from linter.model import Source
from linter.repository import CONFIG_NAME, MemoryTree, WorkTree, parents

_LOCAL_CHART = re.compile(rb"file://([^\s{}\[\],\"'#]+)")
_DEPLOYS = re.compile(rb"argoproj\.io/v1alpha1")


class OverlayTree(MemoryTree):
    """Files in memory, with the symbolic links of the tree they are taken from."""

    def __init__(self, contents: Mapping[str, bytes], base: WorkTree) -> None:
        super().__init__(contents)
        self.links = {link: target for link, target in base.links.items() if target in contents}
        kept = {parent for path in contents for parent in parents(path)}
        self.directory_links = {link: target for link, target in base.directory_links.items() if target in kept}


class Checkout:
    """A repository on disk that parts are taken from."""

    def __init__(self, folder: str) -> None:
        self.base = WorkTree(folder)
        self._files = tuple(self.base.files())
        self._contents: dict[str, bytes] = {}
        self._roots: dict[str, frozenset[str]] | None = None
        self._deploying: frozenset[str] | None = None

    def part(self, sources: Iterable[Source], paths: Iterable[str]) -> frozenset[str]:
        """The files that some sources are made of, as far as text tells, beside the files named."""
        wanted = {path.partition("!")[0] for path in paths} | {CONFIG_NAME}
        for source in sources:
            wanted.update(source.values)
            if source.application is not None:
                wanted |= self._applications()
            if source.type == "helm":
                wanted.update(self._chart(source.path, set()))
            elif source.type == "kustomize":
                wanted |= self._kustomization(source.path)
        folders = {os.path.dirname(path) for path in wanted if not path.endswith((".tpl", "Chart.yaml"))}
        if any(source.type == "directory" for source in sources):
            wanted |= {path for path in self._files if os.path.dirname(path) in folders}
        return frozenset(wanted & {*self._files, *self.base.links})

    def everything(self) -> frozenset[str]:
        """All files of the repository."""
        return frozenset(self._files)

    def tree(self, part: frozenset[str], changes: Mapping[str, str] | None = None) -> OverlayTree:
        """A part of the repository, with other text in some files; `archive.tgz!member` changes a packed chart."""
        contents = {path: content for path in part if (content := self._content(path)) is not None}
        for path, text in (changes or {}).items():
            archive, _, member = path.partition("!")
            data = text.encode("utf-8", "surrogateescape")
            contents[archive] = repacked(contents[archive], member, data) if member else data
        return OverlayTree(contents, self.base)

    def text(self, path: str) -> str | None:
        """The text of a file or of a member of a packed chart; None if there is none."""
        archive, _, member = path.partition("!")
        content = self._content(archive)
        if content is not None and member:
            content = dict(members_of(content)).get(member)
        try:
            return None if content is None else content.decode("utf-8-sig", "surrogateescape")
        except UnicodeDecodeError:
            return None

    def _content(self, path: str) -> bytes | None:
        if path not in self._contents:
            try:
                self._contents[path] = self.base.read(path)
            except InputError:
                return None
        return self._contents[path]

    def _chart(self, path: str, seen: set[str]) -> Iterator[str]:
        if path in seen:
            return
        seen.add(path)
        prefix = "" if path == "." else f"{path}/"
        inside = [file for file in self._files if file.startswith(prefix)]
        yield from inside
        for link, target in self.base.directory_links.items():
            if link.startswith(prefix):
                yield from (file for file in self._files if file.startswith(f"{target}/"))
        for file in inside:
            if file.endswith(("Chart.yaml", "requirements.yaml")):
                for match in _LOCAL_CHART.finditer(self._content(file) or b""):
                    local = posixpath.normpath(posixpath.join(os.path.dirname(file), match[1].decode(errors="replace")))
                    yield from self._chart(local, seen)

    def _kustomization(self, path: str) -> frozenset[str]:
        if self._roots is None:
            found = discover(self.base, load_config(self.base, ".", None))
            self._roots = {root.path: frozenset(root.files) for root in found.kustomize_roots}
        # What a root reads through generators and charts is known only to whoever builds it, but stands near it.
        return self._roots.get(path, frozenset()) | {file for file in self._files if file.startswith(f"{path}/")}

    def _applications(self) -> frozenset[str]:
        """The files that may declare Applications, and the charts whose templates do."""
        if self._deploying is None:
            found = {
                path for path in self._files if path.endswith((".yaml", ".yml", ".json")) and _DEPLOYS.search(self._content(path) or b"")
            }
            charts = {path.partition("/templates/")[0] for path in found if "/templates/" in path}
            kustomizations = {path for path in self._files if os.path.basename(path).startswith("kustomization.y")}
            near = {path for path in kustomizations if any(os.path.dirname(path) == os.path.dirname(other) for other in found)}
            self._deploying = frozenset(found | near | {file for chart in charts for file in self._chart(chart, set())})
        return self._deploying


def members_of(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of a packed chart, by their path in it."""
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive))) as packed:
        for member in packed:
            file = packed.extractfile(member) if member.isfile() else None
            if file is not None:
                yield member.name.removeprefix("./"), file.read()


def repacked(archive: bytes, changed: str, content: bytes) -> bytes:
    """A packed chart with other content in one of its files."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w:gz", compresslevel=1) as packed:
        for name, data in members_of(archive):
            kept = content if name == changed else data
            info = tarfile.TarInfo(name)
            info.size = len(kept)
            packed.addfile(info, io.BytesIO(kept))
    return output.getvalue()
