"""Explanations that hold for any schema, and the words that are recognised."""

import pytest

from linter.kubernetes.schemas.explaining import explain
from linter.kubernetes.schemas.places import Places
from linter.kubernetes.schemas.validators import BASE64_PATTERN, TIME_PATTERN, Schema
from linter.kubernetes.schemas.wording import choices, described, is_private, place_name, quoted
from linter.spelling import nearest


def sentences(schema, body):
    return [f"{mistake.kind}: {mistake.message}" for mistake in explain(Schema({"type": "object", **schema}), body, kind="Thing")]


def properties(**parts):
    return {"properties": parts, "additionalProperties": False}


CASES = [
    (properties(a={"enum": ["One", "Two"]}), {"a": "one"}, "invalid-value: `a` is `one` and must be `One` or `Two`; did you mean `One`?"),
    (properties(a={"const": "One"}), {"a": "Two"}, "invalid-value: `a` is `Two` and must be `One`"),
    (properties(a={"pattern": "^x+$"}), {"a": "y"}, "invalid-value: `a` is `y`, which does not have the form `^x+$`"),
    (properties(a={"minLength": 1}), {"a": ""}, "invalid-value: `a` must not be empty"),
    (properties(a={"minLength": 1, "pattern": "^x+$"}), {"a": ""}, "invalid-value: `a` must not be empty"),
    (properties(a={"maxLength": 2}), {"a": "abc"}, "invalid-value: `a` has 3 characters and may have 2"),
    (properties(a={"minItems": 2}), {"a": [1]}, "invalid-value: `a` has 1 entries and needs at least 2"),
    (properties(a={"uniqueItems": True}), {"a": [1, 1]}, "invalid-value: `a` has an entry twice"),
    (properties(a={"minimum": 1}), {"a": 0}, "invalid-value: `a` is `0` and must be at least 1"),
    (properties(a={"exclusiveMaximum": 1}), {"a": 1}, "invalid-value: `a` is `1` and must be less than 1"),
    (properties(a={"multipleOf": 2}), {"a": 3}, "invalid-value: `a` is `3` and must be a multiple of 2"),
    (
        properties(a={"propertyNames": {"pattern": "^x"}}),
        {"a": {"b": 1}},
        "invalid-value: `b` cannot be a key of `a`",
    ),
    (
        properties(a={"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        {"a": [1]},
        "wrong-type: `a` must be a whole number or text, but it is a list",
    ),
    (
        properties(a={"oneOf": [{"required": ["x"]}, {"required": ["y"]}]}),
        {"a": {}},
        "missing-field: `a` lacks one of the fields `x` or `y`",
    ),
    (
        properties(a={"oneOf": [{"required": ["x"]}, {"required": ["y"]}]}),
        {"a": {"x": 1, "y": 1}},
        "invalid-value: `a` has fields of which only one may be set: `x` and `y` are set",
    ),
    (
        properties(a={"not": {"anyOf": [{"required": ["x"]}]}}),
        {"a": {"x": 1}},
        "invalid-value: `a` must not have `x`",
    ),
    (
        properties(
            a={
                "oneOf": [
                    {"properties": {"type": {"const": "A"}, "size": {"type": "integer"}}, "required": ["type"]},
                    {"properties": {"type": {"const": "B"}, "name": {"type": "string"}}, "required": ["type"]},
                ]
            }
        ),
        {"a": {"type": "B", "name": 1}},
        "wrong-type: `a.name` must be text, but YAML reads it as the number 1",
    ),
    (
        properties(a={"anyOf": [{"type": "string"}, {"type": "object", "required": ["x"]}]}),
        {"a": {}},
        "missing-field: `a` lacks the required field `x`",
    ),
    (properties(a=False), {"a": 1}, "unknown-field: `a` is not a field of a Thing"),
    (
        properties(a={"additionalProperties": {"type": "integer"}}),
        {"a": {"8080": "x"}},
        'wrong-type: `a["8080"]` must be a whole number, but it is text (`x`)',
    ),
    (
        properties(a={"type": "array", "items": {"type": "string"}}),
        {"a": [None]},
        "missing-field: `a[0]` is an empty entry, and must be text",
    ),
    (
        properties(password={"type": "integer"}),
        {"password": "x4711"},
        "wrong-type: `password` must be a whole number, but it is text",
    ),
]


@pytest.mark.parametrize(("schema", "body", "sentence"), CASES)
def test_one_sentence_for_each_keyword(schema, body, sentence):
    assert sentences(schema, body) == [sentence]


def test_independent_mistakes_are_all_found_in_order():
    schema = properties(a={"type": "integer"}, list={"items": properties(name={"type": "string"})})
    body = {"list": [{"name": 1}, {"nam": "x"}], "a": "x"}
    assert [mistake.route for mistake in explain(Schema(schema), body)] == [("a",), ("list", 0, "name"), ("list", 1, "nam")]


def test_a_schema_that_contains_itself_is_searched_to_its_end():
    node = {"type": "object", **properties(inner={"$ref": "#/$defs/node"}, leaf={"type": "integer"})}
    schema = Schema({"$ref": "#/$defs/node", "$defs": {"node": node}})
    (found,) = explain(schema, {"inner": {"inner": {"size": 1}}})
    assert found.route == ("inner", "inner", "size")
    assert Places(schema.document).home((), "nothing", 1, {}) is None


def test_a_place_is_no_home_for_another_type_or_twice_the_same():
    schema = {
        "type": "object",
        **properties(
            outer={"type": "object", **properties(size={"type": "integer"})},
            other={"type": "object", **properties(a={"type": "string"})},
        ),
    }
    places = Places(schema)
    assert places.home((), "size", 3, {"size": 3}) == ("outer",)
    assert places.home((), "size", "large", {"size": "large"}) is None
    assert places.home((), "size", 3, {"size": 3, "outer": {"size": 4}}) is None
    # Beside a mapping that is not there, another one is an alternative.
    assert places.home(("other",), "size", 3, {"other": {"size": 3}}) is None
    assert places.home(("other",), "size", 3, {"other": {"size": 3}, "outer": {}}) == ("outer",)


@pytest.mark.parametrize(
    ("word", "known", "near"),
    [
        ("imagePullPolciy", ["image", "imagePullPolicy"], "imagePullPolicy"),
        ("image_pull_policy", ["imagePullPolicy"], "imagePullPolicy"),
        ("pullPolicy", ["imagePullPolicy", "terminationMessagePolicy"], "imagePullPolicy"),
        ("limit", ["limits", "claims"], "limits"),
        ("prot", ["port"], "port"),
        ("host", ["port"], None),
        ("a", ["b"], None),
        ("foo", ["ports", "image"], None),
        ("Requests", ["requests"], "requests"),
        ("policy", ["imagePullPolicy", "terminationMessagePolicy"], None),
    ],
)
def test_the_nearest_word(word, known, near):
    assert nearest(word, known) == near


def test_places_are_named_as_people_write_them():
    assert place_name(("spec", "containers", 0, "ports")) == "`spec.containers[0].ports`"
    assert place_name(("metadata", "annotations", "example.com/a")) == '`metadata.annotations["example.com/a"]`'
    assert place_name(("data", "8080")) == '`data["8080"]`'


def test_values_are_cut_and_stay_on_one_line():
    assert quoted("a\nb\x1b") == "`a\\nb\\u001b`"
    assert quoted("x" * 100) == f"`{'x' * 60}…`"
    assert quoted(True) == "`true`"
    assert described({}) == "an empty mapping"
    assert described("secret", private=True) == "text"
    assert choices(["A", "", None]) == "`A`"
    assert choices([f"w{number}" for number in range(20)]).endswith("or one of 8 more")


def test_what_is_private():
    assert is_private(("stringData", "a"), "Secret")
    assert not is_private(("data", "a"), "ConfigMap")
    assert is_private(("spec", "containers", 0, "env", 1, "value"), "Pod")
    assert is_private(("spec", "adminPassword"), "Thing")
    assert not is_private(("spec", "secretName"), "Thing")


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (BASE64_PATTERN, ["", "TGludA==", "TGlu", "TGlu\nTGlu\n", "TG\r\nludA=" + "="], ["TGludA", "TGlu!", "=", "TGludA=\n", "T==="]),
        (TIME_PATTERN, ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5+02:00"], ["", "2026-01-31", "2026-01-31 12:00:00Z", "now"]),
    ],
)
def test_patterns(pattern, good, bad):
    schema = Schema({"pattern": pattern})
    assert [text for text in good if not schema.is_valid(text)] == []
    assert [text for text in bad if schema.is_valid(text)] == []
