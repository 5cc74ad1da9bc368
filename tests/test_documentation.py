"""What the documentation shows works as it is shown."""

from __future__ import annotations

import os
import re

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


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
    printed = run("lint", "examples/apps/cart.yaml", cwd=ROOT).stdout
    assert shown.removeprefix("apps/cart.yaml\n").rstrip() in printed


@pytest.mark.parametrize(
    "path", ["README.md", "docs/how-it-works.md", "docs/writing-rules.md", "benchmarks/README.md", "examples/README.md"]
)
def test_links_lead_somewhere(path):
    folder = os.path.dirname(path)
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text_of(path)):
        assert os.path.exists(os.path.join(ROOT, folder, target)), f"{path} links to {target}"


def test_the_modules_that_the_documentation_names_exist():
    for path in ("docs/how-it-works.md", "docs/writing-rules.md"):
        for name in re.findall(r"`(linter/[a-z_/]+(?:\.py)?)`", text_of(path)):
            assert os.path.exists(os.path.join(ROOT, name)), f"{path} names {name}"
