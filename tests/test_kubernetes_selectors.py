"""Label selectors against the semantics of k8s.io/apimachinery."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.kubernetes.labels.selectors import (
    Requirement,
    contradiction,
    integer,
    matches,
    matches_map,
    misspelt_key,
    read_expressions,
    read_selector,
    satisfiable,
)


def expression(key, operator, *values):
    return {"key": key, "operator": operator, **({"values": list(values)} if values else {})}


@pytest.mark.parametrize(
    ("selector", "labels", "expected"),
    [
        (None, {"app": "web"}, False),
        ({}, {}, True),
        ({}, {"app": "web"}, True),
        ({"matchLabels": {}}, {"app": "web"}, True),
        ({"matchLabels": None, "matchExpressions": None}, {}, True),
        ({"matchLabels": {"app": "web"}}, {"app": "web", "tier": "front"}, True),
        ({"matchLabels": {"app": "web"}}, {"app": "Web"}, False),
        ({"matchLabels": {"app": ""}}, {}, False),
        ({"matchLabels": {"app": ""}}, {"app": ""}, True),
        ({"matchExpressions": [expression("app", "In", "web", "api")]}, {"app": "api"}, True),
        ({"matchExpressions": [expression("app", "In", "web", "api")]}, {}, False),
        ({"matchExpressions": [expression("app", "NotIn", "web")]}, {}, True),
        ({"matchExpressions": [expression("app", "NotIn", "web")]}, {"app": "web"}, False),
        ({"matchExpressions": [expression("app", "Exists")]}, {"app": ""}, True),
        ({"matchExpressions": [expression("app", "Exists")]}, {}, False),
        ({"matchExpressions": [expression("app", "DoesNotExist")]}, {}, True),
        ({"matchLabels": {"app": "web"}, "matchExpressions": [expression("tier", "Exists")]}, {"app": "web"}, False),
    ],
)
def test_matches(selector, labels, expected):
    assert matches(selector, labels) is expected


@pytest.mark.parametrize(
    "malformed",
    [
        "app=web",
        ["app"],
        7,
        {"app": "web"},
        {"matchLabels": ["app"]},
        {"matchLabels": {"app": True}},
        {"matchLabels": {"app": None}},
        {"matchExpressions": {}},
        {"matchExpressions": ["app"]},
        {"matchExpressions": [expression("app", "Equals", "web")]},
        {"matchExpressions": [expression("app", "In")]},
        {"matchExpressions": [expression("app", "Exists", "web")]},
        {"matchExpressions": [{"operator": "Exists"}]},
        {"matchExpressions": [{"key": "app", "operator": "In", "values": "web"}]},
        {"matchExpressions": [{"key": "app", "operator": "In", "values": [1]}]},
        {"matchExpressions": [expression("generation", "Gt", "3")]},
    ],
)
def test_a_malformed_selector_matches_nothing(malformed):
    assert matches(malformed, {"app": "web", "generation": "5"}) is False
    assert read_selector(malformed) is None


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (None, False),
        ({}, False),
        ("app", False),
        ({"app": "web"}, True),
        ({"app": "web", "tier": "back"}, False),
        ({"app": 1}, False),
        ({"matchLabels": {"app": "web"}}, False),
    ],
)
def test_a_plain_map_selects_nothing_when_empty(selector, expected):
    assert matches_map(selector, {"app": "web", "tier": "front"}) is expected


@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        ([expression("a", "In", "x"), expression("a", "In", "y")], False),
        ([expression("a", "In", "x", "y"), expression("a", "NotIn", "x")], True),
        ([expression("a", "In", "x"), expression("a", "NotIn", "x")], False),
        ([expression("a", "In", "x"), expression("b", "NotIn", "x")], True),
        ([expression("a", "Exists"), expression("a", "DoesNotExist")], False),
        ([expression("a", "NotIn", "x"), expression("a", "DoesNotExist")], True),
        ([expression("a", "In", "x"), expression("a", "DoesNotExist")], False),
        ([expression("a", "Gt", "5"), expression("a", "Lt", "6")], False),
        ([expression("a", "Gt", "5"), expression("a", "Lt", "7")], True),
        ([expression("a", "Gt", "5"), expression("a", "Lt", "7"), expression("a", "NotIn", "6")], True),
        ([expression("a", "Gt", "5"), expression("a", "In", "3", "x")], False),
        ([expression("a", "Gt", "5"), expression("a", "In", "3", "9")], True),
        ([expression("a", "Lt", "-1"), expression("a", "In", "-2")], True),
        ([expression("a", "Gt", "1"), expression("a", "DoesNotExist")], False),
        ([expression("a", "In", "1", "2"), expression("a", "In", "2", "3"), expression("a", "In", "1", "3")], False),
        ([], True),
    ],
)
def test_satisfiability(requirements, expected):
    read = read_expressions(requirements, nodes=True)
    assert read is not None
    assert satisfiable(read) is expected


def test_a_contradiction_names_the_two_conditions_that_exclude_each_other():
    read = read_selector(
        {"matchLabels": {"app": "web"}, "matchExpressions": [expression("app", "Exists"), expression("app", "NotIn", "web")]},
        route=("spec",),
    )
    found = contradiction(read)
    assert found.key == "app"
    assert str(found) == "`app In (web)` and `app NotIn (web)`"
    assert [part.route for part in found.requirements] == [("spec", "matchLabels", "app"), ("spec", "matchExpressions", 1)]


def test_three_conditions_that_only_together_exclude_each_other_are_all_named():
    found = contradiction(
        read_expressions([expression("a", "In", "1", "2"), expression("a", "In", "2", "3"), expression("a", "In", "1", "3")])
    )
    assert len(found.requirements) == 3


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5),
        ("-5", -5),
        ("+5", 5),
        ("05", 5),
        ("", None),
        ("5.0", None),
        ("--5", None),
        ("٥", None),
        ("1e3", None),
        (5, None),
        ("9" * 30, None),
    ],
)
def test_integers_as_go_parses_them(text, number):
    assert integer(text) == number


_requirements = st.builds(
    Requirement,
    st.sampled_from(["a", "b"]),
    st.sampled_from(["In", "NotIn"]),
    st.lists(st.sampled_from(["1", "2", "3"]), min_size=1, max_size=2).map(tuple),
) | st.builds(Requirement, st.sampled_from(["a", "b"]), st.sampled_from(["Exists", "DoesNotExist"]))
_labels = st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["1", "2", "3", "4"]))


@given(st.lists(_requirements, max_size=5), _labels)
def test_what_some_labels_meet_is_never_called_contradictory(requirements, labels):
    if all(requirement.matches(labels) for requirement in requirements):
        assert satisfiable(requirements)


@given(st.lists(_requirements, max_size=5))
def test_what_is_called_satisfiable_is_met_by_some_labels(requirements):
    values = [None, "1", "2", "3", "4"]
    sets = [{key: value for key, value in (("a", a), ("b", b)) if value is not None} for a in values for b in values]
    assert satisfiable(requirements) is any(all(requirement.matches(labels) for requirement in requirements) for labels in sets)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["matchLabels", "matchExpressions", "key", "operator", "values", "app"]), inner, max_size=3)
        ),
        max_leaves=10,
    )
)
def test_any_body_is_answered(selector):
    assert matches(selector, {"app": "web"}) in (True, False)
    assert matches_map(selector, {"app": "web"}) in (True, False)


@pytest.mark.parametrize(
    ("selector", "labels", "key"),
    [
        ({"app": "carts"}, {"app": "cart"}, "app"),
        ({"tier": "back", "app": "Store-Front"}, {"app": "storefront", "tier": "web"}, "app"),
        ({"app": "cart"}, {"app": "carts"}, None),  # short words are near to many
        ({"app": "redis-1"}, {"app": "redis-2"}, None),
        ({"app": "storefront"}, {"app": "storefront"}, None),
        ({"app": "storefront"}, {"name": "storefront"}, None),
    ],
)
def test_values_that_are_nearly_the_same(selector, labels, key):
    assert misspelt_key(selector, labels) == key
