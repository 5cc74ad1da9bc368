"""Durations as Go reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.durations import nanoseconds

SECOND = 10**9


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("0", 0),
        ("+0", 0),
        ("5s", 5 * SECOND),
        ("1h30m", 5400 * SECOND),
        ("-1.5s", -3 * SECOND // 2),
        (".5s", SECOND // 2),
        ("1.s", SECOND),
        ("1m1m", 120 * SECOND),
        ("300ms", 3 * SECOND // 10),
        ("1µs", 1000),
        ("1μs", 1000),
        ("0.3ns", 0),
        ("00000000000000000000000001s", SECOND),
        ("9223372036854775807ns", 2**63 - 1),
        ("-9223372036854775808ns", -(2**63)),
        ("2562047h47m16.854775807s", 2**63 - 1),
    ],
)
def test_length(text, length):
    assert nanoseconds(text) == length


@pytest.mark.parametrize(
    "text",
    ["", "5", "s", ".s", "+", "-", "1d", "1 s", " 1s", "1s ", "1h30", "１s", "9223372036854775808ns", "2562048h", "1" * 5000 + "s", "--1s"],
)
def test_what_is_no_duration(text):
    assert nanoseconds(text) is None


@given(st.text(alphabet="0123456789.+-nuµmsh", max_size=40))
def test_no_text_makes_it_raise(text):
    length = nanoseconds(text)
    assert length is None or -(2**63) <= length < 2**63
