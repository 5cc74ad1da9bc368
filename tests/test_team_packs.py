"""Packs that a repository brings itself: read through the tree, declarative, and never able to run or reach anything."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from packs_in_memory import POD, pack_files, rule_text

from linter.engine.options import LintOptions
from linter.engine.run import lint_tree
from linter.engine.session import Session
from linter.errors import ConfigurationError, UsageError
from linter.repository import WorkTree

CONFIG = "packs: {acme: {path: policy/acme}}\n"
RULES = {"host_network.yaml": rule_text()}
PYTHON = "raise SystemExit('the repository ran code')\n"


@pytest.fixture
def repository(tmp_path):
    def write(files: dict[str, str]) -> str:
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return str(tmp_path)

    return write


def found(report) -> list[tuple[str, str, int]]:
    return [(finding.rule, finding.message, finding.location.line) for finding in report.findings if finding.rule.startswith("acme/")]


EXPECTED = [("acme/host-network", "Pod web: Pod", 5)]


def test_in_memory(lint):
    report = lint({"a.yaml": POD, ".gitops-lint.yaml": CONFIG, **pack_files(RULES)})
    assert found(report) == EXPECTED
    assert report.packs["acme"] == "0.1.0"
    [finding] = [finding for finding in report.findings if finding.rule == "acme/host-network"]
    assert finding.docs == ""
    assert report.rule_info("acme/host-network").title == "A pod on the network of its node"
    assert report.exit_code == 1


@pytest.mark.parametrize("value", ['""', '" "', r'"\n"'])
def test_a_message_of_which_nothing_is_left_is_the_title(lint, value):
    rule = rule_text("schema: {properties: {subdomain: {minLength: 5}}}\nat: [subdomain]", message="'{value}'")
    pod = POD.replace("hostNetwork: true", f"subdomain: {value}")
    report = lint({"a.yaml": pod, ".gitops-lint.yaml": CONFIG, **pack_files({"host_network.yaml": rule})})
    assert found(report) == [("acme/host-network", "A pod on the network of its node", 6)]


def test_nothing_of_the_pack_is_a_manifest_or_a_failure(lint):
    report = lint({"a.yaml": POD, ".gitops-lint.yaml": CONFIG, **pack_files(RULES)})
    assert (report.summary.resources, report.failures) == (1, ())


def test_the_work_tree_the_index_and_a_revision_have_packs_of_their_own(repository, run):
    root = repository({"a.yaml": POD, ".gitops-lint.yaml": CONFIG, **pack_files(RULES)})
    git = ["git", "-C", root, "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "with warning"], check=True)
    repository(pack_files({"host_network.yaml": rule_text(severity="error")}))
    subprocess.run([*git, "add", "."], check=True)
    repository(pack_files({"host_network.yaml": rule_text(severity="info")}))
    severities = {}
    for option in ("", "--staged", "--rev=HEAD"):
        done = run("lint", *filter(None, [option]), "--select", "acme", "--format", "json", cwd=root)
        report = json.loads(done.stdout)
        severities[option] = [finding["severity"] for finding in report["findings"]]
        assert report["tool"]["packs"]["acme"] == "0.1.0"
    assert severities == {"": ["info"], "--staged": ["error"], "--rev=HEAD": ["warning"]}
    # Both sides of a comparison are judged by the pack of the later one: nothing is new.
    compared = run("lint", "--since", "HEAD", "--select", "acme", "--quiet", cwd=root)
    assert (compared.returncode, compared.stdout) == (0, ""), compared.stdout + compared.stderr


def test_standard_input_is_judged_by_the_pack_around_it(repository, run):
    root = repository({".gitops-lint.yaml": "root: true\n" + CONFIG, **pack_files(RULES)})
    done = run("lint", "-", "--quiet", cwd=root, stdin=POD.encode())
    assert "acme/host-network" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("config", "files", "message"),
    [
        (CONFIG, {}, ".gitops-lint.yaml:1: policy/acme: cannot read this pack: the repository holds no files there"),
        (CONFIG, {"policy/acme/a.yaml": "a: b"}, ".gitops-lint.yaml:1: policy/acme: a pack needs a file pack.yaml"),
        ("packs: {rbac: {path: policy/rbac}}\n", pack_files({}, name="rbac", folder="policy/rbac"), ":1: `rbac` is a pack that comes with"),
        (CONFIG, pack_files(RULES, name="other"), "policy/acme/pack.yaml:1: the pack calls itself `other`, but is used as `acme`"),
        (CONFIG, pack_files({"host_network.yaml": "title: x\n"}), "policy/acme/host_network.yaml:1: the file needs"),
        (CONFIG, {**pack_files(RULES), "policy/acme/host_network.yml": rule_text()}, "there are two files for the rule acme/host-network"),
        (CONFIG, pack_files({"a.yaml": rule_text(more="aliases: [rbac/wildcard]")}), "the alias `rbac/wildcard` names a rule already"),
        ("packs: {acme: {path: /policy/../..}}\n", {}, "policy"),
        ("packs: {acme: {path: policy/acme, version: '0.2'}}\n", pack_files(RULES), ":1: acme cannot be pinned to 0.2, which is newer"),
        ("packs: {acmee: '0.1'}\n", {}, ".gitops-lint.yaml:1: there is no pack `acmee`"),
    ],
)
def test_mistakes_name_their_place(lint, config, files, message):
    with pytest.raises(UsageError) as error:
        lint({"a.yaml": POD, ".gitops-lint.yaml": config, **files})
    assert message in str(error.value)


def test_a_schema_follows_no_reference_out_of_itself(lint, tmp_path):
    secret = tmp_path / "schema.json"
    secret.write_text("{}")
    for address in (f"file://{secret}", "http://127.0.0.1:9/schema.json", "schema.json"):
        files = pack_files({"a.yaml": rule_text(f"schema: {{$ref: '{address}'}}")})
        with pytest.raises(ConfigurationError, match="this is no valid JSON Schema"):
            lint({"a.yaml": POD, ".gitops-lint.yaml": CONFIG, **files})


class TestPython:
    RULES = {"host_network.yaml": rule_text("", message="''", more="").replace("message: ''\n", "")}  # noqa: RUF012
    CHECK = (
        "from linter.model import Violation\n\n\ndef check(node, state, params):\n"
        "    if node.value.get('hostNetwork'):\n        yield Violation((*node.route, 'hostNetwork'), 'found by Python')\n"
    )

    def files(self, check: str) -> dict[str, str]:
        return {"a.yaml": POD, ".gitops-lint.yaml": "root: true\n" + CONFIG, **pack_files({**self.RULES, "host_network.py": check})}

    def test_never_because_the_repository_says_so(self, lint, repository, run):
        with pytest.raises(ConfigurationError, match="this pack may hold declarative rules only"):
            lint(self.files(PYTHON))
        root = repository(self.files(PYTHON))
        for command in (["lint"], ["rules", "list"], ["rules", "test", "policy/acme"], ["rules", "show", "acme/host-network"]):
            done = run(*command, cwd=root)
            assert done.returncode == 2, command
            assert "policy/acme/host_network.py: this pack may hold declarative rules only" in done.stderr
            assert "--allow-python-pack policy/acme" in done.stderr
            assert "ran code" not in done.stdout + done.stderr

    def test_where_the_command_line_names_the_folder_or_one_above(self, repository, run):
        root = repository(self.files(self.CHECK))
        for allowed in ("policy/acme", "policy", "."):
            done = run("lint", "--quiet", "--allow-python-pack", allowed, cwd=root)
            assert "a.yaml:6:16: warning acme/host-network found by Python" in done.stdout, done.stderr
        refused = run("lint", "--allow-python-pack", "policy/ac", cwd=root)
        assert (refused.returncode, "--allow-python-pack policy/ac: there is no such folder" in refused.stderr) == (2, True) or (
            "declarative rules only" in refused.stderr
        )

    def test_listing_runs_nothing(self, repository, run):
        root = repository(self.files(PYTHON))
        done = run("rules", "list", "--pack", "acme", "--allow-python-pack", "policy", cwd=root)
        assert (done.returncode, "acme/host-network" in done.stdout) == (0, True), done.stderr

    def test_a_pack_beside_the_repository(self, repository, tmp_path_factory, run):
        root = repository({"a.yaml": POD, ".gitops-lint.yaml": "root: true\n"})
        beside = tmp_path_factory.mktemp("central")
        for path, text in pack_files({**self.RULES, "host_network.py": self.CHECK}, folder=".").items():
            (beside / path).write_text(text)
        done = run("lint", "--quiet", "--allow-python-pack", str(beside), cwd=root)
        assert "acme/host-network found by Python" in done.stdout, done.stderr

    def test_a_link_does_not_lead_python_in(self, repository, tmp_path_factory, run):
        """A folder of the repository that is a link to elsewhere is not read at all."""
        beside = tmp_path_factory.mktemp("central")
        for path, text in pack_files({**self.RULES, "host_network.py": PYTHON}, folder=".").items():
            (beside / path).write_text(text)
        root = repository({"a.yaml": POD, ".gitops-lint.yaml": "root: true\n" + CONFIG, "policy/README.md": ""})
        os.symlink(beside, os.path.join(root, "policy", "acme"))
        done = run("lint", cwd=root)
        assert (done.returncode, "ran code" in done.stdout + done.stderr) == (2, False)
        assert "policy/acme" in done.stderr


def test_a_linked_folder_inside_the_repository(repository):
    root = repository({"a.yaml": POD, ".gitops-lint.yaml": "root: true\n" + CONFIG, **pack_files(RULES, folder="shared/rules/acme")})
    os.symlink("shared/rules", os.path.join(root, "policy"))
    with Session(1) as session:
        assert found(lint_tree(WorkTree(root), LintOptions(paths=(root,)), session)) == EXPECTED


def test_the_commands_know_them(repository, run):
    pins = "root: true\npacks: {acme: {path: policy/acme, version: '0.1'}, rbac: '0'}\n"
    root = repository({".gitops-lint.yaml": pins, **pack_files(RULES, version="0.2.0")})
    listed = json.loads(run("rules", "list", "--format", "json", cwd=root).stdout)
    [ours] = [rule for rule in listed if rule["pack"] == "acme"]
    assert (ours["id"], ours["docs"], ours["path"]) == ("acme/host-network", "", "policy/acme/host_network.yaml")
    shown = run("rules", "show", "acme/host-network", cwd=root).stdout
    assert "policy/acme/host_network.yaml" in shown
    assert run("rules", "show", "acme/host-network", "--format", "markdown", cwd=root).stdout.startswith("# A pod on the network")
    packs = {pack["name"]: pack for pack in json.loads(run("packs", "list", "--format", "json", cwd=root).stdout)}
    assert (packs["acme"]["path"], packs["acme"]["pin"], packs["rbac"]["pin"], packs["dns"]["pin"]) == ("policy/acme", "0.1", "0", None)
    assert "as of 0.1 (policy/acme)" in run("packs", "list", cwd=root).stdout
    elsewhere = os.path.join(root, "policy", "acme")
    assert "acme/host-network" in run("rules", "list", "--config", os.path.join(root, ".gitops-lint.yaml"), cwd=elsewhere).stdout


def test_selection_knows_them(lint):
    files = {"a.yaml": POD, ".gitops-lint.yaml": CONFIG, **pack_files({**RULES, "other.yaml": rule_text(default=False)})}
    assert {finding.rule for finding in lint(files, select=("acme",)).findings} == {"acme/host-network", "acme/other"}
    assert {finding.rule for finding in lint(files, select=("acme/other",)).findings} == {"acme/other"}
    assert found(lint(files, ignore=("acme",))) == []
    ignored = POD.replace("spec:", "spec: # gitops-lint: ignore[acme/host-network] on purpose")
    report = lint({**files, "a.yaml": ignored})
    assert [finding.suppressed.reason for finding in report.findings if finding.rule == "acme/host-network"] == ["on purpose"]


DOUBLED = "".join(f"  d{n}: {{anyOf: [{{$ref: '#/definitions/d{n + 1}'}}, {{$ref: '#/definitions/d{n + 1}'}}]}}\n" for n in range(60))


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("$ref: '#/definitions/d0'\n definitions:\n" + DOUBLED + "  d60: {type: string}", "more than 50,000 parts"),
        ("properties: {items: {items: {$ref: '#'}}}", "`$ref: #` leads in a circle"),
        ("definitions: {a: {$ref: '#/definitions/b'}, b: {$ref: '#/definitions/a'}}", "leads in a circle"),
        ("$ref: '#/definitions/a~1b'\n definitions: {a: {}}", "`$ref: #/definitions/a~1b` leads nowhere"),
        ("$ref: 'file:///etc/passwd'", "`$ref: file:///etc/passwd` leads out of the schema"),
        ("$id: 'https://example.com/a'", "`$id` cannot be used in a rule"),
        ("$recursiveRef: '#'", "`$recursiveRef` cannot be used in a rule"),
    ],
)
def test_schemas_that_a_run_cannot_wait_for(lint, schema, words):
    text = rule_text("schema:\n " + schema)
    with pytest.raises(ConfigurationError, match=r"host_network.yaml:\d+: .*") as error:
        lint({"a.yaml": POD, ".gitops-lint.yaml": CONFIG, **pack_files({"host_network.yaml": text})})
    assert words in str(error.value)


def test_a_schema_may_refer_to_its_own_parts(lint):
    schema = "schema: {properties: {hostNetwork: {$ref: '#/definitions/a~1b'}}, definitions: {a/b: {const: false}}}"
    report = lint({"a.yaml": POD, ".gitops-lint.yaml": CONFIG, **pack_files({"host_network.yaml": rule_text(schema)})})
    assert [line for _, _, line in found(report)] == [6]


@pytest.mark.parametrize("aliases", ["[acme/host-network]", "[acme/other]", "[acme/old]", "[rbac/wildcard]"])
def test_an_alias_that_names_another_rule(lint, aliases):
    rules = {"host_network.yaml": rule_text(more=f"aliases: {aliases}"), "other.yaml": rule_text(more="aliases: [acme/old]")}
    with pytest.raises(ConfigurationError, match="names a rule already"):
        lint({"a.yaml": POD, ".gitops-lint.yaml": CONFIG, **pack_files(rules)})


def test_every_mistake_of_a_rule_file_is_named(lint):
    text = rule_text(severity="warn", more="whi: x")
    with pytest.raises(ConfigurationError) as error:
        lint({"a.yaml": POD, ".gitops-lint.yaml": CONFIG, **pack_files({"host_network.yaml": text})})
    first, second = str(error.value).splitlines()
    assert first.startswith("policy/acme/host_network.yaml:2: `severity` must be")
    assert second.startswith("policy/acme/host_network.yaml:11: `whi` is no key")
