"""What several tests use: a run on files in memory, and the program as a real process."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from git_repositories import Make, Repo
from warm_program import WarmProgram

from linter.engine.options import LintOptions
from linter.engine.run import lint_tree
from linter.engine.session import Session
from linter.engine.world import open_tree
from linter.report.model import Report
from linter.repository import MemoryTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# The same examples in every run, however slow the machine is, so that a red run means a change.
# HYPOTHESIS_PROFILE=explore looks at new ones each time; `thorough` looks at new ones and at ten times as many.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.register_profile("explore", derandomize=False, deadline=None)
hypothesis.settings.register_profile("thorough", derandomize=False, deadline=None, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

# Programs and tests are compiled once, also where Python is told not to leave compiled files beside the sources.
if sys.dont_write_bytecode and sys.pycache_prefix is None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = os.path.join(ROOT, ".pytest_cache", "compiled")
    sys.dont_write_bytecode = False

Lint = Callable[..., Report]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Thousands of collected tests stay until the end; looking for garbage among them again and again costs seconds."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _no_leftovers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What was compiled of temporary folders is never needed again."""
    yield
    if sys.pycache_prefix is not None:
        shutil.rmtree(sys.pycache_prefix + str(tmp_path_factory.getbasetemp()), ignore_errors=True)


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


@pytest.fixture(scope="session")
def warm_program() -> Iterator[WarmProgram]:
    """The program in processes that start at once. Its folder has a short name, as the addresses of sockets must."""
    with tempfile.TemporaryDirectory() as folder:
        program = WarmProgram(Path(folder))
        yield program
        program.close()


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Run:
    """Run the program in a folder, as a process of its own; with a variable that Python reads, in an interpreter of its own."""

    def call(
        *arguments: str, cwd: str | os.PathLike[str], stdin: bytes | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, **environment}
        if hasattr(os, "fork") and not any(name.startswith(("PYTHON", "LC_", "LANG")) for name in environment):
            warm: WarmProgram = request.getfixturevalue("warm_program")
            code, out, err = warm.run(arguments, cwd, variables, stdin, 120)
            return subprocess.CompletedProcess(["gitops-lint", *arguments], code, out.decode(), err.decode())
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
