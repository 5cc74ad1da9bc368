"""The noise benchmark counts what the rules find, and draws findings that stay the same when others disappear."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks import noise
from benchmarks.corpus import CorpusError, load_lock
from linter.model import Location

CLEAN = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\ndata: {{}}\n"
WEB = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example.com/web:latest
      securityContext: {privileged: true}
"""


@pytest.fixture(scope="module")
def mirrors(tmp_path_factory):
    """A mirror with one repository of four objects, one of which has findings, and the lock that names it."""
    directory = tmp_path_factory.mktemp("noise")
    repository = directory / "mirrors" / "owner+charts"
    repository.mkdir(parents=True)
    (repository / "web.yaml").write_text("---\n".join([WEB, *(CLEAN.format(name) for name in "abc")]))
    git = ["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "one"], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    (directory / "lock").write_text(json.dumps([{"repository": "owner/charts", "commit": commit, "licence": "MIT"}]))
    return directory


def run(mirrors, *more):
    return noise.main(["--mirrors", str(mirrors / "mirrors"), "--lock", str(mirrors / "lock"), "--jobs", "1", *more])


def test_counts_and_verdicts(mirrors, capsys):
    filled, verdicts = mirrors / "filled.json", mirrors / "verdicts.json"
    assert run(mirrors, "--sample", "10", "--fill", str(filled), "--verdicts", str(verdicts)) == 0
    output = capsys.readouterr().out
    assert "| owner/charts | 0 | 4 | 0.75 | 0 | 3 | 3 | 75% |" in output
    assert "| warning | 3 | 1 | 100.0% |" in output
    assert "3 findings drawn, 0 judged: none" in output
    drawn = json.loads(filled.read_text())
    assert {entry["rule"] for entry in drawn} == {"images/latest-tag", "resources/requests-missing", "security/baseline-privileged"}
    assert {(entry["repository"], entry["path"], entry["verdict"]) for entry in drawn} == {("owner/charts", "web.yaml", "")}

    verdicts.write_text(json.dumps([{**drawn[0], "verdict": "right", "reason": "It is."}]))
    assert run(mirrors, "--sample", "10", "--verdicts", str(verdicts)) == 0
    assert "3 findings drawn, 1 judged: 1 right (100%), 0 wrong (0%), 0 arguable (0%)" in capsys.readouterr().out

    verdicts.write_text(json.dumps([{**drawn[0], "verdict": "wrong", "reason": "It is not."}]))
    assert run(mirrors, "--verdicts", str(verdicts)) == 1
    assert f"found again, though judged wrong: owner/charts web.yaml:{drawn[0]['line']}" in capsys.readouterr().out

    verdicts.write_text(json.dumps([{**drawn[0], "verdict": "maybe", "reason": "Who knows."}]))
    assert run(mirrors, "--verdicts", str(verdicts)) == 2
    assert "needs a verdict (right, wrong, arguable) and a reason" in capsys.readouterr().err


def test_what_is_drawn_is_even_and_steady():
    def found(rule, number, repository):
        place = Location("a.yaml", number, 1, number, 2)
        return repository, SimpleNamespace(rule=rule, fingerprint=f"{rule} {number}", location=place, message="m")

    flood = [found("a/flood", number, "one/many") for number in range(50)]
    findings = [*flood, found("a/flood", 60, "two/few"), found("b/rare", 1, "one/many"), found("c/rare", 1, "one/many")]
    sample = noise.draw(findings, 5, 1)
    assert sorted(drawn.rule for drawn in sample) == ["a/flood", "a/flood", "a/flood", "b/rare", "c/rare"]
    assert {drawn.repository for drawn in sample[:4] if drawn.rule == "a/flood"} | {"two/few"} == {"one/many", "two/few"}
    assert {drawn.repository for drawn in sample if drawn.rule == "a/flood"} == {"one/many", "two/few"}
    kept = {drawn.key for drawn in sample}
    spared = [entry for entry in findings if entry[1].fingerprint not in {key[1] for key in kept} or entry[1].rule != "b/rare"]
    fewer = noise.draw(spared[:1] + spared[1:], 4, 1)
    assert {drawn.key for drawn in fewer} <= kept
    assert noise.draw(findings, 5, 1) == sample != noise.draw(findings, 5, 2)
    assert len(noise.draw(findings, 100, 1)) == len(findings)


@pytest.mark.parametrize(
    ("numbers", "share", "expected"),
    [([], 0.9, 0), ([3], 0.5, 3), ([0, 0, 1, 2], 0.5, 0), ([0, 0, 1, 2], 0.9, 2), (list(range(10)), 0.9, 8), (list(range(10)), 1, 9)],
)
def test_percentile(numbers, share, expected):
    assert noise.percentile(numbers, share) == expected


def test_the_verdicts_that_are_kept_can_be_read_and_name_repositories_of_the_lock():
    verdicts = noise.load_verdicts(noise.VERDICTS)
    assert verdicts
    assert {entry.repository for entry in verdicts.values()} <= {entry.repository for entry in load_lock()}
    assert all(entry.mended for entry in verdicts.values() if entry.verdict == "wrong")


def test_no_verdicts_at_all(tmp_path):
    assert noise.load_verdicts(str(tmp_path / "none.json")) == {}
    (tmp_path / "bad.json").write_text('[{"repository": "a/b", "fingerprint": "f", "rule": "a/b", "path": "p", "line": 1, "message": "m"}]')
    with pytest.raises(CorpusError, match="needs a verdict"):
        noise.load_verdicts(str(tmp_path / "bad.json"))
