"""The commands and files that the documentation shows are run and read, in a repository made of the examples."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
from glob import glob
from pathlib import Path

import jsonschema_rs
import pytest
from ruamel.yaml import YAML
from warm_program import WarmProgram

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    os.path.relpath(path, ROOT)
    for pattern in ("README.md", "docs/index.md", "docs/where-findings-point.md", "docs/use/*.md", "docs/migrate/*.md")
    for path in glob(str(ROOT / pattern))
)
# Pages whose files make up one repository, together with the examples.
TOLD = ("docs/use/argo-cd.md", "docs/use/kustomize.md", "docs/where-findings-point.md")
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, labels: {team: shop}}\n"
# What a line may begin with to be run here; everything else installs something, or needs a program that is not ours.
RUN = ("git", "gitops-lint")


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)


def yaml(text: str):
    """YAML 1.2, as GitHub and GitLab read it."""
    return YAML(typ="safe", pure=True).load(text)


def files_shown(name: str) -> list[pytest.param]:
    """Each YAML block whose first line is a comment with this file name."""
    return [
        pytest.param(block, id=f"{page}-{number}")
        for page in PAGES
        for number, block in enumerate(blocks(page, "yaml"))
        if block.startswith(f"# {name}\n")
    ]


def told_files(page: str) -> dict[str, str]:
    """The files that a page shows, by path, where they make up one repository; of each configuration all keys in one file."""
    files: dict[str, str] = {}
    for block in blocks(page, "yaml") if page in TOLD else ():
        name = block.partition("\n")[0].removeprefix("# ")
        if name == ".gitops-lint.yaml":
            files[name] = files.get(name, "root: true\n") + block
        elif not name.startswith(".") and "/" in name:
            files[name] = block
    return files


def samples(page: str) -> list[tuple[str, str, str]]:
    """Each command of a page that is followed by what it prints: the configuration shown before it, the command, the output."""
    found = []
    for sample in re.finditer(
        r"^```bash\n(gitops-lint [^\n]*)\n```\n\n```text\n(.*?)^```$", (text := (ROOT / page).read_text()), re.DOTALL | re.MULTILINE
    ):
        shown = re.findall(r"^```yaml\n# \.gitops-lint\.yaml\n(.*?)^```$", text[: sample.start()], re.DOTALL | re.MULTILINE)
        found.append(("".join(shown), sample[1], sample[2]))
    return found


def aligned(line: str) -> str:
    """A line without the spaces that only widen the first column of a rendering with provenance."""
    return re.sub(r"^(\S.*?\S) +\| ?", r"\1 | ", line.rstrip())


def commands(page: str) -> list[str]:
    """The command lines of a page: of its shell blocks, CI jobs and Jenkins stages, in their order."""
    found: list[str] = []
    for language, block in re.findall(r"^```(bash|yaml|groovy)\n(.*?)^```$", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE):
        if language == "bash":
            found += block.replace("\\\n", " ").splitlines()
        elif language == "groovy":
            found += re.findall(r"\bsh (?:script: )?'([^']*)'", block)
        elif "\njobs:\n" in block:
            found += [step["run"] for job in yaml(block)["jobs"].values() for step in job["steps"] if "run" in step]
        elif block.startswith("# .gitlab-ci.yml"):
            found += [line for job in yaml(block).values() for key in ("script", "after_script") for line in job.get(key, ())]
    return [line for line in found if line.split()[:1] and line.split()[0] in RUN]


class Checkout:
    """A clone with a branch that changes something, and the program on its PATH."""

    def __init__(self, folder: Path, program: WarmProgram, *, configured: bool, files: dict[str, str] | None = None) -> None:
        self.folder = folder / "checkout"
        self.summary = folder / "summary.md"
        (folder / "bin").mkdir()
        program.client(folder / "bin" / "gitops-lint")
        who = {f"GIT_{role}_{what}": "t@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        self.variables = who | {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "SHELL": "/bin/bash",
            "GITHUB_BASE_REF": "main",
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CHANGE_TARGET": "main",
        }
        shutil.copytree(ROOT / "examples", self.folder)
        if not configured:
            (self.folder / ".gitops-lint.yaml").unlink()
        for path, text in (files or {}).items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_text(text)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("main")
        self.git("clone", "--quiet", "--bare", ".", str(folder / "origin"))
        self.git("remote", "add", "origin", str(folder / "origin"))
        self.git("fetch", "--quiet", "origin")
        self.git("remote", "add", "hosted", "git@github.com:acme/gitops.git")
        self.git("checkout", "--quiet", "-b", "change")
        (self.folder / "apps" / "new.yaml").write_text(MANIFEST)
        self.commit("a change without a problem")

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.folder, env=self.variables, check=True, capture_output=True, timeout=60)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        # Bash becomes the last command; with one more it stays, as the parent whose completion is to be installed.
        return subprocess.run(
            ["bash", "-c", f"{line}\nexit $?"],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )


def skip_without_kustomize(page: str) -> None:
    needed = any(path.endswith("/kustomization.yaml") for path in told_files(page))
    if needed and not (shutil.which("kustomize") or shutil.which("kubectl")):
        pytest.skip("neither kustomize nor kubectl is on the PATH")


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)])
def test_commands_do_what_the_page_says(page, tmp_path, warm_program):
    skip_without_kustomize(page)
    lines = list(dict.fromkeys(commands(page)))
    checkout = Checkout(
        tmp_path, warm_program, configured=not any(line.startswith("gitops-lint init") for line in lines), files=told_files(page)
    )  # fmt: skip
    for line in commands(page) if page == "docs/index.md" else lines:
        if "|" in line.split("#")[0]:
            line = line.partition("|")[0]  # the second half of a pipe is another program
        done = checkout.run(line)
        stated = re.search(r"# exit code (\d)", line)
        accepted = {int(stated[1])} if stated else {0, 1} if line.startswith("gitops-lint lint") else {0}
        if "--since" in line or "--fail-on never" in line:
            accepted = {0}  # nothing that this branch changes is wrong
        assert done.returncode in accepted, f"{line}\n{done.stdout}{done.stderr}"
        for output in re.findall(r"--output (?:\w+=)?(\S+)", line.replace('"', "").replace("$GITHUB_STEP_SUMMARY", str(checkout.summary))):
            assert (checkout.folder / output).stat().st_size, f"{line} wrote no {output}"


@pytest.mark.parametrize("page", [page for page in PAGES if samples(page)])
def test_commands_print_what_the_page_shows(page, tmp_path, warm_program):
    """Line by line; `…` stands for lines that are left out."""
    skip_without_kustomize(page)
    files = {path: text for path, text in told_files(page).items() if path != ".gitops-lint.yaml"}
    checkout = Checkout(tmp_path, warm_program, configured=True, files=files)
    for config, line, shown in samples(page):
        if config:
            (checkout.folder / ".gitops-lint.yaml").write_text(config)
        printed = [aligned(entry) for entry in checkout.run(line).stdout.splitlines()]
        for part in re.split(r"^…\n", shown, flags=re.MULTILINE):
            wanted = [aligned(entry) for entry in part.splitlines()]
            if not wanted:
                continue
            starts = [number for number in range(len(printed)) if printed[number : number + len(wanted)] == wanted]
            assert starts, f"{line} does not print\n{part}but\n" + "\n".join(printed)
            printed = printed[starts[0] + len(wanted) :]


@pytest.mark.parametrize("page", PAGES)
def test_yaml_can_be_read(page):
    for block in blocks(page, "yaml"):
        assert yaml(re.sub(r"\{\{.*?\}\}", "", block))


@pytest.mark.parametrize("config", files_shown(".gitops-lint.yaml"))
def test_configurations_are_accepted(config, lint):
    report = lint({".gitops-lint.yaml": config, "apps/settings.yaml": MANIFEST, "vendor/a.yaml": MANIFEST})
    assert {finding.rule.partition("/")[0] for finding in report.findings} <= {"suppression", "labels"}
    assert not report.failures


@pytest.mark.parametrize(("name", "schema"), [(".github/workflows/gitops-lint.yaml", "github-workflows"), (".gitlab-ci.yml", "gitlab-ci")])
def test_ci_files_satisfy_the_schemas_of_their_systems(name, schema):
    # Only the files of this package are of interest; importing it would load its command line.
    [package] = importlib.util.find_spec("check_jsonschema").submodule_search_locations
    validator = jsonschema_rs.validator_for(json.loads((Path(package) / "builtin_schemas" / "vendor" / f"{schema}.json").read_text()))
    shown = files_shown(name)
    assert shown
    for parameter in shown:
        validator.validate(yaml(parameter.values[0]))


@pytest.mark.parametrize("manifest", files_shown("apps/rbac.yaml"))
def test_suppressions_accept_what_the_page_says(manifest, lint):
    report = lint({"apps/rbac.yaml": manifest}, select=("rbac/wildcard", "suppression/malformed", "suppression/unknown"))
    assert [(finding.rule, finding.suppressed is not None) for finding in report.findings] == [("rbac/wildcard", True)]


@pytest.mark.parametrize("config", files_shown(".pre-commit-config.yaml"))
def test_pre_commit_accepts_the_hooks_as_shown(config, tmp_path):
    from pre_commit.clientlib import load_config, load_manifest

    (tmp_path / "config.yaml").write_text(config)
    hooks = {hook["id"]: hook for hook in load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))}
    for repository in load_config(str(tmp_path / "config.yaml"))["repos"]:
        for shown in repository["hooks"]:
            offered = hooks[shown["id"]]
            if repository["repo"] == "local":
                assert [shown[key] for key in ("entry", "always_run", "pass_filenames")] == [
                    offered[key] for key in ("entry", "always_run", "pass_filenames")
                ]
            # What the hook is given besides must be options of the program.
            assert shlex.split(offered["entry"])[:2] == ["gitops-lint", "lint"]


def test_the_page_about_pre_commit_names_all_hooks():
    hooks = [hook["id"] for hook in yaml((ROOT / ".pre-commit-hooks.yaml").read_text())]
    assert re.findall(r"^\| `(gitops-lint[a-z-]*)` \|", (ROOT / "docs/use/pre-commit.md").read_text(), re.MULTILINE) == hooks
