"""How messages quote texts and list words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.wording import joined, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web", "web"),
        ("", ""),
        ("größe", "größe"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x1b[31m", "\\u001b[31m"),
        ("`id`", "'id'"),
        ("x" * 80, "x" * 80),
        ("x" * 81, f"{'x' * 80}…"),
    ],
)
def test_a_text_is_quoted_on_one_line(text, expected):
    assert shown(text) == expected


@given(st.text(), st.integers(1, 50))
def test_no_text_breaks_out_of_its_quotation(text, most):
    quoted = shown(text, most)
    assert quoted.isprintable()
    assert "`" not in quoted
    assert len(quoted) <= 12 * most + 1


@pytest.mark.parametrize(
    ("words", "expected"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"), (("a", "b"), "a and b")]
)
def test_words_in_a_sentence(words, expected):
    assert joined(words) == expected
    assert joined(words, "or") == expected.replace(" and ", " or ")
