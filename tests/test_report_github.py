"""Workflow commands of GitHub Actions: one per finding, whatever a repository holds, the worst first."""

import os
import re

import pytest
from example_counts import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import finding, report, resource, source

from linter.model import Failure, Location, Suppressed
from linter.model.findings import RelatedLocation
from linter.report.github import render_github
from linter.report.wording import one_line

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ANYTHING = st.text(st.characters(codec=None), max_size=60)
HOSTILE = st.sampled_from(
    ["\n::set-output name=a::b", "\r::add-mask::x", "::stop-commands::t", "##[error]x", "a,line=9,b=c::d", "%0A::error::%25", "=a", " ", ""]
)
TEXT = ANYTHING | st.lists(HOSTILE | ANYTHING, max_size=4).map("".join)


def read_line(line):
    """What the runner takes from a line: (command, properties, message), or None for plain text.

    After the rules of the runner: leading space does not count, properties are cut at commas and at their first equals
    sign, where empty parts do not count, and the percent sign is unescaped last.
    """
    line = line.lstrip()
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        # The older syntax counts anywhere in a line.
        assert "##[" not in line
        return None
    name, _, rest = line[2:end].partition(" ")
    properties = {}
    for part in rest.strip().split(","):
        pair = part.lstrip("=").split("=", 1)
        if len(pair) == 2 and pair[1].lstrip("="):
            properties[pair[0]] = unescaped(pair[1].lstrip("="), {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"})
    return name, properties, unescaped(line[end + 2 :], {"%0D": "\r", "%0A": "\n", "%25": "%"})


def unescaped(text, escapes):
    for written, meant in escapes.items():
        text = text.replace(written, meant)
    return text


def read(text):
    """The commands of a step's output and its plain lines. The runner ends lines at LF, CR and both."""
    lines = [line for line in re.split(r"\r\n|\n|\r", text) if line]
    commands = [command for line in lines if (command := read_line(line)) is not None]
    return commands, [line for line in lines if read_line(line) is None]


def commands_of(*arguments, **options):
    return read(render_github(report(*arguments, **options)))[0]


def command_of(*arguments, **options):
    [command] = commands_of(*arguments, **options)
    return command


def test_a_whole_report():
    related = RelatedLocation("the Service selects it, here: 100%", Location("apps/service.yaml", 7, 3, 7, 9))
    prod, dev = source("charts/shop", "helm", "prod"), source("charts/shop", "helm", "dev")
    text = render_github(
        report(
            finding(4, 11, 14, resource=resource(), origins=[prod], precision="call-site", related=(related,)),
            finding(5, 12, 17, severity="error", rule="images/latest", message="image `web:1` has no tag, 100%", fix="", docs=""),
            finding(1, 1, 2, path="charts/a,b:c/Chart.yaml", severity="info", rule="helm/old", message="old", fix="new", docs=""),
            sources=[prod, dev, (source("overlays", "kustomize"), "unsupported")],
            failures=[Failure("yaml-syntax", "broken", "parse", "apps/bad.yaml", 3, "not valid YAML", "use spaces")],
            suppressed=2,
        )
    )
    assert text.splitlines() == [
        (
            "::error file=apps/bad.yaml,line=3,title=gitops-lint yaml-syntax::could not be checked: not valid YAML%0A"
            "yaml-syntax at apps/bad.yaml:3%0Afix: use spaces"
        ),
        (
            "::error file=apps/web.yaml,line=5,endLine=5,col=12,endColumn=17,title=gitops-lint images/latest::"
            "image `web:1` has no tag, 100%25%0Aimages/latest at apps/web.yaml:5:12"
        ),
        (
            "::warning file=apps/web.yaml,line=4,endLine=4,col=11,endColumn=14,title=gitops-lint probes/liveness-missing::"
            "container web has no liveness probe%0A"
            "probes/liveness-missing at apps/web.yaml:4:11, Deployment shop/web, in prod, emitted by the call on this line%0A"
            "see: apps/service.yaml:7:3 the Service selects it, here: 100%25%0Afix: add a livenessProbe%0Ahttps://example.com/probes"
        ),
        (
            "::notice file=charts/a%2Cb%3Ac/Chart.yaml,line=1,endLine=1,col=1,endColumn=2,title=gitops-lint helm/old::"
            "old%0Ahelm/old at charts/a,b:c/Chart.yaml:1:1%0Afix: new"
        ),
        (
            "gitops-lint: 1 error, 1 warning, 1 info in 2 of 37 files; 2 suppressed; 1 failure; "
            "1 source not checked, see `gitops-lint sources`"
        ),
    ]


def test_nothing_to_say_is_one_line():
    assert render_github(report()) == "gitops-lint: no findings in 37 files\n"


def test_suppressed_findings_are_not_shown():
    text = render_github(report(finding(suppressed=Suppressed("comment"))))
    assert text == "gitops-lint: no findings in 37 files; 1 suppressed (by comment)\n"


def test_the_worst_come_first_in_their_order():
    found = [finding(line, severity=severity) for line, severity in enumerate(["info", "error", "warning", "error"], 1)]
    failures = [Failure("a", kind, "read", kind, 1, "m", "") for kind in ("unavailable", "broken")]
    shown = [(name, properties["file"], properties["line"]) for name, properties, _ in commands_of(*found, failures=failures)]
    assert shown == [
        ("error", "broken", "1"),
        ("error", "apps/web.yaml", "2"),
        ("error", "apps/web.yaml", "4"),
        ("warning", "unavailable", "1"),
        ("warning", "apps/web.yaml", "3"),
        ("notice", "apps/web.yaml", "1"),
    ]


@pytest.mark.parametrize(("count", "said"), [(10, False), (11, True)])
def test_what_github_does_not_annotate_is_said(count, said):
    commands, plain = read(render_github(report(*(finding(line) for line in range(1, count + 1)))))
    assert len(commands) == count
    assert (plain[1:] == ["GitHub annotates at most 10 errors, warnings and notices each of a step; this log has them all."]) == said


class TestPlaces:
    def test_columns_only_on_one_line(self):
        _, properties, _ = command_of(finding(3, 5, 2, end_line=6))
        assert properties == {"file": "apps/web.yaml", "line": "3", "endLine": "6", "title": "gitops-lint probes/liveness-missing"}

    def test_a_file_in_an_archive_is_the_archive(self):
        place = "charts/x.tgz!x/templates/y.yaml"
        failure = Failure("x", "broken", "render", place, 7, "no", "")
        for _, properties, message in commands_of(finding(3, path=place), failures=[failure]):
            assert properties["file"] == "charts/x.tgz"
            assert "line" not in properties
            assert re.search(r"at charts/x\.tgz!x/templates/y\.yaml:(7|3:1)$", message, re.MULTILINE)

    @pytest.mark.parametrize("path", ["", "."])
    def test_a_failure_of_the_repository_has_no_file(self, path):
        _, properties, message = command_of(failures=[Failure("x", "unavailable", "read", path, None, "m", "")])
        assert properties == {"title": "gitops-lint x"}
        assert message == "could not be checked: m\nx at ."

    @pytest.mark.parametrize(
        ("path", "read_back"),
        [
            ("a b,c:d%3A=e;f.yaml", "a b,c:d%3A=e;f.yaml"),
            ("日本/😀.yaml", "日本/😀.yaml"),
            ("a\r\nb::error::.yaml", "a\r\nb::error::.yaml"),
            (" leading.yaml", " leading.yaml"),
            ("==x.yaml", "./==x.yaml"),
            ("caf\udce9\x1b.yaml", "caf\\xe9\\x1b.yaml"),
        ],
    )
    def test_paths_are_read_back(self, path, read_back):
        assert command_of(finding(path=path))[1]["file"] == read_back


class TestMessages:
    def test_many_related_places(self):
        related = tuple(RelatedLocation("x", Location("b.yaml", line, 1, line, 2)) for line in range(1, 9))
        lines = command_of(finding(related=related))[2].splitlines()
        assert lines[2:8] == [*(f"see: b.yaml:{line}:1 x" for line in range(1, 6)), "and 3 more places"]

    def test_the_runner_need_not_cut(self):
        huge = "x" * 1_000_000
        related = (RelatedLocation(huge, Location("b.yaml", 1, 1, 1, 2)),)
        message = command_of(finding(message=huge, fix=huge, related=related))[2]
        assert len(message) <= 4096
        assert "\nprobes/liveness-missing at apps/web.yaml:1:1\n" in message

    def test_nothing_commands_a_terminal(self):
        evil = "a\x1b[2J\x07\u202e\x9b"
        text = render_github(report(finding(path=evil, message=evil, fix=evil, resource=resource(name=evil))))
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)

    def test_what_may_be_older_is_said(self):
        assert "may be older" in command_of(finding(since="base-not-judged"))[2]
        assert "may be older" not in command_of(finding(since="new"))[2]


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=3))
def test_whatever_a_repository_holds_each_finding_is_one_command_and_nothing_else(entries):
    found = []
    for line, (message, path, name) in enumerate(entries, 1):
        related = (RelatedLocation(message, Location(path, 1, 1, 1, 2)),)
        origin = source(path, "helm", name)
        about = resource(kind=name, name=name, namespace=name)
        found.append(
            finding(line, path=f"x{path}", message=message, fix=name, docs=message, related=related, resource=about, origins=[origin])
        )
    failures = [Failure("yaml-syntax", "broken", "parse", f"y{path}", 3, message, name) for message, path, name in entries]
    sources = [(source(path, "helm", name), "unsupported", message) for message, path, name in entries]
    commands, plain = read(render_github(report(*found, failures=failures, sources=sources)))
    assert [name for name, _, _ in commands] == ["error"] * len(entries) + ["warning"] * len(entries)
    assert len(plain) == 1
    assert plain[0].startswith("gitops-lint: ")
    for (_, properties, message), entry in zip(commands, [*failures, *found], strict=True):
        prefix = "could not be checked: " if isinstance(entry, Failure) else ""
        path = entry.path if isinstance(entry, Failure) else entry.location.path
        assert message.split("\n")[0] == prefix + one_line(entry.message)
        if not re.search("\\.tgz!|\\.gz!|[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", path):
            assert properties["file"] == path
        assert properties["line"] == str(entry.line if isinstance(entry, Failure) else entry.location.line)


def test_the_examples(run):
    done = run("lint", "examples", "--format", "github", cwd=ROOT)
    commands, plain = read(done.stdout)
    assert done.returncode == 1
    assert len(commands) > 20
    assert [name for name, _, _ in commands] == sorted((name for name, _, _ in commands), key=["error", "warning", "notice"].index)
    for _, properties, message in commands:
        assert os.path.isfile(os.path.join(ROOT, properties["file"]))
        assert "\nfix: " in message
    assert plain[0].startswith("gitops-lint: ")
