"""Decoding: each value as kubectl, the API server and Argo CD read it. The expectations were checked with sigs.k8s.io/yaml."""

from __future__ import annotations

import json
import sys
import threading
from decimal import Decimal

import _ruamel_yaml
import pytest
from example_counts import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.errors import GitopsLintError, InputError
from linter.manifest import events
from linter.manifest.decoder import Decoded, decode_bytes, decode_text, may_hold_manifest
from linter.manifest.positions import index_positions


@pytest.fixture(params=["calls", "events"])
def path(request, monkeypatch):
    """Both ways of reading events have to give the same values."""
    if request.param == "events":
        monkeypatch.setattr(events, "_replaceable", False)
    else:
        monkeypatch.setattr(events, "_replaceable", None)
        # The runner of the tests may have threads of its own, which never touch the parser.
        monkeypatch.setattr(events, "_alone", lambda: True)
    return request.param


def value_of(text: str, **options):
    (document,) = decode_text(text, **options)
    return document.value


def equal(left, right) -> bool:
    """Equality that tells True from 1 and 1 from 1.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return left == right


TRUE = ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"]
FALSE = ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"]
SCALARS = {
    **dict.fromkeys(TRUE, True),
    **dict.fromkeys(FALSE, False),
    **{text: text for text in ("yES", "nO", "tRUE", "oN", "oFF", "nULL", "Yes!", "none")},
    **dict.fromkeys(["~", "null", "Null", "NULL"]),
    # integers
    "0": 0, "-0": 0, "8080": 8080, "-7": -7, "+1": 1, "1_000": 1000, "1__0": 10, "1_": 1, "+-1": "+-1", "_1": "_1",
    "0777": 511, "010": 8, "-010": -8, "0o777": 511, "0O7": 7, "0_7": 7, "00": 0,
    "08": 8, "09.5": 9.5, "0123456789": 123456789, "0o8": "0o8",
    "0x1F": 31, "0X1f": 31, "-0x1F": -31, "0x": "0x", "0x1G": "0x1G",
    "0b101": 5, "-0b11": -3, "0B11": 3, "0b+1": 1, "0b2": "0b2",
    "9007199254740993": 9007199254740993,
    "9223372036854775807": 9223372036854775807, "-9223372036854775808": -9223372036854775808,
    "9223372036854775808": 9223372036854775808.0, "18446744073709551615": 18446744073709551615.0,
    "18446744073709551616": 18446744073709551616.0, "-9223372036854775809": -9223372036854775809.0,
    "0xFFFFFFFFFFFFFFFFFF": "0xFFFFFFFFFFFFFFFFFF", "012345678901": 12345678901, "012345670123": 1402433619,
    # floats, whole ones as the integers JSON prints
    "1.10": 1.1, "1.0": 1, "0.5": 0.5, ".5": 0.5, "-.5": -0.5, "1.": 1, "3.0e2": 300, "1e3": 1000, "6e8": 600000000, "12e5": 1200000,
    "1E+3": 1000, "1e-3": 0.001, "-0.0": 0, "1e18": 10**18, "1152921504606846976.0": 1152921504606847000, "1e19": 1e19, "1e21": 1e21,
    ".5_0": 0.5, "._5": "._5", "1e400": "1e400", "1234e567": "1234e567", ".1e400": ".1e400", "1e-400": 0, "1e": "1e",
    "inf": "inf", "nan": "nan", "infinity": "infinity", "NaN": "NaN", "0x1p4": "0x1p4", ".": ".", "..": "..", "+": "+",
    # no sexagesimals, no timestamps, no special words
    "12:30": "12:30", "22:22": "22:22", "190:20:30": "190:20:30", "2024-01-02": "2024-01-02",
    "2024-01-02T10:00:00Z": "2024-01-02T10:00:00Z", "=": "=", "<<": "<<", "1.2.3": "1.2.3",
    "v1": "v1", "100m": "100m", "٣": "٣", "1٣": "1٣",
    # quotes and tags
    '"yes"': "yes", "'1'": "1", '""': "", "'~'": "~", '"<<"': "<<", "! 5": "5", '! "5"': "5",
    "!Foo bar": "bar", "!Foo 5": "5", "!Foo yes": "yes", "!Ref": "", "!<x> 7": "7",
    "!!str 5": "5", "!!str yes": "yes", "!!str": "", '!!int "5"': 5, "!!int 0x10": 16,
    "!!float 1": 1, "!!float 1.5": 1.5, '!!bool "yes"': True,
    '!!null ""': None, "!!timestamp 2024-01-02": "2024-01-02", "!!binary aGk=": "hi", "!!binary /w==": "\ufffd", "!!value =": "=",
    "!<tag:yaml.org,2002:int> 7": 7,
}  # fmt: skip


@pytest.mark.parametrize("text", SCALARS)
def test_a_scalar_is_what_kubernetes_reads(path, text):
    expected = SCALARS[text]
    for template in ("a: %s", "a:   %s   # comment", "a: &x %s\nb: 1", "? a\n: %s"):
        assert equal(value_of(template % text)["a"], expected), template
    for template in ("- %s", "- 1\n- %s", "- &x %s"):
        assert equal(value_of(template % text)[-1], expected), template
    if not text.startswith("!"):
        assert equal(value_of(f"[{text}]"), [expected])
        assert equal(value_of(f"a: {{b: {text}, c: 1}}")["a"]["b"], expected)
    assert equal(value_of(f"a: &x {text}\nb: [*x, {{c: *x}}]")["b"], [expected, {"c": expected}])
    assert equal(value_of(f"--- {text}"), expected)


KEYS = {
    "1": "1", "-1": "-1", "0x10": "16", "0777": "511", "1_000": "1000", "1.5": "1.5", "1.0": "1", "1e3": "1000", "1e7": "1e+07",
    "123456.5": "123456.5", "1234567.5": "1.2345675e+06", "0.0001": "0.0001", "0.00001": "1e-05",
    "16777217.0": "1.6777216e+07", "3.5e38": ".inf",
    "1e-46": "0", "-0.0": "-0", ".inf": ".inf", "-.INF": "-.inf", ".NaN": ".nan", "true": "true", "yes": "true", "on": "true", "y": "true",
    "n": "false", "off": "false", '"on"': "on", "'1.0'": "1.0", "=": "=", "!!str 1": "1", "!!int 0x10": "16", "!Foo 1": "1",
    "2024-01-02": "2024-01-02", "12:30": "12:30", "1e400": "1e400", "18446744073709551616": "1.8446744e+19", "a b": "a b",
}  # fmt: skip


@pytest.mark.parametrize("text", KEYS)
def test_a_key_becomes_the_string_kubernetes_makes_of_it(path, text):
    expected = KEYS[text]
    for template in ("%s: v", "a: 1.5\n%s: v", "? %s\n: v", "&x %s: v"):
        assert list(value_of(template % text))[-1] == expected, template
    assert decode_text(f"{text}: 1\n'{expected}': 2")[0].duplicate_keys


DOCUMENTS = {
    "merge": ("b: &b {x: 1, y1: 2}\na:\n  <<: *b\n  x: 3", {"b": {"x": 1, "y1": 2}, "a": {"x": 3, "y1": 2}}),
    "merge of a list, the first wins": ("a: {<<: [{x: 1}, {x: 2, z: 3}]}", {"a": {"x": 1, "z": 3}}),
    "merge written in place": ("a: {<<: {x: 1}, z: 2}", {"a": {"x": 1, "z": 2}}),
    "a merge behind a key wins, unlike in YAML 1.1": ("a: {x: 1, <<: {x: 2}}", {"a": {"x": 2}}),
    "merge of a merge": ("a: &a {x: 1}\nb: &b {<<: *a, z: 2}\nc: {<<: *b}", {"a": {"x": 1}, "b": {"x": 1, "z": 2}, "c": {"x": 1, "z": 2}}),
    "tagged merge": ("a: {!!merge <<: {x: 1}}", {"a": {"x": 1}}),
    "quoted merge is a key": ('a: {"<<": {x: 1}}', {"a": {"<<": {"x": 1}}}),
    "merge sign as a value": ("a: <<\nb: [<<, 1.5]", {"a": "<<", "b": ["<<", 1.5]}),
    "alias of a list behind a merge sign in a list": ("a: &x [1]\nb: [<<, *x]", {"a": [1], "b": ["<<", [1]]}),
    "alias of a merge sign is a key": ("a: {&m <<: {x: 1}}\nb: {*m : {x: 1}}", {"a": {"x": 1}, "b": {"<<": {"x": 1}}}),
    "aliased key": ("&k a: 1\nb: *k", {"a": 1, "b": "a"}),
    "alias as a key": ("a: &k name\n*k : 1", {"a": "name", "name": 1}),
    "alias of a float as key and value": ("a: &k 1.5\n*k : *k", {"a": 1.5, "1.5": 1.5}),
    "redefined anchor": ("a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}),
    "anchor redefined inside itself": ("a: &x [&x 1, *x]\nb: *x", {"a": [1, 1], "b": 1}),
    "anchored null": ("a: &x\nb: *x", {"a": None, "b": None}),
    "tab after colon": ("a:\tb", {"a": "b"}),
    "trailing tab": ("a: b\t", {"a": "b"}),
    "tab before comment": ("a: b\t# c", {"a": "b"}),
    "tab in flow": ("a: [1,\n\t2]", {"a": [1, 2]}),
    "CRLF": ("a: |\r\n  x\r\n  y1\r\nb: 1\r\n", {"a": "x\ny1\n", "b": 1}),
    "literal": ("a: |\n  x\n   y\n\nb: 1", {"a": "x\n y\n", "b": 1}),
    "literal, stripped and kept": ("a: |-\n  x\n\nb: |+\n  x\n\nc: 1", {"a": "x", "b": "x\n\n", "c": 1}),
    "literal at the end without line break": ("a: |\n  x", {"a": "x\n"}),
    "folded": ("a: >\n x\n y\n\n z\n  w\n", {"a": "x y\nz\n w\n"}),
    "plain over lines": ("a: x\n  y\n\n  z", {"a": "x y\nz"}),
    "quoted over lines": ('a: "x\n\n  y \\\n  z"', {"a": "x\ny z"}),
    "escapes": (r'a: "\x41\u00e9\U0001f600\t\"\\/"', {"a": 'Aé\U0001f600\t"\\/'}),
    "URL in a flow list": ("a: [http://x:80, b:c, -v=::1]", {"a": ["http://x:80", "b:c", "-v=::1"]}),
    "image in a flow mapping": ("{image: nginx:1.25, a:b, c: 'd:e', \"f\":1}", {"image": "nginx:1.25", "a:b": None, "c": "d:e", "f": 1}),
    "colon after a quote in a flow word": ('[a"b":c, x:y]', ['a"b":c', "x:y"]),
    "tag and anchor beside flow colons": ("a: [!x:y 1, &p http://x, *p , !!str a:b]", {"a": ["1", "http://x", "http://x", "a:b"]}),
    "complex key syntax": ("? a\n: b\n? c", {"a": "b", "c": None}),
    "pairs in a list": ("[a: b, {c}]", [{"a": "b"}, {"c": None}]),
    "comment after key": ("a:    # c\n  b", {"a": "b"}),
    "hash in a word": ("a: b#c\nd: e #f", {"a": "b#c", "d": "e"}),
    "tags on collections": ("a: !!map {b: !Foo [1]}\nc: !!set {}", {"a": {"b": [1]}, "c": {}}),
    "document end": ("a: 1\n...\n", {"a": 1}),
    "JSON in YAML": ('{"a": "\\ud83d\\ude00\\/", "b": [1.0, true, null]}', {"a": "\U0001f600/", "b": [1, True, None]}),
    "flow style that only begins like JSON": ("{a: 1, }", {"a": 1}),
    "scalar": ("just text", "just text"),
    "wide characters": ("ключ: \U0001f600 é", {"ключ": "\U0001f600 é"}),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_what_kubernetes_reads(path, name):
    text, expected = DOCUMENTS[name]
    assert equal(value_of(text), expected)


DUPLICATES = {
    "a: 1\na: 2": {"a": 2},
    "yes: 1\ntrue: 2": {"true": 2},
    '1: a\n"1": b': {"1": "b"},
    "a: {b: 1, 'b': 2}": {"a": {"b": 2}},
    "- {a: 1, a: 1}": [{"a": 1}],
    "a: &x {b: 1, b: 2}\nc: *x": {"a": {"b": 2}, "c": {"b": 2}},
    "x: 1.5\na: {<<: {b: 1, b: 2}}": {"x": 1.5, "a": {"b": 2}},
    '{"a": 1, "a": 2}': {"a": 2},
}


@pytest.mark.parametrize("text", DUPLICATES)
def test_the_last_of_repeated_keys_wins_and_is_flagged(path, text):
    (document,) = decode_text(text)
    assert document.duplicate_keys
    assert equal(document.value, DUPLICATES[text])


@pytest.mark.parametrize(
    "text", ["a: {<<: {x: 1}, x: 2}", "a: {x: 1, <<: {x: 2}}", "a: {<<: {x: 1}, <<: {x: 2}}", "a: 1\nb: {a: 1}", "1: a\n1.5: b"]
)
def test_merged_and_nested_keys_are_no_duplicates(path, text):
    assert not decode_text(text)[0].duplicate_keys


def test_text_behind_a_separator_begins_a_document_for_helm_and_is_refused_in_files(path):
    text = "---a: 1\nb: &x 2\n--- c: 3\nd: [http://x:1]\n--- # comment\ne: 5\n---\nf: 6\n---# comment\ng: 7\n"
    assert [document.value for document in decode_text(text)] == [
        {"a": 1, "b": 2}, {"c": 3, "d": ["http://x:1"]}, {"e": 5}, {"f": 6}, {"g": 7},
    ]  # fmt: skip
    positions = index_positions(text)
    assert len(positions) == 5
    assert [positions.locate(*place) for place in [(0, ("a",)), (0, ("b",)), (1, ("c",)), (1, ("d", 0)), (2, ("e",)), (4, ("g",))]] == [
        (1, 7, 1, 8), (2, 4, 2, 8), (3, 8, 3, 9), (4, 5, 4, 15), (6, 4, 6, 5), (10, 4, 10, 5),
    ]  # fmt: skip
    assert [positions.lines_of_document(number) for number in range(3)] == [(1, 2), (3, 4), (5, 6)]
    with pytest.raises(InputError) as caught:
        decode_bytes(text.encode())
    assert caught.value.failure.line == 1
    with pytest.raises(InputError) as caught:
        decode_text("a: 1\n---b: 2\nc: [\n")
    assert caught.value.failure.line == 3
    with pytest.raises(InputError) as caught:
        index_positions("a: 1\n---b: 2\nc: [\n")
    assert caught.value.failure.line == 3


def test_documents_are_counted_with_the_empty_ones(path):
    text = "# only a comment\n---\na: 1\n---\n# nothing\n---\nb: &x 1\nb: *x\n---\n...\n---\n- c\n"
    assert [(document.index, document.value, document.duplicate_keys) for document in decode_text(text)] == [
        (0, {"a": 1}, False), (1, None, False), (2, {"b": 1}, True), (3, None, False), (4, ["c"], False),
    ]  # fmt: skip
    assert decode_text("") == [] == decode_text("# c\n") == decode_text("   \n\n")
    assert repr(Decoded(1, "x")) == "Decoded(1, 'x', False)"


def test_many_documents(path):
    documents = decode_text("---\n".join(["apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"] * 5000))
    assert len(documents) == 5000
    assert documents[-1].index == 4999


def test_replacing_event_classes_leaves_no_trace(monkeypatch):
    monkeypatch.setattr(events, "_replaceable", None)
    monkeypatch.setattr(events, "_alone", lambda: True)
    before = dict(vars(_ruamel_yaml))
    decode_text("a: [1, 2]")
    with pytest.raises(InputError):
        decode_text("a: [1,")
    with pytest.raises(InputError):
        decode_text("a: *x")
    assert events._replaceable is True
    assert dict(vars(_ruamel_yaml)) == before
    event = _ruamel_yaml.CParser("a").get_event()
    assert type(event).__name__ == "StreamStartEvent"


def test_stock_events_are_used_when_replacing_could_disturb_others(monkeypatch):
    monkeypatch.setattr(events, "_replaceable", True)
    monkeypatch.setattr(events, "_parse_by_calls", lambda *_: pytest.fail("event classes replaced"))
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    try:
        assert value_of("a: [1, 2]") == {"a": [1, 2]}
    finally:
        stop.set()
        other.join()
    monkeypatch.setattr(events, "_alone", lambda: True)
    with events._replacing:
        assert value_of("a: 1") == {"a": 1}


@pytest.mark.parametrize("broken", ["missing", "raises", "ignored"])
def test_a_changed_extension_falls_back_to_stock_events(monkeypatch, broken):
    monkeypatch.setattr(events, "_replaceable", None)
    if broken == "missing":
        monkeypatch.setattr(events, "_EVENT_NAMES", (*events._EVENT_NAMES, "NoSuchEvent"))
    elif broken == "raises":
        monkeypatch.setattr(events, "_parse_by_calls", lambda *_: 1 / 0)
    else:
        monkeypatch.setattr(events, "_parse_by_calls", lambda *_: None)
    assert value_of("a: 1.5") == {"a": 1.5}
    assert events._replaceable is False


def test_a_missing_extension_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)
    with pytest.raises(GitopsLintError, match="oldlibyaml"):
        decode_text("a: 1")


def test_bytes(path):
    assert decode_bytes(b"\xef\xbb\xbfa: 1\n")[0] == "a: 1\n"
    assert decode_bytes("a: é".encode("utf-16"))[1][0].value == {"a": "é"}
    assert decode_bytes('{"a": "é"}'.encode("utf-16-be").join([b"\xfe\xff", b""]), json=True)[1][0].value == {"a": "é"}
    assert decode_bytes(b"") == ("", [])


def test_what_may_hold_a_manifest():
    assert may_hold_manifest(b"apiVersion: v1\nkind: Pod")
    assert may_hold_manifest("apiVersion: v1\nkind: Pod".encode("utf-16"))
    for text in (
        '{"\\u0061piVersion": "v1", "kind": "Pod"}',
        '"\\x61piVersion": v1\nkind: Pod',
        '? "api\\\n  Version"\n: v1\n? kind\n: Pod',
    ):
        assert set(value_of(text)) == {"apiVersion", "kind"}
        assert may_hold_manifest(text.encode())
    assert value_of("!!binary YXBpVmVyc2lvbg==: v1") == {"apiVersion": "v1"}
    assert may_hold_manifest(b"!!binary YXBpVmVyc2lvbg==: v1\nkind: Pod")
    assert value_of("!!%62inary YXBpVmVyc2lvbg==: v1") == {"apiVersion": "v1"}
    assert may_hold_manifest(b"!!%62inary YXBpVmVyc2lvbg==: v1\n!!%62inary a2luZA==: Pod")
    for data in (b"", b"a: 1", b"kind: Pod", b"apiVersion: v1", b"# apiversion kind", b'a: "x\\ny"'):
        assert not may_hold_manifest(data)


scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False), st.text())
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20)


def as_kubernetes(value):
    """A JSON value as Kubernetes holds it: whole floats are integers."""
    if isinstance(value, dict):
        return {as_kubernetes(key): as_kubernetes(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [as_kubernetes(entry) for entry in value]
    if isinstance(value, float) and value.is_integer() and -(2**63) <= (printed := int(Decimal(repr(value)))) < 2**63:
        return printed
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


@settings(max_examples=examples(300), deadline=None)
@given(trees)
def test_json_text_decodes_to_its_values(tree):
    assert equal(value_of(json.dumps(tree), json=True), as_kubernetes(tree))
    if isinstance(tree, dict):
        assert equal(value_of(json.dumps(tree)), as_kubernetes(tree))


fragments = st.sampled_from(
    ["a", "b1", ": ", ":\n  ", "\n", "\n  ", "- ", "[", "]", "{", "}", ", ", '"', "'", " # ", "|\n  ", ">\n", "&x ", "*x", "!t ", "! ",
     "<<: ", "1.5", "yes", "~", "\t", "http://h:1", "---\n", "...\n", "\\", "\\/", "é", "\U0001f600", "\x07", "%", "@", "{{ .x }}",
     "\r\n", "? ", "\u2028", "\ufeff"]
)  # fmt: skip


@settings(max_examples=examples(500), deadline=None)
@given(st.lists(fragments, max_size=14).map("".join), st.booleans())
def test_any_text_gives_values_or_a_failure_and_both_paths_agree(text, as_json):
    results = []
    for replaceable in (True, False):
        events._replaceable = replaceable
        try:
            results.append([(document.value, document.duplicate_keys) for document in decode_text(text, json=as_json)])
        except InputError as error:
            results.append(error.failure)
        finally:
            events._replaceable = None
    assert results[0] == results[1]
    assert isinstance(results[0], list) or (results[0].message and results[0].fix)
