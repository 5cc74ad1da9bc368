"""Reporting only what is new since a revision, in real temporary repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from example_counts import examples
from git_repositories import BAD, GOOD, RULE, Repo
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from linter.engine.baseline import accept
from linter.engine.options import LintOptions
from linter.engine.run import lint
from linter.engine.since import Comparison
from linter.errors import UsageError
from linter.repository import MemoryTree
from linter.repository.git.renamed_tree import RenamedTree

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\ndescription: a chart with a description\n"
TEMPLATE = BAD.replace("yes", "{{ .Values.mark }}")


def other(name: str, value: str = "yes") -> str:
    return BAD.replace("name: a", f"name: {name}").replace("yes", value)


def since(base: str = "HEAD", /, **options):
    return lint(LintOptions(since=base, select=(RULE,), jobs=1, **options))


def new(report) -> list[tuple[str, str | None]]:
    return [(finding.location.path, finding.since) for finding in report.findings]


def refused(words: str, base: str, **options) -> None:
    with pytest.raises(UsageError) as raised:
        since(base, **options)
    assert words in str(raised.value)


class TestWhatIsNew:
    def test_what_the_base_has_is_left_out(self, repo):
        repo.commit({"old.yaml": BAD, "good.yaml": GOOD})
        repo.put({"new.yaml": other("b"), "old.yaml": "# moved down\n\n" + BAD})
        report = since()
        assert (new(report), report.exit_code, report.summary.errors) == ([("new.yaml", "new")], 1, 1)
        assert report.hints[-1].endswith("(HEAD): 1 finding left out because it has them as well")
        report = since(paths=("old.yaml",))
        assert (new(report), report.exit_code, report.summary.errors) == ([], 0, 0)

    def test_each_tree_that_can_be_read(self, repo):
        repo.commit({"a.yaml": BAD})
        repo.commit({"b.yaml": other("b")})
        repo.put({"c.yaml": other("c")})
        repo.git("add", "c.yaml")
        repo.put({"d.yaml": other("d")})
        for options, found in (({}, "bcd"), ({"staged": True}, "bc"), ({"revision": "HEAD"}, "b"), ({"revision": "HEAD~1"}, "")):
            assert new(since("HEAD~1", **options)) == [(f"{name}.yaml", "new") for name in found]

    def test_the_merge_base_counts(self, repo):
        first = repo.commit({"a.yaml": BAD})
        repo.git("checkout", "-qb", "topic")
        repo.commit({"b.yaml": other("b")})
        repo.git("checkout", "-q", "main")
        repo.commit({"c.yaml": other("c"), "a.yaml": GOOD})
        repo.git("checkout", "-q", "topic")
        report = since("main")
        assert new(report) == [("b.yaml", "new")]
        assert f"compared with {first[:7]}, the merge base of main and HEAD: 1 finding left out" in report.hints[-1]
        assert new(since("topic", revision="main")) == [("c.yaml", "new")]

    def test_a_branch_without_commits_has_an_empty_base(self, repo):
        repo.put({"a.yaml": BAD})
        assert new(since()) == [("a.yaml", "new")]
        repo.git("add", ".")
        assert new(since(staged=True)) == [("a.yaml", "new")]
        refused("there is no such revision", "main")

    def test_paths_limit_both_sides(self, repo):
        repo.commit({"apps/a.yaml": BAD})
        repo.put({"apps/b.yaml": other("b"), "infra/c.yaml": other("c")})
        assert new(since(paths=("apps",))) == [("apps/b.yaml", "new")]
        assert new(since(paths=("infra/c.yaml",))) == [("infra/c.yaml", "new")]

    def test_a_new_template_of_an_old_chart(self, repo):
        repo.commit({"web/Chart.yaml": CHART, "web/templates/a.yaml": BAD})
        repo.put({"web/templates/b.yaml": other("b")})
        assert new(since(paths=("web/templates/b.yaml",))) == [("web/templates/b.yaml", "new")]
        assert new(since(paths=("web/templates/b.yaml",), namespace="x")) == [("web/templates/b.yaml", "new")]

    def test_what_was_accepted_before_and_no_longer_is(self, repo):
        accepted = BAD.replace("metadata", f"# gitops-lint: ignore[{RULE}] for now\nmetadata")
        repo.commit({"a.yaml": accepted, "b.yaml": accepted.replace("name: a", "name: b")})
        repo.put({"a.yaml": BAD})
        report = since()
        assert new(report) == [("a.yaml", "new")]

    def test_both_sides_are_judged_with_the_configuration_of_today(self, repo):
        repo.commit({"a.yaml": BAD, ".gitops-lint.yaml": f"ignore: [{RULE}]\n"})
        repo.put({".gitops-lint.yaml": "ignore: []\n", "b.yaml": other("b")})
        assert new(since()) == [("b.yaml", "new")]

    def test_old_failures_are_left_out(self, repo):
        repo.commit({"a.yaml": "apiVersion: v1\nkind: [\n", "b.yaml": GOOD})
        report = since()
        assert (report.failures, report.exit_code, report.summary.failures) == ((), 0, 0)
        assert "1 failure left out" in report.hints[-1]
        repo.put({"c.yaml": "apiVersion: v1\nkind: [\n"})
        report = since()
        assert ([entry.failure.path for entry in report.failures], report.exit_code) == (["c.yaml"], 3)

    def test_nothing_found_is_nothing_to_compare(self, repo, monkeypatch):
        repo.commit({"a.yaml": GOOD})
        monkeypatch.setattr("linter.repository.git.history.GitRepository.revision_tree", lambda *_: pytest.fail("the base was read"))
        assert new(since()) == []

    def test_what_stands_beside_a_chart_that_is_new(self, repo):
        repo.commit({"a.yaml": BAD, ".gitops-lint.yaml": "environments: {prod: {web: {}}}\n"})
        repo.put({"web/Chart.yaml": CHART, "web/templates/w.yaml": other("w")})
        for options in ({}, {"environment": "prod"}, {"namespace": "x"}):
            assert new(since(**options)) == [("web/templates/w.yaml", "new")]
        repo.commit()
        repo.put({"web/templates/v.yaml": other("v")})
        for options in ({}, {"environment": "prod"}, {"namespace": "x"}):
            assert new(since(**options)) == [("web/templates/v.yaml", "new")]

    def test_values_of_the_command_line(self, repo, tmp_path):
        repo.commit(
            {"web/Chart.yaml": CHART, "web/values.yaml": "mark: yes\n", "web/templates/a.yaml": TEMPLATE, "web/templates/b.yaml": BAD}
        )
        repo.commit({"web/values.yaml": "mark: '\"yes\"'\n"})
        repo.put({"web/values-prod.yaml": "mark: yes\n"})
        (tmp_path / "elsewhere.yaml").write_text("mark: yes\n")
        found = [("web/values-prod.yaml", "new")]
        assert new(since(paths=("web",), values=("web/values-prod.yaml",))) == found
        assert new(since(paths=("web",), values=(str(tmp_path / "elsewhere.yaml"),))) == []
        repo.commit()
        assert new(since(paths=("web",), values=("web/values-prod.yaml",))) == []
        assert new(since("HEAD~1", paths=("web",), values=("web/values-prod.yaml",), revision="HEAD")) == found

    def test_values_that_an_environment_did_not_have(self, repo):
        environments = "environments:\n  prod: {web: {values: [values-prod.yaml]}}\n"
        files = {
            "web/Chart.yaml": CHART,
            "web/values.yaml": "mark: '\"yes\"'\n",
            "web/templates/a.yaml": TEMPLATE,
            "web/templates/b.yaml": BAD,
        }
        repo.commit({**files, ".gitops-lint.yaml": environments, "web/values-prod.yaml": "a: 1\n"})
        repo.put({".gitops-lint.yaml": environments.replace("]", ", values-eu.yaml]"), "web/values-eu.yaml": "mark: yes\n"})
        assert new(since()) == [("web/values-eu.yaml", "new")]

    def test_a_repository_without_manifests_has_nothing_new(self, repo):
        repo.put({"README.md": "hello"})
        repo.git("add", ".")
        for options in ({"staged": True}, {}, {"source_types": ("helm",)}):
            report = since(**options)
            assert (report.exit_code, report.findings) == (0, ())
            assert report.hints[0].startswith("the repository holds no ")
        refused("README.md holds no Kubernetes manifest", "HEAD", paths=("README.md",))
        repo.commit({"a.yaml": BAD})
        repo.git("rm", "-q", "a.yaml")
        assert since(staged=True).exit_code == 0


ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: []\n"
BINDING = (
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b}\n"
    "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\n"
    "subjects: [{kind: Group, name: g, apiGroup: rbac.authorization.k8s.io}]\n"
)
FILE = st.one_of(
    st.none(),
    st.lists(
        st.sampled_from([BAD, GOOD, other("b"), other("b", "1.10"), ROLE, BINDING, "some: values\n", "apiVersion: v1\nkind: [\n",
                         f"# gitops-lint: ignore[{RULE}] for now\n"]),
        min_size=1, max_size=3,
    ).map("---\n".join),
)  # fmt: skip
FILES = st.fixed_dictionaries(dict.fromkeys(("apps/a.yaml", "apps/b.yaml", "infra/c.yaml", "d.yaml"), FILE))


@settings(max_examples=examples(8), deadline=None)
@given(before=FILES, after=FILES)
def test_what_is_new_is_what_the_later_report_has_more(before, after):
    """Without renames, `--since` is the difference of two whole reports by fingerprints."""
    with TemporaryDirectory() as directory:
        repo = Repo(Path(directory) / "repo")
        reports = []
        for files in (before, after):
            for path, text in files.items():
                repo.put({path: text or ""})
                if text is None:
                    (repo.root / path).unlink()
            commit = repo.commit({"always.yaml": GOOD})
            options = LintOptions(paths=(str(repo.root),), jobs=1, select=("ALL",), ignore=("suppression",))
            reports.append(lint(replace(options, revision=commit)))
        assume(not repo.git("diff-tree", "-r", "-M", "--diff-filter=R", "HEAD~1", "HEAD"))
        old, new_ones = ({entry.fingerprint for entry in (*report.shown(), *report.shown_failures())} for report in reports)
        work = lint(options)
        assert {entry.fingerprint for entry in (*work.shown(), *work.shown_failures())} == new_ones
        report = lint(replace(options, since="HEAD~1"))
        assert {entry.fingerprint for entry in (*report.shown(), *report.shown_failures())} == new_ones - old


class TestMerges:
    @pytest.fixture
    def merging(self, repo) -> Repo:
        """On `topic`, with `main` about to be merged into it; both have findings of their own."""
        repo.commit({"a.yaml": BAD})
        repo.git("checkout", "-qb", "topic")
        repo.commit({"b.yaml": other("b")})
        repo.git("checkout", "-q", "main")
        repo.commit({"c.yaml": other("c")})
        repo.git("checkout", "-q", "topic")
        return repo

    def test_a_merge_adds_what_no_parent_has(self, merging):
        merging.git("merge", "-q", "--no-commit", "--no-ff", "main")
        assert new(since(staged=True)) == new(since()) == []
        merging.put({"d.yaml": other("d")})
        merging.git("add", ".")
        report = since(staged=True)
        assert new(report) == [("d.yaml", "new")]
        assert "which is being merged: 3 findings left out because they have them as well" in report.hints[-1]
        assert new(since("main", staged=True)) == [("b.yaml", "new"), ("d.yaml", "new")]
        assert new(since("HEAD~1", revision="HEAD")) == [("b.yaml", "new")]

    def test_a_hook_before_the_merge_is_noted_down(self, merging):
        hook = merging.root / ".git/hooks/pre-merge-commit"
        hook.write_text(f"#!/bin/sh\nexec {sys.executable} -m linter lint --quiet --staged --since HEAD --select {RULE}\n")
        hook.chmod(0o755)
        merging.git("merge", "-q", "main", "-m", "merged")
        assert merging.git("rev-list", "--merges", "--count", "HEAD") == "1"

    def test_what_the_same_baseline_accepts_needs_no_comparison(self, repo, monkeypatch):
        repo.commit({"a.yaml": BAD, "broken.yaml": "apiVersion: v1\nkind: [\n"})
        accepted = accept(LintOptions(select=(RULE,), jobs=1), None, prune=False).text or ""
        repo.put({".gitops-lint-baseline.json": accepted})
        report = since()
        assert (new(report), report.failures, report.summary.suppressed) == ([], (), 0), "the base has both"
        repo.commit({"b.yaml": GOOD})
        with monkeypatch.context() as patched:
            patched.setattr(Comparison, "_lint", lambda *_: pytest.fail("the base was linted"))
            report = since()
            assert (report.exit_code, new(report), report.failures, report.summary.suppressed) == (0, [], (), 0)
        repo.put({"b.yaml": other("b")})
        assert (new(since()), since().failures) == ([("b.yaml", "new")], ())

    def test_hints_on_the_repository_are_for_reports_on_the_repository(self, repo):
        repo.commit({"web/Chart.yaml": CHART, "web/values-prod.yaml": "", "web/templates/a.yaml": GOOD, "b.yaml": GOOD})
        assert "web/values-prod.yaml" in lint(LintOptions(jobs=1)).hints[0]
        assert lint(LintOptions(paths=("b.yaml",), jobs=1)).hints == ()
        repo.put({"b.yaml": BAD})
        [hint] = since().hints
        assert hint.startswith("compared with")


class TestWhatNobodyCanTell:
    def test_a_file_that_could_not_be_read(self, repo):
        repo.commit({"a.yaml": "apiVersion: v1\nkind: [\n", "b.yaml": GOOD})
        repo.put({"a.yaml": BAD, "b.yaml": other("b")})
        report = since()
        assert new(report) == [("a.yaml", "base-not-judged"), ("b.yaml", "new")]
        assert report.hints[-1].startswith("1 finding may be older")

    def test_a_chart_whose_dependency_is_unavailable_is_judged_without_it(self, repo):
        remote = CHART + "dependencies: [{name: redis, version: 1.0.0, repository: https://charts.example.com}]\n"
        repo.commit({"web/Chart.yaml": remote, "web/templates/a.yaml": GOOD})
        repo.put({"web/templates/a.yaml": BAD})
        assert new(since()) == [("web/templates/a.yaml", "new")]
        repo.put({"web/Chart.yaml": CHART})
        assert new(since()) == [("web/templates/a.yaml", "base-not-judged")]

    def test_a_chart_that_did_not_render(self, repo):
        environments = "environments:\n  prod: {web: {set: [mark=yes]}}\n  test: {web: {set: [mark=yes]}}\n"
        files = {".gitops-lint.yaml": environments, "web/Chart.yaml": CHART, "web/templates/a.yaml": TEMPLATE}
        repo.commit({**files, "web/templates/b.yaml": "{{ fail `no` }}"})
        repo.put({"web/templates/b.yaml": ""})
        assert new(since()) == [("web/templates/a.yaml", "base-not-judged")]
        repo.commit({"web/templates/b.yaml": "{{ if eq .Values.mark `yes` }}{{ fail `no` }}{{ end }}"})
        repo.put({"web/templates/b.yaml": "", "web/templates/c.yaml": other("c")})
        assert set(new(since())) == {
            ("web/templates/a.yaml", "base-not-judged"),
            ("web/templates/c.yaml", "base-not-judged"),
        }


class TestRenames:
    BODY = "".join(f"# line {number}\n" for number in range(20))

    def test_a_renamed_file_has_nothing_new(self, repo):
        repo.commit({"apps/a.yaml": self.BODY + BAD, "apps/b.yaml": GOOD})
        repo.git("mv", "apps/a.yaml", "apps/c.yaml")
        assert new(since()) == new(since(staged=True)) == []
        repo.put({"apps/c.yaml": self.BODY + BAD.replace("{on: yes}", "{on: yes, off: no}")})
        repo.git("add", ".")
        assert len(new(since())) == len(new(since(staged=True))) == 1
        repo.git("commit", "-qm", "x")
        assert len(new(since("HEAD~1", revision="HEAD"))) == 1
        assert new(since("HEAD~1", revision="HEAD", paths=("apps/b.yaml",))) == []

    def test_a_file_moved_without_telling_git_is_new(self, repo):
        repo.commit({"a.yaml": BAD})
        (repo.root / "a.yaml").rename(repo.root / "b.yaml")
        assert new(since()) == [("b.yaml", "new")]

    def test_a_chart_that_moved_whole(self, repo):
        files = {"Chart.yaml": CHART, "values.yaml": "mark: yes\n", "templates/a.yaml": TEMPLATE, "templates/b.yaml": other("b"),
                 "templates/small.yaml": "# gone\n{{ if false }}x{{ end }}\n"}  # fmt: skip
        lib = {"libs/lib/Chart.yaml": CHART.replace("web", "lib"), "libs/lib/templates/l.yaml": other("l")}
        needs = "dependencies: [{name: lib, version: 1.0.0, repository: 'file://../libs/lib'}]\n"
        repo.commit({**{f"web/{name}": text for name, text in files.items()}, **lib, "web/Chart.yaml": CHART + needs})
        shutil.move(repo.root / "web", repo.root / "shop")
        shutil.move(repo.root / "libs", repo.root / "charts")
        repo.put({"shop/Chart.yaml": CHART + needs.replace("libs", "charts"), "shop/templates/small.yaml": "{{/* all new */}}\n"})
        (repo.root / "shop/templates/small.yaml").unlink()
        repo.put({"shop/templates/c.yaml": other("c")})
        repo.git("add", "--all")
        assert new(since(staged=True)) == [("shop/templates/c.yaml", "new")]

    def test_a_rename_in_the_index_that_the_work_tree_does_not_have(self, repo):
        repo.commit({"a.yaml": self.BODY + BAD})
        repo.git("mv", "a.yaml", "b.yaml")
        (repo.root / "b.yaml").rename(repo.root / "a.yaml")
        assert new(since()) == []

    def test_a_deleted_file_changes_nothing_else(self, repo):
        repo.commit({"a.yaml": BAD, "b.yaml": other("b")})
        (repo.root / "a.yaml").unlink()
        assert new(since()) == []


class TestRenamedTree:
    def tree(self, files: Mapping[str, str], renames: Mapping[str, str], later: list[str]) -> RenamedTree:
        return RenamedTree(MemoryTree(files), renames, later)

    def test_files_are_listed_and_read_under_their_new_names(self):
        tree = self.tree({"a.yaml": "1", "b.yaml": "2"}, {"a.yaml": "z/a.yaml"}, ["b.yaml", "z/a.yaml"])
        assert (tree.files(), tree.read("z/a.yaml"), tree.read("b.yaml")) == (("b.yaml", "z/a.yaml"), b"1", b"2")
        assert (tree.exists("z"), tree.is_file("z/a.yaml"), tree.exists("a.yaml")) == (True, True, False)

    def test_the_rest_of_a_directory_goes_where_most_of_it_went(self):
        renames = {"old/a/1": "new/a/1", "old/a/2": "new/a/2", "old/a/3": "elsewhere/3"}
        tree = self.tree({f"old/{name}": name for name in ("a/1", "a/2", "a/3", "a/gone", "b/c/also")}, renames, list(renames.values()))
        assert tree.files() == ("elsewhere/3", "new/a/1", "new/a/2", "new/a/gone", "new/b/c/also")
        assert tree.read("new/b/c/also") == b"b/c/also"

    def test_a_directory_that_is_still_there_keeps_its_files(self):
        renames = {"old/1": "new/1"}
        assert self.tree({"old/1": "", "old/gone": "", "old/2": ""}, renames, ["new/1", "old/2"]).files() == ("new/1", "old/2", "old/gone")

    def test_files_do_not_take_the_place_of_others(self):
        tree = self.tree({"old/1": "a", "old/2": "b", "new/2": "c"}, {"old/1": "new/1"}, ["new/1", "new/2"])
        assert (tree.files(), tree.read("new/2"), tree.read("old/2")) == (("new/1", "new/2", "old/2"), b"c", b"b")

    def test_the_old_name_of_a_chart_still_leads_to_it(self):
        renames = {"web/Chart.yaml": "shop/Chart.yaml"}
        tree = self.tree({"web/Chart.yaml": "", "web/values.yaml": "v"}, renames, ["shop/Chart.yaml"])
        assert (tree.files(), tree.directory_links) == (("shop/Chart.yaml", "shop/values.yaml"), {"web": "shop"})
        assert (tree.exists("web/values.yaml"), tree.is_file("web/values.yaml"), tree.read("web/values.yaml")) == (True, True, b"v")

    def test_errors_name_the_new_path(self):
        from linter.errors import InputError

        tree = self.tree({"a.yaml": b"x" * 32_000_001}, {"a.yaml": "b.yaml"}, ["b.yaml"])  # type: ignore[dict-item]
        with pytest.raises(InputError) as raised:
            tree.read("b.yaml")
        assert raised.value.failure.path == "b.yaml"


class TestRevisionsThatCannotBeCompared:
    def test_no_such_revision(self, repo):
        repo.commit({"a.yaml": BAD})
        refused("--since nowhere: there is no such revision in this repository", "nowhere")
        refused("--since HEAD:a.yaml: this is a file, and a commit is needed", "HEAD:a.yaml")
        refused("--since HEAD~1: there is no such revision", "HEAD~1")

    def test_a_commit_that_is_lost(self, repo):
        commit = repo.commit({"a.yaml": BAD})
        (repo.root / ".git/objects" / commit[:2] / commit[2:]).unlink()
        refused(f"HEAD is the commit {commit}, which is not in this clone", "HEAD")

    def test_no_common_history(self, repo):
        repo.commit({"a.yaml": BAD})
        repo.git("checkout", "-q", "--orphan", "island")
        repo.commit({"b.yaml": BAD})
        refused("--since main: it has no common history with what is read", "main")

    def test_a_shallow_clone(self, repo, tmp_path, monkeypatch):
        repo.commit({"a.yaml": BAD})
        repo.git("checkout", "-qb", "topic")
        for name in "bcd":
            repo.commit({f"{name}.yaml": other(name)})
        repo.git("checkout", "-q", "main")
        repo.commit({"e.yaml": other("e")})
        clone = tmp_path / "clone"
        subprocess.run(
            ["git", "clone", "-q", "--depth=1", "--no-single-branch", "-b", "topic", f"file://{repo.root}", str(clone)], check=True
        )
        monkeypatch.chdir(clone)
        for revision in ("origin/main", "HEAD~1"):
            with pytest.raises(UsageError) as raised:
                since(revision)
            for remedy in ("shallow", "git fetch --unshallow", "--deepen", "fetch-depth: 0", "actions/checkout"):
                assert remedy in str(raised.value)
        subprocess.run(["git", "fetch", "-q", "--unshallow"], check=True)
        assert new(since("origin/main")) == [(f"{name}.yaml", "new") for name in "bcd"]

    def test_a_bad_revision_is_told_before_the_work(self, repo, monkeypatch):
        repo.commit({"a.yaml": BAD})
        monkeypatch.setattr("linter.engine.run.lint_tree", lambda *_: pytest.fail("the head was linted"))
        refused("there is no such revision", "nowhere")


def test_renames_are_found_without_contents(repo, tmp_path, monkeypatch):
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.commit({"a.yaml": BAD})
    repo.git("mv", "a.yaml", "b.yaml")
    repo.commit({"c.yaml": GOOD, "d.yaml": other("d")})
    clone = tmp_path / "partial"
    subprocess.run(["git", "clone", "-q", "--filter=blob:none", f"file://{repo.root}", str(clone)], check=True)
    monkeypatch.chdir(clone)
    assert os.path.exists("b.yaml")
    report = since("HEAD~1")
    assert new(report) == [("d.yaml", "new")]
