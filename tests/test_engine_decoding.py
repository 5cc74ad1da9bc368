"""Decoding in several processes gives what decoding in one gives."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from linter.engine import processes
from linter.engine.options import LintOptions
from linter.engine.reading import decoding
from linter.engine.reading.decoding import Content, decode_all
from linter.engine.run import Session, lint_tree
from linter.errors import InputError
from linter.report.json import render_json
from linter.repository import MemoryTree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems decode in one process")

TEXTS = [
    "a: 1\nb: [x, 'y', 1.5, 0x10, null, yes, 2020-01-01, 12345678901234567890123]\n",
    "---\na: &x {b: c}\nd: *x\n---\n---\n- 1\n",
    "a: [\n",
    "a: 1\na: 2\n",
    "",
    "ä: ü🎉\nnan: .nan\ninf: -.inf\n",
    '{"a": {"b": [1, 2.0, "\\ud83d\\ude00"]}}',
    "a: !!binary aGVsbG8=\n",
    "a: \x01\n",
]
CONTENTS = [
    *(Content(text.encode(), False) for text in TEXTS),
    Content(b'{"a": }', True),
    Content(b"\xff", False),
    Content(b"a: \0", False),
]


def told(results):
    """The results in a form that compares: reprs, because nan is not nan."""
    return [str(result.failure) if isinstance(result, InputError) else repr(result) for result in results]


@pytest.fixture(autouse=True)
def two_processors(monkeypatch):
    monkeypatch.setattr(decoding, "_MIN_FILES", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3})
    # A runner of tests may have threads of its own.
    monkeypatch.setattr(processes, "_thread", type("Alone", (), {"_count": staticmethod(lambda: 0)}))


@pytest.fixture
def forks(monkeypatch):
    """The processes started, in the order of their start."""
    started = []
    fork = os.fork

    def counted():
        process = fork()
        if process:
            started.append(process)
        return process

    monkeypatch.setattr(os, "fork", counted)
    return started


@pytest.mark.parametrize("jobs", [2, 3, 4, 50])
def test_the_number_of_processes_changes_nothing(jobs, forks):
    alone = told(decode_all(CONTENTS, 1))
    assert not forks
    assert told(decode_all(CONTENTS, jobs)) == alone
    assert len(forks) == min(jobs, 4) - 1


def test_the_values_keep_their_types():
    _, (_, documents) = decode_all([CONTENTS[0]] * 2, 2)
    assert [type(value) for value in documents[0].value["b"]] == [str, str, float, int, type(None), bool, str, float]


@pytest.mark.parametrize("contents", [[], CONTENTS[:1], [Content(b"", False)] * 3])
def test_few_files(contents):
    assert told(decode_all(contents, 4)) == told(decode_all(contents, 1))


@pytest.mark.parametrize(
    "broken",
    [
        lambda contents: os._exit(1),
        lambda contents: os.kill(os.getpid(), signal.SIGKILL),
        lambda contents: 1 / 0,
        lambda contents: b"\x00nonsense",
        lambda contents: decoding.marshal.dumps([None]),
    ],
    ids=["exits", "killed", "raises", "nonsense", "too little"],
)
def test_a_child_that_fails_costs_only_time(monkeypatch, broken):
    alone = told(decode_all(CONTENTS, 1))
    monkeypatch.setattr(decoding, "_work", broken)
    assert told(decode_all(CONTENTS, 3)) == alone


def test_no_process_can_be_started(monkeypatch):
    def refuse():
        raise BlockingIOError

    alone = told(decode_all(CONTENTS, 1))
    monkeypatch.setattr(os, "fork", refuse)
    assert told(decode_all(CONTENTS, 3)) == alone


def test_processes_end_with_the_reading(forks):
    results = decode_all(CONTENTS, 3)
    next(results)
    results.close()
    assert len(forks) == 2
    for process in forks:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_no_fork_beside_a_thread(monkeypatch, forks):
    monkeypatch.setattr(processes, "_thread", type("Busy", (), {"_count": staticmethod(lambda: 1)}))
    assert len(list(decode_all(CONTENTS, 4))) == len(CONTENTS)
    assert not forks


def test_no_fork_for_little(monkeypatch, forks):
    monkeypatch.setattr(decoding, "_MIN_FILES", 1_000)
    assert len(list(decode_all(CONTENTS, 4))) == len(CONTENTS)
    assert not forks


def test_the_report_is_the_same_for_every_number_of_jobs(run, tmp_path):
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings-{0}\n  labels: {{number: {0}}}\ndata: {{}}\n"
    for number in range(1_600):
        folder = tmp_path / f"team-{number % 7}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.yaml").write_text(manifest.format(number) if number % 100 else "apiVersion: v1\nkind: [\n")
    (tmp_path / ".gitops-lint.yaml").write_text("root: true\n")
    reports = [run("lint", "--format", "json", "--jobs", jobs, ".", cwd=tmp_path) for jobs in ("1", "2", "5")]
    assert {report.returncode for report in reports} == {3}
    assert reports[0].stdout == reports[1].stdout == reports[2].stdout
    assert reports[0].stdout.count('"labels/value-not-a-string"') > 1_500


def test_a_run_in_memory_is_the_same(forks):
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a{0}, labels: {{a: 1}}}}\n"
    tree = MemoryTree({f"{number}.yaml": manifest.format(number) for number in range(20)})
    reports = []
    for jobs in (1, 4):
        with Session(jobs) as session:
            reports.append(render_json(lint_tree(tree, LintOptions(), session)))
    assert len(forks) == 3
    assert reports[0] == reports[1]
