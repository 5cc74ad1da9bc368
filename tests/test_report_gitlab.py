"""GitLab's Code Quality report: what GitLab reads of it, and what makes it drop an entry."""

import json

import pytest
from reports import finding, report, resource, source

from linter.model import Failure, Location, Suppressed
from linter.model.findings import RelatedLocation
from linter.report.gitlab import render_gitlab
from linter.report.model import ReportedFailure


def entries(*arguments, **options):
    return json.loads(render_gitlab(report(*arguments, **options)))


def test_nothing_is_an_empty_list():
    assert render_gitlab(report()) == "[]\n"


def test_a_finding():
    [entry] = entries(finding(4, 11, 14, resource=resource(), fingerprint="abc"))
    assert entry == {
        "description": "container web has no liveness probe (Deployment shop/web) · Fix: add a livenessProbe · https://example.com/probes",
        "check_name": "probes/liveness-missing",
        "fingerprint": "abc",
        "severity": "major",
        "location": {"path": "apps/web.yaml", "lines": {"begin": 4}},
    }


@pytest.mark.parametrize(("severity", "expected"), [("error", "critical"), ("warning", "major"), ("info", "info")])
def test_severities(severity, expected):
    assert entries(finding(severity=severity))[0]["severity"] == expected


def test_failures_are_worse_than_findings():
    broken = Failure("yaml-syntax", "broken", "parse", "apps/bad.yaml", 3, "not valid YAML:\n a tab", "use spaces")
    missing = Failure("helm-dependency-missing", "unavailable", "render", "charts/shop", None, "db is not here", "")
    first, second = entries(failures=[broken, missing])
    assert first["description"] == "Could not be checked: not valid YAML: a tab · Fix: use spaces"
    assert (first["check_name"], first["severity"], first["fingerprint"]) == ("yaml-syntax", "blocker", "f0")
    assert first["location"] == {"path": "apps/bad.yaml", "lines": {"begin": 3}}
    assert (second["severity"], second["location"]) == ("critical", {"path": "charts/shop", "lines": {"begin": 1}})


def test_what_is_accepted_is_left_out():
    accepted = ReportedFailure(Failure("a", "broken", "read", "b", None, "c", ""), "f", Suppressed("baseline"))
    given = report(finding(suppressed=Suppressed("comment")))
    assert json.loads(render_gitlab(given)) == []
    assert render_gitlab(type(given)(exit_code=0, version="1", failures=(accepted,))) == "[]\n"


class TestPlaces:
    def test_a_member_of_an_archive_points_at_the_archive(self):
        path = "charts/shop/charts/db-1.0.0.tgz!db/templates/web.yaml"
        [entry] = entries(finding(7, path=path), failures=[])
        assert entry["location"] == {"path": "charts/shop/charts/db-1.0.0.tgz", "lines": {"begin": 1}}
        assert "(line 7 of db/templates/web.yaml)" in entry["description"]

    def test_a_failure_in_an_archive(self):
        failure = Failure("template-error", "broken", "render", "db.tgz!db/a.yaml", 9, "no", "")
        [entry] = entries(failures=[failure])
        assert entry["location"] == {"path": "db.tgz", "lines": {"begin": 1}}
        assert entry["description"] == "Could not be checked: no (line 9 of db/a.yaml)"

    @pytest.mark.parametrize(("path", "expected"), [("./a.yaml", "a.yaml"), ("a!b.yaml", "a!b.yaml"), ("caf\udce9.yaml", "caf\\xe9.yaml")])
    def test_paths(self, path, expected):
        assert entries(finding(path=path))[0]["location"]["path"] == expected

    def test_a_failure_of_the_whole_repository(self):
        assert entries(failures=[Failure("a", "broken", "rule", "", None, "b", "")])[0]["location"]["path"] == "."

    def test_environments_related_places_and_an_unknown_past_are_named(self):
        prod, dev = source("charts/shop", "helm", "prod"), source("charts/shop", "helm", "dev")
        related = RelatedLocation("the Service selects it", Location("apps/service.yaml", 7, 3, 7, 9))
        [entry] = entries(finding(origins=[prod], related=(related,), since="base-not-judged"), sources=[prod, dev])
        assert "(in prod, may be older: the base could not be judged here)" in entry["description"]
        assert " · See apps/service.yaml:7:3: the Service selects it · " in entry["description"]


class TestFingerprints:
    def test_equal_ones_are_told_apart(self):
        found = entries(*(finding(line, fingerprint="x") for line in (1, 2, 3)), finding(4, fingerprint="x-2"))
        assert [entry["fingerprint"] for entry in found] == ["x", "x-3", "x-4", "x-2"]

    def test_very_many_equal_ones(self):
        found = entries(*(finding(line, fingerprint="x") for line in range(1, 20_000)))
        assert len({entry["fingerprint"] for entry in found}) == len(found)

    def test_they_do_not_depend_on_what_else_is_found(self):
        alone = entries(finding(1, fingerprint="a"))[0]["fingerprint"]
        assert alone == entries(finding(1, fingerprint="a"), finding(9, fingerprint="b"))[0]["fingerprint"] == "a"


def test_untrusted_text():
    text = render_gitlab(report(finding(message='a"b\\\x1b[31m\u202e\ud800\nc', path='x"\n.yaml')))
    [entry] = json.loads(text.encode())
    assert entry["description"].startswith('a"b\\\\x1b[31m\\u202e\\ud800 c')
    assert entry["location"]["path"] == 'x"\n.yaml'


def test_it_is_the_same_twice_and_has_a_line_for_each():
    findings = [finding(line) for line in range(1, 6)]
    text = render_gitlab(report(*findings))
    assert text == render_gitlab(report(*findings))
    assert len(text.splitlines()) == 7
