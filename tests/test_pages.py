"""The Markdown pages of rules: complete, and safe whatever an author wrote."""

from __future__ import annotations

import pytest

from linter.packs import Pack, Rule, RuleTexts
from linter.packs.pages import block, code, migration_table, pack_page, packs_table, paragraphs, prose, rule_page


def rule(**different):
    fields = {
        "id": "acme/wide-open",
        "pack": "acme",
        "title": "Door is open",
        "severity": "warning",
        "default": False,
        "since": "1.2.0",
        "fix": "Close the door.",
        "match": ("each", ("containers",)),
    }
    return Rule(**(fields | different))


def page(texts=None, **different):
    examples = ({"name": "open", "fail": "a: 1\nb: 2 # <-- here\n"}, {"pass": "a: 1\n"})
    return rule_page(rule(**different), texts or RuleTexts("Draughts.", ("https://example.com/doors",), examples))


def test_a_page_says_what_a_reader_needs():
    text = page(
        targets={"kubernetes": ">=1.30"},
        aliases=("acme/ajar",),
        changes=({"version": "1.3.0", "severity": "info", "default": True, "params": {"width": 3}},),
        params={"width": {"type": "integer", "minimum": 1, "default": 5, "description": "How far it may stand open."}},
        equivalents={"kube-linter": ("door-open",)},
    )
    for expected in (
        "# Door is open\n",
        "| Rule | `acme/wide-open` |",
        "| Severity | warning |",
        "| Recommended | no; switch it on with `extend-select: [acme/wide-open]` |",
        "| Looks at | each container (`spec.containers`) |",
        "| Since | acme 1.2.0 |",
        "| Applies to | kubernetes &gt;=1.30 |",
        "| Earlier id | `acme/ajar` |",
        "| Before 1.3.0 | severity info; recommended; `width` by default `3` |",
        "## Why\n\nDraughts.",
        "## Fix\n\nClose the door.",
        "| `width` | How far it may stand open. | a whole number, at least 1 | `5` |",
        "rules:\n  acme/wide-open:\n    params:\n      width: 5\n",
        "### Reported: open\n\n```yaml\na: 1\nb: 2 # <-- here\n```\n\nReported: line 2.",
        "### Not reported\n\n```yaml\na: 1\n```",
        "# gitops-lint: ignore[acme/wide-open] the reason",
        'gitops-lint/ignore: "acme/wide-open; the reason"',
        "| kube-linter | `door-open` |",
        "- <https://example.com/doors>",
    ):
        assert expected in text


def test_examples_of_several_files_name_them_with_their_lines_and_configuration():
    given = {"chart/Chart.yaml": "name: a\n", "chart/templates/a.yaml": "x: 1\ny: 2\n"}
    example = {
        "fail": {"files": given},
        "expect": [{"path": "chart/templates/a.yaml", "line": 2}],
        "config": {"environments": {"prod": {"chart": {"values": ["v.yaml"]}}}},
        "targets": {"kubernetes": "1.30"},
        "params": {"labels": ["team"]},
    }
    text = page(RuleTexts("Why.", (), (example, {"pass": "a: 1\n"})))
    assert (
        "`chart/Chart.yaml`:\n\n```yaml\nname: a\n```\n\n`chart/templates/a.yaml`:\n\n```yaml\nx: 1\ny: 2\n```\n\nReported: line 2." in text
    )
    assert (
        'environments:\n  prod:\n    chart:\n      values: ["v.yaml"]\nrules:\n  acme/wide-open:\n    params:\n      labels: ["team"]\n'
        in text
    )
    assert 'targets:\n  kubernetes: "1.30"\n' in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain: 0.1.0, a-b, snake_case", "plain: 0.1.0, a-b, snake_case"),
        ("`a_b*` stays, *this* not", "`a_b*` stays, \\*this\\* not"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("[a](javascript:alert)", "\\[a\\](javascript:alert)"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
        ("# title", "\\# title"),
        ("- item", "\\- item"),
        ("12. item", "12\\. item"),
        ("a ` tick", "a \\` tick"),
        ("``a ` b``", "``a ` b``"),
        ("back\\slash", "back\\\\slash"),
    ],
)
def test_prose_is_escaped_outside_of_code(text, expected):
    assert prose(text) == expected


def test_paragraphs_and_lists_survive():
    assert paragraphs("one\n  two\n\n- a *b*\n- c\n  d\n") == "one two\n\n- a \\*b\\*\n- c d"


def test_nothing_ends_a_block_or_a_code_span():
    assert block("a\n```\nb\n", "yaml") == "````yaml\na\n```\nb\n````"
    assert code("`a``b") == "``` `a``b ```"
    assert code("a|b") == "<code>a&#124;b</code>"


def test_cells_addresses_and_control_characters_do_no_harm():
    texts = RuleTexts("\x1b[31mred\u202e", ("https://example.com/a>b<c d",), ({"fail": "a: \x07\n"}, {"pass": "a: 1\n"}))
    text = page(texts, title="A | B", targets={"kubernetes": "1|2"})
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "- <https://example.com/a%3Eb%3Cc%20d>" in text
    assert "| Applies to | kubernetes 1&#124;2 |" in text


def test_only_rules_about_objects_offer_an_annotation():
    assert "gitops-lint/ignore" not in page(match=("on", ("chart",)))
    assert "gitops-lint/ignore" in page(match=("kinds", ("Service",)))


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"enum": ["a", "b"]}, '`"a"` or `"b"`'),
        ({"type": "array", "items": {"type": "string", "pattern": "^a|b$"}, "minItems": 1},
         "a list, each text that matches <code>&#94;a&#124;b&#36;</code>, at least 1 of them"),
        ({"type": ["string", "null"]}, "text or nothing"),
        ({"type": "boolean"}, "`true` or `false`"),
        ({"type": "string", "x-accepted": "a version"}, "a version"),
        ({"oneOf": [{"type": "string"}]}, '`{"oneOf": [{"type": "string"}]}`'),
    ],
)  # fmt: skip
def test_what_a_parameter_accepts_is_in_words(schema, words):
    assert f"| {words} | `null` |" in page(params={"p": {**schema, "default": None}})


def test_a_pack_page_lists_its_rules_and_carries_its_changelog():
    pack = Pack("acme", "1.2.0", "Rules of Acme", "What *we* want.", (rule(), rule(id="acme/ajar", default=True)))
    text = pack_page(pack, "# Changelog of acme\n\n## 1.2.0\n\n### Added\n\n- `wide-open`\n")
    assert "# Rules of Acme\n\nWhat \\*we\\* want." in text
    assert text.index("[`acme/ajar`](ajar.md) | warning | yes |") < text.index("[`acme/wide-open`](wide-open.md) | warning |  |")
    assert "## Changelog\n\n### 1.2.0\n\n#### Added\n\n- `wide-open`" in text
    assert "Changelog" not in pack_page(pack)
    assert "| [`acme`](acme/index.md) | 1.2.0 | 2 | 1 | Rules of Acme |" in packs_table([pack])


def test_a_migration_table_has_a_row_per_check_of_the_other_linter():
    rules = [
        rule(equivalents={"kube-linter": ("b", "a")}),
        rule(id="acme/ajar", default=True, equivalents={"kube-linter": ("b",), "polaris": ("c",)}),
    ]
    assert migration_table("kube-linter", rules).splitlines()[2:] == [
        "| `a` | [`acme/wide-open`](../rules/acme/wide-open.md) | warning, not recommended |",
        (
            "| `b` | [`acme/wide-open`](../rules/acme/wide-open.md)<br>[`acme/ajar`](../rules/acme/ajar.md) "
            "| warning, not recommended<br>warning |"
        ),
    ]
    assert migration_table("kubeconform", rules) == "No rule declares a check of kubeconform as its equivalent."
