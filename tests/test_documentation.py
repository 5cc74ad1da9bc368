"""What the documentation shows works as it is shown."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from glob import glob

import click
import pytest
import typer.main

from linter.cli.app import app
from linter.packs.catalog import load_catalog

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HAND_WRITTEN = [
    "README.md",
    "benchmarks/README.md",
    "examples/README.md",
    *sorted(os.path.relpath(path, ROOT) for folder in ("", "use", "migrate") for path in glob(os.path.join(ROOT, "docs", folder, "*.md"))),
]
# Comments of other linters that look like ids of theirs.
NOT_CHECKS = {"checkov:skip", "trivy:ignore"}
# Repositories whose names look like ids of rules.
NOT_RULES = {"istio/istio"}
# Options of Git, pre-commit and others that pages speak of.
OTHERS = {"--from-ref", "--to-ref", "--all-files"}


def options_of(command: click.Command) -> set[str]:
    """The options of a command and of all commands below it."""
    found = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return found.union(*(options_of(below) for below in getattr(command, "commands", {}).values()))


OPTIONS = options_of(typer.main.get_command(app)) | {"--install-completion", "--show-completion", "--help"}


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


def text_of(path: str) -> str:
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def test_the_configuration_in_the_readme_is_accepted(lint):
    [config] = [block for block in re.findall(r"```yaml\n(.*?)```", text_of("README.md"), re.DOTALL) if "environments:" in block]
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, labels: {team: shop}}\n"
    report = lint({".gitops-lint.yaml": config, "clusters/prod/settings.yaml": manifest})
    assert [finding.rule for finding in report.findings] == ["suppression/unused"]
    assert not report.failures
    assert report.targets["external-dns"] == "0.22"


def test_the_suppression_in_the_readme_is_one():
    from linter.suppression import comments

    [line] = re.findall(r"```yaml\n(verbs: .*?)```", text_of("README.md"), re.DOTALL)
    [suppression] = comments("a.yaml", line)
    assert (suppression.problem, suppression.rules, suppression.until) == (None, ("rbac/wildcard",), "2027-03-31")


def test_the_output_in_the_readme_is_what_the_examples_print(run):
    [shown] = re.findall(r"```\n(apps/cart.yaml\n.*?)```", text_of("README.md"), re.DOTALL)
    printed = run("lint", "examples", cwd=ROOT).stdout.replace("examples/", "")
    for finding in re.split(r"\n\n(?=\S)", shown.rstrip()):
        path, _, text = finding.partition("\n")
        assert f"{text}\n" in printed.partition(f"{path}\n")[2]


@pytest.mark.parametrize("path", HAND_WRITTEN)
def test_links_lead_somewhere(path):
    folder = os.path.dirname(path)
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text_of(path)):
        assert os.path.exists(os.path.join(ROOT, folder, target)), f"{path} links to {target}"
        assert not (path.startswith("docs/") and os.path.normpath(os.path.join(folder, target)).split(os.sep)[0] != "docs"), (
            f"{path} links to {target}, which the site does not hold"
        )


@pytest.mark.parametrize("path", HAND_WRITTEN)
def test_links_inside_pages_name_headings(path):
    for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", text_of(path)):
        linked = os.path.normpath(os.path.join(os.path.dirname(path), target)) if target else path
        headings = re.findall(r"^#+ (.*)$", text_of(linked), re.MULTILINE)
        assert anchor in [re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings], f"{path}: #{anchor}"


def test_the_modules_that_the_documentation_names_exist():
    for path in ("docs/how-it-works.md", "docs/writing-rules.md"):
        for name in re.findall(r"`(linter/[a-z_/]+(?:\.py)?)`", text_of(path)):
            assert os.path.exists(os.path.join(ROOT, name)), f"{path} names {name}"


def test_the_generated_pages_are_up_to_date():
    script = os.path.join(ROOT, "docs", "generate.py")
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"run `python docs/generate.py`\n{done.stdout}{done.stderr}"


def test_the_configuration_on_a_rule_page_is_accepted(lint, catalog):
    pages = {rule.id: text_of(f"docs/rules/{rule.id}.md") for rule in catalog.rules.values() if rule.params}
    blocks = {rule: re.findall(r"here with the defaults:\n\n```yaml\n(.*?)```", page, re.DOTALL) for rule, page in pages.items()}
    assert all(len(found) == 1 for found in blocks.values())
    together = "rules:\n" + "".join(block.removeprefix("rules:\n") for [block] in blocks.values())
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
    assert not lint({".gitops-lint.yaml": together, "settings.yaml": manifest}, select=tuple(pages)).failures


def test_generating_finds_and_mends_what_is_missing_changed_or_left_over(tmp_path, capsys):
    generate = runpy.run_path(os.path.join(ROOT, "docs", "generate.py"))
    docs = tmp_path / "docs"
    shutil.copytree(os.path.join(ROOT, "docs", "migrate"), docs / "migrate")
    assert generate["main"]([], str(docs)) == 0
    assert generate["main"](["--check"], str(docs)) == 0
    (docs / "rules" / "probes" / "liveness-missing.md").write_text("changed")
    (docs / "rules" / "rbac" / "wildcard.md").unlink()
    (docs / "rules" / "former").mkdir()
    (docs / "rules" / "former" / "rule.md").write_text("left over")
    table = docs / "migrate" / "kube-linter.md"
    table.write_text(table.read_text().replace("| `no-liveness-probe` |", "| `another` |"))
    capsys.readouterr()
    assert generate["main"](["--check"], str(docs)) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"out of date: docs/{path}"
        for path in ("migrate/kube-linter.md", "rules/former/rule.md", "rules/probes/liveness-missing.md", "rules/rbac/wildcard.md")
    ]
    assert generate["main"]([], str(docs)) == 0
    assert generate["main"](["--check"], str(docs)) == 0
    assert not (docs / "rules" / "former").exists()


@pytest.mark.parametrize("path", HAND_WRITTEN)
def test_the_rules_that_pages_name_exist(path, catalog):
    """Ids of rules, and ids of other linters' checks where they stand for rules."""
    from linter.packs.selection import rule_ids

    text = re.sub(r"\]\([^)]*\)", "]", text_of(path))
    packs = "|".join(catalog.packs)
    for word in re.findall(rf"(?<![\w/.-])(?:{packs})/[a-z][a-z-]*[a-z](?![\w/.-]|\.yaml)", text):
        assert word in NOT_RULES or rule_ids(catalog, word), f"{path} names {word}"
    peers = {peer for rule in catalog.rules.values() for peer in rule.equivalents}
    for word in re.findall(rf"(?<![\w/.-])(?:{'|'.join(peers)}):[A-Za-z0-9][\w-]*", text):
        assert word in NOT_CHECKS or rule_ids(catalog, word), f"{path} names {word}"


@pytest.mark.parametrize("path", HAND_WRITTEN)
def test_the_failures_that_pages_name_exist(path):
    from linter.model.failures import FAILURE_IDS

    stems = "|".join(sorted({name.partition("-")[0] for name in FAILURE_IDS if name.startswith(("application", "helm", "kustom"))}))
    text = text_of(path)
    named = [*re.findall(rf"`((?:{stems})-[a-z-]+)`", text), *re.findall(r"failures: \[([a-z-]+)\]", text)]
    assert not {*named} - {*FAILURE_IDS, "helm-python-sdk"}


@pytest.mark.parametrize("path", [path for path in HAND_WRITTEN if path.startswith("docs/migrate/")])
def test_what_a_page_calls_missing_has_no_equivalent(path, catalog):
    missing = text_of(path).partition("## What is missing here")[2].partition("\n## ")[0]
    # A rule may correspond in part only; then the page says what the rest is.
    partly = {"IST0106"}
    known = {check for rule in catalog.rules.values() for checks in rule.equivalents.values() for check in checks} - partly
    named = set(re.findall(r"`([^`]+)`", missing))
    for first, last in re.findall(r"`([^`]+)` to\s+`([^`]+)`", missing):
        stem, digits = re.fullmatch(r"(.*?)(\d+)", first).groups()
        end = re.fullmatch(r".*?(\d+)", last)[1]
        named |= {f"{stem}{number:0{len(digits)}}" for number in range(int(digits), int(end) + 1)}
    assert not named & known


@pytest.mark.parametrize("path", [path for path in HAND_WRITTEN if path.startswith(("docs/index", "docs/use", "docs/migrate"))])
def test_the_options_that_pages_name_exist(path):
    """In running text and in the right-hand columns of tables; left of them are the options of other programs."""
    text = re.sub(r"^```.*?^```$", "", text_of(path), flags=re.DOTALL | re.MULTILINE)
    if path.startswith("docs/migrate/"):
        text = "\n".join(line.split("|")[2] for line in text.splitlines() if line.count("|") == 3)
    for span in re.findall(r"`([^`]+)`", text):
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", span):
            assert option in OPTIONS or option in OTHERS, f"{path} names {option}"


def test_each_linter_we_know_checks_of_has_a_page_or_is_none_that_is_run_on_files():
    generate = runpy.run_path(os.path.join(ROOT, "docs", "generate.py"))
    pages = {os.path.basename(path).removesuffix(".md") for path in HAND_WRITTEN if path.startswith("docs/migrate/")}
    # These have no ids for what they find, and what covers every check of the others is a page that is generated as a whole.
    assert pages - {"coverage"} == {*generate["PEERS"], "index", "kubeconform", "pluto"}


def test_the_site_has_every_page_in_its_navigation():
    from ruamel.yaml import YAML

    def listed(entry):
        if isinstance(entry, str):
            return [entry]
        return [page for below in (entry.values() if isinstance(entry, dict) else entry) for page in listed(below)]

    pages = {path.removeprefix("docs/") for path in HAND_WRITTEN if path.startswith("docs/")}
    assert {*listed(YAML(typ="safe", pure=True).load(text_of("mkdocs.yml"))["nav"])} == pages | {"configuration.md", "rules/index.md"}
