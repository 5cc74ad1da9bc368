"""Completion in shells, and the program as a plugin of kubectl; real processes throughout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

PROGRAMS = os.path.dirname(sys.executable)


def complete(*words: str, shell: str = "bash") -> list[str]:
    """What is offered after these words; the last one is being typed."""
    program = os.path.join(PROGRAMS, "gitops-lint")
    line = " ".join(["gitops-lint", *words])
    variables = {"_GITOPS_LINT_COMPLETE": f"complete_{shell}", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
    done = subprocess.run([program], env={**os.environ, **variables}, capture_output=True, text=True, check=True)
    return done.stdout.split()


def complete_below_kubectl(*words: str) -> list[str]:
    program = os.path.join(PROGRAMS, "kubectl_complete-gitops_lint")
    return subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout.split()


class TestShells:
    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_the_script_for_a_shell_can_be_printed(self, shell):
        # The shell is found by looking at the parent process, which is this one here, unless the test says it.
        program = os.path.join(PROGRAMS, "gitops-lint")
        variables = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
        done = subprocess.run([program, "--show-completion", shell], env=variables, capture_output=True, text=True, check=True)
        assert "_GITOPS_LINT_COMPLETE" in done.stdout

    def test_commands_and_options(self):
        assert complete("ba") == ["baseline"]
        assert complete("lint", "--stag") == ["--staged"]

    def test_rules_and_packs(self):
        assert complete("rules", "show", "probes/undeclared-port-na") == ["probes/undeclared-port-name"]
        assert complete("lint", "--select", "rb") == ["rbac"]
        assert complete("lint", "--select", "rbac,probes/undeclared-port-na") == ["rbac,probes/undeclared-port-name"]
        assert complete("lint", "--format", "sa") == ["sarif"]


class TestKubectl:
    def test_completion_in_the_form_that_kubectl_reads(self):
        assert complete_below_kubectl("rules", "sh") == ["show", ":4"]
        assert complete_below_kubectl("lint", "manif") == [":0"]
        assert complete_below_kubectl() == complete_below_kubectl("")

    @pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
    def test_it_runs_as_a_plugin(self, tmp_path):
        (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {enabled: yes}}\n")
        variables = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(
            ["kubectl", "gitops-lint", "lint", "--quiet"], cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1, done.stderr
        assert "a.yaml:3:" in done.stdout
        assert "labels/value-not-a-string" in done.stdout
