"""Packs as of earlier versions: what a pin brings back, and that nobody changes it afterwards.

`python tests/test_pins.py` writes the expectations anew after a deliberate change; the difference is part of its review.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatchcase
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packs_in_memory import POD, pack_files, rule_text

from linter import shipped
from linter.engine.judging.catalogs import catalog_of
from linter.engine.options import LintOptions
from linter.engine.run import lint_tree
from linter.engine.session import Session
from linter.errors import ConfigurationError, UsageError
from linter.packs.catalog import Catalog, load_catalog
from linter.packs.files import read_pack
from linter.packs.folders import TreeFolder
from linter.packs.rule import Pack, Rule
from linter.packs.versions import is_newer, pinned, release, rule_at, versions_of
from linter.repository import MemoryTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXPECTED = os.path.join(ROOT, "tests", "pins", "findings.json")
DAY = date(2026, 7, 1)

# A pack with a past: a rule in each version, one renamed, one whose default, severity and parameter have changed twice.
PAST = pack_files(
    {
        "host_network.yaml": rule_text(
            severity="error",
            since="0.1.0",
            more="aliases: [acme/node-network]\n"
            "changes: [{version: 1.0.0, severity: warning, default: false}, {version: 0.3.0, severity: info}]",
        ),
        "few_containers.yaml": rule_text(
            check="schema: {properties: {containers: {minItems: 2}}}",
            since="0.2.0",
            message="'{resource} has fewer than {params.least} containers'",
            more="params: {least: {type: integer, default: 2}}\nchanges: [{version: 1.1.0, params: {least: 5}}]",
        ),
        "image_without_tag.yaml": rule_text(
            check="schema: {properties: {image: {pattern: ':'}}}",
            match="{each: containers}",
            since="1.1.0",
            default=False,
            message="'{value}'",
        ),
        "lenient.yaml": rule_text(since="0.1.0", severity="info", more="changes: [{version: 1.1.1, severity: error}]"),
    },
    version="1.1.2",
)  # fmt: skip
VERSIONS = ["0.1.0", "0.2.0", "0.3.0", "1.0.0", "1.1.0", "1.1.1", "1.1.2"]


def past() -> tuple[Pack, Catalog]:
    pack, sources = read_pack(TreeFolder(MemoryTree(PAST), "policy/acme"), "acme")
    return pack, Catalog([pack], sources)


def examples() -> dict[str, str]:
    found = {}
    for directory, _, names in os.walk(os.path.join(ROOT, "examples")):
        for name in names:
            path = os.path.join(directory, name)
            with open(path, encoding="utf-8") as file:
                found[os.path.relpath(path, os.path.join(ROOT, "examples"))] = file.read()
    return found


def findings(catalog: Catalog, files: dict[str, str], session: Session, **options) -> list[str]:
    """What a catalog finds, one line each: place, severity and rule."""
    own = Session(1, catalog)
    # The processes that render charts are those of the other session.
    own._renderer = session.renderer if any("Chart.yaml" in path for path in files) else None
    report = lint_tree(MemoryTree(files), LintOptions(today=DAY, **options), own)
    return sorted(
        f"{finding.location.path}:{finding.location.line} {finding.severity} {finding.rule}"
        for finding in report.findings
        if finding.suppressed is None
    )


def computed(session: Session) -> dict[str, dict[str, list[str]]]:
    """What each version of each pack finds by itself: the shipped ones in examples/, the one with a past in one Pod."""
    shipped_packs, corpus = load_catalog(), examples()
    versions = {name: versions_of(pack) for name, pack in shipped_packs.packs.items()}
    found: dict[str, dict[str, list[str]]] = {name: {} for name in versions}
    # Packs do not change what others find, so one run serves a version of each of them.
    for turn in range(max(map(len, versions.values()))):
        pins = {name: told[min(turn, len(told) - 1)] for name, told in versions.items()}
        lines = findings(shipped_packs.pinned(pins), corpus, session)
        for name, pin in pins.items():
            found[name][pin] = [line for line in lines if line.split()[2].startswith(f"{name}/")]
    _, catalog = past()
    found["acme"] = {version: findings(catalog.pinned({"acme": version}), {"a.yaml": POD}, session) for version in VERSIONS}
    return found


@pytest.fixture(scope="module")
def actual() -> Iterator[dict[str, dict[str, list[str]]]]:
    with Session(1) as session:
        yield computed(session)


def test_each_version_of_each_pack_finds_what_it_always_did(actual):
    with open(EXPECTED, encoding="utf-8") as file:
        assert actual == json.load(file)


def test_a_patch_release_adds_no_finding(actual):
    """As far as the history of rules can say it: what is mended in a check is not brought back by a pin."""
    order = {"info": 0, "warning": 1, "error": 2}
    for pack, versions in actual.items():
        for earlier, later in pairwise(sorted(versions, key=release)):
            if release(earlier)[:2] == release(later)[:2]:
                before = {(line.split()[0], line.split()[2]): line.split()[1] for line in versions[earlier]}
                for line in versions[later]:
                    place, severity, rule = line.split()
                    assert order[severity] <= order[before[place, rule]], f"{pack} {later}: {line}"


@pytest.mark.parametrize("pack", load_catalog().packs.values(), ids=lambda pack: pack.name)
def test_the_history_of_a_shipped_pack_follows_its_own_promise(pack):
    order = ("info", "warning", "error")
    with open(shipped.path("rules", pack.name, "CHANGELOG.md"), encoding="utf-8") as file:
        changelog = file.read()
    for version in versions_of(pack):
        told = re.search(rf"^## \[?{re.escape(version)}\b", changelog, re.MULTILINE) is not None
        unreleased = version == pack.version and re.search(r"^## \[?Unreleased\b", changelog, re.MULTILINE) is not None
        assert told or unreleased, f"CHANGELOG.md of {pack.name} does not tell of {version}"
    named = {name.removeprefix(f"{pack.name}/") for name in re.findall(r"`([a-z0-9/*-]+)`", changelog)}
    untold = [rule.id for rule in pack.rules if not any(fnmatchcase(rule.id.partition("/")[2], name) for name in named)]
    assert untold == [], f"CHANGELOG.md of {pack.name}"
    for rule in pack.rules:
        assert release(rule.since)[2] == 0, f"{rule.id}: a patch release brings no rule"
        if release(rule.since)[0] > 0 and release(rule.since)[1] > 0:
            then = next(entry for entry in pinned(pack, rule.since).rules if entry.id == rule.id)
            assert not then.default, f"{rule.id}: only a major release may add to the recommended set"
        for change in rule.changes:
            earlier, later = pinned(pack, before(change["version"])), pinned(pack, change["version"])
            then, now = (next(entry for entry in found.rules if entry.id == rule.id) for found in (earlier, later))
            if release(change["version"])[2] != 0:
                assert order.index(now.severity) <= order.index(then.severity), f"{rule.id}: a patch release raises no severity"
            if release(change["version"])[1:] != (0, 0) and release(change["version"])[0] > 0:
                assert now.default <= then.default, f"{rule.id}: only a major release may add to the recommended set"


def before(version: str) -> str:
    """A pin to what came right before a version."""
    major, minor, patch = release(version)
    return f"{major}.{minor}.{patch - 1}" if patch else f"{major}.{minor - 1}" if minor else f"{major - 1}"


@pytest.mark.parametrize(
    ("pin", "rules", "later", "severity", "default", "least"),
    [
        ("0.1", ["host-network", "lenient"], ["few-containers", "image-without-tag"], "info", False, None),
        ("0.2.0", ["few-containers", "host-network", "lenient"], ["image-without-tag"], "info", False, 5),
        ("0.3", ["few-containers", "host-network", "lenient"], ["image-without-tag"], "warning", False, 5),
        ("0", ["few-containers", "host-network", "lenient"], ["image-without-tag"], "warning", False, 5),
        ("1.0", ["few-containers", "host-network", "lenient"], ["image-without-tag"], "error", True, 5),
        ("1.1.0", ["few-containers", "host-network", "image-without-tag", "lenient"], [], "error", True, 2),
        ("1", ["few-containers", "host-network", "image-without-tag", "lenient"], [], "error", True, 2),
    ],
)
def test_what_a_pin_brings_back(pin, rules, later, severity, default, least):
    pack, _ = past()
    then = pinned(pack, pin)
    assert (then.version, then.pin) == ("1.1.2", pin)
    assert sorted(rule.id.removeprefix("acme/") for rule in then.rules) == rules
    assert sorted(rule.id.removeprefix("acme/") for rule in then.later) == later
    assert not any(rule.default for rule in then.later)
    by_id = {rule.id: rule for rule in then.rules}
    assert (by_id["acme/host-network"].severity, by_id["acme/host-network"].default) == (severity, default)
    if least is not None:
        assert by_id["acme/few-containers"].params["least"] == {"type": "integer", "default": least}


STEPS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "severity": st.sampled_from(["error", "warning", "info"]),
            "default": st.booleans(),
            "params": st.dictionaries(st.sampled_from(["least", "most"]), st.integers(0, 9), min_size=1),
        },
    ),
    max_size=6,
)


@given(STEPS, st.randoms(use_true_random=False))
def test_a_pin_brings_back_what_the_rule_was_at_that_version(steps, random):
    """The history is told forwards here, one version after the other; `changes` tell it backwards, in any order."""
    now = {"severity": "info", "default": False, "least": 0, "most": 0}
    history, changes = {"1.0.0": now}, []
    for number, step in enumerate(steps, 1):
        version = f"1.{number * 5}.0"
        before = {key: now[key] for key in ("severity", "default") if key in step}
        if "params" in step:
            before["params"] = {name: now[name] for name in step["params"]}
        if before:
            changes.append({"version": version, **before})
        now = {**now, **{key: value for key, value in step.items() if key != "params"}, **step.get("params", {})}
        history[version] = now
    random.shuffle(changes)
    params = {name: {"type": "integer", "default": now[name]} for name in ("least", "most")}
    rule = Rule(
        "acme/a",
        "acme",
        "A",
        now["severity"],
        now["default"],
        "1.0.0",
        "Mend it.",
        ("on", ("document",)),
        params=params,
        changes=tuple(changes),
    )
    for version, was in history.items():
        pinned_rule = rule_at(rule, version)
        defaults = {name: schema["default"] for name, schema in pinned_rule.params.items()}
        assert {"severity": pinned_rule.severity, "default": pinned_rule.default, **defaults} == was


def test_pinning_twice_is_pinning_to_the_newer():
    pack, _ = past()
    assert versions_of(pack) == VERSIONS
    for pin in VERSIONS:
        assert pinned(pinned(pack, pin), pin) == pinned(pack, pin)
        assert versions_of(pinned(pack, pin)) == VERSIONS
    assert pinned(pack, "1.1.2").rules == pack.rules


@pytest.mark.parametrize(
    ("version", "pin", "newer"),
    [
        ("1.2.3", "1", False), ("1.2.3", "1.2", False), ("1.2.3", "1.2.2", True), ("1.2.3", "1.1", True), ("2.0.0", "1", True),
        ("0.10.0", "0.9", True), ("0.9.9", "0.10", False), ("1.2.3", "1.2.3", False),
    ],
)  # fmt: skip
def test_a_short_pin_stands_for_the_newest_of_its_kind(version, pin, newer):
    assert is_newer(version, pin) is newer


class TestSelection:
    PINNED = "packs: {acme: {path: policy/acme, version: '%s'}}\n"

    def rules(self, lint, config: str, **options) -> dict[str, str]:
        report = lint({"a.yaml": POD, ".gitops-lint.yaml": config, **PAST}, **options)
        return {finding.rule: finding.severity for finding in report.findings if finding.rule.startswith("acme/")}

    def test_newer_rules_are_chosen_by_their_own_id_alone(self, lint):
        old = {"acme/lenient": "error", "acme/host-network": "info"}
        assert self.rules(lint, self.PINNED % "0.1") == {"acme/lenient": "error"}
        assert self.rules(lint, self.PINNED % "0.1", select=("acme",)) == old
        assert self.rules(lint, self.PINNED % "0.1", select=("ALL",)) == old
        one = self.rules(lint, self.PINNED % "0.1", select=("acme/image-without-tag",))
        assert one == {"acme/image-without-tag": "warning"}

    def test_a_word_pins_too(self, lint):
        plain = "packs: {acme: {path: policy/acme}}\n"
        old = {"acme/lenient": "error", "acme/host-network": "info"}
        assert self.rules(lint, plain, select=("acme@0.1",)) == old
        assert self.rules(lint, plain + "select: [acme@0.1.0]\n") == old
        assert self.rules(lint, plain + "extend-select: [acme@0.1]\nignore: [labels]\n") == old
        assert self.rules(lint, self.PINNED % "1.1", select=("acme@0.1",)) == old
        assert self.rules(lint, plain + "per-path: [{paths: ['*.yaml'], extend-select: [acme@0.1]}]\n") == old

    def test_the_configuration_has_the_last_word_about_severity(self, lint):
        config = self.PINNED % "0.3" + "rules: {acme/host-network: {severity: error}}\nselect: [acme/host-network]\n"
        assert self.rules(lint, config) == {"acme/host-network": "error"}

    @pytest.mark.parametrize(
        ("config", "options", "message"),
        [
            (PINNED % "1.2", {}, ".gitops-lint.yaml:1: acme cannot be pinned to 1.2, which is newer than what is installed; the versions"),
            (PINNED % "0.0", {}, "older than its first version; the versions of acme are 0.1.0, 0.2.0, 0.3.0, 1.0.0, 1.1.0, 1.1.1, 1.1.2"),
            ("packs: {rbac: '99'}\n", {}, ".gitops-lint.yaml:1: rbac cannot be pinned to 99, which is newer"),
            ("select: [rbac]\npacks:\n  rbac: '99'\n", {}, ".gitops-lint.yaml:3: rbac cannot be pinned to 99"),
            ("packs: {rbac: '0.1'}\nselect: [rbac@0.0]\n", {}, ".gitops-lint.yaml:2: rbac is pinned to 0.0 here, and to 0.1 by .git"),
            ("root: true\n", {"select": ("rbac@0.1", "rbac@0")}, "--select: rbac is pinned to 0 here, and to 0.1 by --select"),
            ("root: true\n", {"select": ("rbac@",)}, "--select: `` is no version of the pack rbac: write 0.1, for instance"),
            ("root: true\n", {"select": ("rbac@one",)}, "--select: `one` is no version of the pack rbac"),
            ("root: true\n", {"select": ("rbak@0.1",)}, "--select: `rbak@0.1` is no rule, pack"),
            ("root: true\n", {"ignore": ("rbac/wildcard@0.1",)}, "--ignore: `rbac/wildcard@0.1`: only a pack has versions; write"),
            ("root: true\n", {"select": ("ALL@0.1",)}, "only a pack has versions"),
        ],
    )  # fmt: skip
    def test_impossible_pins(self, lint, config, options, message):
        with pytest.raises(UsageError) as error:
            lint({"a.yaml": POD, ".gitops-lint.yaml": config, **PAST}, **options)
        assert message in str(error.value)

    def test_a_second_run_does_not_pin_again(self):
        from linter.config import parse_config

        config = parse_config((self.PINNED % "0.1").encode())
        catalog = catalog_of(load_catalog(), MemoryTree(PAST), config, LintOptions())
        assert catalog_of(catalog, MemoryTree({}), config, LintOptions()) is catalog


class TestEarlierIds:
    CONFIG = "packs: {acme: {path: policy/acme}}\n"
    HINT = "the rule acme/node-network is now called acme/host-network: "

    def lint(self, lint, more: str, pod: str = POD, **options):
        report = lint({"a.yaml": pod, ".gitops-lint.yaml": self.CONFIG + more, **PAST}, **options)
        found = {finding.rule: finding for finding in report.findings}
        return found, [hint for hint in report.hints if hint.startswith(self.HINT)]

    @pytest.mark.parametrize(
        ("more", "options", "places"),
        [
            ("select: [acme/node-network]\n", {}, ".gitops-lint.yaml:2"),
            ("", {"select": ("acme/node-network",)}, "--select"),
            ("select: [acme/node-network]\n", {"select": ("acme/node-network",)}, ".gitops-lint.yaml:2, --select"),
        ],
    )
    def test_select(self, lint, more, options, places):
        found, hints = self.lint(lint, more, **options)
        assert set(found) == {"acme/host-network"}
        assert hints == [f"{self.HINT}{places} can use the new id"]

    def test_options_and_ignores(self, lint):
        found, hints = self.lint(lint, "rules: {acme/node-network: {severity: info}}\n")
        assert found["acme/host-network"].severity == "info"
        assert len(hints) == 1
        found, hints = self.lint(lint, "ignores: [{rules: [acme/node-network], reason: known}]\n")
        assert found["acme/host-network"].suppressed.by == "config"
        assert len(hints) == 1

    def test_comments(self, lint):
        pod = POD.replace("spec:", "spec: # gitops-lint: ignore[acme/node-network] known")
        found, hints = self.lint(lint, "", pod)
        assert found["acme/host-network"].suppressed.by == "comment"
        assert hints == [f"{self.HINT}a comment or annotation can use the new id"]

    def test_baselines(self, tmp_path, run):
        earlier = {path.replace("host_n", "node_n"): text.replace("aliases: [acme/node-network]", "") for path, text in PAST.items()}
        for files in ({"a.yaml": POD, ".gitops-lint.yaml": "root: true\n" + self.CONFIG}, earlier):
            for path, text in files.items():
                (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / path).write_text(text)
        assert run("lint", "--select", "acme", cwd=tmp_path).returncode == 1
        assert run("baseline", "--select", "acme", cwd=tmp_path).returncode == 0
        (tmp_path / "policy/acme/node_network.yaml").unlink()
        (tmp_path / "policy/acme/host_network.yaml").write_text(PAST["policy/acme/host_network.yaml"])
        after = run("lint", "--select", "acme", cwd=tmp_path)
        assert (after.returncode, after.stderr) == (0, ""), after.stdout

    def test_fingerprints_outlive_a_new_name(self, lint):
        now = self.lint(lint, "")[0]["acme/host-network"]
        earlier = {
            path.replace("host_network", "node_network"): text.replace("aliases: [acme/node-network]", "") for path, text in PAST.items()
        }
        report = lint({"a.yaml": POD, ".gitops-lint.yaml": self.CONFIG, **earlier})
        assert now.fingerprint in {finding.fingerprint for finding in report.findings if finding.rule == "acme/node-network"}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("changes: [{version: 0.1.0, severity: info}]", "a change belongs between 0.1.0, the rule's first version, and 1.0.0"),
        ("changes: [{version: 1.0.1, severity: info}]", "a change belongs between"),
        ("changes: [{version: 0.2.0}]", "say what the rule had before this version"),
        ("changes: [{version: 0.2.0, params: {none: 1}}]", "the rule has no parameter `none`"),
        (
            "changes: [{version: 0.2.0, params: {few: x}}]\nparams: {few: {type: integer, default: 1}}",
            "does not satisfy the schema of `few`",
        ),
        ("changes: [{version: 0.2.0, severity: bad}]", "severity"),
    ],
)
def test_a_past_that_cannot_be(more, words):
    files = pack_files({"host_network.yaml": rule_text(more=more)}, version="1.0.0")
    with pytest.raises(ConfigurationError) as error:
        read_pack(TreeFolder(MemoryTree(files), "policy/acme"))
    assert words in error.value.message
    assert error.value.line == 11


def test_a_rule_is_not_newer_than_its_pack():
    files = pack_files({"host_network.yaml": rule_text(since="0.2.0")}, version="0.1.0")
    with pytest.raises(ConfigurationError, match=r"host_network.yaml:4: the rule is from 0.2.0, but its pack has the version 0.1.0"):
        read_pack(TreeFolder(MemoryTree(files), "policy/acme"))


if __name__ == "__main__":
    with Session(1) as session, open(EXPECTED, "w", encoding="utf-8") as file:
        json.dump(computed(session), file, indent=1)
        file.write("\n")
    sys.exit(0)
