"""JUnit XML, read as the servers that show it read it."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import finding, report, resource, source

from linter.model import Failure, Location, Suppressed
from linter.model.findings import RelatedLocation
from linter.report.junit import render_junit

# The elements of the common dialect: the attributes each must and may have, and what may stand in it.
DIALECT = {
    "testsuites": ({"name", "tests", "failures", "errors", "skipped", "time"}, set(), {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time"}, set(), {"testcase"}),
    "testcase": ({"classname", "name", "time"}, {"file", "line"}, {"failure", "error", "skipped"}),
    "failure": ({"message", "type"}, set(), set()),
    "error": ({"message", "type"}, set(), set()),
    "skipped": ({"message"}, set(), set()),
}
BROKEN = Failure("yaml-syntax", "broken", "parse", "apps/bad.yaml", 3, "not valid YAML: a tab", "use spaces")
MISSING = Failure("helm-dependency-missing", "unavailable", "render", "charts/shop", None, "db is not here", "vendor it")


def check(element, parent=None):
    must, may, inside = DIALECT[element.tag]
    assert must <= set(element.attrib) <= must | may
    if "tests" in must:
        cases = list(element.iter("testcase"))
        assert int(element.get("tests")) == len(cases) > 0
        for outcome, counter in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(element.get(counter)) == sum(case.find(outcome) is not None for case in cases)
    if element.tag == "testcase":
        assert len(element) <= 1
        assert len(element.get("name")) <= 255
    for child in element:
        assert child.tag in inside
        check(child, element)


def parsed(text):
    root = ElementTree.fromstring(text.encode())
    check(root)
    # GitLab knows a test by these three, and drops a second one of the same.
    keys = [(suite.get("name"), case.get("classname"), case.get("name")) for suite in root for case in suite]
    assert len(set(keys)) == len(keys)
    return root


def cases(*arguments, show_suppressed=False, **options):
    return list(parsed(render_junit(report(*arguments, **options), show_suppressed=show_suppressed)).iter("testcase"))


def outcome(case):
    return case[0].tag if len(case) else "passed"


def test_a_finding_is_a_failed_test_of_its_rule():
    related = RelatedLocation("the Service selects it", Location("apps/service.yaml", 7, 3, 7, 9))
    root = parsed(
        render_junit(report(finding(4, 11, 14, resource=resource(), related=(related,)), files={"apps/web.yaml": "\n\n\n  - name: web\n"}))
    )
    [suite] = root
    [case] = suite
    assert suite.get("name") == "probes/liveness-missing"
    assert case.attrib == {
        "classname": "probes.liveness-missing",
        "name": "container web has no liveness probe (Deployment shop/web, apps/web.yaml)",
        "file": "apps/web.yaml",
        "line": "4",
        "time": "0",
    }
    assert case[0].attrib == {"message": "warning: container web has no liveness probe", "type": "warning"}
    assert case[0].text.splitlines() == [
        "apps/web.yaml:4:11: warning: container web has no liveness probe [probes/liveness-missing]",
        "Deployment shop/web",
        "4 |   - name: web",
        "  |           ^^^",
        "see: apps/service.yaml:7:3 the Service selects it",
        "fix: add a livenessProbe",
        "docs: https://example.com/probes",
    ]


class TestNothingFound:
    def test_every_source_is_a_test_that_passed(self):
        found = cases(sources=[source(), source("charts/shop", "helm", "prod")])
        assert [(outcome(case), case.get("classname"), case.get("name")) for case in found] == [
            ("passed", "gitops-lint.sources", "apps"),
            ("passed", "gitops-lint.sources", "charts/shop (prod)"),
        ]

    def test_without_a_source_there_is_a_test_as_well(self):
        assert [outcome(case) for case in cases()] == ["passed"]

    def test_a_source_that_was_not_judged_is_skipped(self):
        [case] = cases(sources=[(source("over", "kustomize"), "unsupported", "Kustomize is not rendered yet")])
        assert (outcome(case), case[0].get("message")) == ("skipped", "not checked: Kustomize is not rendered yet")


class TestVerdict:
    """A server's verdict on the tests is that of the exit code."""

    @pytest.mark.parametrize(
        ("fail_on", "expected"),
        [
            ("error", ["failure", "skipped", "skipped"]),
            ("warning", ["failure", "failure", "skipped"]),
            ("info", ["failure", "failure", "failure"]),
            ("never", ["skipped", "skipped", "skipped"]),
        ],
    )
    def test_findings(self, fail_on, expected):
        findings = [finding(line, severity=severity) for line, severity in enumerate(("error", "warning", "info"), 1)]
        assert [outcome(case) for case in cases(*findings, fail_on=fail_on)] == expected

    @pytest.mark.parametrize(("strict", "expected"), [(False, ["error", "skipped"]), (True, ["error", "error"])])
    def test_failures(self, strict, expected):
        found = cases(failures=[BROKEN, MISSING], strict=strict)
        assert [outcome(case) for case in found] == expected
        assert found[0].get("name") == "yaml-syntax: not valid YAML: a tab (apps/bad.yaml)"
        assert found[0][0].get("type") == "yaml-syntax"
        assert "fix: use spaces" in found[0][0].text
        assert (found[0].get("file"), found[0].get("line"), found[1].get("line")) == ("apps/bad.yaml", "3", None)

    def test_of_a_real_run(self, lint):
        bad = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {on: yes}\n"
        for fail_on in ("error", "never"):
            done = lint({"a.yaml": bad, "b.yaml": bad.replace("yes", '"yes"')}, fail_on=fail_on)
            failed = any(outcome(case) == "failure" for case in parsed(render_junit(done)).iter("testcase"))
            assert failed == (done.exit_code == 1)


class TestSuppressed:
    FINDING = finding(suppressed=Suppressed("baseline", "moved in spring", "2027-03-31"))

    def test_left_out(self):
        assert [outcome(case) for case in cases(self.FINDING, sources=[source()])] == ["passed"]

    def test_skipped_on_demand(self):
        [case] = cases(self.FINDING, show_suppressed=True)
        assert outcome(case) == "skipped"
        assert "suppressed by baseline until 2027-03-31: moved in spring" in case[0].text


class TestNames:
    def test_the_same_twice_is_told_apart(self):
        found = cases(finding(1), finding(2), finding(3), finding(4, message="container web has no liveness probe (apps/web.yaml) #2"))
        names = [case.get("name") for case in found]
        assert names[:3] == [f"container web has no liveness probe (apps/web.yaml){end}" for end in ("", " #2", " #3")]

    def test_a_moved_line_changes_no_name(self):
        assert cases(finding(1))[0].get("name") == cases(finding(99))[0].get("name")

    def test_long_ones_keep_their_end(self):
        [case] = cases(finding(message="m" * 900, path="a/" * 400 + "end.yaml"))
        assert case.get("name").endswith("a/end.yaml)")
        assert case.get("name").startswith("mmm")

    def test_environments_and_an_unknown_past(self):
        prod, dev = source("charts/shop", "helm", "prod"), source("charts/shop", "helm", "dev")
        case = cases(finding(origins=[prod], since="base-not-judged"), sources=[prod, dev])[0]
        assert "in prod, may be older: the base could not be judged here" in case[0].text

    def test_a_member_of_an_archive(self):
        [case] = cases(finding(path="charts/db.tgz!db/a.yaml"))
        assert (case.get("file"), case.get("line")) == ("charts/db.tgz", None)


class TestUntrusted:
    EVIL = "a\x00\x0b\x1b[2J]]></failure>&<!--\"'\ud800\ufffe\u202e\x85b"

    PATH = EVIL.replace("\ud800", "\udce9")

    def test_no_character_that_xml_cannot_hold(self):
        fields = {"message": self.EVIL, "fix": self.EVIL, "docs": self.EVIL, "rule": f"x/{self.EVIL}", "resource": resource(name=self.EVIL)}
        text = render_junit(
            report(
                finding(path=self.PATH, **fields),
                failures=[Failure(self.EVIL, "broken", "read", self.PATH, 1, self.EVIL, self.EVIL)],
                sources=[(source(self.PATH, "helm", self.EVIL), "broken", self.EVIL)],
                files={self.PATH: self.EVIL},
            )
        )
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\u202e]", text)
        assert len(list(parsed(text).iter("testcase"))) == 3

    @given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=40), st.text(min_size=1, max_size=20))
    def test_any_text(self, text, path):
        [case] = cases(finding(message=text, path=path, fix=text, resource=resource(name=text)))
        assert outcome(case) == "failure"


def test_it_is_the_same_twice():
    findings = [finding(line, rule=f"probes/r{line % 3}") for line in range(1, 20)]
    assert render_junit(report(*findings)) == render_junit(report(*findings))
    assert [suite.get("name") for suite in parsed(render_junit(report(*findings, failures=[BROKEN], sources=[source()])))] == [
        "probes/r0",
        "probes/r1",
        "probes/r2",
        "failures",
        "sources",
    ]
