"""openAPIV3Schema -> what an object must satisfy: each keyword, defaults, nulls, lists that are sets or maps, hostile input."""

from __future__ import annotations

import copy
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.kubernetes.definitions.checks import checks_of, duplicates
from linter.kubernetes.definitions.compiling import CompiledVersion, compiled_version
from linter.kubernetes.definitions.conversion import MAX_PARTS, TooLargeError, convert
from linter.kubernetes.definitions.defaulting import defaults_of, with_defaults, without_nulls
from linter.kubernetes.definitions.formats import FORMATS
from linter.kubernetes.definitions.reading import Version, read_definition

API, KIND = "example.com/v1", "Queue"


def compiled(spec, prunes=True, **root):
    schema = {"type": "object", "properties": {"spec": spec}, **root}
    return CompiledVersion(Version("v1", True, schema, prunes), API, KIND)


def accepts(spec, value, **options):
    """Whether the API server would take an object with this spec, as far as its structure goes."""
    version = compiled(spec, **options)
    assert version.problem is None, version.problem
    body = {"apiVersion": API, "kind": KIND, "metadata": {"name": "mail"}, "spec": value}
    before = copy.deepcopy(body)
    answer = version.schema.is_valid(version.prepared(body))
    assert body == before
    return answer


STRING = {"type": "string"}
OBJECT = {"type": "object", "properties": {"a": STRING}}
INT_OR_STRING = {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}


@pytest.mark.parametrize(
    ("spec", "right", "wrong"),
    [
        pytest.param(STRING, ["", "a"], [1, True, [], {}, 1.5], id="type"),
        pytest.param({"type": "integer"}, [3, 3.0], [3.5, "3", True], id="a whole number may be written as 3.0"),
        pytest.param({"type": "number"}, [3, 3.5], ["3", False], id="number"),
        pytest.param({"type": "string", "nullable": True}, [None, "a"], [1], id="nullable"),
        pytest.param({"type": "string", "nullable": True, "enum": ["a"]}, ["a"], ["b", "", None], id="an enum has to name null"),
        pytest.param({"type": "string", "nullable": True, "enum": ["a", None]}, ["a", None], ["b"], id="enum with null"),
        pytest.param({"type": "string", "enum": ["a", "b"]}, ["a"], ["c", "A"], id="enum"),
        pytest.param(OBJECT, [{}, {"a": "x"}, {"a": None}], [{"b": "x"}, {"a": 1}], id="fields, and null for absence"),
        pytest.param({"type": "object"}, [{}], [{"a": 1}], id="an object without fields has none"),
        pytest.param({**OBJECT, "x-kubernetes-preserve-unknown-fields": True}, [{"b": 1}], [{"a": 1}], id="preserved"),
        pytest.param(
            {"type": "array", "x-kubernetes-preserve-unknown-fields": True, "items": OBJECT},
            [[{"b": 1}]], [[{"a": 1}]], id="preserved in a list",
        ),
        pytest.param({"type": "object", "additionalProperties": STRING}, [{"b": "x"}, {"b": None}], [{"b": 1}], id="map"),
        pytest.param({"type": "array", "items": STRING}, [[], ["a"]], [[1], [None], {}], id="items keep their nulls"),
        pytest.param({**OBJECT, "required": ["a"]}, [{"a": ""}], [{}, {"a": None}], id="required"),
        pytest.param(
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "default": "x"}}}, [{}, {"a": None}], [{"a": 1}],
            id="required with default",
        ),
        pytest.param(INT_OR_STRING, [80, "http"], [True, 1.5, []], id="number or text"),
        pytest.param({**INT_OR_STRING, "pattern": "^[a-z]+$"}, [80, "http"], ["80"], id="number or text, with a pattern"),
        pytest.param({"type": "integer", "format": "int32"}, [2147483647, -5], [2147483648], id="int32"),
        pytest.param({"type": "integer"}, [2**63 - 1], [2**63], id="whole numbers have 64 bits"),
        pytest.param({"type": "integer", "format": "int64"}, [2**63 - 1], [2**63], id="int64"),
        pytest.param({"type": "integer", "minimum": 1, "maximum": 5}, [1, 5], [0, 6], id="minimum and maximum"),
        pytest.param(
            {"type": "number", "minimum": 1, "exclusiveMinimum": True, "maximum": 5, "exclusiveMaximum": True},
            [1.1, 4], [1, 5], id="exclusive",
        ),
        pytest.param({"type": "integer", "minimum": 1, "exclusiveMinimum": False}, [1], [0], id="not exclusive"),
        pytest.param({"type": "integer", "multipleOf": 5}, [10], [7], id="multipleOf"),
        pytest.param({"type": "string", "minLength": 2, "maxLength": 3}, ["äöü"], ["a", "abcd"], id="length in characters"),
        pytest.param({"type": "string", "pattern": "b+"}, ["abc"], ["ac"], id="a pattern is searched for"),
        pytest.param({"type": "string", "pattern": r"^\d$"}, ["1"], ["٣"], id="digits are those of ASCII"),
        pytest.param({"type": "array", "minItems": 1, "maxItems": 2, "items": STRING}, [["a"]], [[], ["a"] * 3], id="number of items"),
        pytest.param(
            {"type": "object", "maxProperties": 1, "additionalProperties": STRING}, [{"a": ""}], [{"a": "", "b": ""}], id="number of keys"
        ),
        pytest.param(
            {"type": "object", "properties": {"a": STRING, "b": STRING}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
            [{"a": ""}, {"b": ""}], [{}, {"a": "", "b": ""}], id="oneOf says nothing about which fields exist",
        ),
        pytest.param({**OBJECT, "not": {"required": ["a"]}}, [{}], [{"a": ""}], id="not"),
        pytest.param({**OBJECT, "allOf": [{"properties": {"a": {"minLength": 2}}}]}, [{"a": "xy"}, {}], [{"a": "x"}], id="allOf"),
        pytest.param(
            {"type": "array", "items": STRING, "anyOf": [{"maxItems": 1}, {"items": {"pattern": "^a"}}]},
            [["b"], ["a", "ab"]], [["a", "b"]],
            id="anyOf",
        ),
        pytest.param(
            {"type": "string", "nullable": True, "anyOf": [{"minLength": 2}]}, [None, "ab"], ["a"], id="logic does not judge null",
        ),
        pytest.param(
            {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}, ["10.0.0.1", "::1"], ["a"], id="formats in logic"
        ),
        pytest.param({"type": "string", "format": "something"}, ["x"], [], id="an unknown format accepts all"),
        pytest.param({"type": "integer", "format": "uint8"}, [300], [], id="an unknown format of numbers accepts all"),
        pytest.param(
            {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True},
            [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {}}],
            [{}, {"apiVersion": "v1"}, {"apiVersion": "v1", "kind": ""}, {"apiVersion": "v1", "kind": "Pod", "metadata": {"nane": "x"}}],
            id="embedded resource",
        ),
        pytest.param({"type": "object", "additionalProperties": True}, [{"a": 1}], [], id="any key"),
        pytest.param({"x-kubernetes-preserve-unknown-fields": True}, [1, "a", {"a": 1}, []], [], id="anything"),
        pytest.param(
            {"type": "object", "properties": {"a": {"x-kubernetes-preserve-unknown-fields": True}}, "required": ["a"]},
            [{"a": 1}, {"a": {}}], [{}, {"a": None}], id="anything is not nothing",
        ),
        pytest.param({"type": "array", "items": {"x-kubernetes-preserve-unknown-fields": True}}, [[None, 1]], [], id="anything in a list"),
        pytest.param({"type": "string", "description": "$ref: x", "title": "x", "example": 1}, ["a"], [1], id="words say nothing"),
    ],
)  # fmt: skip
def test_a_keyword(spec, right, wrong):
    assert [value for value in right if not accepts(spec, value)] == []
    assert [value for value in wrong if accepts(spec, value)] == []


def test_the_outermost_object():
    version = compiled(OBJECT, required=["spec", "status", "kind"])
    body = {"apiVersion": API, "kind": KIND, "metadata": {"name": "x", "labels": {"a": "b"}}, "spec": {}}
    assert version.schema.is_valid(body)
    assert version.schema.is_valid({**body, "status": {"anything": [1]}})
    for change in ({"kind": "Other"}, {"apiVersion": "example.com/v2"}, {"extra": 1}, {"metadata": {"nane": "x"}}, {"metadata": []}):
        assert not version.schema.is_valid({**body, **change}), change
    del body["spec"]
    assert not version.schema.is_valid(body)


def test_names_may_be_limited():
    name = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 4}}}
    schema = {"type": "object", "properties": {"metadata": name}}
    version = CompiledVersion(Version("v1", True, schema), API, KIND)
    assert [version.schema.is_valid({"apiVersion": API, "kind": KIND, "metadata": {"name": word}}) for word in ("mail", "mailer")] == [
        True,
        False,
    ]


def test_a_reference_is_not_followed():
    version = compiled({"type": "object", "$ref": "file:///etc/passwd", "properties": {"a": {"$ref": "#"}}})
    assert "$ref" not in str(version.schema.document)


def test_equal_parts_stand_once():
    part = {"type": "object", "properties": dict.fromkeys("abc", STRING)}
    document = convert({"type": "object", "properties": {f"p{number}": copy.deepcopy(part) for number in range(9)}}, API, KIND)
    assert len(document["$defs"]) == 1


class TestOlderDefinitions:
    def test_one_version_and_one_schema_for_all(self):
        spec = {
            "group": "example.com", "names": {"kind": "Queue", "plural": "queues"}, "version": "v1", "scope": "Cluster",
            "validation": {"openAPIV3Schema": {"type": "object", "properties": {"spec": OBJECT}}},
        }  # fmt: skip
        found = read_definition({"apiVersion": "apiextensions.k8s.io/v1beta1", "kind": "CustomResourceDefinition", "spec": spec})
        assert (found.served, found.namespaced, found.plural) == (("v1",), False, "queues")
        # Unknown fields stay by default in this version of the API.
        assert accepts(OBJECT, {"b": 1}, prunes=found.version("v1").prunes)
        spec |= {"preserveUnknownFields": False, "versions": [{"name": "v2", "served": True}, {"name": "v3", "served": False}]}
        found = read_definition({"apiVersion": "apiextensions.k8s.io/v1beta1", "kind": "CustomResourceDefinition", "spec": spec})
        assert found.served == ("v2",)
        assert found.version("v2").schema["properties"]["spec"] is OBJECT
        assert found.version("v2").prunes
        assert found.version("v3") is None

    @pytest.mark.parametrize(
        "spec",
        [
            None,
            [],
            {},
            {"group": "a", "names": []},
            {"group": "a", "names": {"kind": "B"}},
            {"group": 1, "names": {"kind": "B"}, "versions": [{}]},
        ],
    )
    def test_what_defines_nothing(self, spec):
        assert read_definition({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": spec}) is None


WITH_DEFAULTS = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "default": {},
            "properties": {
                "mode": {"type": "string", "default": "fast"},
                "off": {"type": "boolean", "default": False},
                "maybe": {"type": "string", "nullable": True, "default": "x"},
                "plain": {"type": "string"},
                "hosts": {"type": "array", "items": {"type": "object", "properties": {"port": {"type": "integer", "default": 80}}}},
                "map": {"type": "object", "additionalProperties": {"type": "string", "default": "d"}},
            },
        },
        "status": {"type": "object", "default": {"a": 1}},
    },
}  # fmt: skip


class TestDefaults:
    def filled(self, spec):
        body = {"spec": spec} if spec is not ... else {}
        return with_defaults(without_nulls(body, WITH_DEFAULTS), defaults_of(WITH_DEFAULTS))

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            (..., {"mode": "fast", "off": False, "maybe": "x"}),
            (None, {"mode": "fast", "off": False, "maybe": "x"}),
            ({"mode": None, "maybe": None, "plain": None}, {"mode": "fast", "off": False, "maybe": None}),
            (
                {"hosts": [{}, {"port": 1}, {"port": None}]},
                {"hosts": [{"port": 80}, {"port": 1}, {"port": 80}], "mode": "fast", "off": False, "maybe": "x"},
            ),
            ({"map": {"a": None, "b": "c"}}, {"map": {"a": "d", "b": "c"}, "mode": "fast", "off": False, "maybe": "x"}),
            ("text", "text"),
        ],
    )
    def test_filled_in(self, written, expected):
        assert self.filled(written) == {"spec": expected}

    def test_nothing_to_fill_in(self):
        assert defaults_of({"type": "object", "properties": {"status": {"default": {}}, "spec": OBJECT}}) is None
        body = {"mode": "a", "off": True, "maybe": "b", "hosts": [{"port": 3}], "map": {"a": "b"}}
        whole = {"spec": body}
        assert with_defaults(whole, defaults_of(WITH_DEFAULTS)) is whole

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=3),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["spec", "mode", "off", "maybe", "plain", "hosts", "port", "map", "a"]), inner, max_size=4
                )
            ),
            max_leaves=20,
        )
    )
    def test_the_object_itself_is_left_alone_and_once_is_enough(self, body):
        before = copy.deepcopy(body)
        defaults = defaults_of(WITH_DEFAULTS)
        once = with_defaults(without_nulls(body, WITH_DEFAULTS), defaults)
        assert body == before
        assert with_defaults(without_nulls(once, WITH_DEFAULTS), defaults) == once


class TestLists:
    @staticmethod
    def found(part, value):
        return [(entry.route, entry.first, entry.keys) for entry in duplicates({"l": value}, checks_of({"properties": {"l": part}}))]

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (["a", "b"], []),
            (["a", "b", "a", "a"], [(("l", 2), 0, ()), (("l", 3), 0, ())]),
            ([1, True, "1"], []),
            ([{"a": 1, "b": 2}, {"b": 2, "a": 1}], [(("l", 1), 0, ())]),
            ("no list", []),
        ],
    )
    def test_sets(self, value, expected):
        assert self.found({"type": "array", "x-kubernetes-list-type": "set"}, value) == expected

    @pytest.mark.parametrize(
        ("keys", "value", "expected"),
        [
            (["name"], [{"name": "a"}, {"name": "b"}], []),
            (["name"], [{"name": "a", "x": 1}, {"name": "a", "x": 2}], [(("l", 1), 0, ("name",))]),
            (["name"], [{}, {"x": 1}], [(("l", 1), 0, ("name",))]),
            (
                ["name", "port"],
                [{"name": "a", "port": 1}, {"name": "a", "port": 2}, {"name": "a", "port": 1}],
                [(("l", 2), 0, ("name", "port"))],
            ),
            (["name"], [None, 1, "a"], []),
        ],
    )
    def test_maps(self, keys, value, expected):
        assert self.found({"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys}, value) == expected

    def test_lists_in_lists_and_maps(self):
        inner = {"type": "array", "x-kubernetes-list-type": "set", "items": STRING}
        assert self.found({"type": "array", "items": {"additionalProperties": inner}}, [{"k": ["a", "a"]}]) == [(("l", 0, "k", 1), 0, ())]
        assert (
            checks_of({"properties": {"l": {"type": "array", "x-kubernetes-list-type": "atomic"}, "status": {"properties": {"l": inner}}}})
            is None
        )


@pytest.mark.parametrize(
    ("format", "right", "wrong"),
    [
        ("ipv4", ["10.0.0.1", "010.1.1.1"], ["10.0.0", "256.1.1.1", "::1", "", "a"]),
        ("ipv6", ["::1", "2001:db8::1"], ["10.0.0.1", "fe80::1%eth0", "x"]),
        ("cidr", ["10.0.0.0/8", "2001:db8::/32"], ["10.0.0.0", "10.0.0.0/33", "::/129", "/8", "10.0.0.0/-1"]),
        ("uri", ["https://example.com/a?b", "/path", "urn:a:b", "a:b%c"], ["", "example.com", "https://a b", "https://a:b/", "/a%zz"]),
        ("date-time", ["2026-11-21T10:00:00Z", "2026-11-21t10:00:00.5+02:00"], ["2026-11-21", "2026-13-01T10:00:00Z", ""]),
        ("date", ["2026-02-28"], ["2026-02-30", "2026-2-3", "x"]),
        ("duration", ["1h30m", "0", "1.5s", "-1m", "2 days", "3w"], ["", "5", "1 mo", "x", "h1"]),
        ("hostname", ["example.com", "a", "a-b", "a-b.example", "é.example"], ["", "-a", "a-.bc", "a..b", "10.0.0.1", "ab-c", "x" * 64]),
        ("email", ["a@example.com", "A B <a@example.com>"], ["a", "@", "a b@c", "mailto:a@b.c", "a@"]),
        ("uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567", ""]),
        ("uuid4", ["123e4567-e89b-42d3-a456-426614174000"], ["123e4567-e89b-12d3-a456-426614174000"]),
        ("mac", ["00:00:5e:00:53:01"], ["00:00:5e:00:53", "00-00:5e:00:53:01"]),
        ("byte", ["aGk=", "YWJj"], ["a", "!!!!"]),
        ("hexcolor", ["#fff", "336699"], ["#ffff", "red"]),
        ("k8s-short-name", ["a-b"], ["A", "a.b", "x" * 64]),
        ("k8s-long-name", ["a.b-c"], ["a..b", "A.b"]),
    ],
)  # fmt: skip
def test_formats(format, right, wrong):
    assert [value for value in right if not FORMATS[format](value)] == []
    assert [value for value in wrong if FORMATS[format](value)] == []
    assert accepts({"type": "string", "format": format}, right[0])
    assert not accepts({"type": "string", "format": format}, wrong[-1])


@given(st.text(max_size=40) | st.from_regex(r"[0-9a-f:./%-]{0,30}", fullmatch=True))
def test_formats_judge_every_text(text):
    assert all(check(text) in (True, False) for check in FORMATS.values())


class TestHostileDefinitions:
    @pytest.mark.parametrize(
        "text", ["1" * 200_000, "a." * 100_000, "1s" * 100_000 + "x", "::" * 100_000, "%" * 200_000, "=" * 200_001, " <" * 100_000]
    )
    def test_long_texts_take_no_time(self, text):
        start = time.process_time()
        for check in FORMATS.values():
            check(text)
            check(f"https://{text}:{text}")
        assert time.process_time() - start < 3

    def test_a_pattern_that_backtracks_without_end_takes_no_time(self):
        version = compiled({"type": "string", "pattern": "^(a+)+$"})
        body = {"apiVersion": API, "kind": KIND, "spec": "a" * 50_000 + "!"}
        start = time.process_time()
        assert not version.schema.is_valid(body)
        assert len(list(version.schema.errors(body))) == 1
        assert time.process_time() - start < 1

    @pytest.mark.parametrize("pattern", ["(", "(?<!a)b", "(a{1000}){1000}", r"\Qa\E", "a{,3}", "(?=x)"])
    def test_a_pattern_that_cannot_be_used_is_named_and_left_out(self, pattern):
        version = compiled(
            {"type": "object", "properties": {"a": {"type": "string", "pattern": pattern}, "b": {"type": "string", "pattern": "^b$"}}}
        )
        body = {"apiVersion": API, "kind": KIND, "spec": {"a": "x", "b": "b"}}
        assert version.schema.is_valid(body)
        assert not version.schema.is_valid({**body, "spec": {"b": "x"}})
        assert version.unusable_patterns == (pattern,)

    def test_deep(self):
        spec = STRING
        for depth in range(100):
            spec = {"type": "object", "properties": {"a": {"type": "array", "items": spec}}}
            if depth == 60:  # no file is read that nests more deeply
                assert not accepts(spec, {"a": [{"a": [3]}]})
        assert compiled(spec).schema is None
        logic = {"minLength": 1}
        for _ in range(60):
            logic = {"not": {"allOf": [logic]}}
        assert compiled({"type": "string", **logic}).problem is None

    def test_more_parts_than_are_read(self):
        schema = {"type": "object", "properties": {f"p{number}": {"type": "string"} for number in range(MAX_PARTS + 1)}}
        with pytest.raises(TooLargeError):
            convert(schema, API, KIND)
        version = CompiledVersion(Version("v1", True, schema), API, KIND)
        assert version.schema is None
        assert "more parts" in version.problem

    @pytest.mark.parametrize(
        "schema",
        [
            {
                "type": 3,
                "properties": [],
                "required": "a",
                "enum": 5,
                "pattern": 7,
                "minimum": "x",
                "maxLength": -1,
                "items": [],
                "allOf": {},
            },
            {"type": "object", "properties": {"a": None, "b": "x", "c": []}, "required": [1, None], "not": "x", "anyOf": [1, None]},
            {"type": "nonsense", "x-kubernetes-list-map-keys": 3, "x-kubernetes-list-type": [], "x-kubernetes-validations": {"rule": "x"}},
            {
                "x-kubernetes-validations": [1, None, {"rule": 3}, {"rule": ""}],
                "default": 5,
                "format": 1,
                "nullable": "yes",
                "multipleOf": 0,
            },
            {"minimum": float("inf"), "maximum": float("nan"), "multipleOf": -1, "minItems": True, "additionalProperties": 3},
        ],
    )
    def test_nonsense_is_no_error(self, schema):
        version = CompiledVersion(Version("v1", True, {"type": "object", "properties": {"spec": schema}}), API, KIND)
        body = {"apiVersion": API, "kind": KIND, "spec": {"a": 1}}
        if version.schema is not None:
            version.schema.is_valid(version.prepared(body))
        else:
            assert version.problem
        assert list(version.rules()) == []

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["object", "string", "array", "^a"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        [
                            "type",
                            "properties",
                            "items",
                            "required",
                            "enum",
                            "pattern",
                            "anyOf",
                            "not",
                            "default",
                            "nullable",
                            "additionalProperties",
                            "x-kubernetes-list-type",
                            "x-kubernetes-preserve-unknown-fields",
                            "spec",
                        ]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=25,
        )
    )
    def test_any_schema_can_be_read(self, schema):
        versions = [{"name": "v1", "served": True, "schema": {"openAPIV3Schema": schema}}]
        body = {"apiVersion": "apiextensions.k8s.io/v1", "spec": {"group": "example.com", "names": {"kind": KIND}, "versions": versions}}
        found = read_definition(body)
        version = compiled_version(found.versions[0], API, KIND)
        assert version.schema is not None or version.problem is not None or not version.has_schema


def test_equal_schemas_are_compiled_once():
    first, second = (Version("v1", True, {"type": "object", "properties": {"spec": copy.deepcopy(OBJECT)}}) for _ in range(2))
    assert compiled_version(first, API, KIND) is compiled_version(second, API, KIND)
    assert compiled_version(first, API, KIND) is not compiled_version(first, "example.com/v2", KIND)
    assert compiled_version(first, API, KIND) is not compiled_version(first._replace(prunes=False), API, KIND)
