"""What is said about text that cannot be decoded: id, line, words and remedy."""

from __future__ import annotations

import base64
import json

import pytest

from linter.errors import InputError
from linter.manifest import events, problems
from linter.manifest.decoder import decode_bytes, decode_text
from linter.manifest.positions import index_positions


def failure_of(text: str, **options):
    with pytest.raises(InputError) as caught:
        decode_text(text, **options)
    return caught.value.failure


# text: line, a part of the message, a part of the remedy
SYNTAX = {
    "a: b: c": (1, "second colon", "quotes"),
    "a: 1\n  b: 2": (2, "already has a value", "indentation"),
    "a:\n  b: 1\n c: 2": (3, "indentation", "align"),
    "a:\n  - b\n  c: d": (3, "does not start with `- `", "align"),
    "a: {b: 1": (1, "`{` is not closed", "close"),
    "a: [1\nb: 2\n": (2, "`[` is not closed", "close"),
    "b: 1\na: [\n": (2, "never closed", "close"),
    'b: 1\na: "x\nc: 1\n': (2, "never closed", "close the quote"),
    "a: 'x\n---\nb: 1\n": (1, "not closed before", "close the quote"),
    'a: "x" y': (1, "closing quote", "quotes"),
    "a: [b]]": (1, "closing quote or bracket", "quotes"),
    "a: }": (1, "not open", "remove"),
    "a: [b,,c]": (1, "value is missing", "comma"),
    "a: 1\nkey\nb: 2": (2, "neither `key: value`", "`:`"),
    "  a: 1\nb: 2": (2, "ignore", "indent"),
    "a: 1\n...\nb: 2": (3, "ignore", "---"),
    "a: @x": (1, "begin with @", "quotes"),
    "a: `x`": (1, "begin with `", "quotes"),
    "a: *.example.com": (1, "begins with `*`", "quotes"),
    "a: &.x": (1, "begins a name", "quotes"),
    "a: 1\nschedule: */5 * * * *": (2, "begins with `*`", "quotes"),
    "a: 'it's'": (1, "closing quote", "double quotes"),
    "d:\n  a:b\n# x\n\n  c: d": (5, "lacks the space", "space behind"),
    "- a:b\n  c: d": (2, "lacks the space", "space behind"),
    "http://x\nb: 1": (2, "already has a value", "line above"),
    "a: |\nx\nb: 1": (2, "not indented", "more than"),
    "a: >- # x\nx\nb: 1": (2, "not indented", "more than"),
    "a:\n  b: 1\n  : c": (3, "without a key", "key"),
    "a: | x\n  y": (1, "follows `|`", "next line"),
    "a: -": (1, "list item", "dash"),
    'a: "\\d"': (1, "no escape", "twice"),
    'a: 1\nb: "\\\\\\/"': (2, "`\\/`", "single quotes"),
    "%YAML 1.2\n---\na: 1": (1, "%YAML", "remove"),
    "%YAML 1.1\n---\na: 1": (1, "%YAML", "remove"),
    "# x\n%TAG ! tag:x,2000:\n---\na: 1": (2, "%TAG", "remove"),
    "a: 1\r---\rb: 2": (2, "do not see", "line ends"),
    "a: 1\n---\n%FOO\n": (3, "begins with `%`", "remove"),
    "%FOO\n---\na: 1": (1, "begins with `%`", "remove"),
    # tabs
    "a:\n\tb: 1": (2, "tab", "spaces"),
    "a:\n  - b\n\t- c": (3, "tab", "spaces"),
    "a: |\n\tx": (2, "tab", "spaces"),
    "a:\n  b: c\n\t\n": (3, "tab", "spaces"),
    # templates and merge conflicts
    "b: 1\na: {{ .x }}": (2, "template", "render"),
    "{{- if .x }}\na: 1\n{{- end }}": (1, "template", "render"),
    "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n": (2, "merge conflict", "resolve"),
    # characters
    "a: 1\nb: x\x01": (2, "U+0001", "escape"),
    "a: 1\r\nb: \x7f": (2, "U+007F", "escape"),
    "a: \ud800": (1, "U+D800", "escape"),
    # what JSON cannot hold
    "a: 1\nb: .inf": (2, "infinity", "quote"),
    "a:\n- -.INF": (2, "infinity", "quote"),
    ".nan": (1, "not-a-number", "quote"),
    "a: 1\n~: 1": (2, "null", "key"),
    "? \n: 1": (1, "null", "key"),
    "a:\n  [a]: 1": (2, "cannot be a key", "string"),
    "a: &x [1]\n*x : 1": (2, "cannot be a key", "string"),
    "18446744073709551615: 1": (1, "too large", "quote"),
    # tags, anchors, merges
    "a: !!int x": (1, "!!int", "tag"),
    "a: !!int 5.5": (1, "!!int", "tag"),
    "a: !!float 18446744073709551615": (1, "!!float", "tag"),
    "a: !!null x": (1, "!!null", "tag"),
    "a: !!timestamp x": (1, "!!timestamp", "tag"),
    "a: !!binary aGk": (1, "base64", "base64"),
    "a: 1\nb: *x": (2, "no anchor `&x`", "anchor"),
    "a: &x 1\n---\nb: *x": (3, "no anchor `&x`", "same document"),
    "a: &x\n  b: *x": (2, "contains itself", "write"),
    "a: 1\nb: {<<: 1}": (2, "merge key", "mapping"),
    "a: {<<: }": (1, "merge key", "mapping"),
    "a: {<<: [1]}": (1, "merge key", "mapping"),
    "a: &x [{b: 1}]\nc: {<<: *x}": (2, "merge key", "mapping"),
    "a: [http://x, b\n": (1, "not closed", "close"),
}


@pytest.mark.parametrize("replaceable", [None, False], ids=["calls", "events"])
@pytest.mark.parametrize("text", SYNTAX)
def test_a_syntax_error_names_line_cause_and_remedy(monkeypatch, replaceable, text):
    monkeypatch.setattr(events, "_replaceable", replaceable)
    line, message, fix = SYNTAX[text]
    failure = failure_of(text)
    assert (failure.id, failure.kind, failure.stage, failure.line) == ("yaml-syntax", "broken", "parse", line)
    assert message in failure.message
    assert fix in failure.fix
    assert "\n" not in failure.message + failure.fix
    with pytest.raises(InputError) as caught:
        index_positions(text)
    assert caught.value.failure == failure


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\n---b: 2\n", 2, "text stands behind `---`"),
        ("a: 1\n--- {b: 2}\n", 2, "text stands behind `---`"),
        ("a: 1\n---\n----\n", 3, "text stands behind `---`"),
        ("a: 1\n---\n# x\n...\n", 3, "consists of `...` only"),
    ],
)
def test_separators_that_kubectl_refuses_in_a_file(text, line, message):
    failure = failure_of_bytes(text.encode())
    assert (failure.id, failure.line) == ("yaml-syntax", line)
    assert message in failure.message
    assert failure.fix


JSON = {
    '{"a": 1,\n "b": }': (2, "value is missing", "value"),
    '{"a": 1,\n}': (2, "key is missing", "double quotes"),
    '[1,\n2,\n]': (3, "comma", "remove"),
    "{'a': 1}": (1, "double quotes", "double quotes"),
    '{"a" 1}': (1, "colon", "`:`"),
    '{"a": 1\n "b": 2}': (2, "comma", "comma"),
    '{"a": "x\n"}': (1, "line break", "escape"),
    '{"a":\n "x}': (2, "never closed", "close"),
    '{"a": "\\d"}': (1, "no escape", "twice"),
    '{"a": "\\u12"}': (1, "digits", "four"),
    '{"a": 1,\n "b": NaN}': (2, "NaN", "quote"),
    '{"a": "NaN",\n "b": [1e400]}': (2, "1e400 is too large", "quote"),
    '{"a": -Infinity}': (1, "-Infinity", "quote"),
    "{} x": (1, "value", "value"),
    "a: 1": (1, "value", "value"),
}  # fmt: skip


@pytest.mark.parametrize("text", JSON)
def test_a_json_error_names_line_cause_and_remedy(text):
    line, message, fix = JSON[text]
    failure = failure_of(text, json=True)
    assert (failure.id, failure.kind, failure.line) == ("json-syntax", "broken", line)
    assert message in failure.message
    assert fix in failure.fix


@pytest.mark.parametrize(
    ("text", "options", "id", "line"),
    [
        ("[" * 200_000, {}, "yaml-too-deep", 1),
        ("{" * 200_000, {}, "yaml-too-deep", 1),
        ("{a: " * 201 + "1" + "}" * 201, {}, "yaml-too-deep", 1),
        ("- " * 100_000, {}, "yaml-too-deep", 1),
        ("".join(" " * depth + "a:\n" for depth in range(300)), {}, "yaml-too-deep", 201),
        ("[" * 200_000, {"json": True}, "yaml-too-deep", 1),
        ('\n{"a":' * 201 + "1" + "}" * 201, {"json": True}, "yaml-too-deep", 2),
        ("".join(f"a{n}: &a{n} [{f'*a{n - 1}' if n else ''}]\n" for n in range(300)), {}, "yaml-too-deep", 200),
        ("a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)), {}, "yaml-alias-bomb", 7),
        ("a: &a [" + "x," * 1000 + "]\n" + "b:\n" + "- *a\n" * 1000, {}, "yaml-alias-bomb", 502),
        ("%TAG !a! x\n" * 50_000 + "---\na: 1", {}, "yaml-syntax", 101),
    ],
    ids=["[", "{", "closed", "- ", "block", "json [", "json closed", "through aliases", "multiplied", "repeated", "directives"],
)  # fmt: skip
def test_hostile_text_is_refused(monkeypatch, text, options, id, line):
    for replaceable in (None, False):
        monkeypatch.setattr(events, "_replaceable", replaceable)
        failure = failure_of(text, **options)
        assert (failure.id, failure.line) == (id, line)


def test_what_the_limits_allow():
    assert decode_text("[" * 200 + "]" * 200)
    assert decode_text("[" * 200 + "]" * 200, json=True)
    assert decode_text("a: &a [1]\n" + "".join(f"b{number}: *a\n" for number in range(50_000)))
    assert len(decode_text("a: " + "x" * 5_000_000)[0].value["a"]) == 5_000_000
    assert decode_text("a: " + "9" * 10_000)[0].value["a"] == "9" * 10_000
    assert decode_text('{"items":[' + ",".join(['{"a":[1,2]}'] * 50_000) + "]}", json=True)[0].value["items"][-1] == {"a": [1, 2]}
    assert decode_text("a: [" + ",".join(["http://x:80"] * 5_000) + "]")[0].value["a"] == ["http://x:80"] * 5_000


def failure_of_bytes(data: bytes):
    with pytest.raises(InputError) as caught:
        decode_bytes(data)
    return caught.value.failure


def test_bytes_that_are_no_text():
    latin = failure_of_bytes(b"a: 1\nb: \xe9\n")
    assert (latin.id, latin.stage, latin.line) == ("encoding", "read", 2)
    assert "0xE9" in latin.message
    assert "offset 8" in latin.message
    assert "offset 5" in failure_of_bytes(b"\xef\xbb\xbfa:\xe9").message
    assert "UTF-8" in latin.fix
    assert failure_of_bytes(b"\xff\xfea\x00\x00").id == "encoding"
    assert failure_of_bytes(b"\xff\xfe\x00\xd8a\x00").id == "encoding"
    binary = failure_of_bytes(b"a: 1\n\x7fELF\x00\x00")
    assert (binary.id, binary.line) == ("binary-file", 2)
    assert failure_of_bytes("a: 1".encode("utf-16-le")).id == "binary-file"
    large = failure_of_bytes(b"a" * (problems.MAX_BYTES + 1))
    assert (large.id, large.line) == ("file-too-large", None)
    assert "20 MiB" in large.message


def test_a_failure_gets_its_path_later():
    with pytest.raises(InputError) as caught:
        decode_text("a: [")
    assert caught.value.at("app/x.yaml").path == "app/x.yaml"


def test_lines_end_as_in_yaml():
    text = "a\r\nb\rc\nd"
    assert [problems.line_at(text, index) for index in range(len(text) + 1)] == [1, 1, 1, 2, 2, 3, 3, 4, 4]


def test_lone_surrogates_become_the_replacement_character():
    text = r'{"a": "\ud800x\\ud800 \ude00\ud83d\ude00", "b": "\udc00"}'
    assert decode_text(text, json=True)[0].value == {"a": "\ufffdx\\ud800 \ufffd\U0001f600", "b": "\ufffd"}
    json.dumps(decode_text(text, json=True)[0].value).encode()


def test_binary_text_over_lines():
    encoded = base64.encodebytes(b"shop" * 40).decode().replace("\n", "\n  ")
    assert decode_text(f"a: !!binary |\n  {encoded}\n")[0].value == {"a": "shop" * 40}
