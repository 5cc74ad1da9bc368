"""The addresses of a repository's remotes, and which references mean a folder of this tree."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from git_repositories import Repo

from linter.argocd.addresses import folder_of_reference, same_repository_key
from linter.repository import MemoryTree, WorkTree
from linter.repository.git.history import GitRepository
from linter.repository.git.remotes import remote_addresses


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.put({"a.yaml": "a: 1\n"})
    repo.git("add", "-A")
    repo.git("commit", "-qm", "first")
    repo.git("remote", "add", "origin", "git@github.com:acme/shop.git")
    repo.git("remote", "add", "up-stream", "https://example.com/acme/shop")
    repo.git("config", "remote.origin.pushurl", "https://push.example.com/x")
    return repo


BOTH = ("git@github.com:acme/shop.git", "https://example.com/acme/shop")


def test_of_a_work_tree(repo):
    assert remote_addresses(WorkTree(str(repo.root))) == BOTH


def test_of_a_linked_work_tree(repo, tmp_path):
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    assert remote_addresses(WorkTree(str(tmp_path / "linked"))) == BOTH


def test_of_a_revision_and_of_a_bare_repository(repo, tmp_path):
    repository = GitRepository.around([str(repo.root)], "--rev")
    assert remote_addresses(repository.revision_tree(repository.commit("HEAD"), "HEAD")) == BOTH
    subprocess.run(["git", "clone", "-q", "--bare", str(repo.root), str(tmp_path / "bare.git")], check=True)
    bare = GitRepository.around([str(tmp_path / "bare.git")], "--rev")
    assert remote_addresses(bare.revision_tree(bare.commit("HEAD"), "HEAD")) == (str(repo.root),)


def test_without_git_there_are_none(tmp_path):
    assert remote_addresses(MemoryTree({})) == ()
    assert remote_addresses(WorkTree(str(tmp_path))) == ()


def test_a_damaged_configuration_is_no_error(repo):
    (repo.root / ".git/config").write_bytes(b'\xff\n[remote "x"\nurl\n[remote "y"]\n\turl =\n\tURL = https://y.example.com ; note\n')
    assert remote_addresses(WorkTree(str(repo.root))) == ("https://y.example.com",)


FOLDERS = {same_repository_key("https://github.com/acme/bases"): "vendor/bases", same_repository_key("https://github.com/acme/shop"): "."}


@pytest.mark.parametrize(
    ("reference", "folder"),
    [
        ("https://github.com/acme/bases", "vendor/bases"),
        ("https://github.com/acme/bases.git?ref=v1", "vendor/bases"),
        ("https://github.com/acme/bases//web/prod?ref=v1&depth=1", "vendor/bases/web/prod"),
        ("github.com/acme/bases/web?ref=main", "vendor/bases/web"),
        ("git@github.com:acme/bases.git//web", "vendor/bases/web"),
        ("ssh://git@github.com/acme/bases.git//web", "vendor/bases/web"),
        ("https://github.com/acme/shop//base", "base"),
        ("https://github.com/acme/bases-other//web", None),
        ("https://raw.example.com/acme/bases/web.yaml", None),
    ],
)
def test_where_a_remote_reference_is(reference, folder):
    assert folder_of_reference(reference, FOLDERS) == folder


def test_no_folders_no_answer():
    assert folder_of_reference("https://github.com/acme/bases", {}) is None
