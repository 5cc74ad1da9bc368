"""Code frames: what is shown of a line, and what is underlined."""

import time
import unicodedata

import pytest

from linter.report.frame import frame
from linter.report.terminal import painter, safe, width


def underlined(line, start, end, limit=60):
    """The characters above the carets, for text in which every character takes one cell."""
    shown, carets = frame(line, start, end, limit)
    assert len(carets) <= limit
    assert len(shown) <= limit
    return shown[len(carets) - carets.count("^") : len(carets)]


class TestFrame:
    @pytest.mark.parametrize(
        ("line", "start", "end", "expected"),
        [
            ("  verbs: ['*']", 9, 14, "['*']"),
            ("key: value", 0, 3, "key"),
            ("key: value   ", 5, None, "value"),
            ("key: value\r\n", 5, None, "value"),
            ("key: value", 5, 99, "value"),
            ("key: value", 5, 5, "v"),
            ("key: value", 5, 2, "v"),
            ("a\x1b[31mb", 1, 2, "\\x1b"),
        ],
    )
    def test_the_range_is_underlined(self, line, start, end, expected):
        assert underlined(line, start, end) == expected

    def test_a_range_behind_the_line(self):
        assert frame("abc", 7, 9, 40) == ("abc", "   ^")

    def test_an_empty_line(self):
        assert frame("", 0, 0, 40) == ("", "^")

    def test_tabs_reach_to_the_next_stop(self):
        assert frame("\ta:\tb", 4, 5, 40) == ("    a:  b", "        ^")
        assert frame("\ta:\tb", 1, 2, 40) == ("    a:  b", "    ^")

    def test_wide_characters_take_two_cells(self):
        assert frame("名: 値段 x", 3, 5, 40) == ("名: 値段 x", "    ^^^^")
        assert frame("名: 値段 x", 6, 7, 40) == ("名: 値段 x", "         ^")

    def test_combining_characters_take_none(self):
        assert frame("e\u0301: x", 4, 5, 40) == ("e\u0301: x", "   ^")

    @pytest.mark.parametrize(("start", "end"), [(0, 10), (0, 1), (30, 45), (150, 160), (290, 300), (299, 300), (0, 300), (100, 300)])
    def test_a_long_line_is_cut_around_the_range(self, start, end):
        line = "".join(chr(ord("a") + index % 26) for index in range(300))
        shown, carets = frame(line, start, end, 40)
        assert len(shown) <= 40
        assert len(carets) <= len(shown)
        first = len(carets) - carets.count("^")
        part = shown[first : len(carets)]
        assert line[start:end].startswith(part)
        assert len(part) == min(end - start, 38)
        assert shown.startswith("…") == (first != start)
        assert shown.strip("…") in line

    def test_context_stays_in_front_of_a_range_in_a_long_line(self):
        shown, carets = frame("x" * 200 + "key: value" + "y" * 200, 205, 210, 40)
        assert "key: value" in shown
        assert carets.startswith(" ")

    def test_a_long_line_of_wide_characters(self):
        shown, carets = frame("日" * 300, 150, 152, 40)
        assert width(shown) <= 40
        assert carets.count("^") == 4

    def test_a_line_of_a_megabyte_takes_no_time(self):
        began = time.monotonic()
        for start in range(0, 3_000_000, 300_000):
            assert len(frame("x" * 3_000_000, start, start + 5, 100)[0]) <= 100
        assert time.monotonic() - began < 1


class TestSafe:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("plain text", "plain text"),
            ("Größe 日本 😀", "Größe 日本 😀"),
            ("a\x1b[31mb", "a\\x1b[31mb"),
            ("a\x1b]8;;http://x\x07b", "a\\x1b]8;;http://x\\x07b"),
            ("a\rb\nc\td", "a\\x0db\\x0ac\\x09d"),
            ("a\x9b31mb\x7f", "a\\x9b31mb\\x7f"),
            ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
            ("a\u200bb\ufeffc", "a\\u200bb\\ufeffc"),
            ("a\U000e0041b", "a\\U000e0041b"),
            ("caf\udce9.yaml", "caf\\xe9.yaml"),
            ("\ud83d", "\\ud83d"),
        ],
    )
    def test_what_a_terminal_would_obey_is_spelled_out(self, text, expected):
        assert safe(text) == expected
        safe(text).encode()

    def test_no_control_survives(self):
        shown = safe("".join(map(chr, range(0x3000))))
        assert not [character for character in shown if ord(character) < 32 or 127 <= ord(character) < 160]
        assert not [
            character
            for character in shown
            if unicodedata.bidirectional(character) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        ]


def test_paint_only_on_demand():
    assert painter(False)("x", "bold red") == "x"
    assert painter(True)("x", "bold red") == "\x1b[1;31mx\x1b[0m"
    assert painter(True)("", "bold red") == ""
