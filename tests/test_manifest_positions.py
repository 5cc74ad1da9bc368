"""Where values stand: ranges as an editor shows them, and the same routes as decoding gives."""

from __future__ import annotations

import pytest
from example_counts import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.errors import InputError
from linter.manifest.decoder import decode_text
from linter.manifest.positions import DuplicateKey, index_positions


def shown(text: str, route: tuple, on: str = "value", document: int = 0, **options) -> str:
    """The text under the range, with its line in front; lines of a longer range are joined by a bar."""
    line, column, end_line, end_column = index_positions(text, **options).locate(document, route, on)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if line == end_line:
        return f"{line}:{lines[line - 1][column - 1 : end_column - 1]}"
    parts = [lines[line - 1][column - 1 :], *lines[line : end_line - 1], lines[end_line - 1][: end_column - 1]]
    return f"{line}:{'|'.join(parts)}"


DEPLOYMENT = """\
# é comment
apiVersion: apps/v1
kind: Deployment
metadata: {name: wéb, labels: {"app.kubernetes.io/name": wéb}}
spec:
  template:
    spec:
      containers:
        - image: nginx:1.25   # a comment
          name: web
          args: ["--a", http://h:80, 'it''s']
          command:
          - sh
          - -c
          - |
            echo one
            echo two

          env: []
          livenessProbe:
        - ports:
            - containerPort: 80
          env: {}
      volumes:
        -
        - - nested
        - {}
        - []
        - ? k
          : v
      \U0001f600 key: \U0001f600 value
"""
C = ("spec", "template", "spec", "containers")
V = ("spec", "template", "spec", "volumes")
PLACES = {
    (): ("3:Deployment", "3:Deployment"),
    ("apiVersion",): ("2:apps/v1", "2:apiVersion"),
    ("metadata",): ("4:metadata", "4:metadata"),
    ("metadata", "name"): ("4:wéb", "4:name"),
    ("metadata", "labels"): ("4:labels", "4:labels"),
    ("metadata", "labels", "app.kubernetes.io/name"): ("4:wéb", '4:"app.kubernetes.io/name"'),
    ("spec",): ("5:spec", "5:spec"),
    C: ("8:containers", "8:containers"),
    (*C, 0): ("10:name: web", "10:name: web"),
    (*C, 0, "image"): ("9:nginx:1.25", "9:image"),
    (*C, 0, "args"): ("11:args", "11:args"),
    (*C, 0, "args", 0): ('11:"--a"', '11:"--a"'),
    (*C, 0, "args", 1): ("11:http://h:80", "11:http://h:80"),
    (*C, 0, "args", 2): ("11:'it''s'", "11:'it''s'"),
    (*C, 0, "command", 1): ("14:-c", "14:-c"),
    (*C, 0, "command", 2): ("15:||            echo one|            echo two", "15:||            echo one|            echo two"),
    (*C, 0, "env"): ("19:env", "19:env"),
    (*C, 0, "livenessProbe"): ("20:livenessProbe", "20:livenessProbe"),
    (*C, 1): ("21:ports", "21:ports"),
    (*C, 1, "ports", 0): ("22:containerPort: 80", "22:containerPort: 80"),
    (*C, 1, "ports", 0, "containerPort"): ("22:80", "22:containerPort"),
    (*V, 0): ("25:-", "25:-"),
    (*V, 1): ("26:nested", "26:nested"),
    (*V, 1, 0): ("26:nested", "26:nested"),
    (*V, 2): ("27:{}", "27:{}"),
    (*V, 3): ("28:[]", "28:[]"),
    (*V, 4): ("29:k", "29:k"),
    (*V, 4, "k"): ("30:v", "29:k"),
    ("spec", "template", "spec", "\U0001f600 key"): ("31:\U0001f600 value", "31:\U0001f600 key"),
    # what does not exist is shown by its nearest ancestor
    ("metadata", "namespace"): ("4:metadata", "4:metadata"),
    ("metadata", "name", "x"): ("4:name", "4:name"),
    (*C, 0, "resources", "limits", "cpu"): ("10:name: web", "10:name: web"),
    (*C, 0, "livenessProbe", "httpGet"): ("20:livenessProbe", "20:livenessProbe"),
    (*C, 2): ("8:containers", "8:containers"),
    (*C, -1): ("8:containers", "8:containers"),
    (*C, "name"): ("8:containers", "8:containers"),
    ("status",): ("3:Deployment", "3:Deployment"),
    (0,): ("3:Deployment", "3:Deployment"),
}


@pytest.mark.parametrize("route", PLACES, ids=lambda route: ".".join(map(str, route)) or "root")
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_places_in_a_deployment(route, line_break):
    text = DEPLOYMENT.replace("\n", line_break)
    assert (shown(text, route), shown(text, route, "key")) == PLACES[route]


def test_columns_are_code_points_from_one_and_ends_exclusive():
    positions = index_positions("a: \U0001f600é\nbé: 'x'\n")
    assert positions.locate(0, ("a",)) == (1, 4, 1, 6)
    assert positions.locate(0, ("bé",)) == (2, 5, 2, 8)
    assert positions.locate(0, ("bé",), "key") == (2, 1, 2, 3)


ANCHORS = """\
base: &base
  image: nginx
  ports: [80]
one: &one 1.5
a:
  <<: *base
  image: other
b:
  - <<: *base
  - *base
  - *one
  - <<: {inline: 1}
c: *one
d: *base
e: &e !!str text
*one : 2
f: {<<: [*base, {ports: x, z: 1}]}
"""


@pytest.mark.parametrize(
    ("route", "value", "key"),
    [
        (("a", "image"), "7:other", "7:image"),
        (("a", "ports"), "3:ports", "3:ports"),
        (("a", "ports", 0), "3:80", "3:80"),
        (("b", 0), "9:<<: *base", "9:<<: *base"),
        (("b", 0, "image"), "2:nginx", "2:image"),
        (("b", 1), "10:*base", "10:*base"),
        (("b", 1, "image"), "2:nginx", "2:image"),
        (("b", 1, "missing"), "10:*base", "10:*base"),
        (("b", 2), "11:*one", "11:*one"),
        (("b", 3, "inline"), "12:1", "12:inline"),
        (("c",), "13:*one", "13:c"),
        (("d",), "14:d", "14:d"),
        (("d", "image"), "2:nginx", "2:image"),
        (("e",), "15:&e !!str text", "15:e"),
        (("1.5",), "16:2", "16:*one"),
        (("f", "ports"), "3:ports", "3:ports"),
        (("f", "z"), "17:1", "17:z"),
    ],
)
def test_what_comes_from_an_anchor_is_where_it_is_written(route, value, key):
    assert (shown(ANCHORS, route), shown(ANCHORS, route, "key")) == (value, key)


def test_documents():
    text = "# first\n---\nkind: A\n---\n# nothing\n---\n- name: x\n--- text\n---\n{}\n---\nx: 1\n"
    positions = index_positions(text)
    assert len(positions) == len(decode_text(text)) == 6
    assert [shown(text, (), document=document) for document in (0, 2, 3, 4, 5)] == ["3:A", "7:name: x", "8:text", "10:{}", "12:x"]
    assert positions.locate(1, ("a",))[:2] == (4, 1)
    assert positions.line_of(2, (0, "name")) == 7
    assert positions.has(2, (0, "name"))
    assert not positions.has(2, (0, "names"))
    assert [positions.lines_of_document(document) for document in range(6)] == [(2, 3), (4, 5), (6, 7), (8, 8), (9, 10), (11, 12)]


@pytest.mark.parametrize(
    ("route", "lines"),
    [
        ((), (1, 10)),
        (("spec",), (2, 9)),
        (("spec", "containers"), (3, 8)),
        (("spec", "containers", 0), (4, 5)),
        (("spec", "containers", 1), (6, 8)),
        (("spec", "containers", 1, "args"), (7, 8)),
        (("spec", "containers", 1, "probe"), (6, 8)),
        (("spec", "flow"), (9, 9)),
        (("text",), (10, 10)),
    ],
)
def test_the_lines_of_a_node_are_all_of_it(route, lines):
    text = "a: 1\nspec:\n  containers:\n    - name: x\n      image: y\n    - name: z\n      args:\n        - b\n  flow: {c: d}\ntext: e\n"
    assert index_positions(text).lines_of(0, route) == lines


def test_an_item_of_a_list_of_objects_is_shown_by_its_kind():
    text = "kind: List\napiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: x}\n"
    assert shown(text, ("items", 0, "spec")) == "5:Pod"


def test_a_kind_that_is_no_text_does_not_mislead():
    assert shown("apiVersion: v1\nkind:\n", ()) == "1:apiVersion"
    assert shown("apiVersion: v1\nkind: {a: 1}\n", ()) == "1:apiVersion"


def test_what_the_author_wrote():
    positions = index_positions("a: 'it''s'\nb: 0777\nc: {d: &x yes}\ne: *x\nf: |\n  text\n\n")
    assert positions.written(0, ("a",)) == "'it''s'"
    assert positions.written(0, ("b",)) == "0777"
    assert positions.written(0, ("e",)) == "&x yes"
    assert positions.written(0, ("f",)) == "|\n  text"
    assert positions.written(0, ("c",)) is None
    assert positions.written(0, ("x",)) is None


def test_duplicates_name_the_winner_and_the_others():
    text = "a: 1\nyes: 1\nb:\n  - {x: 1, 'x': 2}\na: 2\ntrue: 2\na: 3\nc: &c {z: 1, z: 2}\nd: *c\nd: {q: 1, q: 1}\n"
    (document,) = decode_text(text)
    assert document.duplicate_keys
    assert index_positions(text).duplicates(0) == [
        DuplicateKey((), "a", (7, 1, 7, 2), ((1, 1, 1, 2), (5, 1, 5, 2))),
        DuplicateKey((), "true", (6, 1, 6, 5), ((2, 1, 2, 4),)),
        DuplicateKey((), "d", (10, 1, 10, 2), ((9, 1, 9, 2),)),
        DuplicateKey(("b", 0), "x", (4, 12, 4, 15), ((4, 6, 4, 7),)),
        DuplicateKey(("c",), "z", (8, 14, 8, 15), ((8, 8, 8, 9),)),
        DuplicateKey(("d",), "q", (10, 11, 10, 12), ((10, 5, 10, 6),)),
    ]


def test_duplicates_in_what_is_lost_or_merged_are_found():
    assert [key.key for key in index_positions("a: {b: 1, b: 2}\na: 1").duplicates(0)] == ["a", "b"]
    assert [key.key for key in index_positions("a: {<<: {b: 1, b: 2}}").duplicates(0)] == ["b"]
    assert not index_positions("a: {<<: {b: 1}, b: 2, <<: {b: 3}}").duplicates(0)


JSON = '{"kind": "Pod",\n "a\\u00e9\\"b": [1, {"name": "\\ud83d\\ude00", "x": {}}],\r\n\t"c": null, "c": "\x7f"}\n\n[true, -1.5e3]'


@pytest.mark.parametrize(
    ("document", "route", "value", "key"),
    [
        (0, (), '1:"Pod"', '1:"Pod"'),
        (0, ('aé"b',), '2:"a\\u00e9\\"b"', '2:"a\\u00e9\\"b"'),
        (0, ('aé"b', 0), "2:1", "2:1"),
        (0, ('aé"b', 1), '2:"name": "\\ud83d\\ude00"', '2:"name": "\\ud83d\\ude00"'),
        (0, ('aé"b', 1, "x"), '2:"x"', '2:"x"'),
        (0, ("c",), '3:"\x7f"', '3:"c"'),
        (1, (0,), "5:true", "5:true"),
        (1, (1,), "5:-1.5e3", "5:-1.5e3"),
    ],
)
def test_places_in_json(document, route, value, key):
    assert (shown(JSON, route, document=document, json=True), shown(JSON, route, "key", document=document, json=True)) == (value, key)


def test_json_in_a_yaml_file_and_duplicates_in_json():
    text = '{"a": "\\ud83d\\ude00",\n"a": 1}'
    assert decode_text(text)[0].duplicate_keys
    assert index_positions(text).duplicates(0) == [DuplicateKey((), "a", (2, 1, 2, 4), ((1, 2, 1, 5),))]
    assert shown("{a: 1,\n b: 2}", ("b",)) == "2:2"
    assert shown('{\n  "lone": "\\ud800", "b": 2}', ("b",)) == "2:2"
    with pytest.raises(InputError):
        index_positions("{a: 1}", json=True)


def routes_of(value, route=()):
    yield route
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from routes_of(entry, (*route, key))
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from routes_of(entry, (*route, number))


def check_agreement(text: str, **options) -> None:
    try:
        documents = decode_text(text, **options)
    except InputError:
        return
    positions = index_positions(text, **options)
    assert len(positions) == len(documents)
    for document in documents:
        routes = list(positions.routes(document.index))
        assert set(routes) == set(routes_of(document.value))
        assert bool(positions.duplicates(document.index)) == document.duplicate_keys
        for route in routes:
            assert positions.has(document.index, route)
            for on in ("key", "value"):
                line, column, end_line, end_column = positions.locate(document.index, (*route, "missing")[: len(route) + (on == "key")], on)
                assert (1, 1) <= (line, column) <= (end_line, end_column)
                assert end_line <= text.count("\n") + text.count("\r") + 1


fragments = st.sampled_from(
    ["a", "b1", ": ", ":\n  ", "\n", "\n  ", "\n- ", "- ", "[", "]", "{", "}", ", ", '"q"', "'", " # ", "|\n  ", ">\n", "&x ", "*x", "!t ",
     "<<: ", "<<: *x", "&x {a: 1, y: 2}", "1.5", "yes", "~", "\t", "http://h:1", "---\n", "é", "\U0001f600", "\r\n", "? ", "a: 1\n",
     "a: {b: c}\n"]
)  # fmt: skip


def test_a_key_that_is_a_block_scalar_ends_in_the_text():
    check_agreement("? |\n  ")
    assert index_positions("? |\n  a\n: 1\n").locate(0, ("a\n",), "key") == (1, 3, 2, 4)


@settings(max_examples=examples(600), deadline=None)
@given(st.lists(fragments, max_size=16).map("".join), st.booleans())
def test_positions_know_the_routes_of_the_values(text, json):
    check_agreement(text, json=json)


keys = st.sampled_from(["a", "b", "yes", "'yes'", '"a"', "1", "1.5", "true", "~x", "k é", "? a\n: b"])
lines = st.recursive(
    st.sampled_from(
        ["1", "text", "*x", "&x word", "[a, {b: c}]", "{a: 1, a: 2}", "&x {a: 1}", "", "'q'", "http://h:1", "[http://h:1]", "!!str 5"]
    ),
    lambda inner: st.one_of(
        st.lists(st.tuples(keys.filter(lambda key: "?" not in key), inner), min_size=1, max_size=4).map(
            lambda entries: "\n" + "\n".join(f"{key}: {value}".replace("\n", "\n  ") for key, value in entries)
        ),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda items: "\n" + "\n".join("- " + item.lstrip("\n").replace("\n", "\n  ") for item in items)
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=examples(300), deadline=None)
@given(lines)
def test_positions_agree_on_nested_block_text(text):
    check_agreement("x: &x {a: 1}\nv:" + text.replace("\n", "\n  "))
