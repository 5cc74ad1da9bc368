"""Comments, annotations and configuration entries that accept findings."""

from __future__ import annotations

import json
from datetime import date

import pytest
from example_counts import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.suppression import FileComments, comments, parse_day

RULE = "labels/value-not-a-string"


def config_map(label: str, above: str = "", annotation: str = "") -> str:
    lines = ["apiVersion: v1", "kind: ConfigMap", "metadata:", "  name: settings"]
    lines += [f"  annotations: {{gitops-lint/ignore: {json.dumps(annotation)}}}"] if annotation else []
    lines += ["  labels:"]
    lines += [f"    {above}"] if above else []
    return "\n".join([*lines, f"    enabled: {label}", ""])


def found(report) -> list[tuple[str, str | None]]:
    return [(finding.rule, finding.suppressed.by if finding.suppressed else None) for finding in report.findings]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(config_map("yes  # gitops-lint: ignore[labels/value-not-a-string] legacy"), id="on the line"),
        pytest.param(config_map("yes", "# gitops-lint: ignore[labels/value-not-a-string] legacy"), id="on the line above"),
        pytest.param(config_map("yes", "#gitops-lint:ignore[ labels/value-not-a-string , dns ]"), id="without blanks"),
        pytest.param(config_map("yes  # gitops-lint: ignore[labels]"), id="by pack"),
        pytest.param("# gitops-lint: ignore-file[labels/value-not-a-string] generated\n" + config_map("yes"), id="for the file"),
    ],
)
def test_comments(lint, text):
    assert found(lint({"a.yaml": text}, select=(RULE,))) == [(RULE, "comment")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(config_map("yes", "# gitops-lint: ignore[labels/invalid-syntax]"), id="another rule"),
        pytest.param("# gitops-lint: ignore[labels/value-not-a-string]\n" + config_map("yes"), id="another line"),
        pytest.param(
            config_map("yes", "tier: web  # gitops-lint: ignore[labels/value-not-a-string]"), id="beside the content of the line above"
        ),
        pytest.param(config_map("yes  # gitops-lint: ignore[labels/value-not-a-string] until=2026-06-30 x"), id="expired"),
        pytest.param(config_map("yes  # gitops-lint: ignore[labels/value-not-a-string] until=soon x"), id="a date nobody can read"),
    ],
)
def test_comments_that_do_not_reach(lint, text):
    assert found(lint({"a.yaml": text}, select=(RULE,))) == [(RULE, None)]


def test_the_last_day_still_counts(lint):
    text = config_map("yes  # gitops-lint: ignore[labels/value-not-a-string] until=2026-07-01")
    assert found(lint({"a.yaml": text}, select=(RULE,), today=date(2026, 7, 1))) == [(RULE, "comment")]
    assert found(lint({"a.yaml": text}, select=(RULE,), today=date(2026, 7, 2))) == [(RULE, None)]


def test_annotation(lint):
    report = lint({"a.yaml": config_map("yes", annotation="labels/value-not-a-string, dns; until=2027-03-31; a reason")}, select=(RULE,))
    [finding] = report.findings
    assert finding.suppressed is not None
    assert (finding.suppressed.by, finding.suppressed.until, finding.suppressed.reason) == ("annotation", "2027-03-31", "a reason")
    assert report.summary.suppressed == 1
    assert report.exit_code == 0


@pytest.mark.parametrize(
    ("entry", "suppressed"),
    [
        ({"rules": [RULE]}, True),
        ({"rules": ["labels"], "paths": ["**/*.yaml"]}, True),
        ({"rules": [RULE], "paths": ["other/**"]}, False),
        ({"rules": [RULE], "kinds": ["ConfigMap"], "names": ["set*"], "namespaces": ["default"]}, True),
        ({"rules": [RULE], "kinds": ["Secret"]}, False),
        ({"rules": [RULE], "names": ["other"]}, False),
        ({"rules": [RULE], "until": "2026-06-30", "reason": "was fine"}, False),
    ],
)
def test_configuration(lint, entry, suppressed):
    report = lint({"a.yaml": config_map("yes"), ".gitops-lint.yaml": json.dumps({"ignores": [entry]})}, select=(RULE,))
    assert found(report) == [(RULE, "config" if suppressed else None)]


def test_in_a_template(lint):
    files = {
        "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
        "chart/templates/a.yaml": config_map("yes", "{{- /* gitops-lint: ignore[labels/value-not-a-string] until=2027-01-01 legacy */}}"),
    }
    [finding] = lint(files, select=(RULE,)).findings
    assert finding.suppressed is not None
    assert (finding.suppressed.by, finding.suppressed.reason) == ("comment", "legacy")


def test_words_after_the_brackets_are_the_reason():
    [suppression] = comments("a.yaml", "a: 1  # gitops-lint: ignore[x/y] because until=2027-01-01 of that\n")
    assert suppression.reason == "because of that"
    assert suppression.until == "2027-01-01"


@pytest.mark.parametrize(
    ("text", "day"), [("2027-02-28", date(2027, 2, 28)), ("2027-02-30", None), ("2027-2-3", None), ("20270228", None), (None, None)]
)
def test_days(text, day):
    assert parse_day(text) == day


LINES = st.lists(
    st.sampled_from(
        ["a: b", "", "# note", "{{- if x }}", "c: d # gitops-lint: ignore[x/y] s", "# gitops-lint: ignore[x/y] alone",
         "{{/* gitops-lint: ignore[x/y] t */}}", "{{/* gitops-lint: ignore[x/y] o", "more */}}", "{{ if x }} # gitops-lint: ignore[x/y] c",
         "# gitops-lint: ignore-file[x/y] f", "# gitops-lint: ignore[x/z] other"]
    ),
    max_size=12,
)  # fmt: skip


@given(lines=LINES)
@settings(deadline=None, derandomize=True, max_examples=examples(150))
def test_the_comments_around_a_line_are_those_whose_lines_hold_it(lines):
    found = comments("a.yaml", "\n".join(lines))
    today = date(2026, 7, 1)
    every = FileComments(found, lambda word: [word], today)
    for line in range(1, len(lines) + 1):
        around = [suppression for suppression in found if suppression.first_line <= line <= suppression.last_line]
        speaking = [suppression for suppression in around if "x/y" in suppression.rules]
        accepting = every.covering("x/y", line)
        assert accepting in speaking if speaking else accepting is None
        assert accepting is None or not accepting.whole_file or all(suppression.whole_file for suppression in speaking)
        assert all(suppression.used for suppression in speaking)
        assert every.covering("x/y", line) is accepting
