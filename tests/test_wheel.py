"""The built wheel, installed into an empty environment, does the main job without the checkout."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import venv

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The `bin` folder of an environment that holds the wheel and what it depends on, and nothing of this checkout.

    One for all processes of this run of the tests.
    """
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "wheel"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        outcome = folder / "why-not"
        if not outcome.exists():
            outcome.write_text(install(folder))
    if why_not := outcome.read_text():
        pytest.skip(f"the dependencies cannot be installed here: {why_not}")
    return folder / "environment" / ("Scripts" if os.name == "nt" else "bin")


def install(folder):
    """Build the wheel and install it into the environment `environment` of a folder; why that cannot be done, or nothing."""
    source = folder / "source"
    ignored = shutil.ignore_patterns(
        ".git", ".venv", "*.egg-info", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"
    )
    shutil.copytree(ROOT, source, ignore=ignored)
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, source],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    [wheel] = folder.glob("*.whl")
    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    binaries = environment / ("Scripts" if os.name == "nt" else "bin")
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        binaries / "python",
        "install",
        "--quiet",
        "--no-compile",
        "--disable-pip-version-check",
        "--no-warn-script-location",
        f"{wheel}[helm]",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return str(done.stderr.strip().splitlines()[-1:]) if done.returncode else ""


def test_it_lints_the_examples(installed, tmp_path):
    shutil.copytree(os.path.join(ROOT, "examples"), tmp_path / "examples")
    command = [installed / "gitops-lint", "lint", "--format", "json", "examples"]
    here = subprocess.run(
        [sys.executable, "-m", "linter", "lint", "--format", "json", "examples"], cwd=tmp_path, capture_output=True, check=False
    )
    there = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert (there.returncode, there.stderr) == (1, b"")
    assert json.loads(there.stdout) == json.loads(here.stdout)
    assert json.loads(there.stdout)["summary"]["errors"] > 5


def test_it_carries_rules_schemas_and_texts(installed, tmp_path):
    rules = subprocess.run([installed / "gitops-lint", "rules", "list", "--format", "json"], cwd=tmp_path, capture_output=True, check=True)
    here = subprocess.run([sys.executable, "-m", "linter", "rules", "list", "--format", "json"], cwd=ROOT, capture_output=True, check=True)
    assert rules.stdout == here.stdout
    for rule in ("labels/value-not-a-string", "rbac/workload-reads-cluster-secrets"):
        shown = subprocess.run([installed / "gitops-lint", "rules", "show", rule], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert "Fix:" in shown.stdout
        assert "Not reported" in shown.stdout
    tested = subprocess.run(
        [installed / "gitops-lint", "rules", "test", "labels"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr


MISTAKES = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
dat: {colour: blue}
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: shop
spec:
  sourceRepo: ["https://git.example.com/shop.git"]
"""


def test_it_validates_by_the_schemas_that_it_carries(installed, tmp_path):
    command = ["schema", "list", "--shipped", "--format", "json"]
    there = json.loads(subprocess.run([installed / "gitops-lint", *command], cwd=tmp_path, capture_output=True, check=True).stdout)
    here = json.loads(subprocess.run([sys.executable, "-m", "linter", *command], cwd=ROOT, capture_output=True, check=True).stdout)
    assert there["kubernetes"] == here["kubernetes"]
    assert [(entry["apiVersion"], entry["kind"]) for entry in there["schemas"]] == [
        (entry["apiVersion"], entry["kind"]) for entry in here["schemas"]
    ]
    assert all(entry["problem"] is None for entry in there["schemas"])
    (tmp_path / "a.yaml").write_text(MISTAKES)
    command = [installed / "gitops-lint", "lint", "--select", "schema", "--format", "json"]
    report = json.loads(subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).stdout)
    found = [(finding["rule"], finding["location"]["line"]) for finding in report["findings"]]
    assert found == [("schema/unknown-field", 5), ("schema/unknown-field", 12)]


def test_kubectl_finds_it(installed):
    assert (installed / "kubectl-gitops_lint").exists()
