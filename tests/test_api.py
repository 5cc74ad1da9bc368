"""The library in somebody else's long-lived process: it leaves nothing behind."""

from __future__ import annotations

import gc
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

import linter
from linter import LintOptions, lint
from linter.errors import UsageError
from linter.report.json import render_json

BAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {enabled: yes}\n"

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts what Linux lists")


@pytest.fixture
def repository(tmp_path, monkeypatch):
    def git(*arguments):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.example", *arguments], cwd=tmp_path, check=True)

    git("init", "-q")
    (tmp_path / "old.yaml").write_text(BAD)
    chart = tmp_path / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: c\nversion: 1.0.0\n")
    (chart / "templates" / "a.yaml").write_text(BAD.replace("name: a", "name: b"))
    git("add", ".")
    git("commit", "-qm", "first")
    (tmp_path / "new.yaml").write_text(BAD.replace("name: a", "name: c"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def held():
    """What this process holds: open files, children, and whether garbage is collected."""
    children = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "args="], capture_output=True, text=True, check=False).stdout
    return len(os.listdir("/proc/self/fd")), [line for line in children.splitlines() if not line.startswith("ps ")], gc.isenabled()


WAYS = (
    {"jobs": 1},
    {"jobs": 2},
    {"since": "HEAD"},
    {"staged": True},
    {"revision": "HEAD"},
    {"revision": "HEAD", "since": "HEAD", "jobs": 2},
)


def test_all_names_are_there():
    assert all(hasattr(linter, name) for name in linter.__all__)


@pytest.mark.parametrize("options", WAYS, ids=str)
def test_nothing_is_left_behind(repository, options):
    first = lint(LintOptions(**options))
    before = held()
    second = lint(LintOptions(**options))
    assert held() == before
    assert render_json(second) == render_json(first)
    new_file_is_read = "staged" not in options and "revision" not in options
    assert len(first.findings) == (0 if "since" in options else 2) + new_file_is_read


def test_nor_after_a_mistake(repository):
    before = held()
    for options in ({"since": "nothing"}, {"since": ""}, {"revision": ""}, {"paths": ("missing",)}, {"select": ("nothing",)}):
        with pytest.raises(UsageError):
            lint(LintOptions(jobs=2, **options))
    assert held() == before


def test_in_threads(repository):
    before = held()
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda number: lint(LintOptions(jobs=1, since="HEAD" if number % 2 else None)).summary.errors, range(8)))
    assert codes == [3, 1] * 4
    assert held() == before
