"""Listing and reading the files of real temporary repositories."""

import os
import subprocess
import sys

import git
import pytest

from linter.errors import InputError, UsageError
from linter.repository import MAX_FILE_BYTES, MemoryTree, WorkTree, find_root, parents, printable, relative_path


def put(root, path, content=""):
    target = os.path.join(root, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)


@pytest.fixture
def root(tmp_path):
    return str(tmp_path / "repo")


@pytest.fixture
def repo(root):
    os.mkdir(root)
    repo = git.Repo.init(root)
    with repo.config_writer() as config:
        config.set_value("user", "name", "A")
        config.set_value("user", "email", "a@example.com")
    return repo


def commit(repo):
    repo.git.add("--all")
    repo.git.commit("-m", "all")


def failure(tree, path):
    with pytest.raises(InputError) as raised:
        tree.read(path)
    return raised.value.failure


class TestListing:
    def test_tracked_and_untracked_but_not_ignored(self, repo, root):
        put(root, ".gitignore", "secret.yaml\nbuild/\n")
        put(root, "b/tracked.yaml")
        put(root, "a.yaml")
        commit(repo)
        put(root, "b/untracked.yaml")
        put(root, "secret.yaml")
        put(root, "build/out.yaml")
        assert WorkTree(root).files() == (".gitignore", "a.yaml", "b/tracked.yaml", "b/untracked.yaml")

    def test_the_order_is_that_of_the_text(self, repo, root):
        for path in ("b.yaml", "a/z.yaml", "a.yaml", "a-b/c.yaml"):
            put(root, path)
        assert list(WorkTree(root).files()) == sorted(["b.yaml", "a/z.yaml", "a.yaml", "a-b/c.yaml"])

    def test_deleted_but_tracked(self, repo, root):
        put(root, "gone.yaml")
        put(root, "here.yaml")
        commit(repo)
        os.remove(os.path.join(root, "gone.yaml"))
        assert WorkTree(root).files() == ("here.yaml",)

    def test_names_with_spaces_newlines_and_quotes(self, repo, root):
        names = ["a b.yaml", 'quo"te.yaml', "new\nline.yaml", "ünï.yaml"]
        for name in names:
            put(root, name, "x")
        tree = WorkTree(root)
        assert list(tree.files()) == sorted(names)
        assert tree.read("new\nline.yaml") == b"x"

    def test_a_name_that_is_not_utf8(self, repo, root):
        with open(os.path.join(os.fsencode(root), b"caf\xe9.yaml"), "wb") as file:
            file.write(b"kind: X")
        tree = WorkTree(root)
        [path] = tree.files()
        assert tree.read(path) == b"kind: X"
        assert printable(path) == "caf\\xe9.yaml"
        # What a JSON file spells is no name of a file, but may stand where one is expected.
        assert printable("\ud800.yaml") == "\\ud800.yaml"

    def test_a_submodule_is_not_read_and_says_so(self, repo, root, tmp_path):
        put(root, "a.yaml")
        commit(repo)
        other = git.Repo.init(str(tmp_path / "other"))
        put(str(tmp_path / "other"), "b.yaml")
        with other.config_writer() as config:
            config.set_value("user", "name", "A")
            config.set_value("user", "email", "a@example.com")
        commit(other)
        repo.git.execute(["git", "-c", "protocol.file.allow=always", "submodule", "add", str(tmp_path / "other"), "libs/other"])
        commit(repo)
        tree = WorkTree(root)
        assert tree.files() == (".gitmodules", "a.yaml")
        assert tree.notices == ["libs/other is a Git repository of its own; its files are not read"]

    def test_an_untracked_repository_inside_is_not_read(self, repo, root):
        inner = git.Repo.init(os.path.join(root, "inner"))
        put(root, "inner/x.yaml")
        with inner.config_writer() as config:
            config.set_value("user", "name", "A")
            config.set_value("user", "email", "a@example.com")
        commit(inner)
        tree = WorkTree(root)
        assert tree.files() == ()
        assert tree.notices == ["inner is a Git repository of its own; its files are not read"]

    def test_a_file_in_conflict_is_listed_once(self, repo, root):
        put(root, "a.yaml", "one")
        commit(repo)
        repo.git.checkout("-b", "other")
        put(root, "a.yaml", "two")
        commit(repo)
        repo.git.checkout("-")
        put(root, "a.yaml", "three")
        commit(repo)
        with pytest.raises(git.GitCommandError):
            repo.git.merge("other")
        assert WorkTree(root).files() == ("a.yaml",)

    def test_a_linked_work_tree(self, repo, root, tmp_path):
        put(root, "a.yaml")
        commit(repo)
        linked = str(tmp_path / "linked")
        repo.git.worktree("add", linked)
        put(linked, "b.yaml")
        assert find_root([os.path.join(linked, "a.yaml")]) == linked
        assert WorkTree(linked).files() == ("a.yaml", "b.yaml")

    def test_the_environment_of_a_hook_does_not_lead_astray(self, repo, root, tmp_path, monkeypatch):
        put(root, "a.yaml")
        commit(repo)
        git.Repo.init(str(tmp_path / "other"))
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "other/.git"))
        monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other/.git/index"))
        assert WorkTree(root).files() == ("a.yaml",)

    def test_the_index_is_not_written(self, repo, root):
        put(root, "a.yaml")
        commit(repo)
        put(root, "a.yaml", "changed")
        before = os.stat(os.path.join(root, ".git/index")).st_mtime_ns
        WorkTree(root).files()
        assert os.stat(os.path.join(root, ".git/index")).st_mtime_ns == before

    def test_the_repository_cannot_make_git_run_a_program(self, repo, root, tmp_path):
        put(root, "a.yaml")
        commit(repo)
        trap = tmp_path / "trap"
        trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
        trap.chmod(0o755)
        with repo.config_writer() as config:
            config.set_value("core", "fsmonitor", str(trap))
        assert WorkTree(root).files() == ("a.yaml",)
        assert not (tmp_path / "sprung").exists()

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
    def test_a_checkout_that_another_user_owns(self, repo, root):
        put(root, ".gitignore", "b.yaml")
        put(root, "a.yaml")
        put(root, "b.yaml")
        for directory, _, files in os.walk(root):
            for name in ("", *files):
                os.chown(os.path.join(directory, name), 12345, 12345)
        tree = WorkTree(root)
        assert tree.files() == (".gitignore", "a.yaml")
        assert tree.notices == []

    def test_without_git_every_file_but_the_version_controls_own(self, root):
        for path in (".hg/store.yaml", ".github/workflows/ci.yaml", "a/b.yaml", "c.yaml"):
            put(root, path)
        tree = WorkTree(root)
        assert tree.files() == (".github/workflows/ci.yaml", "a/b.yaml", "c.yaml")
        assert tree.notices == []

    def test_without_the_git_program_ignored_files_are_read_and_it_says_so(self, repo, root, monkeypatch):
        put(root, ".gitignore", "b.yaml")
        put(root, "b.yaml")
        monkeypatch.setenv("PATH", "/nowhere")
        tree = WorkTree(root)
        assert tree.files() == (".gitignore", "b.yaml")
        assert tree.notices == ["git is not on PATH, so files that Git ignores are read as well"]

    def test_a_damaged_repository_is_walked_and_it_says_so(self, repo, root):
        put(root, "a.yaml")
        put(root, ".git/config", "[core")
        tree = WorkTree(root)
        assert tree.files() == ("a.yaml",)
        assert len(tree.notices) == 1
        assert tree.notices[0].startswith("git could not list the files (fatal: bad config")


class TestLinks:
    def test_a_link_to_a_file_inside_is_known_by_its_real_path(self, repo, root):
        put(root, "base/web.yaml", "kind: X")
        os.makedirs(os.path.join(root, "prod"))
        os.symlink("../base/web.yaml", os.path.join(root, "prod/web.yaml"))
        os.symlink("web.yaml", os.path.join(root, "prod/again.yaml"))
        tree = WorkTree(root)
        assert tree.files() == ("base/web.yaml", "prod/again.yaml", "prod/web.yaml")
        assert tree.links == {"prod/again.yaml": "base/web.yaml", "prod/web.yaml": "base/web.yaml"}
        assert tree.read("prod/web.yaml") == b"kind: X"

    @pytest.mark.parametrize("with_git", [True, False])
    def test_a_linked_directory_is_not_walked_into_twice(self, root, with_git):
        put(root, "common/a.yaml", "x")
        if with_git:
            git.Repo.init(root)
        os.symlink("common", os.path.join(root, "alias"))
        os.symlink("..", os.path.join(root, "common/loop"))
        tree = WorkTree(root)
        assert tree.files() == ("common/a.yaml",)
        assert tree.directory_links == {"alias": "common", "common/loop": "."}
        assert tree.read("alias/a.yaml") == b"x"

    @pytest.mark.parametrize("target", ["../outside.yaml", "/etc/hostname"])
    def test_a_link_that_leaves_the_root_is_refused(self, repo, root, tmp_path, target):
        (tmp_path / "outside.yaml").write_text("password")
        os.symlink(target, os.path.join(root, "a.yaml"))
        tree = WorkTree(root)
        assert tree.files() == ("a.yaml",)
        assert tree.links == {}
        found = failure(tree, "a.yaml")
        assert (found.id, found.kind, found.stage, found.path) == ("symlink-escape", "broken", "read", "a.yaml")
        assert tree.is_file("a.yaml")

    def test_a_path_through_a_directory_that_leaves_the_root_is_refused(self, repo, root, tmp_path):
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside/a.yaml").write_text("password")
        os.symlink("../outside", os.path.join(root, "dir"))
        tree = WorkTree(root)
        tree.files()
        assert failure(tree, "dir/a.yaml").id == "symlink-escape"
        assert failure(tree, "../outside/a.yaml").id == "symlink-escape"
        assert not tree.exists("../outside/a.yaml")
        assert not tree.is_file("../outside/a.yaml")

    def test_a_link_to_nothing_and_a_link_to_itself(self, repo, root):
        os.symlink("nothing.yaml", os.path.join(root, "a.yaml"))
        os.symlink("b.yaml", os.path.join(root, "b.yaml"))
        tree = WorkTree(root)
        assert tree.files() == ("a.yaml", "b.yaml")
        assert failure(tree, "a.yaml").message == "this file cannot be read: it is a symbolic link to nothing"
        assert failure(tree, "b.yaml").id == "unreadable"

    def test_a_root_reached_through_a_link(self, repo, root, tmp_path):
        put(root, "a.yaml", "x")
        os.symlink("a.yaml", os.path.join(root, "b.yaml"))
        alias = str(tmp_path / "alias")
        os.symlink(root, alias)
        tree = WorkTree(alias)
        assert tree.files() == ("a.yaml", "b.yaml")
        assert tree.links == {"b.yaml": "a.yaml"}
        assert tree.read("b.yaml") == b"x"

    def test_a_directory_that_became_a_link_keeps_none_of_its_files(self, repo, root, tmp_path):
        put(root, "a/deep/x.yaml", "old")
        put(root, "b.yaml", "")
        commit(repo)
        put(str(tmp_path), "outside/deep/x.yaml", "password")
        os.rename(f"{root}/a", f"{tmp_path}/was")
        os.symlink(f"{tmp_path}/outside", f"{root}/a")
        tree = WorkTree(root)
        assert tree.files() == ("a", "b.yaml")
        assert {failure(tree, path).id for path in ("a", "a/deep/x.yaml")} == {"symlink-escape"}

    def test_a_file_that_became_a_directory(self, repo, root):
        put(root, "a", "old")
        put(root, "b.yaml", "")
        commit(repo)
        os.remove(f"{root}/a")
        put(root, "a/x.yaml", "new")
        tree = WorkTree(root)
        assert (tree.files(), tree.notices) == (("a/x.yaml", "b.yaml"), [])


class TestReading:
    def test_before_and_after_listing(self, repo, root):
        put(root, "a/b.yaml", "x: 1\n")
        tree = WorkTree(root)
        assert tree.read("a/b.yaml") == b"x: 1\n"
        tree.files()
        assert tree.read("a/b.yaml") == b"x: 1\n"

    def test_empty_and_large(self, repo, root):
        put(root, "empty.yaml", "")
        put(root, "large.yaml", b"x" * 3_000_001)
        tree = WorkTree(root)
        assert tree.read("empty.yaml") == b""
        assert len(tree.read("large.yaml")) == 3_000_001

    def test_what_is_missing_or_no_file(self, repo, root):
        put(root, "a/b.yaml")
        tree = WorkTree(root)
        assert failure(tree, "nothing.yaml").message == "this file cannot be read: there is no such file"
        assert failure(tree, "a").message == "this file cannot be read: it is a directory"

    def test_a_named_pipe_does_not_block(self, root):
        os.makedirs(root)
        os.mkfifo(os.path.join(root, "pipe.yaml"))
        os.symlink("pipe.yaml", os.path.join(root, "link.yaml"))
        tree = WorkTree(root)
        assert tree.files() == ("link.yaml",)
        assert failure(tree, "link.yaml").message == "this file cannot be read: it is not a regular file"

    def test_a_giant_file_is_refused_unread(self, repo, root):
        with open(os.path.join(root, "giant.yaml"), "wb") as file:
            file.truncate(MAX_FILE_BYTES + 1)
        found = failure(WorkTree(root), "giant.yaml")
        assert found.id == "file-too-large"
        assert found.message == "this file has 32 MB; files above 32 MB are not read"

    def test_what_exists_is_what_is_listed(self, repo, root):
        put(root, ".gitignore", "b.yaml\nbuild")
        for path in ("b.yaml", "build/c.yaml", "apps/shop/web.yaml"):
            put(root, path)
        os.symlink("apps", os.path.join(root, "alias"))
        tree = WorkTree(root)
        assert [
            path for path in ("apps/shop/web.yaml", "apps/shop", "apps", ".", "alias", "alias/shop/web.yaml") if not tree.exists(path)
        ] == []
        assert [path for path in ("b.yaml", "build", "build/c.yaml", "d.yaml", "apps/x", "..", "alias/x") if tree.exists(path)] == []

    def test_an_ignored_file_is_a_file(self, repo, root):
        put(root, ".gitignore", "b.yaml")
        put(root, "b.yaml")
        tree = WorkTree(root)
        assert tree.is_file("b.yaml")
        assert not tree.is_file("c.yaml")
        assert not tree.is_file(".")


class TestMemory:
    def test_files_read_and_exists(self):
        tree = MemoryTree({"b.yaml": "ü", "a.yaml": b"\xff"})
        assert tree.root is None
        assert tree.files() == ("a.yaml", "b.yaml")
        assert tree.read("b.yaml") == "ü".encode()
        assert tree.read("a.yaml") == b"\xff"
        assert tree.exists("a.yaml")
        assert tree.is_file("a.yaml")
        assert not tree.exists("c.yaml")
        assert not tree.is_file("c.yaml")
        assert failure(tree, "c.yaml").id == "unreadable"

    def test_the_size_limit_holds(self):
        assert failure(MemoryTree({"a.yaml": b"x" * (MAX_FILE_BYTES + 1)}), "a.yaml").id == "file-too-large"


class TestRoot:
    def test_the_git_top_level(self, repo, root, monkeypatch):
        put(root, "apps/web.yaml")
        assert find_root([os.path.join(root, "apps/web.yaml")]) == root
        assert find_root([os.path.join(root, "apps")]) == root
        monkeypatch.chdir(os.path.join(root, "apps"))
        assert find_root([]) == root
        assert find_root(["web.yaml"]) == root

    def test_git_wins_over_a_declared_root(self, repo, root):
        put(root, "apps/.gitops-lint.yaml", "root: true\n")
        assert find_root([os.path.join(root, "apps")]) == root

    @pytest.mark.parametrize("text", ["root: true\n", "select: [ALL]\nroot:  true # here\r\n"])
    def test_a_declared_root(self, root, text):
        put(root, ".gitops-lint.yaml", text)
        put(root, "apps/.gitops-lint.yaml", "root: false\n")
        put(root, "apps/shop/web.yaml")
        assert find_root([os.path.join(root, "apps/shop/web.yaml")]) == root

    @pytest.mark.parametrize("text", ["#root: true\n", "root: truely\n", "x:\n  root: true\n"])
    def test_what_declares_no_root(self, root, text):
        put(root, ".gitops-lint.yaml", text)
        put(root, "apps/web.yaml")
        assert find_root([os.path.join(root, "apps")]) == os.path.join(root, "apps")

    def test_the_common_ancestor(self, root):
        for path in ("apps/a/x.yaml", "apps/b/y.yaml", "charts/z.yaml"):
            put(root, path)
        assert find_root([os.path.join(root, "apps/a/x.yaml"), os.path.join(root, "apps/b")]) == os.path.join(root, "apps")
        assert find_root([os.path.join(root, "apps/a"), os.path.join(root, "charts/z.yaml")]) == root

    def test_an_empty_directory_called_git_is_no_repository(self, root):
        put(root, "apps/web.yaml")
        os.mkdir(os.path.join(root, ".git"))
        assert find_root([os.path.join(root, "apps")]) == os.path.join(root, "apps")

    def test_a_path_that_does_not_exist(self, repo, root, monkeypatch):
        monkeypatch.chdir(root)
        with pytest.raises(UsageError, match=r"^missing\.yaml: no such file or directory$"):
            find_root(["missing.yaml"])

    def test_paths_of_two_repositories(self, repo, root, tmp_path):
        git.Repo.init(str(tmp_path / "second"))
        with pytest.raises(UsageError, match="are different repositories: check them one at a time"):
            find_root([root, str(tmp_path / "second")])

    def test_a_path_outside_the_repository_of_another(self, repo, root, tmp_path):
        put(str(tmp_path), "plain/a.yaml")
        with pytest.raises(UsageError, match="is outside the repository"):
            find_root([root, str(tmp_path / "plain")])

    def test_relative_path(self, repo, root, tmp_path, monkeypatch):
        put(root, "apps/web.yaml")
        monkeypatch.chdir(os.path.join(root, "apps"))
        assert relative_path(root, "web.yaml") == "apps/web.yaml"
        assert relative_path(root, "..") == "."
        assert relative_path(root, os.path.join(root, "apps/")) == "apps"
        with pytest.raises(UsageError, match="is outside the repository"):
            relative_path(root, "../../x.yaml")
        with pytest.raises(UsageError, match="is outside the repository"):
            relative_path(root, root + "-other")

    def test_relative_path_through_a_link_to_the_repository(self, repo, root, tmp_path):
        put(root, "apps/web.yaml")
        os.symlink(root, str(tmp_path / "alias"))
        assert relative_path(root, str(tmp_path / "alias/apps/web.yaml")) == "apps/web.yaml"
        assert relative_path(str(tmp_path / "alias"), os.path.join(root, "apps")) == "apps"

    def test_a_link_in_the_repository_keeps_its_own_name(self, repo, root, tmp_path):
        put(root, "apps/web.yaml")
        os.symlink("apps/web.yaml", os.path.join(root, "link.yaml"))
        assert relative_path(root, os.path.join(root, "link.yaml")) == "link.yaml"

    def test_parents(self):
        assert list(parents("a/b/c.yaml")) == ["a/b", "a", "."]
        assert list(parents("c.yaml")) == ["."]
        assert list(parents(".")) == []


def test_subprocess_is_imported_only_to_ask_git():
    code = "import sys, linter.repository; sys.exit('subprocess' in sys.modules)"
    assert subprocess.run([sys.executable, "-S", "-c", code], check=False).returncode == 0
