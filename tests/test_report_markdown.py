"""The Markdown report, read by a parser: what stands in it, how long it is, and that nothing in it comes alive."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from reports import finding, report, resource, source

from linter.model import Failure, Location, Suppressed
from linter.model.findings import RelatedLocation
from linter.report import markup
from linter.report.markdown import LIMIT, render_markdown
from linter.report.model import RuleInfo

WEB = "kind: Deployment\nspec:\n  containers:\n  - name: web\n    image: web:1\n"
BROKEN = Failure("yaml-syntax", "broken", "parse", "apps/bad.yaml", 3, "not valid YAML: a tab", "use spaces")

GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def tokens(text):
    """All tokens of a text, those inside of lines too."""
    for token in GFM.parse(text):
        yield token
        yield from token.children or ()


def visible(text):
    """What a reader sees outside of code: where names, numbers and addresses would become links."""
    return " ".join(token.content for token in tokens(text) if token.type == "text")


def codes(text):
    return [token.content for token in tokens(text) if token.type in ("code_inline", "fence")]


def check(text):
    """No HTML but ours, no links but to rules, no pictures."""
    html = [token.content.strip() for token in tokens(text) if token.type.startswith("html")]
    for entry in html:
        assert re.fullmatch(r"</?details>|<details><summary>[^<>]*(<code>[^<>]*</code>)?[^<>]*</summary>", entry), entry
    assert sum(entry.startswith("<details>") for entry in html) == html.count("</details>")
    assert not [token for token in tokens(text) if token.type == "image"]
    links = [token.attrs["href"] for token in tokens(text) if token.type == "link_open"]
    assert all(address.startswith("https://example.com/") for address in links)
    assert len(text) <= LIMIT
    return text


def many(number, **fields):
    severities = ("warning", "error", "info")
    return [
        finding(
            index % 20 + 1,
            path=f"apps/f{index // 20:03}.yaml",
            **{"severity": severities[index % 3], "rule": f"probes/r{index % 14}", "message": f"container `web{index}` is bad", **fields},
        )
        for index in range(number)
    ]


def test_one_finding():
    related = RelatedLocation("the Service selects it here", Location("apps/service.yaml", 7, 3, 7, 9))
    text = check(render_markdown(report(finding(4, 11, 14, resource=resource(), related=(related,)), files={"apps/web.yaml": WEB})))
    assert text == (
        "## gitops-lint: 1 warning in 1 of 37 files\n\n90 objects\n\n### Findings\n\n"
        "**warning** `apps/web.yaml:4:11` container web has no liveness probe ([`probes/liveness-missing`](<https://example.com/probes>))\n\n"
        "```text\n4 │   - name: web\n  │           ^^^\n```\n\n"
        "Deployment shop/web  \nSee `apps/service.yaml:7:3` the Service selects it here  \nFix: add a livenessProbe\n"
    )


def test_nothing_found():
    assert render_markdown(report()) == "## gitops-lint: no findings in 37 files\n\n90 objects\n"


FILES = {f"apps/f{number:03}.yaml": "a: b\n" * 30 for number in range(400)}


class TestManyFindings:
    def rendered(self, *findings, **options):
        return check(render_markdown(report(*findings, files=FILES, **options)))

    def test_the_worst_come_first_and_one_of_each_rule(self):
        text = self.rendered(*many(200))
        first = text.split("### Mend first")[1].split("###")[0]
        assert first.count("**error**") == 5
        assert len(set(re.findall(r"`(probes/r\d+)`", first))) == 5

    def test_what_fails_is_not_mixed_with_the_rest(self):
        text = self.rendered(*many(12, severity="info"), *many(2, severity="error"))
        first = text.split("### Mend first")[1].split("###")[0]
        assert (first.count("**error**"), first.count("**info**")) == (2, 0)

    def test_every_finding_stands_there_once(self):
        findings = many(200)
        text = self.rendered(*findings)
        shown = re.findall(r"`(web\d+)` is bad", text)
        assert sorted(shown) == sorted(f"web{number}" for number in range(200))
        assert text.startswith("## gitops-lint: 67 errors, 67 warnings, 66 infos in 10 of 37 files\n")
        assert text.count("<details>") == 10

    def test_the_most_frequent_rules_are_a_table(self):
        info = RuleInfo("probes/r1", "Container | without", "warning", True, "", "", "")
        text = self.rendered(*many(200), rule_info={"probes/r1": info}.get)
        rows = [token.content for token in GFM.parse(text) if token.type == "inline" and token.level == 4]
        assert rows[:4] == ["Findings", "Severity", "Rule", "Title"]
        assert rows[8:10] == ["15", "error"]
        assert rows[10].startswith("[`probes/r1`]")
        assert rows[11] == "Container | without"
        assert rows[-4:] == ["56", "", "4 other rules", ""]

    def test_what_fails_nothing_is_not_to_be_mended(self):
        assert "### Look at first" in self.rendered(*many(9, severity="info"))
        assert "### Mend first" in self.rendered(*many(9, severity="info"), fail_on="info")

    @pytest.mark.parametrize("number", [700, 5000])
    def test_what_does_not_fit_is_counted(self, number):
        failures = [Failure("a", "broken", "read", f"x{index}.yaml", 1, "b" * 900, "c" * 900) for index in range(number // 50)]
        text = self.rendered(*many(number, fix="f" * 300), failures=failures)
        last = text.splitlines()[-1]
        left = int(re.search(r"(\d+) more findings", last)[1])
        assert left + len(re.findall(r"`web\d+` is bad", text)) == number
        assert last.endswith("`gitops-lint lint` shows everything._")

    def test_huge_texts(self):
        huge = "`x` @a " * 1_000
        fields = {
            "message": huge,
            "fix": huge,
            "resource": resource(name=huge),
            "related": (RelatedLocation(huge, Location(huge, 1, 1, 1, 1)),) * 50,
        }
        failures = [Failure("a", "broken", "read", huge, 1, huge, huge)] * 30
        sources = [(source(f"{index}{huge}", "kustomize"), "unsupported", huge) for index in range(300)]
        text = self.rendered(*many(50, **fields), failures=failures, sources=sources)
        assert "more source" in text.splitlines()[-1]


class TestWhatCouldNotBeJudged:
    def test_failures_come_first(self):
        text = check(render_markdown(report(finding(), failures=[BROKEN])))
        assert "\n- **broken** `apps/bad.yaml:3` not valid YAML: a tab (`yaml-syntax`). Fix: use spaces\n" in text
        assert text.index("### Could not be checked") < text.index("### Findings")
        assert "1 failure · 90 objects" in text

    def test_many_failures_are_folded(self):
        failures = [Failure("a", "broken", "read", f"x{index}.yaml", 1, "b", "c") for index in range(30)]
        text = check(render_markdown(report(failures=failures)))
        assert "<details><summary>20 more failures</summary>" in text
        assert text.count("- **broken**") == 30

    def test_sources(self):
        prod = source("charts/shop", "helm", "prod")
        text = check(
            render_markdown(report(sources=[source(), (source("over", "kustomize"), "unsupported"), (prod, "unavailable", "db is remote")]))
        )
        assert "2 sources not checked · 90 objects" in text
        assert "- `over` kustomize source, unsupported\n- `charts/shop (prod)` db is remote\n" in text

    def test_an_unknown_past_and_environments_are_said(self):
        prod, dev = source("charts/shop", "helm", "prod"), source("charts/shop", "helm", "dev")
        text = check(render_markdown(report(finding(origins=[prod], since="base-not-judged"), sources=[prod, dev])))
        assert "\nin prod, may be older: the base could not be judged here  \n" in text


def test_suppressed_on_demand():
    accepted = finding(suppressed=Suppressed("comment", "moved @home", "2027-03-31"))
    assert render_markdown(report(accepted)).startswith("## gitops-lint: no findings in 37 files\n\n1 suppressed")
    text = check(render_markdown(report(accepted), show_suppressed=True))
    assert "\n_suppressed by comment until 2027-03-31: moved `@home`_\n" in text


def test_the_content_of_secrets_is_hidden():
    about = resource("Secret", "db", api_version="v1")
    text = render_markdown(
        report(finding(1, 13, 21, resource=about, route=("data", "password")), files={"apps/web.yaml": "  password: aHVudGVy"})
    )
    assert "aHVudGVy" not in text
    assert "password: •••" in text


EVIL = (
    "<script>alert(1)</script>",
    "</details><img src=x onerror=alert(1)>",
    "<!-- hidden",
    "[a](https://evil.example.org) ![b](https://evil.example.org/b.png)",
    "https://evil.example.org www.evil.example.org mailto:a@b.c",
    "@octocat @org/team #12 GH-12 org/repo#3 !4 ABC-7 octocat@1234567 1234567890abcdef ~label %milestone :smile:",
    "`` ` ``` ` |a|b| ~~x~~ **b** _i_ \\` \\| \\\\|",
    "# title", "- item", "1. item", "> quote", "===", "---", "| a | b |", "~~~", "    code", "&lt; &amp; &#64;",
    "\u202egnp.exe\u2066\u200b\x1b[2J\x00",
)  # fmt: skip


class TestUntrusted:
    def everywhere(self, text):
        prod = source(text, "helm", text)
        found = finding(
            path=text,
            message=text,
            fix=text,
            rule="x/y",
            resource=resource(name=text, kind=text, namespace=text),
            related=(RelatedLocation(text, Location(text, 1, 1, 1, 2)),),
            origins=[prod],
            suppressed=Suppressed("comment", text, text),
        )
        info = RuleInfo("x/y", text, "warning", True, "", "", "")
        others = [finding(line, path=text, message=f"a {text}", rule=f"x/{line}") for line in range(1, 9)]
        return check(
            render_markdown(
                report(
                    found,
                    *others,
                    files={text: text},
                    failures=[Failure("a", "broken", "read", text, 1, text, text)],
                    sources=[prod, (source(text, "helm", "other"), "unsupported", text)],
                    rule_info=lambda rule: info,
                ),
                show_suppressed=True,
            )
        )

    @pytest.mark.parametrize("evil", EVIL)
    def test_nothing_of_a_repository_comes_alive(self, evil):
        text = self.everywhere(evil)
        shown = visible(text)
        assert not re.search(r"@|#\d|!\d|https?:|www\.|mailto:|GH-\d|ABC-\d|~label|%milestone|:smile:|\b[0-9a-f]{7,}", shown)
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x09\x0b-\x1f]", text)
        kinds = {token.type for token in tokens(text)}
        assert not kinds & {"blockquote_open", "hr", "s_open", "ordered_list_open", "code_block"}
        titles = [token.content for token in GFM.parse(text) if token.type == "inline" and token.level == 1 and token.map]
        assert "title" not in titles

    @pytest.mark.parametrize("evil", EVIL)
    def test_it_is_shown_as_it_is(self, evil):
        found = render_markdown(report(finding(message=evil)))
        paragraph = next(token for token in GFM.parse(found) if token.type == "inline" and "**warning**" in token.content)
        shown = "".join(child.content for child in paragraph.children if child.type in ("text", "text_special", "code_inline"))
        expected = " ".join(markup.safe(" ".join(evil.split())).replace("`", "").split())
        assert expected in " ".join(shown.replace("`", "").split())

    @given(st.text(st.sampled_from("`|\\<>[]()!@#*_~&- \n\tab1:/.={}$"), min_size=1, max_size=30))
    def test_any_text(self, text):
        self.everywhere(text)


class TestMarkup:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("image `web` has no tag", "image `web` has no tag"),
            ("ask @team about #12.", "ask `@team` about `#12.`"),
            ("a *b* <c>", r"a \*b\* \<c\>"),
            ("a ` b", r"a \` b"),
            ("1. first", r"1\. first"),
            ("- first", r"\- first"),
            ("50% of 1.5", "50% of 1.5"),
        ],
    )
    def test_prose(self, text, expected):
        assert markup.prose(text) == expected

    @pytest.mark.parametrize("text", ["a", "`", "``a`", " a ", "a`", "`a", "a|b", "\\", "a\\", "   "])
    def test_code_keeps_every_character(self, text):
        [shown] = codes(f"x {markup.code(text)} y")
        assert shown == (text if text.strip() else " ")

    @pytest.mark.parametrize("text", ["a|b", "a\\|b", "a\\\\|b", "|", "||"])
    def test_a_cell_stays_one_cell(self, text):
        for markdown in (markup.prose(text), markup.code(text)):
            table = f"| a | b |\n| --- | --- |\n| {markup.cell(markdown)} | end |\n"
            cells = [token.content for token in GFM.parse(table) if token.type == "inline"]
            assert len(cells) == 4
            assert cells[3] == "end"

    @pytest.mark.parametrize("address", ["", "javascript:alert(1)", "https://a b", "https://a>b", "//a", "http:x"])
    def test_only_addresses_of_the_web_are_links(self, address):
        assert markup.link("`a`", address) == "`a`"

    def test_a_block_cannot_be_closed_from_inside(self):
        [fence] = codes(markup.block(["````", "a", "```"]))
        assert fence == "````\na\n```\n"
