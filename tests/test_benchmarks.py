"""The generator of benchmark repositories is deterministic, and what it writes is sound."""

import os
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks import imports, run
from benchmarks.applications import MISTAKES
from benchmarks.generate import generate
from linter.manifest.decoder import decode_bytes

APPLICATIONS = 60


def tree(directory):
    """Every file below a directory except Git's own, as path -> content."""
    found = {}
    for folder, folders, names in os.walk(directory):
        folders[:] = [name for name in folders if name != ".git"]
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, directory)] = file.read()
    return found


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    directory = str(tmp_path_factory.mktemp("generated") / "repository")
    return generate(directory, APPLICATIONS, seed=7, mistake_rate=0.5), tree(directory)


@pytest.fixture(scope="module")
def objects(repository):
    """Every object of the repository with its path, decoded as the linter decodes it."""
    _, files = repository
    documents = [(path, document.value) for path, content in files.items() for document in decode_bytes(content)[1]]
    return [(path, value) for path, value in documents if isinstance(value, dict) and isinstance(value.get("kind"), str)]


def test_equal_seeds_give_equal_bytes_and_others_do_not(tmp_path, repository):
    _, files = repository
    again = generate(str(tmp_path / "again"), APPLICATIONS, seed=7, mistake_rate=0.5)
    assert tree(tmp_path / "again") == files
    assert again == repository[0]
    generate(str(tmp_path / "other"), APPLICATIONS, seed=8, mistake_rate=0.5)
    assert tree(tmp_path / "other") != files


def test_a_larger_repository_begins_with_the_smaller_one(tmp_path, repository):
    _, files = repository
    generate(str(tmp_path / "more"), APPLICATIONS + 10, seed=7, mistake_rate=0.5)
    more = tree(tmp_path / "more")
    assert {path: more.get(path) for path in files if not path.endswith("/namespaces.yaml")} == {
        path: content for path, content in files.items() if not path.endswith("/namespaces.yaml")
    }


def test_the_summary_counts_what_was_written(repository, objects):
    summary, files = repository
    assert summary.files == len(files)
    assert summary.bytes == sum(map(len, files.values()))
    assert summary.manifests == len(objects)
    assert 7 <= summary.manifests / APPLICATIONS <= 10


def test_every_object_has_an_identity_of_its_own(objects):
    identities = [
        (path.partition("/")[0], body["kind"], body["metadata"].get("namespace"), body["metadata"]["name"]) for path, body in objects
    ]
    assert len(set(identities)) == len(identities)
    declared = {(cluster, name) for cluster, kind, _, name in identities if kind == "Namespace"}
    assert {(cluster, namespace) for cluster, kind, namespace, _ in identities if kind != "Namespace"} <= declared


def test_sizes_are_those_of_real_manifests(repository):
    _, files = repository
    sizes = sorted(len(part) for path, content in files.items() for part in content.split(b"---\n") if b"\nkind: " in part)
    assert 300 <= sizes[len(sizes) // 2] <= 600
    assert 1200 <= sizes[len(sizes) * 9 // 10] <= 2600


def test_applications_without_a_mistake_are_sound(tmp_path):
    made = generate(str(tmp_path / "good"), 20, mistake_rate=0)
    assert made.mistakes == ()
    deployments = 0
    for path, content in tree(tmp_path / "good").items():
        for document in decode_bytes(content)[1]:
            assert not document.duplicate_keys, path
            if isinstance(document.value, dict) and document.value.get("kind") == "Deployment":
                deployments += 1
                spec = document.value["spec"]
                assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items(), path
                for container in spec["template"]["spec"]["containers"]:
                    ports = {port["name"] for port in container["ports"]}
                    assert container["readinessProbe"]["httpGet"]["port"] in ports, path
                    assert container["livenessProbe"]["timeoutSeconds"] <= container["livenessProbe"]["periodSeconds"], path
    assert deployments == 20


def test_planted_mistakes_are_where_the_summary_says(repository):
    summary, files = repository
    assert len(summary.mistakes) > APPLICATIONS // 4
    assert {rule for _, rule in summary.mistakes} <= set(MISTAKES)
    traces = {
        "labels/value-not-a-string": b"canary: yes",
        "identity/role-arn-malformed": b":30487192055:",
        "rbac/wildcard": b'verbs: ["*"]',
        "istio/subset-missing": b"subset: v2",
        "dns/invalid-ttl": b"ttl: 1d",
        "scheduling/deprecated-node-label": b"beta.kubernetes.io/os",
    }
    for rule, trace in traces.items():
        assert {path for path, content in files.items() if trace in content} == {path for path, own in summary.mistakes if own == rule}


def test_charts_come_with_the_configuration_that_installs_them(tmp_path):
    generate(str(tmp_path / "charts"), 0, chart_count=3)
    files = tree(tmp_path / "charts")
    charts = {path.split("/")[1] for path in files if path.startswith("charts/")}
    assert len(charts) == 3
    for chart in charts:
        assert f"charts/{chart}/templates/_helpers.tpl" in files
        assert f"name: {chart}\n".encode() in files[f"charts/{chart}/Chart.yaml"]
    assert b"charts/*" in files[".gitops-lint.yaml"]


def test_a_git_repository_has_the_same_commit_each_time(tmp_path):
    commits = set()
    for name in ("one", "two"):
        generate(str(tmp_path / name), 2, git=True)
        commits.add(subprocess.run(["git", "rev-parse", "HEAD"], cwd=tmp_path / name, capture_output=True, text=True, check=True).stdout)
    assert len(commits) == 1


def test_a_directory_in_use_is_left_alone(tmp_path):
    (tmp_path / "mine.yaml").write_text("a: 1\n")
    with pytest.raises(FileExistsError):
        generate(str(tmp_path), 1)
    assert tree(tmp_path) == {"mine.yaml": b"a: 1\n"}


def test_import_times_are_read_and_forbidden_packages_named():
    report = "import time: self [us] | cumulative | imported package\nimport time:       120 |        120 |   rich.text\n"
    report += "import time:      1500 |       1620 | linter.cli\nsomething else\nimport time:        90 |         90 | jsonschema_rs\n"
    read = imports.parse(report)
    assert [(entry.module, entry.own, entry.total) for entry in read] == [
        ("rich.text", 120, 120),
        ("linter.cli", 1500, 1620),
        ("jsonschema_rs", 90, 90),
    ]
    assert imports.forbidden(read) == ["rich"]


def test_a_missing_peer_is_a_clear_message(capsys):
    assert run.main(["--sizes", "10", "--peer", "no-such-linter lint"]) == 2
    assert "no-such-linter is not on PATH" in capsys.readouterr().err


def test_reading_from_git_can_be_measured(capsys):
    from benchmarks import revisions

    assert revisions.main(["--size", "40", "--runs", "1", "--command", f"{sys.executable} -m linter lint"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(revisions.MODES)
    assert all(line.startswith("| `lint") for line in lines[2:])
