"""What stands in a revision or the index: links, submodules, giant files, pointers to large files."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from example_counts import examples
from git_repositories import BAD, RULE, Repo, failure
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from linter.engine.options import LintOptions
from linter.engine.run import lint
from linter.errors import InputError
from linter.model import Failure
from linter.repository import MAX_FILE_BYTES, MemoryTree, Tree, WorkTree
from linter.repository.git.history import GitRepository
from linter.repository.git.renamed_tree import RenamedTree

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 120\n"


pytestmark = pytest.mark.usefixtures("own_git_configuration")


# Where a test of links puts them, and what they lead through.
PLACES = ("l", "m", "a/l", "a/b/l", "c/m")
PARTS = ("a", "b", "c", "l", "m", "file", "gone", "..", ".")
LINKS = st.dictionaries(st.sampled_from(PLACES), st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map("/".join), max_size=5)


class TestEntries:
    def test_a_submodule_is_named_and_not_read(self, repo, rev, staged, tmp_path):
        other = Repo(tmp_path / "other")
        other.commit({"b.yaml": "1"})
        repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other.root), "libs/other")
        repo.commit({"a.yaml": "1"})
        os.symlink("libs/other", repo.root / "alias")
        repo.commit()
        for tree in (rev(), staged()):
            assert tree.files() == (".gitmodules", "a.yaml")
            assert tree.notices == ["libs/other is a Git repository of its own; its files are not read"]
            assert not tree.is_file("libs/other")
            assert failure(tree, "libs/other").message == "this file cannot be read: it is a directory"

    def test_links_are_those_of_the_work_tree(self, repo, rev, staged, tmp_path):
        repo.put({"base/web.yaml": "x", "common/a.yaml": "y", "dir/sub/z.yaml": "z"})
        (tmp_path / "outside.yaml").write_text("password")
        links = {
            "prod/web.yaml": "../base/web.yaml", "prod/again.yaml": "web.yaml", "alias": "common", "common/loop": "..",
            "out.yaml": "../outside.yaml", "absolute.yaml": "/etc/hostname", "nothing.yaml": "gone.yaml", "self.yaml": "self.yaml",
            "through.yaml": "alias/a.yaml", "inside.yaml": str(repo.root / "base/web.yaml"), "far": "../..",
            "up.yaml": "dir/sub/../sub/z.yaml",
        }  # fmt: skip
        for link, target in links.items():
            (repo.root / link).parent.mkdir(exist_ok=True)
            os.symlink(target, repo.root / link)
        repo.commit()
        work = WorkTree(str(repo.root))
        for tree in (rev(), staged()):
            assert tree.files() == work.files()
            assert (tree.links, tree.directory_links) == (work.links, work.directory_links)
            for path in (*work.files(), *links, "alias/a.yaml", "base", "common/loop/base/web.yaml", "../outside.yaml", "x.yaml"):
                assert outcome(tree, path) == outcome(work, path), path
                if not path.startswith(("out", "absolute", "far")):
                    assert (tree.exists(path), tree.is_file(path)) == (work.exists(path), work.is_file(path)), path

    @settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(links=LINKS)
    def test_any_links_are_those_of_the_work_tree(self, links, tmp_path):
        with TemporaryDirectory(dir=tmp_path) as directory:
            repo = Repo(Path(directory) / "repo")
            repo.put({"a/b/file": "1", "c/file": "2", "file": "3"})
            for link, target in links.items():
                if not os.path.lexists(repo.root / link):
                    os.symlink(target, repo.root / link)
            # What is no path at all for the system (a circle, a file as a directory) need not be wrong in the same words.
            assume(all(reason(repo.root / link) in (None, errno.ENOENT) for link in links))
            repo.git("add", "--all")
            work = WorkTree(str(repo.root))
            tree = GitRepository.around([str(repo.root)], "--staged").index_tree()
            assert (tree.files(), tree.links, tree.directory_links) == (work.files(), work.links, work.directory_links)
            for path in (*work.files(), *PLACES, *(f"{place}/file" for place in PLACES)):
                found, expected = outcome(tree, path), outcome(work, path)
                assert (found if isinstance(found, bytes) else found.id) == (expected if isinstance(expected, bytes) else expected.id), path

    def test_a_giant_file_is_refused(self, repo, rev, staged):
        repo.commit({"a.yaml": "1", "giant.yaml": b"x" * (MAX_FILE_BYTES + 1), "giant": b"x" * (MAX_FILE_BYTES + 1), "z.yaml": "2"})
        for tree in (rev(), staged()):
            assert {failure(tree, name).id for name in ("giant.yaml", "giant")} == {"file-too-large"}
            assert (tree.read("a.yaml"), tree.read("z.yaml")) == (b"1", b"2")

    @pytest.mark.parametrize("name", ["../escape.yaml", "a/../../b.yaml", ".git/config.yaml", "./c.yaml"])
    def test_names_that_no_work_tree_could_hold(self, repo, rev, name):
        blob = repo.git("hash-object", "-w", "--stdin")
        made = blob
        for part in reversed(name.split("/")):
            kind, mode = ("blob", "100644") if made == blob else ("tree", "40000")
            content = f"{mode} {part}\0".encode() + bytes.fromhex(made)
            done = subprocess.run(
                ["git", "hash-object", "-w", "-t", "tree", "--literally", "--stdin"],
                input=content,
                cwd=repo.root,
                capture_output=True,
                check=True,
            )
            assert kind
            made = done.stdout.decode().strip()
        commit = repo.git("commit-tree", "-m", "x", made)
        assert rev(commit).files() == ()

    def test_what_a_partial_clone_lacks(self, repo, tmp_path):
        repo.git("config", "uploadpack.allowFilter", "true")
        os.symlink("a.yaml", repo.root / "link.yaml")
        repo.commit({"a.yaml": BAD})
        subprocess.run(
            ["git", "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{repo.root}", str(tmp_path / "partial")], check=True
        )
        report = lint(LintOptions(paths=(str(tmp_path / "partial"),), revision="HEAD", select=(RULE,), jobs=1))
        assert [(entry.failure.id, entry.failure.kind) for entry in report.failures] == [("git-object-missing", "unavailable")] * 2
        assert report.exit_code == 0


class TestLargeFileStorage:
    FILES: Mapping[str, str] = {"a.yaml": POINTER, "notes.txt": POINTER, "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
                                "c/templates/b.txt": POINTER, "c/values.yaml": "a: 1\n"}  # fmt: skip

    @pytest.mark.parametrize("kind", ["work tree", "revision", "index", "memory", "renamed"])
    def test_a_pointer_is_no_manifest(self, repo, rev, staged, kind):
        repo.commit(self.FILES)
        trees = {"work tree": lambda: WorkTree(str(repo.root)), "revision": rev, "index": staged,
                 "memory": lambda: MemoryTree(self.FILES), "renamed": lambda: RenamedTree(rev(), {}, rev().files())}  # fmt: skip
        tree = trees[kind]()
        for path in ("a.yaml", "c/templates/b.txt"):
            found = failure(tree, path)
            assert (found.id, found.kind, found.path, "git lfs pull" in found.fix) == ("lfs-pointer", "unavailable", path, True)
        assert tree.read("notes.txt") == POINTER.encode()

    def test_it_is_unavailable_and_not_broken(self, repo):
        repo.commit({**self.FILES, "d.yaml": BAD})
        for options in ({}, {"revision": "HEAD"}, {"staged": True}):
            report = lint(LintOptions(select=(RULE,), jobs=1, **options))
            assert [(entry.failure.id, entry.failure.path) for entry in report.failures] == [
                ("lfs-pointer", "a.yaml"), ("lfs-pointer", "c/templates/b.txt"),
            ]  # fmt: skip
            assert report.exit_code == 1
            assert lint(LintOptions(select=(RULE,), jobs=1, strict=True, **options)).exit_code == 3

    def test_what_was_fetched_is_read(self, repo, rev):
        repo.commit(self.FILES)
        repo.put({f".git/lfs/objects/ab/ab/{'ab' * 32}": BAD})
        assert rev().read("a.yaml") == BAD.encode()


class TestReadingAhead:
    def test_it_stops_where_memory_ends_and_goes_on_one_by_one(self, repo, monkeypatch):
        monkeypatch.setattr("linter.repository.git.commands._MAX_KEPT_BYTES", 10)
        repo.commit({f"{number}.yaml": f"number {number}" for number in range(20)})
        tree = GitRepository.around(["."], "--rev").revision_tree("HEAD", "HEAD")
        assert [tree.read(f"{number}.yaml") for number in range(20)] == [f"number {number}".encode() for number in range(20)]

    def test_a_damaged_object_is_a_failure_of_its_file_alone(self, repo, rev):
        names = [f"{number}.yaml" for number in range(9)]
        repo.commit({name: f"content {name}" for name in names})
        blob = repo.git("rev-parse", "HEAD:4.yaml")
        path = repo.root / ".git/objects" / blob[:2] / blob[2:]
        path.chmod(0o644)
        path.write_bytes(b"garbage")
        tree = rev()
        assert (failure(tree, "4.yaml").id, failure(tree, "4.yaml").kind) == ("unreadable", "broken")
        assert [tree.read(name) for name in names if name != "4.yaml"] == [f"content {name}".encode() for name in names if name != "4.yaml"]

    def test_git_that_dies_while_it_answers(self, repo, rev, tmp_path, monkeypatch):
        repo.commit({"a.yaml": BAD, "b.yaml": BAD.replace("name: a", "name: b")})
        os.symlink("a.yaml", repo.root / "link.yaml")
        repo.commit()
        git = tmp_path / "bin/git"
        git.parent.mkdir()
        git.write_text('#!/bin/sh\ncase "$*" in *cat-file*) printf "1234 bl"; exit 1;; esac\nexec "$REAL_GIT" "$@"\n')
        git.chmod(0o755)
        monkeypatch.setenv("REAL_GIT", shutil.which("git") or "")
        monkeypatch.setenv("PATH", str(git.parent), prepend=os.pathsep)
        report = lint(LintOptions(revision="HEAD", select=(RULE,), jobs=1))
        assert {(entry.failure.id, entry.failure.path) for entry in report.failures} == {
            ("unreadable", "a.yaml"), ("unreadable", "b.yaml"), ("unreadable", "link.yaml"),
        }  # fmt: skip
        assert report.exit_code == 3


def reason(path: Path) -> int | None:
    """Why the system refuses a path, as an error number."""
    try:
        path.stat()
    except OSError as error:
        return error.errno
    return None


def outcome(tree: Tree, path: str) -> bytes | Failure:
    try:
        return tree.read(path)
    except InputError as error:
        return error.failure
