"""The report for people, as it is printed."""

import re
import textwrap
from dataclasses import replace

import pytest
from reports import finding, report, resource, source

from linter.model import Failure, Location, Suppressed
from linter.model.findings import RelatedLocation
from linter.report.github import render_github
from linter.report.markdown import render_markdown
from linter.report.model import ReportedFailure
from linter.report.text import render_text

WEB = "kind: Deployment\nspec:\n  containers:\n  - name: web\n    image: web:1\n"


def text(*arguments, **options):
    rendering = {name: options.pop(name) for name in ("color", "quiet", "show_suppressed", "statistics", "width") if name in options}
    return render_text(report(*arguments, **options), **rendering)


def is_text(actual, expected):
    assert actual == textwrap.dedent(expected)


def test_a_whole_report():
    related = RelatedLocation("the Service selects it here", Location("apps/service.yaml", 7, 3, 7, 9))
    is_text(
        text(
            finding(4, 11, 14, resource=resource(), related=(related,)),
            finding(5, 12, 17, severity="error", rule="images/latest", message="image `web` has no tag", fix="name a tag"),
            finding(1, 1, 2, path="charts/shop/Chart.yaml", severity="info", rule="helm/old", message="apiVersion is v1", fix=""),
            files={"apps/web.yaml": WEB},
            failures=[Failure("yaml-syntax", "broken", "parse", "apps/bad.yaml", 3, "not valid YAML: a tab", "use spaces")],
        ),
        """\
        apps/web.yaml
          4:11 warning container web has no liveness probe [probes/liveness-missing]
            Deployment shop/web
            4 │   - name: web
              │           ^^^
            see: apps/service.yaml:7:3 the Service selects it here
            fix: add a livenessProbe

          5:12 error image `web` has no tag [images/latest]
            5 │     image: web:1
              │            ^^^^^
            fix: name a tag

        charts/shop/Chart.yaml
          1:1 info apiVersion is v1 [helm/old]

        Could not be checked
          apps/bad.yaml:3 broken not valid YAML: a tab [yaml-syntax]
            fix: use spaces

        1 error, 1 warning, 1 info in 2 of 37 files; 1 failure
        """,
    )


class TestSummary:
    @pytest.mark.parametrize(
        ("arguments", "options", "expected"),
        [
            ([], {}, "no findings in 37 files"),
            ([], {"suppressed": 2}, "no findings in 37 files; 2 suppressed"),
            ([finding(severity="error"), finding(2, severity="error")], {}, "2 errors in 1 of 37 files"),
            ([finding(), finding(path="b.yaml")], {"suppressed": 3}, "2 warnings in 2 of 37 files; 3 suppressed"),
            (
                [],
                {"sources": [(source("a", "kustomize"), "unsupported")]},
                "no findings in 37 files; 1 source not checked, see `gitops-lint sources`",
            ),
            ([], {"failures": [Failure("a", "broken", "read", "", None, "b", "")] * 2}, "no findings in 37 files; 2 failures"),
        ],
    )
    def test_the_last_line(self, arguments, options, expected):
        assert text(*arguments, **options).splitlines()[-1] == expected

    def test_nothing_to_say_is_one_line(self):
        assert text() == "no findings in 37 files\n"


class TestPlaces:
    def lines(self, *arguments, **options):
        return [line.strip() for line in text(*arguments, **options).splitlines()]

    PROD = source("charts/shop", "helm", "prod")
    DEV = source("charts/shop", "helm", "dev")
    TEST = source("charts/shop", "helm", "test")

    def test_environments_if_only_some(self):
        shown = self.lines(finding(resource=resource(), origins=[self.PROD, self.TEST]), sources=[self.DEV, self.PROD, self.TEST])
        assert "Deployment shop/web, in prod, test" in shown

    def test_no_environments_if_all(self):
        shown = self.lines(finding(resource=resource(), origins=[self.PROD, self.DEV]), sources=[self.DEV, self.PROD])
        assert "Deployment shop/web" in shown

    def test_environments_of_other_charts_do_not_count(self):
        shown = self.lines(finding(resource=resource(), origins=[self.PROD]), sources=[self.PROD, source("charts/api", "helm", "dev")])
        assert "Deployment shop/web" in shown

    def test_many_environments(self):
        every = [source("charts/shop", "helm", f"e{index}") for index in range(8)]
        assert "in e0, e1, e2 and 3 more" in self.lines(finding(origins=every[:6]), sources=every)
        assert "in e0, e1, e2, e3" in self.lines(finding(origins=every[:4]), sources=every)

    def test_several_sources(self):
        assert "in apps, charts/shop" in self.lines(finding(origins=[source("charts/shop", "helm"), source()]))

    @pytest.mark.parametrize(
        ("precision", "words"),
        [("object", "somewhere in this object"), ("call-site", "emitted by the call on this line"), ("file", "somewhere in this file")],
    )
    def test_a_place_that_is_not_exact_says_so(self, precision, words):
        shown = self.lines(finding(precision=precision, resource=resource()), files={"apps/web.yaml": WEB})
        assert f"Deployment shop/web, {words}" in shown
        assert ("1 │ kind: Deployment" in shown) == (precision != "file")

    def test_a_range_over_several_lines_is_underlined_to_the_end_of_the_first(self):
        assert "│   ^^^^^^^^^^^" in self.lines(finding(3, 3, 5, end_line=5), files={"apps/web.yaml": WEB})

    @pytest.mark.parametrize("line", [6, 99])
    def test_no_frame_without_a_line(self, line):
        assert "│" not in text(finding(line), files={"apps/web.yaml": WEB})

    def test_long_lines_keep_to_the_width(self):
        shown = text(finding(1, 205, 210), files={"apps/web.yaml": "x" * 200 + "key: value" + "y" * 200}, width=50)
        frame = [line for line in shown.splitlines() if "│" in line]
        assert all(len(line) <= 50 + len("    1 │ ") for line in frame)
        assert "key: value" in frame[0]


class TestSuppressed:
    FINDING = finding(suppressed=Suppressed("comment", "moved in spring", "2027-03-31"))

    def test_hidden_without_being_asked_for(self):
        assert text(self.FINDING) == "no findings in 37 files; 1 suppressed (by comment)\n"

    def test_shown_with_its_reason(self):
        shown = text(self.FINDING, show_suppressed=True)
        assert "    suppressed by comment until 2027-03-31: moved in spring\n" in shown
        assert shown.endswith("no findings in 37 files; 1 suppressed (by comment)\n")

    def test_who_accepts_is_said(self):
        by_baseline = [finding(line, suppressed=Suppressed("baseline")) for line in range(1, 401)]
        assert text(*by_baseline).endswith("no findings in 37 files; 400 suppressed (by baseline)\n")
        assert text(self.FINDING, *by_baseline).endswith("no findings in 37 files; 401 suppressed (400 by baseline, 1 by comment)\n")

    def test_files_with_suppressed_findings_only_do_not_count(self):
        assert text(self.FINDING, finding(path="b.yaml"), show_suppressed=True).endswith(
            "1 warning in 1 of 37 files; 1 suppressed (by comment)\n"
        )

    def test_failures_too(self):
        failure = ReportedFailure(
            Failure("yaml-syntax", "broken", "parse", "a.yaml", 3, "no", "mend it"), "f", Suppressed("baseline", "old")
        )
        accepted = replace(report(), failures=(failure,))
        assert render_text(accepted) == "no findings in 37 files\n"
        assert "    fix: mend it\n    suppressed by baseline: old\n" in render_text(accepted, show_suppressed=True)


def test_nothing_new_is_not_nothing():
    compared = replace(report(), compared_with="1b8040e (main)")
    assert render_text(compared) == "no new findings in 37 files\n"
    assert render_github(compared) == "gitops-lint: no new findings in 37 files; compared with 1b8040e (main)\n"
    assert render_markdown(compared).startswith(
        "## gitops-lint: no new findings in 37 files\n\n90 objects · compared with `1b8040e` (main)"
    )


def test_what_the_base_does_not_say_is_said():
    shown = text(finding(4, 11, resource=resource(), since="base-not-judged"), finding(5, since="new"))
    assert "    Deployment shop/web, may be older: the base could not be judged here\n" in shown
    assert shown.count("base") == 1


class TestQuiet:
    def test_a_line_for_each_finding_and_failure(self):
        failures = [
            Failure("values-missing", "broken", "render", ".gitops-lint.yaml", 6, "no values", "fix"),
            Failure("x", "unavailable", "render", "charts/a", None, "far", ""),
        ]
        is_text(
            text(finding(4, 11), finding(5, 1, severity="error"), failures=failures, quiet=True),
            """\
            apps/web.yaml:4:11: warning probes/liveness-missing container web has no liveness probe
            apps/web.yaml:5:1: error probes/liveness-missing container web has no liveness probe
            .gitops-lint.yaml:6: broken values-missing no values
            charts/a: unavailable x far
            """,
        )

    def test_nothing(self):
        assert text(quiet=True) == ""


def test_statistics():
    shown = text(
        finding(),
        *(finding(line, severity="error", rule="images/latest") for line in range(10)),
        finding(severity="error"),
        statistics=True,
    )
    assert "\n  10 error   images/latest\n   2 error   probes/liveness-missing\n\n" in shown


def test_statistics_list_what_is_no_manifest():
    made = replace(report(), unreadable=("ci/pipeline.yaml.j2", "a\x1b[2J.yaml"))
    listed = "Neither manifests nor YAML\n  ci/pipeline.yaml.j2\n  a\\x1b[2J.yaml\n\nno findings in 37 files\n"
    assert render_text(made, statistics=True) == listed
    assert render_text(made) == "no findings in 37 files\n"


class TestColor:
    ARGUMENTS = (finding(4, 11, 14, resource=resource()),)

    def test_colour_changes_nothing_else(self):
        plain = text(*self.ARGUMENTS, files={"apps/web.yaml": WEB}, statistics=True)
        coloured = text(*self.ARGUMENTS, files={"apps/web.yaml": WEB}, statistics=True, color=True)
        assert "\x1b" not in plain
        assert coloured != plain
        assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == plain

    def test_quiet_in_colour(self):
        assert "\x1b[1;33mwarning\x1b[0m" in text(*self.ARGUMENTS, quiet=True, color=True)


class TestUntrusted:
    EVIL = "a\x1b[2J\x1b]0;title\x07b\rc\u202ed"

    @pytest.mark.parametrize("quiet", [False, True])
    def test_nothing_of_a_repository_commands_the_terminal(self, quiet):
        related = RelatedLocation(self.EVIL, Location(self.EVIL, 1, 1, 1, 2))
        evil = source(self.EVIL, "helm", self.EVIL)
        shown = text(
            finding(
                path=self.EVIL,
                message=self.EVIL,
                fix=self.EVIL,
                resource=resource(name=self.EVIL, kind=self.EVIL, namespace=self.EVIL),
                related=(related,),
                origins=[evil],
                suppressed=Suppressed("comment", self.EVIL, self.EVIL),
            ),
            finding(path=self.EVIL, origins=[evil, source()]),
            files={self.EVIL: self.EVIL},
            failures=[Failure("yaml-syntax", "broken", "parse", self.EVIL, 1, self.EVIL, self.EVIL)],
            sources=[evil, source(self.EVIL, "helm", "other")],
            show_suppressed=True,
            quiet=quiet,
        )
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)
        assert "\\x1b[2J" in shown

    def test_a_name_that_is_not_utf8(self):
        assert text(finding(path="caf\udce9.yaml"), quiet=True).startswith("caf\\xe9.yaml:1:1:")


class TestSecrets:
    SECRET = resource("Secret", "db", api_version="v1")

    def shown(self, line, column, end_column, file, **more):
        fields = {"resource": self.SECRET, "route": ("data", "password"), **more}
        output = text(finding(line, column, end_column, **fields), files={"apps/web.yaml": file})
        assert "aHVudGVy" not in output
        return [entry.partition("│ ")[2] for entry in output.splitlines() if "│" in entry]

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("  password: aHVudGVy", "  password: •••"),
            ("  password: aHVudGVy # aHVudGVy", "  password: •••"),
            ('  "pass word": "aHVudGVy"', '  "pass word": •••'),
            ("  'a:b':   aHVudGVy", "  'a:b':   •••"),
            ("  password: |-", "  password: •••"),
            ("  password:", "  password:"),
            ("    aHVudGVy", "    •••"),
            ("  - key: aHVudGVy", "  - key: •••"),
            ("data: {password: aHVudGVy}", "data: •••"),
            ('{"data":{"password":"aHVudGVy"}}', "•••"),
            ("  password: {{ .Values.password | default `aHVudGVy` }}", "  password: •••"),
            ("  - aHVudGVy", "  •••"),
        ],
    )
    def test_only_the_key_of_secret_data_is_shown(self, line, expected):
        start = len(line) - len(line.lstrip())
        for column in (start + 1, len(line) - 2):
            frame, carets = self.shown(1, max(1, column), len(line) + 1, line)
            assert frame == expected
            assert len(carets) <= len(expected)

    def test_the_value_is_underlined_as_a_whole(self):
        assert self.shown(1, 13, 21, "  password: aHVudGVy") == ["  password: •••", "            ^^^"]
        assert self.shown(1, 3, 11, "  password: aHVudGVy") == ["  password: •••", "  ^^^^^^^^"]

    def test_string_data_and_values_files(self):
        assert self.shown(1, 11, 19, "dbSecret: aHVudGVy", route=("stringData", "x"))[0] == "dbSecret: •••"

    def test_a_finding_that_is_marked(self):
        assert self.shown(1, 8, 16, "value: aHVudGVy", resource=resource(), route=("spec",), sensitive=True)[0] == "value: •••"

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ('{"kind":"Secret","metadata":{},"data":{"password":"aHVudGVy"}}', '{"kind":"Secret","metadata":{},"data":•••'),
            ("{kind: Secret, stringData: {password: aHVudGVy}}", "{kind: Secret, stringData: •••"),
            (
                '    last-applied: "{\\"data\\":{\\"p\\":\\"aHVudGVy\\"},\\"kind\\":\\"Secret\\"}"',
                '    last-applied: "{\\"data\\":•••',
            ),
        ],
    )
    @pytest.mark.parametrize("about", [resource("Secret", "db"), resource(), None])
    def test_a_whole_object_on_one_line(self, line, expected, about):
        for column in (1, 10, len(line) - 3):
            assert self.shown(1, column, len(line) + 1, line, resource=about, route=("metadata",))[0] == expected

    def test_the_rest_of_a_secret_is_shown(self):
        assert self.shown(1, 7, 8, "name: db-data", route=("metadata", "name"))[0] == "name: db-data"
        assert self.shown(1, 1, 5, "data:", route=("type",))[0] == "data:"

    def test_other_objects_are_shown(self):
        assert self.shown(1, 8, 9, "data: {a: b}", resource=resource("ConfigMap"))[0] == "data: {a: b}"

    def test_a_line_made_to_take_long(self):
        for line in (" " * 300_000, "- " * 200_000, "a " * 200_000, '"' * 300_000, "data " * 100_000, "'a' " * 90_000):
            assert len(self.shown(1, 1, 2, line + "Secret")) in (0, 2)
