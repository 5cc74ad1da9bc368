"""Real Git repositories for tests, and manifests to put into them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from linter.errors import InputError
from linter.model import Failure
from linter.repository import Tree

Make = Callable[..., Tree]

RULE = "labels/value-not-a-string"
BAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {on: yes}}\n"
GOOD = BAD.replace("yes", '"yes"')


class Repo:
    """A work tree, and Git in it."""

    def __init__(self, root: Path, *init: str) -> None:
        self.root = root
        root.mkdir(parents=True)
        self.git("init", "-q", "-b", "main", *init)
        with open(root / ".git" / "config", "a") as config:
            # Nothing is to be tidied up in a repository that lives for a moment.
            config.write("[user]\n\tname = a@example.com\n\temail = a@example.com\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n")

    def git(self, *arguments: str, **environment: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, env={**os.environ, **environment}, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return os.fsdecode(done.stdout).strip()

    def put(self, files: Mapping[str, str | bytes]) -> None:
        for path, content in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, files: Mapping[str, str | bytes] | None = None) -> str:
        self.put(files or {})
        self.git("add", "--all")
        self.git("commit", "-qm", "all", "--allow-empty")
        return self.git("rev-parse", "HEAD")


def failure(tree: Tree, path: str) -> Failure:
    """Why a file cannot be read."""
    with pytest.raises(InputError) as raised:
        tree.read(path)
    return raised.value.failure
