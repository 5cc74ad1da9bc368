"""Rule files: what is wrong in them is said with file and line before anything runs."""

from __future__ import annotations

import pytest

from linter.engine.options import LintOptions
from linter.engine.run import lint_tree
from linter.engine.session import Session
from linter.errors import ConfigurationError
from linter.packs.catalog import Catalog
from linter.packs.files import read_pack
from linter.repository import MemoryTree

PACK = "name: acme\nversion: 0.1.0\ntitle: Ours\ndescription: Rules of a team.\n"
RULE = """\
title: A container without a name
severity: warning
default: true
since: 0.1.0
why: |
  Somebody has to be able to say which container it is.
fix: Give it a name.
references: [https://example.com/]
match: {each: containers}
schema: {required: [name]}
message: "{kind} {name}: {value} ({params.limit})"
params:
  limit: {type: integer, default: 3}
examples:
  - fail: x
  - pass: x
"""


@pytest.fixture
def pack(tmp_path):
    def write(rule: str = RULE, name: str = "nameless.yaml", **more: str) -> str:
        for file, text in {"pack.yaml": PACK, name: rule, **more}.items():
            (tmp_path / file).write_text(text)
        return str(tmp_path)

    return write


def test_a_good_one(pack):
    read, sources = read_pack(pack(), "acme")
    [rule] = read.rules
    assert (rule.id, rule.match, rule.params["limit"]["default"]) == ("acme/nameless", ("each", ("containers",)), 3)
    assert sources["acme/nameless"]["examples"] == [{"fail": "x"}, {"pass": "x"}]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("{params.limit}", "{params.none}", 11, "unknown placeholder `{params.none}` in the message; known are {name}"),
        ("{each: containers}", "{each: pods}", 9, "`match.each` must be containers"),
        ("{each: containers}", "{on: state}", 9, "a `schema:` cannot be checked on the state"),
        ("{each: containers}", "{on: chart}", 9, "a `schema:` cannot be checked on the chart"),
        (
            "{each: containers}",
            "{kinds: [Pod, apps/Deployment]}",
            9,
            "`apps/Deployment` is built into Kubernetes: write it as `Deployment`",
        ),
        ("{required: [name]}", "{type: objekt}", 10, "this is no valid JSON Schema"),
        ("default: 3", "default: x", 13, "the default of `limit` does not satisfy its own schema"),
        ("severity: warning", "severity: bad", 2, "severity"),
        ("title: A container without a name", "titel: A container", 1, "titel"),
        ("since: 0.1.0", "since: 0.1.0\nsince: 0.1.0", 5, "the key `since` appears twice"),
        ("match: {each: containers}", "match: ]", 9, "not valid YAML"),
        ("schema: {required: [name]}\n", "", None, "the rule checks nothing: give it a `schema:` or a check() in nameless.py"),
        ('message: "{kind} {name}: {value} ({params.limit})"\n', "", None, "a rule with `schema:` needs a `message:`"),
    ],
)
def test_mistakes(pack, old, new, line, words):
    assert old in RULE
    with pytest.raises(ConfigurationError) as error:
        read_pack(pack(RULE.replace(old, new)))
    assert words in error.value.message
    assert (error.value.path.rpartition("/")[2], error.value.line) == ("nameless.yaml", line)


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        ("Nameless.yaml", {}, "name a rule file after the bad pattern"),
        ("nameless_2.yaml", {}, "name a rule file after the bad pattern"),
        ("nameless.yaml", {"nameless.py": ""}, "the rule has both a `schema:` and nameless.py"),
        ("nameless.yaml", {"other.py": ""}, "a check without its rule: write other.yaml beside it"),
        ("nameless.yaml", {"pack.yaml": PACK.replace("acme", "emca")}, "the pack calls itself `emca`, but is used as `acme`"),
        ("nameless.yaml", {"pack.yaml": "[]"}, "a pack file holds exactly one mapping"),
    ],
)
def test_files_that_do_not_fit(pack, name, more, words):
    with pytest.raises(ConfigurationError) as error:
        read_pack(pack(name=name, **more), "acme")
    assert words in error.value.message


def test_a_team_cannot_bring_python(pack):
    folder = pack(RULE.replace("schema: {required: [name]}\n", ""), **{"nameless.py": "raise SystemExit('it ran')\n"})
    with pytest.raises(ConfigurationError, match="this pack may hold declarative rules only"):
        read_pack(folder, allow_python=False)


@pytest.mark.parametrize(
    ("match", "schema", "message"),
    [
        ("{each: containers}", "{required: [image]}", 'Pod web: {"name": "web"} (3)'),
        ("{kinds: [Pod]}", "{properties: {spec: {properties: {hostNetwork: {const: false}}}}}", "Pod shop: true (3)"),
        ("{on: document}", "{properties: {spec: {properties: {hostNetwork: {const: false}}}}}", "Pod shop: true (3)"),
    ],
)
def test_placeholders(pack, match, schema, message):
    read, sources = read_pack(pack(RULE.replace("{each: containers}", match).replace("{required: [name]}", schema)))
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec: {hostNetwork: true, containers: [{name: web}]}\n"
    with Session(1, Catalog([read], sources)) as session:
        report = lint_tree(MemoryTree({"a.yaml": text}), LintOptions(), session)
    assert [entry.failure.message for entry in report.failures] == []
    assert [finding.message for finding in report.findings] == [message]
    assert report.findings[0].location.line == 4
