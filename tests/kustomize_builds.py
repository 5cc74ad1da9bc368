"""Kustomize roots built by the program on PATH from files in a directory, with the origin of each object."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence

from linter.model import Failure
from linter.rendering.kustomize.requests import BuiltObject, BuiltRoot, KustomizeRequest

KUBECTL = shutil.which("kubectl")
NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_ORIGIN = re.compile(r"^    config\.kubernetes\.io/origin: \|\n((?:      .*\n)+)", re.MULTILINE)


class Builder:
    """Builds roots below a directory; `count` is how many. Files that a request replaces have their content back afterwards."""

    def __init__(self, directory: str, files: Iterable[str]) -> None:
        self.directory = str(directory)
        self.files = frozenset(files)
        self.count = 0

    def read(self, path: str) -> bytes:
        with open(os.path.join(self.directory, path), "rb") as file:
            return file.read()

    def root(self, path: str, **overrides: bytes) -> BuiltRoot:
        return self._build(KustomizeRequest(path, overrides=overrides))

    def __call__(self, requests: Sequence[KustomizeRequest]) -> Iterator[BuiltRoot]:
        for request in requests:
            yield self._build(request)

    def _build(self, request: KustomizeRequest) -> BuiltRoot:
        self.count += 1
        contents = dict(request.overrides)
        main = next(os.path.join(request.path, name) for name in NAMES if os.path.exists(os.path.join(self.directory, request.path, name)))
        text = contents.get(main, b"") or self.read(main)
        if text.startswith(b"{"):
            text = text.rstrip()[:-1] + b', "buildMetadata": ["originAnnotations"]}'
        elif b"\nbuildMetadata:" not in text:
            text = text.rstrip() + b"\nbuildMetadata: [originAnnotations]\n"
        contents[main] = text
        before = {path: self.read(path) for path in contents}
        try:
            for path, content in contents.items():
                self._write(path, content)
            done = subprocess.run(["kubectl", "kustomize", request.path], cwd=self.directory, capture_output=True, text=True, check=False)
        finally:
            for path, content in before.items():
                self._write(path, content)
        if done.returncode:
            failure = Failure("kustomize-build", "broken", "render", request.path, None, done.stderr, "")
            return BuiltRoot(request, (), (failure,), self.files)
        objects = tuple(self._object(request.path, text) for text in done.stdout.split("\n---\n")) if done.stdout.strip() else ()
        return BuiltRoot(request, objects, (), self.files)

    def _write(self, path: str, content: bytes) -> None:
        with open(os.path.join(self.directory, path), "wb") as file:
            file.write(content)

    def _object(self, root: str, text: str) -> BuiltObject:
        text = text if text.endswith("\n") else text + "\n"
        found = _ORIGIN.search(text)
        assert found is not None, text
        origin = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in found[1].splitlines())}
        text = text[: found.start()] + text[found.end() :]
        text = re.sub(r"^  annotations:\n(?!    )", "", text, flags=re.MULTILINE)
        path = os.path.normpath(os.path.join(root, origin.get("path") or origin.get("configuredIn") or "."))
        return BuiltObject(path, text, origin["kind"] if "configuredIn" in origin else None)


def files_below(directory: str) -> list[str]:
    """Every file below a directory, by its path there."""
    return [
        os.path.relpath(os.path.join(folder, name), directory)
        for folder, folders, names in os.walk(directory)
        if ".git" not in os.path.relpath(folder, directory).split(os.sep)
        for name in names
    ]


def builder_of(directory: str, files: dict[str, str]) -> Builder:
    """Writes files into a directory, for a Builder there."""
    for path, text in files.items():
        target = os.path.join(directory, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(text.encode())
    return Builder(directory, files_below(directory))
