"""The mutation benchmark changes what it says it changes, and nothing else."""

import json
import os
import subprocess
import sys

import pytest
from charts_in_memory import chart_yaml, package

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks.corpus import CorpusError, Entry, export, load_lock
from benchmarks.mutating import another, mutations
from benchmarks.mutation_trees import Checkout, members_of
from linter.model import Location

TEMPLATE = """\
metadata:
  name: {{ include "web.name" . }}
  labels:
    {{- if .Values.debug }}
    debug: "true"
    {{- end }}
    {{- toYaml .Values.labels |
        nindent 4 }}
spec:
- one: 1
  two: 2
- 3
"""


def at(line, text=TEMPLATE, columns=None):
    content = text.split("\n")[line - 1]
    first, end = columns or (len(content) - len(content.lstrip()) + 1, len(content) + 1)
    return Location("a.yaml", line, first, line, end)


def changed(line, text=TEMPLATE, columns=None):
    found = [(mutation.operator, mutation.text) for mutation in mutations(text, at(line, text, columns))]
    for _, result in found:
        assert len(result.split("\n")) == len(text.split("\n"))
    return [
        (operator, [(n, b) for n, (a, b) in enumerate(zip(text.split("\n"), result.split("\n"), strict=True), 1) if a != b])
        for operator, result in found
    ]


@pytest.mark.parametrize(
    ("value", "other"), [("true", "false"), ("3", "4"), ('"3"', '"4"'), ("128Mi", "129Mi"), ("web", "altered"), ("'web'", "'altered'")]
)
def test_another_scalar_has_the_same_type(value, other):
    assert another(value) == other


def test_scalars_keys_and_items():
    assert changed(5) == [("scalar", [(5, '    debug: "false"')]), ("line", [(5, "")])]
    assert changed(5, columns=(5, 10)) == [
        ("key", [(5, '    altered: "true"')]),
        ("scalar", [(5, '    debug: "false"')]),
        ("line", [(5, "")]),
    ]
    assert changed(12) == [("scalar", [(12, "- 4")]), ("line", [(12, "")])]
    assert changed(10)[1] == ("node", [(10, ""), (11, "")])


def test_actions_become_constants_and_what_steers_the_template_stays():
    assert changed(2)[:2] == [("action", [(2, '  name: {{ "altered" }}')]), ("action", [(2, '  name: {{ "" }}')])]
    operators = dict(changed(3))
    assert (4, "    {{- if .Values.debug }}") not in operators["node"]
    assert [content for _, content in operators["node"] if content] == ["{{- if .Values.debug }}", "{{- end }}"]
    assert [operator for operator, _ in changed(8)] == ["action", "action", "action", "line"]


def test_a_part_of_a_repository_with_one_file_changed(tmp_path):
    files = {
        "web/Chart.yaml": chart_yaml("web", more="dependencies: [{name: lib, version: 1.0.0, repository: file://../lib}]\n").encode(),
        "web/templates/a.yaml": b"a: 1\n",
        "web/charts/redis.tgz": package({"Chart.yaml": chart_yaml("redis"), "templates/b.yaml": "b: 1\n"}),
        "lib/Chart.yaml": chart_yaml("lib").encode(),
        "other/Chart.yaml": chart_yaml("other").encode(),
    }
    for path, content in files.items():
        os.makedirs(tmp_path / os.path.dirname(path), exist_ok=True)
        (tmp_path / path).write_bytes(content)
    from linter.model import Source

    checkout = Checkout(str(tmp_path))
    part = checkout.part([Source("web", "helm", "web")], ["web/templates/a.yaml"])
    assert part == {path for path in files if not path.startswith("other/")}
    member = "web/charts/redis.tgz!redis/templates/b.yaml"
    assert checkout.text(member) == "b: 1\n"
    tree = checkout.tree(part, {member: "b: 2\n", "web/templates/a.yaml": "a: 2\n"})
    assert tree.read("web/templates/a.yaml") == b"a: 2\n"
    assert dict(members_of(tree.read("web/charts/redis.tgz")))["redis/templates/b.yaml"] == b"b: 2\n"


def test_the_lock_names_enough_and_an_export_holds_the_commit_and_its_dependencies(tmp_path):
    lock = load_lock()
    assert len({entry.repository for entry in lock}) == len(lock)
    assert all(entry.licence for entry in lock)
    mirror = tmp_path / "mirrors" / "owner+charts"
    for path, content in {
        "charts/web/Chart.yaml": chart_yaml("web", more="dependencies: [{name: lib, version: 1.0.0}]\n"),
        "charts/lib/Chart.yaml": chart_yaml("lib"),
        "charts/lib/README.md": "left out\n",
    }.items():
        os.makedirs(os.path.dirname(mirror / path), exist_ok=True)
        (mirror / path).write_text(content)
    git = ["git", "-C", str(mirror), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "one"], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    (mirror / "charts/web/Chart.yaml").write_text("changed since\n")
    entry = Entry("owner/charts", commit, "MIT", ("charts",), ("charts",), {"root": True})
    folder = export([entry], str(tmp_path / "mirrors"), str(tmp_path / "out"))["owner/charts"]
    assert os.listdir(os.path.join(folder, "charts/web/charts/lib")) == ["Chart.yaml"]
    with open(os.path.join(folder, "charts/web/Chart.yaml")) as file:
        assert file.read().startswith("apiVersion")
    with open(os.path.join(folder, ".gitops-lint.yaml")) as file:
        assert json.load(file) == {"root": True}
    with pytest.raises(CorpusError, match="cannot be exported"):
        export([Entry("owner/charts", "0" * 40, "MIT")], str(tmp_path / "mirrors"), str(tmp_path / "none"))
    with pytest.raises(CorpusError, match="holds no Git repository"):
        export([Entry("owner/absent", commit, "MIT")], str(tmp_path / "mirrors"), str(tmp_path / "absent"))
