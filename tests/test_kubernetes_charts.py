"""Chart dependencies and the digest of Chart.lock."""

import json
from hashlib import sha256

import pytest

from linter.kubernetes.charts import dependencies_of, lock_digest, same_repository, version_in_range


def test_the_digest_is_of_the_serialized_dependencies():
    wanted = [
        {"alias": "main", "name": "db", "repository": "https://charts.example.com", "version": ">=16 <17", "tags": ["a"], "enabled": False}
    ]
    locked = [{"name": "db", "repository": "https://charts.example.com", "version": "16.2.1"}]
    text = (
        '[[{"name":"db","version":"\\u003e=16 \\u003c17","repository":"https://charts.example.com","tags":["a"],"alias":"main"}],'
        '[{"name":"db","version":"16.2.1","repository":"https://charts.example.com"}]]'
    )
    assert lock_digest(wanted, locked) == "sha256:" + sha256(text.encode()).hexdigest()


def test_imported_values_are_sorted_and_an_empty_repository_stays():
    wanted = [{"name": "db", "version": "1.0.0", "import-values": ["x", {"parent": "b", "child": "a"}]}]
    text = '[[{"name":"db","version":"1.0.0","repository":"","import-values":["x",{"child":"a","parent":"b"}]}],null]'
    assert json.loads(text)
    assert lock_digest(wanted, []) == "sha256:" + sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "entry",
    [
        {"name": 3},
        {"name": "db", "version": 1.1},
        "db",
        {"name": "db", "repository": "@stable"},
        {"name": "db", "repository": "alias:stable"},
    ],
)
def test_a_digest_that_cannot_be_known(entry):
    assert lock_digest([entry], []) is None


@pytest.mark.parametrize(
    ("version", "constraint", "expected"),
    [
        ("1.2.3", "^1.0.0", True),
        ("2.0.0", "^1.0.0", False),
        ("1.2.3", "", True),
        ("1.2.3", "1.2.x", True),
        ("v1.2.3", "1.2.3", True),
        ("new", "^1", None),
        ("1.2.3", ">>1", None),
    ],
)
def test_ranges(version, constraint, expected):
    assert version_in_range(version, constraint) is expected


def test_repositories():
    assert same_repository("https://a.example.com", "https://a.example.com/")
    assert same_repository("https://a.example.com", "https://b.example.com") is False
    assert same_repository("@a", "https://a.example.com") is None


def test_malformed_dependencies_are_left_out():
    assert dependencies_of({"dependencies": [3, {"name": "a"}, {"name": 4}]}) == [(1, {"name": "a"})]
    assert dependencies_of(None) == []
