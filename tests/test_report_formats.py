"""Whatever a run finds, every format is valid, and all of them tell of the same findings and failures."""

import json
import re
from dataclasses import replace

import jsonschema_rs
from example_counts import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import finding, report, resource, source
from test_report_junit import parsed as checked_junit
from test_report_sarif import log_of

from linter import shipped
from linter.cli.output import FORMATS, _formatted
from linter.engine.options import LintOptions
from linter.engine.reporting import recounted
from linter.model import Failure, Location, Suppressed
from linter.model.findings import RelatedLocation
from linter.report.markdown import LIMIT
from linter.report.model import Report, ReportedFailure, ReportedSource, RuleInfo

SCHEMA = jsonschema_rs.Draft7Validator(json.loads(shipped.read("schemas", "report.schema.json")))
HOSTILE = (
    "", " ", "a\nb\r\nc", "\x1b[31mred\x1b]0;title\x07", "\u202etxt\u2066", "\ud800", "caf\udce9", "\x00\x85\ufeff", "::error file=a::b",
    "%0A::stop-commands::x", "](1)", "[a](http://b)", "`", "```", "<script>alert(1)</script>", "@team #12 !3 $1", "| a | b |", "]]>",
    "&lt;&", "\\", "漢字" * 40, "e\u0301", "x" * 5000, "# h", "</summary>", "=x", "a,b:c", "{0}", "\u2028",
)  # fmt: skip
TEXT = st.sampled_from(HOSTILE) | st.text(st.characters(codec=None), max_size=12)
SOME = TEXT.filter(bool)
OPTIONAL = st.none() | TEXT
NAME = st.sampled_from(["shop", "shop/web", "prod", "a b", "caf\udce9", "\x1b[1m", "x" * 300, "漢"]) | SOME
PATH = st.sampled_from(
    ["a.yaml", "b/a.yaml", "charts/x.tgz!x/templates/a.yaml", "c.tar.gz!d.tgz!e.yaml", "caf\udce9.yaml", "a\nb.yaml", "=a,b:c.yaml",
     "\u202e.yaml", "./-x", "x" * 300, "a%2Fb.yaml", "C:\\a.yaml", "//host/a", "a`b|c.yaml"]
)  # fmt: skip
RULES = ["probes/liveness-missing", "rbac/wildcard", "acme/x", "x-1/y-2"]
SUPPRESSED = st.none() | st.builds(Suppressed, st.sampled_from(["comment", "annotation", "config", "baseline"]), OPTIONAL, OPTIONAL)
LINES = st.integers(1, 4)


@st.composite
def locations(draw):
    line, column = draw(LINES), draw(st.integers(1, 12))
    end = draw(st.integers(line, 5))
    end_column = draw(st.integers(column if end == line else 1, 14))
    return Location(draw(PATH), line, column, end, end_column, draw(st.sampled_from(["exact", "call-site", "object", "file"])))


@st.composite
def origins(draw):
    kind = draw(st.sampled_from(["directory", "helm", "kustomize"]))
    return source(draw(PATH), kind, draw(st.none() | NAME), application=draw(OPTIONAL), cluster=draw(OPTIONAL))


@st.composite
def findings(draw, number):
    place = draw(locations())
    origin = draw(st.lists(origins(), min_size=1, max_size=3))
    about = draw(st.none() | st.just(resource(draw(NAME), draw(NAME), draw(st.none() | NAME), draw(NAME), origin[0])))
    made = finding(
        rule=draw(st.sampled_from(RULES)),
        severity=draw(st.sampled_from(["error", "warning", "info"])),
        message=f"tagf{number}t {draw(TEXT)}",
        fix=draw(TEXT),
        docs=draw(st.sampled_from(["", "https://example.com/a", "javascript:alert(1)", "a\nb"])),
        resource=about,
        route=tuple(draw(st.lists(TEXT | st.integers(0, 9), max_size=3))),
        origins=origin,
        related=tuple(draw(st.lists(st.builds(RelatedLocation, TEXT, locations()), max_size=7))),
        fingerprint=draw(st.sampled_from(["same", "same-2", "other"])),
        suppressed=draw(SUPPRESSED),
        sensitive=draw(st.booleans()),
        since=draw(st.sampled_from([None, "new", "base-not-judged"])),
    )
    return replace(made, location=place)


@st.composite
def failures(draw, number):
    stage = draw(st.sampled_from(["read", "parse", "render", "rule"]))
    kind, path, line = draw(st.sampled_from(["broken", "unavailable"])), draw(st.sampled_from(["", "."]) | PATH), draw(st.none() | LINES)
    failure = Failure(draw(st.sampled_from(["yaml-syntax", "other"])), kind, stage, path, line, f"tagx{number}t {draw(TEXT)}", draw(SOME))
    return ReportedFailure(failure, draw(st.sampled_from(["same", "f"])), draw(SUPPRESSED))


@st.composite
def reports(draw):
    found = [draw(findings(number)) for number in range(draw(st.integers(0, 3)))]
    failed = [draw(failures(number)) for number in range(draw(st.integers(0, 2)))]
    listed = st.builds(ReportedSource, origins(), st.sampled_from(["ok", "broken", "unavailable", "unsupported"]), OPTIONAL)
    line, info = draw(OPTIONAL), draw(st.none() | st.tuples(TEXT, TEXT, TEXT))
    made = replace(
        report(packs=draw(st.sampled_from([{}, {"acme": "1"}])), targets=draw(st.sampled_from([{}, {"kubernetes": "1.34"}]))),
        findings=tuple(sorted(found, key=lambda entry: (entry.location, entry.rule))),
        failures=tuple(failed),
        sources=tuple(draw(st.lists(listed, max_size=2))),
        hints=tuple(draw(st.lists(TEXT, max_size=1))),
        source_line=lambda path, number: line,
        rule_info=lambda rule: (
            None if info is None else RuleInfo(rule, info[0], "warning", True, info[1], info[2], info[0], (info[1],), {info[2]: (info[0],)})
        ),
    )
    return recounted(made, LintOptions(fail_on=draw(st.sampled_from(["error", "warning", "info", "never"])), strict=draw(st.booleans())))


def written(made: Report, name: str, *, show_suppressed: bool = False, quiet: bool = False) -> str:
    text = _formatted(made, name, {"color": False, "quiet": quiet, "show_suppressed": show_suppressed, "statistics": True})
    assert text == _formatted(made, name, {"color": False, "quiet": quiet, "show_suppressed": show_suppressed, "statistics": True})
    return text


def tags(text: str) -> set[str]:
    return set(re.findall("tag[fx][0-9]t", text))


def expected(made: Report, *, suppressed: bool) -> set[str]:
    entries = [entry.message for entry in made.shown(suppressed=suppressed)]
    return tags(" ".join(entries + [entry.failure.message for entry in made.shown_failures(suppressed=suppressed)]))


@settings(max_examples=examples(60), deadline=None)
@given(reports(), st.booleans())
def test_every_format_tells_of_the_same(made, show_suppressed):
    for name in FORMATS:
        text = written(made, name, show_suppressed=show_suppressed)
        shown = show_suppressed and name not in ("github", "gitlab")
        assert tags(text) == expected(made, suppressed=shown), name
        # Nothing may command a terminal that shows the report, or reorder what it shows. The paths of these two are for machines.
        text = re.sub('(file=|"path": ")[^,]*,', "", text) if name in ("github", "gitlab") else text
        if name != "json":
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text), name
    assert tags(written(made, "text", show_suppressed=show_suppressed, quiet=True)) == expected(made, suppressed=show_suppressed)


@settings(max_examples=examples(50), deadline=None)
@given(reports(), st.booleans())
def test_every_format_is_valid(made, show_suppressed):
    content = json.loads(written(made, "json", show_suppressed=show_suppressed))
    SCHEMA.validate(content)
    assert content["summary"]["failures"] == len(made.shown_failures())
    assert {entry["suppressed"] is None for entry in content["findings"]} <= ({True, False} if show_suppressed else {True})
    [run] = log_of(made, show_suppressed=show_suppressed)["runs"]
    assert len(run["results"]) == len(content["findings"])
    cases = list(checked_junit(written(made, "junit", show_suppressed=show_suppressed)).iter("testcase"))
    verdict = any(case.find(outcome) is not None for case in cases for outcome in ("failure", "error"))
    assert verdict == (made.exit_code != 0)
    issues = json.loads(written(made, "gitlab"))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == len(made.shown()) + len(made.shown_failures())
    commands = [line for line in written(made, "github").split("\n") if line.startswith("::")]
    assert len(commands) == len(made.shown()) + len(made.shown_failures())
    assert all(re.fullmatch(r"::(error|warning|notice) [^:]*title=gitops-lint [^:]*::.*", line) for line in commands)
    assert len(written(made, "markdown", show_suppressed=show_suppressed)) <= LIMIT
