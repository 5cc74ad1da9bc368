"""What several tests use: a run on files in memory, and the program as a real process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from git_repositories import Make, Repo

from linter.engine.options import LintOptions
from linter.engine.run import lint_tree
from linter.engine.session import Session
from linter.engine.world import open_tree
from linter.report.model import Report
from linter.repository import MemoryTree

# The same examples in every run, however slow the machine is, so that a red run means a change.
# HYPOTHESIS_PROFILE=explore looks at new ones each time.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.register_profile("explore", derandomize=False, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

Lint = Callable[..., Report]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def session() -> Iterator[Session]:
    with Session(2) as session:
        yield session


@pytest.fixture
def lint(session: Session) -> Lint:
    """Lint files given by path; options as keywords."""

    def run(files: Mapping[str, str | bytes], **options: Any) -> Report:
        options.setdefault("today", date(2026, 7, 1))
        return lint_tree(MemoryTree(files), LintOptions(**options), session)

    return run


@pytest.fixture
def run() -> Run:
    """Run the program in a folder, as a process of its own."""

    def call(
        *arguments: str, cwd: str | os.PathLike[str], stdin: bytes | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, **environment}
        done = subprocess.run(
            [sys.executable, "-m", "linter", *arguments], cwd=cwd, env=variables, input=stdin, capture_output=True, timeout=120, check=False
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture
def own_git_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Git without what whoever runs the tests has configured."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_git_configuration: None) -> Repo:
    """A Git repository, which is the current directory."""
    found = Repo(tmp_path / "repo")
    monkeypatch.chdir(found.root)
    return found


@pytest.fixture
def rev(repo: Repo) -> Make:
    """The tree of a revision of `repo`, for paths in it."""
    return lambda name="HEAD", *paths: open_tree(LintOptions(paths=paths or (".",), revision=name))


@pytest.fixture
def staged(repo: Repo) -> Make:
    """The tree of the index of `repo`, for paths in it."""
    return lambda *paths: open_tree(LintOptions(paths=paths or (".",), staged=True))
