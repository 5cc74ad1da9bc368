"""The program as users run it: real processes, real exit codes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

import click
import pytest
import typer

from linter.cli import help as help_groups
from linter.cli.app import app

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    enabled: {label}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.4.2
          resources:
            requests: {{cpu: 100m, memory: 64Mi}}
"""
GOOD = DEPLOYMENT.format(label='"yes"')
BAD = DEPLOYMENT.format(label="yes")


@pytest.fixture
def repository(tmp_path):
    """A folder that is a repository of its own, whatever surrounds it."""

    def write(**files: str | bytes):
        for name, content in {".gitops-lint.yaml": "root: true\n", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path

    return write


def test_help_tells_a_newcomer_where_to_start(run, tmp_path):
    done = run("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "gitops-lint lint" in done.stdout
    for command in ("lint", "sources", "render", "rules", "packs"):
        assert command in done.stdout


def test_help_of_lint_is_in_groups_and_has_every_option():
    command = typer.main.get_command(app).commands["lint"]
    with click.Context(command, info_name="lint") as context:
        shown = command.get_help(context)
    options = [option for parameter in command.params if isinstance(parameter, click.Option) for option in parameter.opts]
    assert all(re.search(rf"^  .*{re.escape(option)}\b", shown, re.MULTILINE) for option in options)
    grouped = [name for names in help_groups._GROUPS.values() for name in names]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) <= set(options)
    assert shown.index("Output:") < shown.index("--format") < shown.index("Charts:") < shown.index("--values") < shown.index("--jobs")


@pytest.mark.parametrize("group", [(), ("rules",), ("packs",)])
def test_lists_of_commands_cut_no_sentence(run, tmp_path, group):
    assert "..." not in run(*group, "--help", cwd=tmp_path, COLUMNS="80").stdout.partition("Commands:")[2]


def test_no_command_shows_help_and_is_wrong_usage(run, tmp_path):
    assert run(cwd=tmp_path).returncode == 2


class TestExitCodes:
    def test_nothing_found(self, run, repository):
        done = run("lint", cwd=repository(**{"a.yaml": GOOD}))
        assert (done.returncode, done.stderr) == (0, "")

    def test_findings(self, run, repository):
        done = run("lint", cwd=repository(**{"a.yaml": BAD}))
        assert done.returncode == 1
        assert "a.yaml" in done.stdout
        assert "6:14" in done.stdout
        assert "labels/value-not-a-string" in done.stdout
        assert "enabled: yes" in done.stdout

    @pytest.mark.parametrize(("fail_on", "code"), [("error", 1), ("warning", 1), ("info", 1), ("never", 0)])
    def test_fail_on(self, run, repository, fail_on, code):
        assert run("lint", "--fail-on", fail_on, cwd=repository(**{"a.yaml": BAD})).returncode == code

    @pytest.mark.parametrize(
        "arguments",
        [
            ["lint", "missing.yaml"],
            ["lint", "--select", "labels/valu-not-a-string"],
            ["lint", "--target", "openshift=4.1"],
            ["lint", "--target", "kubernetes=new"],
            ["lint", "--environment", "prod"],
            ["lint", "--format", "xml"],
            ["lint", "--output", "json"],
            ["lint", "--output", "json=missing/folder/report.json"],
            ["lint", "--set", "a=b"],
            ["lint", "--config", "missing.yaml"],
            ["lint", "--no-such-option"],
            ["lint", "--since", ""],
            ["lint", "--chart-timeout", "nan"],
            ["lint", "--chart-memory", "99999999999999"],
            ["rules", "show", "labels/nothing"],
            ["rules", "test", "nothing"],
        ],
        ids=" ".join,
    )
    def test_wrong_usage(self, run, repository, arguments):
        done = run(*arguments, cwd=repository(**{"a.yaml": GOOD}))
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr
        assert "Traceback" not in done.stderr

    def test_a_path_without_manifests(self, run, repository):
        done = run("lint", "notes", cwd=repository(**{"a.yaml": GOOD, "notes/readme.yaml": "a: 1\n"}))
        assert done.returncode == 2
        assert "notes" in done.stderr

    def test_a_path_outside(self, run, repository, tmp_path_factory):
        other = tmp_path_factory.mktemp("other")
        (other / "b.yaml").write_text(GOOD)
        folder = repository(**{"a.yaml": GOOD})
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        done = run("lint", "a.yaml", str(other / "b.yaml"), cwd=folder)
        assert done.returncode == 2

    def test_incomplete_wins_over_findings(self, run, repository):
        done = run("lint", cwd=repository(**{"a.yaml": BAD, "b.yaml": "apiVersion: v1\nkind: [\n"}))
        assert done.returncode == 3
        assert "labels/value-not-a-string" in done.stdout
        assert "b.yaml" in done.stdout

    def test_a_failure_outside_the_paths_does_not_count(self, run, repository):
        done = run("lint", "good", cwd=repository(**{"good/a.yaml": GOOD, "other/b.yaml": "apiVersion: v1\nkind: [\n"}))
        assert done.returncode == 0

    def test_unavailable_counts_only_when_strict(self, run, repository):
        chart = "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n  - {name: db, version: 1.0.0, repository: https://charts.example.com}\n"
        folder = repository(**{"shop/Chart.yaml": chart, "shop/templates/web.yaml": GOOD})
        assert run("lint", cwd=folder).returncode == 0
        assert run("lint", "--strict", cwd=folder).returncode == 3

    @pytest.mark.skipif(os.name != "posix", reason="signals")
    def test_interrupted(self, repository):
        endless = "{{- range $a := until 30000 }}{{- range $b := until 30000 }}{{ $b }}{{ end }}{{ end }}"
        folder = repository(**{"c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "c/templates/a.yaml": endless})
        process = subprocess.Popen(
            [sys.executable, "-m", "linter", "lint"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        time.sleep(2.5)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 130
        assert b"Traceback" not in errors


class TestScope:
    def test_a_path_limits_what_is_reported_and_not_what_is_read(self, run, repository):
        service = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n"
        other = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: other, namespace: shop}\n"
        workload = GOOD.replace("  name: web\n  labels", "  name: web\n  namespace: shop\n  labels").replace(
            "    spec:\n      containers", "    spec:\n      serviceAccountName: web\n      containers"
        )
        folder = repository(**{"apps/web.yaml": workload, "apps/accounts.yaml": f"{service}---\n{other}", "apps/bad.yaml": BAD})
        done = run("lint", "apps/web.yaml", "--format", "json", cwd=folder)
        report = json.loads(done.stdout)
        assert (done.returncode, report["findings"]) == (0, [])
        assert report["summary"]["resources"] == 1

    def test_from_a_folder_below_the_root(self, run, repository):
        folder = repository(**{"apps/bad.yaml": BAD, "other/bad.yaml": BAD})
        report = json.loads(run("lint", "--format", "json", cwd=folder / "apps").stdout)
        assert [finding["location"]["path"] for finding in report["findings"]] == ["apps/bad.yaml"]

    def test_a_values_file_leads_to_its_chart(self, run, repository):
        folder = repository(
            **{
                "shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
                "shop/values.yaml": "enabled: yes\n",
                "shop/templates/web.yaml": DEPLOYMENT.format(label="{{ .Values.enabled }}").replace("}}\n", "}}\n"),
                "other/bad.yaml": BAD,
            }
        )
        report = json.loads(run("lint", "shop/values.yaml", "--format", "json", cwd=folder).stdout)
        assert [finding["location"]["path"] for finding in report["findings"]] == ["shop/values.yaml"]

    def test_standard_input(self, run, tmp_path):
        done = run("lint", "-", cwd=tmp_path, stdin=BAD.encode())
        assert done.returncode == 1
        assert "6:14" in done.stdout


class TestOutput:
    def test_reports_to_files(self, run, repository):
        folder = repository(**{"a.yaml": BAD})
        done = run("lint", "--output", "json=report.json", "--output", "text=report.txt", cwd=folder)
        assert done.returncode == 1
        assert json.loads((folder / "report.json").read_text())["exitCode"] == 1
        assert (folder / "report.txt").read_text().strip() == done.stdout.strip()
        assert not [name for name in os.listdir(folder) if name.startswith(".gitops-lint-")]

    def test_quiet_is_one_line_for_each_finding(self, run, repository):
        done = run("lint", "--quiet", cwd=repository(**{"a.yaml": BAD}))
        assert len(done.stdout.strip().splitlines()) == 1

    def test_colour_only_where_asked(self, run, repository):
        folder = repository(**{"a.yaml": BAD})
        assert "\x1b[" not in run("lint", cwd=folder).stdout
        assert "\x1b[" in run("lint", "--color", "always", cwd=folder).stdout
        assert "\x1b[" not in run("lint", cwd=folder, NO_COLOR="1").stdout

    def test_output_is_the_same_twice(self, run, repository):
        folder = repository(**{f"{number}.yaml": BAD for number in range(20)})
        first = run("lint", "--format", "json", cwd=folder, PYTHONHASHSEED="1")
        assert first.stdout == run("lint", "--format", "json", "-j", "1", cwd=folder, PYTHONHASHSEED="2").stdout

    def test_a_closed_pipe_is_no_error(self, repository):
        folder = repository(**{f"{number}.yaml": BAD for number in range(400)})
        command = f"{sys.executable} -m linter lint | head -1"
        done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, check=False)
        assert done.stderr == b""

    def test_control_characters_do_not_reach_the_terminal(self, run, repository):
        folder = repository(**{"a.yaml": BAD.replace("image: registry", 'image: "\\e[31mregistry').replace("1.4.2", '1.4.2"')})
        assert "\x1b" not in run("lint", cwd=folder).stdout


def test_suppressed_findings_show_on_demand(run, repository):
    folder = repository(**{"a.yaml": BAD.replace("enabled: yes", "enabled: yes  # gitops-lint: ignore[labels] legacy")})
    hidden = json.loads(run("lint", "--format", "json", "--select", "labels/value-not-a-string", cwd=folder).stdout)
    shown = json.loads(run("lint", "--format", "json", "--select", "labels/value-not-a-string", "--show-suppressed", cwd=folder).stdout)
    assert (hidden["exitCode"], hidden["findings"], hidden["summary"]["suppressed"]) == (0, [], 1)
    [finding] = shown["findings"]
    assert finding["suppressed"] == {"by": "comment", "reason": "legacy", "until": None}


class TestOtherCommands:
    def test_sources(self, run, repository):
        folder = repository(
            **{
                "apps/a.yaml": GOOD,
                "shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
                "shop/templates/web.yaml": GOOD,
                "over/kustomization.yaml": "resources: [a.yaml]\n",
                "over/a.yaml": BAD,
            }
        )
        rows = json.loads(run("sources", "--format", "json", cwd=folder).stdout)
        rows = rows["sources"] if isinstance(rows, dict) else rows
        assert [(row["path"], row["type"], row["status"]) for row in rows] == [
            ("apps", "directory", "ok"),
            ("over", "kustomize", "ok"),
            ("shop", "helm", "ok"),
        ]
        assert "over" in run("sources", cwd=folder).stdout
        assert json.loads(run("lint", "--format", "json", cwd=folder).stdout)["findings"] == []

    def test_render(self, run, repository):
        head = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"
        secret = head + 'stringData:\n  a: {{ .Values.password }}\n  b: |\n    hunter2\n    more\n  c: "x"\n'
        folder = repository(
            **{
                "shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
                "shop/values.yaml": "password: hunter1\n",
                "shop/templates/secret.yaml": secret,
            }
        )
        hidden = run("render", "shop", cwd=folder)
        assert hidden.returncode == 0
        assert "hunter" not in hidden.stdout
        assert "# Source: shop/templates/secret.yaml" in hidden.stdout
        assert hidden.stdout.count("•••") == 3
        assert "hunter1" in run("render", "shop", "--show-secrets", cwd=folder).stdout
        changed = run("render", "shop", "--show-secrets", "--set", "password=other", "--namespace", "x", cwd=folder).stdout
        assert "a: other" in changed

    def test_rules(self, run, tmp_path):
        listed = json.loads(run("rules", "list", "--format", "json", cwd=tmp_path).stdout)
        assert {"id", "severity", "default", "equivalents"} <= set(listed[0])
        shown = run("rules", "show", "labels/value-not-a-string", cwd=tmp_path)
        assert shown.returncode == 0
        assert "Fix:" in shown.stdout
        assert "labels/value-not-a-string" in run("rules", "list", cwd=tmp_path).stdout

    def test_rules_test(self, run, tmp_path):
        done = run("rules", "test", "suppression/unused", cwd=tmp_path)
        assert done.returncode == 0
        assert re.fullmatch(r"1 rule, \d+ examples, 0 failed", done.stdout.strip())

    def test_packs(self, run, tmp_path):
        packs = {pack["name"]: pack["version"] for pack in json.loads(run("packs", "list", "--format", "json", cwd=tmp_path).stdout)}
        assert packs["rbac"].startswith("0.")
