"""The examples show what their comments promise: each marked mistake on its line, and nothing else."""

from __future__ import annotations

import os
import re
import shutil

from linter.engine.options import LintOptions
from linter.engine.run import lint

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MARK = re.compile(r"Mistake, ([a-z]+/[a-z-]+):")


def marked(folder: str) -> set[tuple[str, int, str]]:
    """(path, line, rule) of each marked mistake: the first line after the comment that names it."""
    found = set()
    for directory, _, names in os.walk(folder):
        for name in names:
            if not name.endswith(".yaml"):
                continue
            path = os.path.join(directory, name)
            with open(path, encoding="utf-8") as file:
                lines = file.read().split("\n")
            for number, line in enumerate(lines):
                if (mark := MARK.search(line)) is None:
                    continue
                end = number
                if "/*" in line:
                    while "*/" not in lines[end]:
                        end += 1
                    end += 1
                else:
                    while lines[end].strip().startswith("#"):
                        end += 1
                found.add((os.path.relpath(path, folder), end + 1, mark[1]))
    return found


def test_every_mistake_is_reported_on_its_line_and_nothing_else(tmp_path):
    shutil.copytree(os.path.join(ROOT, "examples"), tmp_path / "shop")
    expected = marked(str(tmp_path / "shop"))
    report = lint(LintOptions(paths=(str(tmp_path / "shop"),), jobs=2))
    reported = {(entry.location.path, entry.location.line, entry.rule) for entry in report.findings if entry.suppressed is None}
    assert not report.failures
    assert reported == expected
    assert len(expected) >= 24
    assert {rule.partition("/")[0] for _, _, rule in expected} >= {"labels", "probes", "identity", "rbac", "scheduling", "istio", "dns"}


def test_one_mistake_is_accepted_and_one_is_only_in_production(tmp_path):
    shutil.copytree(os.path.join(ROOT, "examples"), tmp_path / "shop")
    report = lint(LintOptions(paths=(str(tmp_path / "shop"),), jobs=2))
    assert [entry.suppressed.by for entry in report.findings if entry.suppressed is not None] == ["comment"]
    environments = {
        entry.rule: [occurrence.source.environment for occurrence in entry.occurrences]
        for entry in report.findings
        if entry.location.path.startswith("charts/")
    }
    assert environments["probes/timeout-exceeds-period"] == ["prod"]
    assert environments["scheduling/spread-selector-mismatch"] == ["prod", "staging"]


def test_the_json_report_satisfies_its_schema(run, tmp_path):
    import json

    import jsonschema

    shutil.copytree(os.path.join(ROOT, "examples"), tmp_path / "shop")
    (tmp_path / "shop" / "broken.yaml").write_text("apiVersion: v1\nkind: [\n")
    done = run("lint", "--format", "json", "--show-suppressed", "shop", cwd=tmp_path)
    report = json.loads(done.stdout)
    with open(os.path.join(ROOT, "schemas", "report.schema.json"), encoding="utf-8") as file:
        jsonschema.validate(report, json.load(file))
    assert done.returncode == report["exitCode"] == 3
    assert report["failures"][0]["path"] == "broken.yaml"
    assert any(finding["suppressed"] for finding in report["findings"])
    assert any(len(finding["occurrences"]) == 2 for finding in report["findings"])
