"""The hooks, run by the real pre-commit: installed into an environment of their own, called by real commits."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pre_commit", reason="pre-commit is not installed")

ROOT = Path(__file__).parent.parent
PRE_COMMIT = [sys.executable, "-m", "pre_commit"]
HOOKS = ("gitops-lint", "gitops-lint-manifests", "gitops-lint-charts")
NO_NETWORK = re.compile(r"No matching distribution|Could not find a version|Connection|ProxyError|name resolution", re.IGNORECASE)

CHART = {
    "charts/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "charts/shop/values.yaml": "tier: backend\n",
    "charts/shop/templates/_helpers.tpl": '{{- define "shop.labels" -}}\napp: shop\n{{- end }}\n',
    "charts/shop/templates/settings.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  labels:\n"
        '    {{- include "shop.labels" . | nindent 4 }}\n    tier: {{ .Values.tier }}\n'
    ),
}
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n"
ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: {name}\n  namespace: shop\nrules: []\n"
BINDING = (
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: reader\n  namespace: shop\n"
    "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}\n"
    "subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: jane}]\n"
)
PLAIN = {
    "apps/namespace.yaml": NAMESPACE,
    "apps/role reader.yaml": ROLE.format(name="reader"),
    "apps/role-other.yaml": ROLE.format(name="other"),
    "apps/binding.yaml": BINDING,
}


def settings(label: str, name: str = "old") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  labels:\n    enabled: {label}\n"


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run of the tests, the same for all its processes."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def isolated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables for Git and pre-commit that know nothing of whoever runs the tests."""
    shared = _shared(tmp_path_factory)
    variables = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT"))}
    return variables | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "protocol.file.allow",
        "GIT_CONFIG_VALUE_0": "always",
        "PRE_COMMIT_HOME": str(shared / "pre-commit"),
        # Nothing is compiled before it is used; pip takes the value for that of `compile`.
        "PIP_NO_COMPILE": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONPYCACHEPREFIX": str(shared / "compiled"),
        **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "t"), ("EMAIL", "t@example.com"))},
    }


@pytest.fixture(scope="session")
def hooks(tmp_path_factory: pytest.TempPathFactory, isolated: dict[str, str]) -> Path:
    """This project as a repository of hooks, its environments installed. One for all test processes, which takes a while."""
    shared = _shared(tmp_path_factory)
    project, users = shared / "hooks", shared / "hooks-user"
    with open(shared / "hooks.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if project.exists():
            return project
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True,
            check=True,
        )
        for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
            if name.startswith(("tests/", "benchmarks/", "docs/")) or not (ROOT / name).is_file():
                continue
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, project / name)
        Repository(project, isolated).commit_all()
        user = Repository(users, isolated, project)
        user.write({"README.md": "hello\n"})
        user.commit_all()
        done = user.pre_commit("install-hooks")
        if done.returncode:
            shutil.rmtree(project)
            if NO_NETWORK.search(done.stdout + done.stderr):
                pytest.skip("the package index cannot be reached, so the hooks cannot be installed")
            pytest.fail(done.stdout + done.stderr)
    return project


class Repository:
    """A user's repository."""

    def __init__(self, path: Path, variables: dict[str, str], project: Path | None = None, hooks: tuple[str, ...] = HOOKS) -> None:
        self.path = path
        self._variables = variables
        path.mkdir(parents=True, exist_ok=True)
        if not (path / ".git").exists():
            self.git("init", "-q", "-b", "main")
        if project is not None:
            head = subprocess.run(["git", "-C", str(project), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
            names = "".join(f"      - id: {hook}\n" for hook in hooks)
            self.write({".pre-commit-config.yaml": f"repos:\n  - repo: {project}\n    rev: {head.stdout.strip()}\n    hooks:\n{names}"})

    def git(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", *arguments], cwd=self.path, env=self._variables, capture_output=True, text=True, check=check)

    def pre_commit(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*PRE_COMMIT, *arguments], cwd=self.path, env=self._variables, capture_output=True, text=True, check=False)

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(text)

    def commit_all(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Stage everything and commit it; without hooks until they are installed."""
        self.git("add", "-A")
        return self.commit(*options)

    def commit(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.git("commit", "-q", "-m", "change", *options, check=False)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, hooks: Path, isolated: dict[str, str]) -> Path:
    """What `repository` is a copy of."""
    made = Repository(tmp_path_factory.mktemp("prepared"), isolated, hooks, ("gitops-lint",))
    made.write({**CHART, **PLAIN, "apps/old.yaml": settings("yes")})
    made.commit_all()
    assert made.pre_commit("install").returncode == 0
    return made.path


@pytest.fixture
def repository(tmp_path: Path, prepared: Path, isolated: dict[str, str]) -> Repository:
    """A repository with one old finding, and the hook `gitops-lint` installed."""
    shutil.copytree(prepared, tmp_path / "user's repository", symlinks=True)
    return Repository(tmp_path / "user's repository", isolated)


def refused(done: subprocess.CompletedProcess[str], *words: str) -> bool:
    output = done.stdout + done.stderr
    assert done.returncode == 1, output
    for word in words:
        assert word in output, output
    assert "apps/old.yaml" not in output, "an old finding was reported"
    return True


class TestCommits:
    def test_old_findings_do_not_stand_in_the_way(self, repository):
        repository.write({"apps/new.yaml": settings('"yes"', "new"), "README.md": "hello\n"})
        done = repository.commit_all()
        assert done.returncode == 0, done.stdout + done.stderr

    @pytest.mark.parametrize(
        ("path", "text", "place"),
        [
            ("apps/new.yaml", settings("yes", "new"), "apps/new.yaml"),
            ("apps/ein neuer Dienst – ü.yaml", settings("yes", "new"), "apps/ein neuer Dienst – ü.yaml"),
            (
                "charts/shop/templates/settings.yaml",
                CHART["charts/shop/templates/settings.yaml"] + "    enabled: yes\n",
                "charts/shop/templates/settings.yaml",
            ),
            ("charts/shop/values.yaml", "tier: 2\n", "charts/shop/templates/settings.yaml"),
            (
                "charts/shop/templates/_helpers.tpl",
                '{{- define "shop.labels" -}}\napp: shop\nrelease: 1.10\n{{- end }}\n',
                "charts/shop/templates/",
            ),
        ],
        ids=["manifest", "name", "template", "values", "helper"],
    )
    def test_a_change_that_brings_a_problem_is_refused(self, repository, path, text, place):
        repository.write({path: text})
        assert refused(repository.commit_all(), place, "labels/value-not-a-string")

    def test_a_deleted_file_that_others_need(self, repository):
        repository.git("rm", "-q", "apps/role reader.yaml")
        assert refused(repository.commit(), "apps/binding.yaml", "rbac/role-missing")

    def test_a_renamed_file_brings_nothing_new(self, repository):
        repository.git("mv", "apps/old.yaml", "apps/renamed.yaml")
        done = repository.commit()
        assert done.returncode == 0, done.stdout + done.stderr

    def test_what_is_staged_counts_and_not_what_stands_in_the_work_tree(self, repository):
        repository.write({"apps/new.yaml": settings("yes", "new")})
        repository.git("add", "-A")
        repository.write({"apps/new.yaml": settings('"yes"', "new")})
        assert refused(repository.commit(), "apps/new.yaml")
        repository.git("add", "-A")
        repository.write({"apps/new.yaml": settings("yes", "new"), "apps/untracked.yaml": settings("yes", "untracked")})
        done = repository.commit()
        assert done.returncode == 0, done.stdout + done.stderr

    def test_the_temporary_index_of_a_commit_with_paths(self, repository):
        repository.write({"apps/new.yaml": settings('"yes"', "new")})
        repository.commit_all()
        repository.write({"apps/new.yaml": settings("yes", "new")})
        assert refused(repository.commit("-a"), "apps/new.yaml")
        assert refused(repository.commit("apps/new.yaml"), "apps/new.yaml")

    def test_the_first_commit(self, tmp_path, hooks, isolated):
        made = Repository(tmp_path, isolated, hooks, ("gitops-lint",))
        made.pre_commit("install")
        made.write({"apps/new.yaml": settings("yes", "new")})
        assert refused(made.commit_all(), "apps/new.yaml")

    def test_an_empty_commit(self, repository):
        assert repository.commit("--allow-empty").returncode == 0


class TestOtherRuns:
    def test_all_files(self, repository):
        done = repository.pre_commit("run", "--all-files")
        assert done.returncode == 1
        assert "apps/old.yaml" in done.stdout

    def test_a_push(self, repository, tmp_path):
        repository.git("init", "-q", "--bare", str(tmp_path / "remote.git"))
        repository.git("remote", "add", "origin", str(tmp_path / "remote.git"))
        assert repository.pre_commit("install", "--hook-type", "pre-push").returncode == 0
        # What is staged has nothing to do with it.
        repository.write({"apps/staged.yaml": settings('"yes"', "staged")})
        repository.git("add", "-A")
        done = repository.git("push", "-q", "origin", "main", check=False)
        assert (done.returncode, "apps/old.yaml" in done.stdout + done.stderr) == (1, True), done.stdout + done.stderr
        repository.git("push", "-q", "--no-verify", "origin", "main")
        assert repository.commit().returncode == 0
        assert repository.git("push", "-q", "origin", "main", check=False).returncode == 0
        repository.write({"apps/new.yaml": settings("yes", "new")})
        repository.commit_all("--no-verify")
        assert refused(repository.git("push", "-q", "origin", "main", check=False), "apps/new.yaml")

    def test_a_merge(self, repository):
        assert repository.pre_commit("install", "--hook-type", "pre-merge-commit").returncode == 0
        repository.git("checkout", "-q", "-b", "topic")
        repository.write({"apps/mine.yaml": settings('"yes"', "mine")})
        repository.commit_all("--no-verify")
        repository.git("checkout", "-q", "main")
        repository.write({"apps/theirs.yaml": settings("yes", "theirs")})
        repository.commit_all("--no-verify")
        repository.git("checkout", "-q", "topic")
        done = repository.git("merge", "-q", "main", "-m", "merged", check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_between_two_revisions(self, repository):
        repository.write({"apps/new.yaml": settings("yes", "new")})
        repository.commit_all("--no-verify")
        done = repository.pre_commit("run", "--from-ref", "HEAD~1", "--to-ref", "HEAD")
        assert refused(done, "apps/new.yaml")
        assert repository.pre_commit("run", "--from-ref", "HEAD", "--to-ref", "HEAD").returncode == 0


def test_each_hook_reports_its_part(tmp_path, hooks, isolated):
    made = Repository(tmp_path, isolated, hooks)
    made.write({**CHART, **PLAIN})
    made.commit_all()
    made.write({"charts/shop/values.yaml": "tier: 2\n", "apps/new.yaml": settings("yes", "new")})
    made.git("add", "-A")
    outputs = {hook: made.pre_commit("run", hook) for hook in HOOKS}
    assert {hook: done.returncode for hook, done in outputs.items()} == dict.fromkeys(HOOKS, 1)
    charts, manifests = "charts/shop/templates/settings.yaml", "apps/new.yaml"
    found = {hook: [path for path in (charts, manifests) if path in done.stdout] for hook, done in outputs.items()}
    assert found == {"gitops-lint": [charts, manifests], "gitops-lint-manifests": [manifests], "gitops-lint-charts": [charts]}
