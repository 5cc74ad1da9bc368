"""The schema of .gitops-lint.yaml, which editors complete from, against what reads the file."""

from __future__ import annotations

import json
from typing import Any, get_args

import jsonschema
import pytest
from example_counts import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_config import FULL

from linter import shipped
from linter.config import Config, parse_config
from linter.config.values import By, SuppressionPolicy
from linter.errors import ConfigurationError
from linter.manifest.decoder import decode_bytes
from linter.model.failures import FAILURE_IDS
from linter.suppression.honoured import LINTERS

SCHEMA = json.loads(shipped.read("schemas", "config.schema.json"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    return {**resolved(SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]]), **{key: schema[key] for key in schema if key != "$ref"}}


def parts(schema: Any, place: str = ""):
    """Every schema inside a schema, with the place it stands at."""
    if isinstance(schema, dict):
        yield place, schema
        for key, part in schema.items():
            if key not in ("examples", "default", "enum"):
                yield from parts(part, f"{place}/{key}")
    elif isinstance(schema, list):
        for index, part in enumerate(schema):
            yield from parts(part, f"{place}/{index}")


PROPERTIES = {
    f"{place}/{name}": part
    for place, schema in parts(SCHEMA)
    if isinstance(schema.get("properties"), dict)
    for name, part in schema["properties"].items()
}


class TestForEditors:
    def test_it_is_a_schema(self):
        jsonschema.Draft7Validator.check_schema(SCHEMA)
        assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"

    @pytest.mark.parametrize("place", PROPERTIES)
    def test_every_property_explains_itself(self, place):
        part = PROPERTIES[place]
        assert part["title"]
        assert part["description"].endswith((".", "`."))
        whole = resolved(part)
        assert whole.get("x-accepted") or "anyOf" in whole
        assert whole.get("examples") or "enum" in whole or whole["type"] == "boolean", "show what can be written"

    @pytest.mark.parametrize("place", PROPERTIES)
    def test_examples_and_defaults_are_accepted(self, place):
        part = PROPERTIES[place]
        shown = [*part.get("examples", ()), *([part["default"]] if "default" in part else ())]
        for example in shown:
            assert VALIDATOR.evolve(schema=resolved(part)).is_valid(example), example
            if place.count("/") == 1 and "extends" not in place:
                around = {"environments": {"prod": {}}} if place == "/states" else {}
                assert parse_config(json.dumps({**around, place.strip("/"): example}).encode()).path

    def test_no_mapping_takes_unknown_keys(self):
        assert [place for place, part in parts(SCHEMA) if isinstance(part.get("properties"), dict) and "type" in part
                and part.get("additionalProperties") is not False] == []  # fmt: skip

    def test_every_accepting_place_says_what_it_accepts(self):
        typed = [place for place, part in parts(SCHEMA) if ("enum" in part or "pattern" in part) and "x-accepted" not in part]
        assert typed == []

    def test_enumerations_are_those_of_the_program(self):
        assert set(SCHEMA["properties"]["suppressions"]["properties"]["allow"]["items"]["enum"]) == set(get_args(By))
        assert SCHEMA["properties"]["honour"]["items"]["enum"] == list(LINTERS)
        failures = SCHEMA["definitions"]["ignores"]["items"]["properties"]["failures"]["items"]["enum"]
        assert failures == sorted(FAILURE_IDS)

    def test_defaults_are_those_of_the_program(self):
        policy = SCHEMA["properties"]["suppressions"]["properties"]
        assert frozenset(policy["allow"]["default"]) == SuppressionPolicy().allow
        assert policy["require-reason"]["default"] is SuppressionPolicy().require_reason
        assert SCHEMA["properties"]["root"]["default"] is Config().root

    def test_a_configuration_with_every_key(self):
        """FULL of test_config uses every key of the schema, but `extends`, which has tests of its own."""
        value = decode_bytes(FULL.encode())[1][0].value
        assert VALIDATOR.is_valid(value)
        assert parse_config(FULL.encode()).settings is not None

        def keys(value):
            if isinstance(value, dict):
                yield from value
            for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
                yield from keys(part)

        assert {place.rpartition("/")[2] for place in PROPERTIES} - set(keys(value)) == {"extends"}
        assert set(SCHEMA["properties"]) - set(value) == {"extends"}


def documents(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that satisfy a schema, for the keywords ours uses."""
    schema = resolved(schema)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema and "properties" not in schema:
        return st.one_of([documents(branch) for branch in schema["anyOf"]])
    kind = schema.get("type", "string")
    if kind == "null":
        return st.none()
    if kind == "boolean":
        return st.booleans()
    if kind == "integer":
        return st.integers(schema.get("minimum", -5), schema.get("maximum", 5))
    if kind == "array":
        return st.lists(documents(schema["items"]), min_size=schema.get("minItems", 0), max_size=2)
    if kind == "object":
        if "properties" in schema:
            fields = {name: documents(part) for name, part in schema["properties"].items() if name != "extends"}
            needed = [*schema.get("required", ())]
            found = st.fixed_dictionaries({name: fields.pop(name) for name in needed}, optional=fields)
            branches = schema.get("anyOf", ())
            if not branches and schema.get("minProperties", 0) == 0:
                return found
            wanted = [branch["required"][0] for branch in branches]
            return found.filter(
                lambda value: len(value) >= schema.get("minProperties", 0) and (not wanted or any(k in value for k in wanted))
            )
        inner = schema.get("additionalProperties", True)
        names = documents(schema["propertyNames"]) if "propertyNames" in schema else st.text("ab-", min_size=1)
        return st.dictionaries(names, st.integers() if inner is True else documents(inner), max_size=2)
    if "pattern" in schema:
        found = st.from_regex(schema["pattern"].replace("\\S", "[!-~]").replace("[^=]", "[a-z.]"), fullmatch=False, alphabet=ASCII)
        return found.filter(lambda text: "\n" not in text and len(text) <= schema.get("maxLength", 99))
    return st.text("ab/*.[]-?(", min_size=schema.get("minLength", 0), max_size=8)


ASCII = st.characters(min_codepoint=32, max_codepoint=126)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "ALL", "probes", "1.2", "error"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["rules", "path", "paths", "prod", "a/b", "severity"]), inner)
    ),
    max_leaves=6,
)


def outcome(value: Any, *arguments: str) -> Config | ConfigurationError:
    try:
        return parse_config(json.dumps(value).encode(), *arguments)
    except ConfigurationError as error:
        return error


class TestAnyDocument:
    @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], max_examples=examples(80), deadline=None)
    @given(st.data())
    def test_what_satisfies_the_schema_loads_or_is_refused_with_a_line(self, data):
        keys = data.draw(st.lists(st.sampled_from([key for key in SCHEMA["properties"] if key != "extends"]), max_size=4, unique=True))
        value = {key: data.draw(documents(SCHEMA["properties"][key])) for key in keys}
        assert VALIDATOR.is_valid(value)
        config = outcome(value, "apps/.gitops-lint.yaml", "apps")
        if isinstance(config, ConfigurationError):
            assert (config.path, config.line) == ("apps/.gitops-lint.yaml", 1)
        else:
            assert {config.place((key,)) for key in value} <= {"apps/.gitops-lint.yaml:1"}

    @settings(max_examples=examples(200), deadline=None)
    @given(st.dictionaries(st.sampled_from([*SCHEMA["properties"], "excludes", "x"]), ANYTHING, min_size=1, max_size=3))
    def test_what_does_not_satisfy_it_is_refused_with_a_sentence(self, value):
        value.pop("extends", None)
        config = outcome(value)
        if isinstance(config, ConfigurationError):
            assert all(line.startswith(".gitops-lint.yaml:1: ") and len(line) > 40 for line in str(config).splitlines())
        else:
            assert VALIDATOR.is_valid(value)
