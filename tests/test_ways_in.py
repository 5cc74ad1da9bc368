"""A team adopts the linter on a repository that has problems: configuration, baseline, and a CI step that shows what is new."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from warm_program import WarmProgram

EXAMPLES = Path(__file__).parent.parent / "examples"
VARIABLES = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT"))} | {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "t"), ("EMAIL", "t@example.com"))},
}
NEW = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: brand-new
  namespace: shop
  labels:
    enabled: yes
"""


class Checkout:
    """A clone in which somebody works."""

    def __init__(self, path: Path, program: WarmProgram) -> None:
        self.path, self.program = path, program

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.path, env=VARIABLES, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        code, out, err = self.program.run(arguments, self.path, VARIABLES, None, 120)
        assert b"Traceback" not in err, err
        return subprocess.CompletedProcess(arguments, code, out.decode(), err.decode())

    def write(self, name: str, text: str) -> None:
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(text)

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)


@pytest.fixture
def checkout(tmp_path, warm_program):
    """A clone of a repository whose main branch holds the examples, with all their problems."""
    origin = Checkout(tmp_path / "origin", warm_program)
    shutil.copytree(EXAMPLES, origin.path, ignore=shutil.ignore_patterns(".gitops-lint.yaml"))
    origin.git("init", "-q", "-b", "main")
    origin.commit("first")
    clone = Checkout(tmp_path / "clone", warm_program)
    subprocess.run(["git", "clone", "-q", str(origin.path), str(clone.path)], env=VARIABLES, check=True)
    return clone


def test_ten_minutes(checkout):
    assert checkout.run("lint").returncode == 1
    assert checkout.run("init").returncode == 0
    before = checkout.run("lint", "--format", "json")
    assert before.returncode == 1
    assert checkout.run("baseline").returncode == 0
    assert sorted(checkout.git("status", "--short").split("\n")) == ["?? .gitops-lint-baseline.json", "?? .gitops-lint.yaml"]
    after = checkout.run("lint")
    assert after.returncode == 0, after.stdout
    checkout.commit("adopt the linter")

    checkout.write("apps/new.yaml", NEW)
    done = checkout.run("lint", "--format", "json")
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert [(finding["rule"], finding["location"]["path"], finding["location"]["line"]) for finding in report["findings"]] == [
        ("labels/value-not-a-string", "apps/new.yaml", 7)
    ]
    assert (
        report["summary"]["suppressed"] == len(json.loads(before.stdout)["findings"]) + json.loads(before.stdout)["summary"]["suppressed"]
    )


def test_a_pull_request_shows_what_it_adds_in_every_format(checkout):
    checkout.git("switch", "-q", "-c", "feature")
    checkout.write("apps/new.yaml", NEW)
    checkout.commit("add something")
    outputs = [f"{name}={name}.out" for name in ("sarif", "gitlab", "junit", "markdown", "json", "text")]
    done = checkout.run(
        "lint", "--since", "origin/main", "--format", "github", *(part for output in outputs for part in ("--output", output))
    )
    assert done.returncode == 1, done.stderr
    [annotation] = [line for line in done.stdout.splitlines() if line.startswith("::")]
    assert annotation.startswith(("::warning file=apps/new.yaml,line=7,", "::error file=apps/new.yaml,line=7,"))
    for name in ("sarif", "gitlab", "junit", "markdown", "json", "text"):
        text = (checkout.path / f"{name}.out").read_text()
        assert "labels/value-not-a-string" in text, name
        assert "apps/new.yaml" in text, name
        assert "undeclared-port-name" not in text, f"{name} shows an old finding"


def test_a_pull_request_that_adds_nothing(checkout):
    checkout.git("switch", "-q", "-c", "feature")
    cart = (checkout.path / "apps/cart.yaml").read_text()
    checkout.write("apps/cart.yaml", f"# A comment that moves every line.\n\n{cart}")
    checkout.commit("comment")
    done = checkout.run("lint", "--since", "origin/main")
    assert done.returncode == 0, done.stdout
    assert checkout.run("lint").returncode == 1


def test_the_revision_and_the_index_and_the_work_tree_are_three_things(checkout):
    def rules(*arguments: str) -> set[str]:
        report = json.loads(checkout.run("lint", "apps", "--format", "json", *arguments).stdout)
        return {finding["location"]["path"] for finding in report["findings"]}

    everywhere = rules()
    checkout.write("apps/staged.yaml", NEW)
    checkout.git("add", "apps/staged.yaml")
    checkout.write("apps/untracked.yaml", NEW.replace("brand-new", "newer"))
    assert rules("--rev", "HEAD") == everywhere
    assert rules("--staged") == everywhere | {"apps/staged.yaml"}
    assert rules() == everywhere | {"apps/staged.yaml", "apps/untracked.yaml"}
    assert rules("--since", "HEAD") == {"apps/staged.yaml", "apps/untracked.yaml"}
