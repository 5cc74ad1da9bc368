"""`rules new`: what a newcomer writes works at once, and what is already there stays."""

from __future__ import annotations

import json
import os

import pytest

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.4.2
"""


@pytest.mark.parametrize("flags", [[], ["--cel"]])
def test_a_newcomer_follows_what_is_printed(tmp_path, run, flags):
    if flags:
        pytest.importorskip("cel_expr_python.cel")
    (tmp_path / "web.yaml").write_text(DEPLOYMENT)
    (tmp_path / ".gitops-lint.yaml").write_text("root: true\n")
    written = run("rules", "new", "acme/no-team-label", *flags, cwd=tmp_path)
    assert (written.returncode, written.stderr) == (0, "")
    assert sorted(os.listdir(tmp_path / "policy" / "acme")) == ["no_team_label.yaml", "pack.yaml"]
    assert "gitops-lint rules test policy/acme" in written.stdout

    tested = run("rules", "test", "policy/acme", cwd=tmp_path)
    assert (tested.returncode, tested.stdout, tested.stderr) == (0, "1 rule, 3 examples, 0 failed\n", "")

    [snippet] = [line.strip() for line in written.stdout.splitlines() if "packs:" in line]
    (tmp_path / ".gitops-lint.yaml").write_text(f"root: true\n{snippet}\n")
    linted = run("lint", "--select", "acme", "--format", "json", cwd=tmp_path)
    report = json.loads(linted.stdout)
    assert [(entry["rule"], entry["location"]["line"]) for entry in report["findings"]] == [("acme/no-team-label", 5)]
    (tmp_path / "web.yaml").write_text(DEPLOYMENT.replace("{app: web}", "{app: web, team: shop}", 1))
    assert run("lint", "--select", "acme", cwd=tmp_path).returncode == 0


def test_a_second_rule_joins_the_pack(tmp_path, run):
    assert run("rules", "new", "acme/no-team-label", cwd=tmp_path).returncode == 0
    pack = tmp_path / "policy" / "acme" / "pack.yaml"
    pack.write_text(pack.read_text().replace("version: 0.1.0", "version: 1.3.0"))
    before = pack.read_text()
    second = run("rules", "new", "acme/no-owner-label", cwd=tmp_path)
    assert "pack.yaml" not in second.stdout.split("\n\n")[0]
    assert pack.read_text() == before
    assert "since: 1.3.0" in (tmp_path / "policy" / "acme" / "no_owner_label.yaml").read_text()
    assert run("rules", "test", "policy/acme", cwd=tmp_path).stdout == "2 rules, 6 examples, 0 failed\n"


def test_a_folder_of_ones_own(tmp_path, run):
    assert run("rules", "new", "acme/no-team-label", "--folder", "rules/ours", cwd=tmp_path).returncode == 0
    assert sorted(os.listdir(tmp_path / "rules" / "ours")) == ["no_team_label.yaml", "pack.yaml"]
    assert run("rules", "test", "rules/ours", cwd=tmp_path).returncode == 0
    assert run("rules", "test", "rules/ours/", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("acme", "`acme` is no id of a rule"),
        ("acme/", "is no id of a rule"),
        ("acme/No-Team", "is no id of a rule"),
        ("acme/no-team-2", "is no id of a rule"),
        ("acme/../../etc", "is no id of a rule"),
        ("../acme/rule", "is no id of a rule"),
        ("rbac/mine", "`rbac` is a pack that comes with gitops-lint"),
    ],
)
def test_ids_that_no_rule_can_have(tmp_path, run, id, words):
    done = run("rules", "new", id, cwd=tmp_path)
    assert (done.returncode, words in done.stderr) == (2, True), done.stderr
    assert os.listdir(tmp_path) == []


def test_nothing_is_overwritten(tmp_path, run):
    assert run("rules", "new", "acme/no-team-label", cwd=tmp_path).returncode == 0
    rule = tmp_path / "policy" / "acme" / "no_team_label.yaml"
    rule.write_text("mine\n")
    done = run("rules", "new", "acme/no-team-label", cwd=tmp_path)
    assert (done.returncode, rule.read_text()) == (2, "mine\n")
    assert "policy/acme/no_team_label.yaml is already there" in done.stderr


def test_a_folder_of_another_pack(tmp_path, run):
    assert run("rules", "new", "acme/no-team-label", cwd=tmp_path).returncode == 0
    done = run("rules", "new", "other/no-team-label", "--folder", "policy/acme", cwd=tmp_path)
    assert done.returncode == 2
    assert "policy/acme/pack.yaml:2: the pack in this folder is `acme`: write acme/RULE" in done.stderr
    (tmp_path / "policy" / "acme" / "pack.yaml").write_text("]")
    assert "policy/acme/pack.yaml:1" in run("rules", "new", "acme/no-owner-label", cwd=tmp_path).stderr


def test_a_folder_that_cannot_be(tmp_path, run):
    (tmp_path / "policy").write_text("a file")
    done = run("rules", "new", "acme/no-team-label", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "gitops-lint: policy/acme: not a directory\n")
