"""Reading revisions and the index of real temporary repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

import pytest
from git_repositories import BAD, GOOD, RULE, Repo, failure

from linter.engine.options import LintOptions
from linter.engine.render import render
from linter.engine.run import lint
from linter.engine.world import open_tree
from linter.errors import UsageError
from linter.repository import WorkTree

pytestmark = pytest.mark.usefixtures("own_git_configuration")


def refused(words: str, **options) -> None:
    with pytest.raises(UsageError) as raised:
        lint(LintOptions(select=(RULE,), jobs=1, **options))
    assert words in str(raised.value)


def files_with_findings(**options) -> list[str]:
    return [finding.location.path for finding in lint(LintOptions(select=(RULE,), jobs=1, **options)).findings]


class TestRevisions:
    def test_a_commit_is_read_as_it_was(self, repo, rev):
        first = repo.commit({"a.yaml": "one", "gone/b.yaml": "two"})
        shutil.rmtree(repo.root / "gone")
        repo.commit({"a.yaml": "later", ".gitignore": "c.yaml"})
        repo.put({"a.yaml": "not committed", "c.yaml": "ignored"})
        tree = rev(first)
        assert (tree.files(), tree.read("a.yaml"), tree.read("gone/b.yaml")) == (("a.yaml", "gone/b.yaml"), b"one", b"two")
        assert (rev().files(), rev("HEAD~1").read("a.yaml"), rev().read("a.yaml")) == ((".gitignore", "a.yaml"), b"one", b"later")
        assert tree.root == str(repo.root)

    def test_every_name_of_a_commit(self, repo, rev):
        first = repo.commit({"a.yaml": "1"})
        repo.git("tag", "light")
        repo.git("tag", "-a", "-m", "x", "annotated")
        repo.git("branch", "topic")
        repo.commit({"a.yaml": "2"})
        repo.git("checkout", "-q", "--detach")
        for name in ("light", "annotated", "topic", first, first[:8], "HEAD~1", "@~1", "main^"):
            assert rev(name).read("a.yaml") == b"1"
        assert rev("HEAD").read("a.yaml") == b"2"
        repo.git("commit", "-q", "--amend", "-m", "two words")
        repo.put({"a.yaml": "3"})
        repo.git("commit", "-qam", "third")
        assert rev(":/two words").read("a.yaml") == b"2"

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("nowhere", "--rev nowhere: there is no such revision in this repository"),
            ("HEAD:a.yaml", "this is a file, and a commit is needed"),
            ("HEAD:", "this is a directory, and a commit is needed"),
            ("tag-of-a-file", "this is a tag of something else"),
            ("--all", "'--all' is no revision"),
            ("", "'' is no revision"),
            ("HEAD..HEAD", "there is no such revision"),
            ("^HEAD", "there is no such revision"),
            (":/no message of any commit", "there is no such revision"),
            ("topic", "did you mean origin/topic?"),
        ],
    )
    def test_what_is_no_commit(self, repo, name, words):
        repo.commit({"a.yaml": BAD})
        repo.git("tag", "-a", "-m", "x", "tag-of-a-file", "HEAD:a.yaml")
        repo.git("update-ref", "refs/remotes/origin/topic", "HEAD")
        refused(words, revision=name)

    def test_a_branch_without_commits(self, repo):
        repo.put({"a.yaml": BAD})
        refused("there is no commit yet", revision="HEAD")
        repo.git("add", ".")
        assert files_with_findings(staged=True) == ["a.yaml"]

    def test_a_sha256_repository(self, tmp_path, monkeypatch):
        repo = Repo(tmp_path / "sha256", "--object-format=sha256")
        monkeypatch.chdir(repo.root)
        assert len(repo.commit({"a.yaml": BAD, "empty.yaml": ""})) == 64
        repo.put({"later.yaml": "x"})
        repo.git("add", "-N", "later.yaml")
        assert files_with_findings(revision="main") == ["a.yaml"]
        assert open_tree(LintOptions(staged=True)).files() == ("a.yaml", "empty.yaml")

    def test_names_that_are_hard_to_pass_on(self, repo, rev, staged):
        names = ["a b.yaml", 'quo"te.yaml', "new\nline.yaml", "ünï.yaml", os.fsdecode(b"caf\xe9.yaml"), "-x.yaml", "t\tab.yaml"]
        repo.commit(dict.fromkeys(names, "x"))
        for tree in (rev(), staged()):
            assert list(tree.files()) == sorted(names)
            assert {tree.read(name) for name in names} == {b"x"}

    def test_paths_that_are_gone_and_paths_that_never_were(self, repo, monkeypatch):
        repo.commit({"old/deep/a.yaml": BAD, "b.yaml": BAD})
        shutil.rmtree(repo.root / "old")
        repo.commit({"new/c.yaml": BAD})
        assert files_with_findings(revision="HEAD~1", paths=("old/deep",)) == ["old/deep/a.yaml"]
        assert files_with_findings(revision="HEAD~1", paths=("old/deep/a.yaml", "b.yaml")) == ["b.yaml", "old/deep/a.yaml"]
        refused("new: the revision HEAD~1 has no such file or directory", revision="HEAD~1", paths=("new",))
        refused("nowhere: the index has no such file", staged=True, paths=("nowhere",))
        refused("--rev needs a Git repository, and ../elsewhere is in none", revision="HEAD", paths=("../elsewhere", "b.yaml"))
        monkeypatch.chdir(repo.root / "new")
        assert files_with_findings(revision="HEAD") == ["new/c.yaml"]
        refused("new: the revision HEAD~1 has no such", revision="HEAD~1")

    def test_the_configuration_is_that_of_the_revision(self, repo):
        repo.commit({".gitops-lint.yaml": "exclude: [b.yaml]\n", "a.yaml": BAD, "b.yaml": BAD})
        repo.put({".gitops-lint.yaml": "exclude: [a.yaml]\n"})
        assert files_with_findings(revision="HEAD") == ["a.yaml"]
        assert files_with_findings() == ["b.yaml"]
        assert files_with_findings(revision="HEAD", config_file=str(repo.root / ".gitops-lint.yaml")) == ["b.yaml"]


class TestIndex:
    def test_what_is_staged_and_not_what_is_there(self, repo, staged):
        repo.commit({"a.yaml": "1", "gone.yaml": "x"})
        repo.put({"a.yaml": "2", "new.yaml": "n", "untracked.yaml": "u"})
        repo.git("add", "a.yaml", "new.yaml")
        repo.git("rm", "-q", "--cached", "gone.yaml")
        repo.put({"a.yaml": "3"})
        tree = staged()
        assert tree.files() == ("a.yaml", "new.yaml")
        assert tree.read("a.yaml") == b"2"
        assert failure(tree, "gone.yaml").message == "this file cannot be read: there is no such file"

    @pytest.mark.parametrize("arguments", [("-a",), ("a.yaml",)])
    def test_the_temporary_index_of_a_commit(self, repo, arguments):
        repo.commit({"a.yaml": GOOD})
        hook = repo.root / ".git/hooks/pre-commit"
        # As hook runners do, ask from somewhere else than the top.
        hook.write_text(f"#!/bin/sh\ncd sub && exec {sys.executable} -m linter lint --quiet --staged --select {RULE} ..\n")
        hook.chmod(0o755)
        repo.put({"a.yaml": BAD, "sub/x": ""})
        done = subprocess.run(["git", "commit", "-m", "x", *arguments], cwd=repo.root, capture_output=True, check=False)
        assert (done.returncode, b"a.yaml:3:34" in done.stdout + done.stderr) == (1, True), done.stderr

    def test_an_index_elsewhere_is_not_read(self, repo, staged, tmp_path, monkeypatch):
        repo.commit({"a.yaml": "1"})
        monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
        other = Repo(tmp_path / "other")
        monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
        monkeypatch.setenv("GIT_WORK_TREE", str(other.root))
        monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other.root / ".git/objects"))
        assert (staged().files(), staged().read("a.yaml")) == (("a.yaml",), b"1")

    def test_a_file_only_meant_to_be_added(self, repo, staged):
        repo.commit({"a.yaml": "1", ".gitkeep": ""})
        repo.put({"later.yaml": "x", "empty.yaml": ""})
        repo.git("add", "-N", "later.yaml")
        repo.git("add", "empty.yaml")
        assert staged().files() == (".gitkeep", "a.yaml", "empty.yaml")

    def test_a_conflict_is_a_failure_of_that_file(self, repo):
        repo.commit({"a.yaml": BAD, "b.yaml": BAD})
        repo.git("checkout", "-qb", "other")
        repo.commit({"a.yaml": BAD.replace("name: a", "name: b")})
        repo.git("checkout", "-q", "main")
        repo.commit({"a.yaml": BAD.replace("name: a", "name: c")})
        subprocess.run(["git", "merge", "other"], cwd=repo.root, capture_output=True, check=False)
        report = lint(LintOptions(staged=True, select=(RULE,), jobs=1))
        assert [(entry.failure.id, entry.failure.path) for entry in report.failures] == [("merge-conflict", "a.yaml")]
        assert ([finding.location.path for finding in report.findings], report.exit_code) == (["b.yaml"], 3)

    def test_a_sparse_checkout_has_all_files_in_the_index(self, repo, staged):
        repo.commit({"a/a.yaml": "1", "b/b.yaml": "2"})
        repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "a")
        work = WorkTree(str(repo.root))
        assert (work.files(), work.notices) == (
            ("a/a.yaml",),
            ["this is a sparse checkout, without 1 of the files; --staged and --rev read all of them"],
        )
        assert (staged().files(), staged().read("b/b.yaml")) == (("a/a.yaml", "b/b.yaml"), b"2")

    def test_the_index_and_the_work_tree_stay_untouched(self, repo, staged):
        repo.commit({"a.yaml": "1"})
        repo.put({"a.yaml": "2"})
        before = (repo.root / ".git/index").read_bytes(), sorted(os.listdir(repo.root / ".git"))
        staged().read("a.yaml")
        assert ((repo.root / ".git/index").read_bytes(), sorted(os.listdir(repo.root / ".git"))) == before


class TestRoots:
    def test_a_bare_repository(self, repo, tmp_path, monkeypatch):
        repo.commit({"apps/a.yaml": BAD, "b.yaml": BAD})
        subprocess.run(["git", "clone", "-q", "--bare", str(repo.root), str(tmp_path / "bare.git")], check=True)
        monkeypatch.chdir(tmp_path / "bare.git")
        assert files_with_findings(revision="main") == ["apps/a.yaml", "b.yaml"]
        assert files_with_findings(revision="main", paths=("apps",)) == ["apps/a.yaml"]
        assert files_with_findings(revision="main", paths=(str(tmp_path / "bare.git"),)) == ["apps/a.yaml", "b.yaml"]
        assert files_with_findings(revision="main", since="main") == []
        refused("bare.git is a bare repository, which has no work tree: name a revision, as in `--rev HEAD`")
        refused("bare.git is a bare repository, where nothing is staged", staged=True)
        refused("apps/x: the revision main has no such", revision="main", paths=("apps/x",))
        refused("needs a Git repository, and .. is in none", revision="main", paths=("..",))

    def test_a_hook_that_receives_a_push(self, repo, tmp_path):
        repo.commit({"a.yaml": BAD})
        bare = tmp_path / "bare.git"
        subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
        hook = bare / "hooks/pre-receive"
        hook.write_text(f"#!/bin/sh\nread old new ref\nexec {sys.executable} -m linter lint --quiet --rev $new --select {RULE}\n")
        hook.chmod(0o755)
        done = subprocess.run(["git", "push", str(bare), "main"], cwd=repo.root, capture_output=True, check=False)
        assert (done.returncode, b"a.yaml:3:34" in done.stderr) == (1, True), done.stderr

    def test_inside_the_git_directory(self, repo, monkeypatch):
        repo.commit({"apps/a.yaml": BAD})
        monkeypatch.chdir(repo.root / ".git")
        assert files_with_findings(revision="HEAD") == ["apps/a.yaml"]
        assert files_with_findings(revision="HEAD", paths=("apps",)) == ["apps/a.yaml"]
        assert files_with_findings(staged=True) == ["apps/a.yaml"]
        refused("this is Git's own directory")

    def test_a_linked_work_tree_has_an_index_of_its_own(self, repo, tmp_path, monkeypatch):
        repo.commit({"a.yaml": GOOD})
        repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
        (tmp_path / "linked/b.yaml").write_text(BAD)
        subprocess.run(["git", "add", "."], cwd=tmp_path / "linked", check=True)
        monkeypatch.chdir(tmp_path / "linked")
        assert files_with_findings(staged=True) == ["b.yaml"]
        assert files_with_findings(revision="main") == []
        assert files_with_findings(since="main") == ["b.yaml"]

    def test_no_repository_and_no_git(self, repo, tmp_path, run):
        (tmp_path / "plain").mkdir()
        for asked in (["--rev", "main"], ["--staged"], ["--since", "main"]):
            done = run("lint", *asked, cwd=tmp_path / "plain")
            assert (done.returncode, f"{asked[0]} needs a Git repository, and " in done.stderr) == (2, True), done.stderr
        repo.commit({"a.yaml": GOOD})
        done = run("lint", "--staged", cwd=repo.root, PATH="/nowhere")
        assert (done.returncode, done.stderr) == (2, "gitops-lint: git is not on PATH, and --rev, --staged and --since need it\n")
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin/git").write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / "bin/git").chmod(0o755)
        done = run("lint", "--staged", cwd=repo.root, PATH=str(tmp_path / "bin"))
        assert (done.returncode, done.stderr) == (2, "gitops-lint: git does not run, and --rev, --staged and --since need it\n")

    def test_a_current_directory_that_was_removed(self, repo):
        repo.put({"gone/a.yaml": BAD})
        os.chdir("gone")
        shutil.rmtree(repo.root / "gone")
        for options in ({}, {"revision": "HEAD"}, {"staged": True}):
            refused("the current directory does not exist any more", **options)

    def test_two_repositories(self, repo, tmp_path):
        Repo(tmp_path / "second")
        refused("are different repositories", revision="HEAD", paths=(".", "../second"))

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
    def test_a_checkout_that_another_user_owns(self, repo):
        repo.commit({"a.yaml": BAD})
        for directory, _, files in os.walk(repo.root):
            for name in ("", *files):
                os.chown(os.path.join(directory, name), 12345, 12345)
        assert files_with_findings(revision="HEAD") == files_with_findings(staged=True) == ["a.yaml"]
        assert files_with_findings(since="HEAD") == []

    def test_a_damaged_repository_says_so(self, repo, run):
        repo.commit({"a.yaml": GOOD})
        repo.put({".git/config": "[core"})
        for options in (["--rev", "HEAD"], ["--since", "HEAD"]):
            done = run("lint", *options, cwd=repo.root)
            assert (done.returncode, "bad config" in done.stderr) == (2, True), done.stderr

    def test_the_repository_cannot_make_git_run_a_program(self, repo, tmp_path):
        repo.commit({".gitattributes": "* filter=trap diff=trap\n", "a.yaml": BAD})
        trap = tmp_path / "trap"
        trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
        trap.chmod(0o755)
        for key in (
            "core.fsmonitor",
            "filter.trap.clean",
            "filter.trap.smudge",
            "diff.trap.textconv",
            "diff.trap.command",
            "diff.external",
        ):
            repo.git("config", key, str(trap))
        repo.git("config", "core.hooksPath", str(tmp_path))
        (repo.root / "a.yaml").rename(repo.root / "b.yaml")
        for options in ({"revision": "HEAD"}, {"staged": True}, {"since": "HEAD"}, {"since": "HEAD", "staged": True}):
            files_with_findings(**options)
        assert not (tmp_path / "sprung").exists()


class TestWholeRuns:
    CHART: Mapping[str, str] = {
        ".gitops-lint.yaml": "environments:\n  prod: {charts/web: {values: [values-prod.yaml]}}\n  test: {charts/web: {}}\n",
        "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n"
        "dependencies: [{name: lib, version: 1.0.0, repository: 'file://../../libs/lib'}]\n",
        "charts/web/values.yaml": "mark: '\"x\"'\n",
        "charts/web/values-prod.yaml": "mark: yes\n",
        "charts/web/templates/a.yaml": BAD.replace("yes", "{{ .Values.mark }}") + "data: {f: {{ .Files.Get `f.txt` | quote }}}\n",
        "charts/web/f.txt": "text",
        "libs/lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 1.0.0\n",
        "libs/lib/templates/b.yaml": GOOD.replace("name: a", "name: b"),
        "plain/c.yaml": BAD,
        "plain/ignored.yaml": BAD,
        ".gitignore": "ignored.yaml\n",
    }  # fmt: skip

    def test_charts_of_a_revision_render_as_those_of_the_work_tree(self, repo):
        repo.commit(self.CHART)
        now = render(LintOptions())
        assert (now.failures, "kind: ConfigMap" in now.text, "text" in now.text) == ((), True, True)
        for options in ({"revision": "HEAD"}, {"staged": True}):
            assert render(LintOptions(**options)) == now
        shutil.rmtree(repo.root / "charts")
        for options in ({"revision": "HEAD"}, {"staged": True}):
            assert render(LintOptions(**options)) == now

    def test_a_report_is_the_same_from_everywhere(self, repo):
        from linter.report.json import render_json as as_json

        repo.commit(self.CHART)
        expected = as_json(lint(LintOptions(jobs=1)))
        assert '"charts/web/templates/a.yaml"' in expected
        for options in ({"revision": "HEAD"}, {"staged": True}, {"revision": "HEAD", "paths": ("charts", "plain", "libs")}):
            assert as_json(lint(LintOptions(jobs=1, **options))) == expected

    def test_values_of_the_command_line(self, repo):
        repo.commit(self.CHART)
        repo.put({"mine.yaml": "mark: no\n", "charts/web/values-prod.yaml": "mark: 1\n"})
        one = {"revision": "HEAD", "paths": ("charts/web",), "environment": "test", "select": (RULE,)}
        for name, words in (("mine.yaml", "boolean false"), ("charts/web/values-prod.yaml", "boolean true")):
            [finding] = lint(LintOptions(values=(name,), jobs=1, **one)).findings
            assert words in finding.message

    def test_types_limit_the_report(self, repo):
        repo.commit({**self.CHART, "plain/broken.yaml": "apiVersion: v1\nkind: [\n", "charts/bad/Chart.yaml": "name: [\n"})
        both = lint(LintOptions(select=(RULE,), jobs=1))
        charts = lint(LintOptions(select=(RULE,), jobs=1, source_types=("helm",)))
        plain = lint(LintOptions(select=(RULE,), jobs=1, source_types=("directory",)))
        for report, found, failed in (
            (charts, ["charts/web/values-prod.yaml"], ["charts/bad/Chart.yaml"]),
            (plain, ["plain/c.yaml"], ["plain/broken.yaml"]),
        ):
            assert [finding.location.path for finding in report.findings] == found
            assert [entry.failure.path for entry in report.failures] == failed
        for part in ("files", "sources", "resources", "failures", "errors", "not_manifests"):
            assert getattr(charts.summary, part) + getattr(plain.summary, part) == getattr(both.summary, part), part
        refused("holds no source of type kustomize", source_types=("kustomize",))

    def test_reading_the_work_tree_loads_no_git_library(self, repo):
        repo.commit({"a.yaml": BAD})
        command = [sys.executable, "-X", "importtime", "-m", "linter", "lint", "--quiet", "--select", RULE]
        done = subprocess.run(command, cwd=repo.root, capture_output=True, check=False)
        loaded = {line.rpartition(b"|")[2].strip().decode() for line in done.stderr.splitlines()}
        assert (done.returncode, "linter.repository.trees" in loaded) == (1, True)
        ours = {"git_commands", "git_location", "git_repository", "git_trees", "renamed_tree"}
        assert not loaded & {"git", "gitdb", "tempfile", "linter.engine.since", *(f"linter.repository.{name}" for name in ours)}
