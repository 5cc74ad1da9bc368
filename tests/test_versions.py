"""Versions and constraints. The expectations were checked against Masterminds/semver v3.5.0."""

from __future__ import annotations

from itertools import pairwise

import pytest

from linter.versions import Version, satisfies

HOLDS = [
    # what people write
    ("1.34", ">=1.20"),
    ("v1.34.2", ">=1.20.0-0"),
    ("1.34", ">=1.20.0-0 <1.35.0-0"),
    ("1.20.0", ">= 1.20, < 2"),
    ("2.5.0", "^1.2 || ^2.1"),
    ("1.2.9", "~1.2.3"),
    ("18.19.4", "18.x.x"),
    ("18.19.4", "18.*"),
    ("0.0.1", "*"),
    ("3.1.4", "x"),
    ("1.4.0", "1.2 - 1.4"),
    ("1.4.5", "1.2 - 1.4"),
    ("1.2.3", "1.2.3"),
    ("1.2.3", "=v1.2.3"),
    ("1.2.3+build.5", "1.2.3"),
    ("1.3.0", "!=1.2"),
    ("1.2.3-rc.1", ">=1.2.3-alpha, <1.3.0"),
    ("1.2.3", ">1.2.3-rc.1"),
    # partial versions stand for ranges
    ("2.0.0", ">1"),
    ("1.2.9", "<=1.2"),
    ("1.9.9", "~1"),
    ("1.9.9", "~>1"),
    ("0.2.9", "^0.2"),
    ("0.9.0", "^0"),
    ("5.0.0", "~0.0.0"),
    ("1.2.3", "=>1.2 =<1.3"),
    # the library's own reading
    ("007.1", ">=7"),
    ("1.2.3", "  1.2.3  "),
]

FAILS = [
    ("1.19.16", ">=1.20"),
    ("1.35.0", ">=1.20.0-0 <1.35.0-0"),
    ("1.35.0-rc.1", ">=1.20"),
    ("1.20.0-rc.1", "*"),
    ("1.20.0-alpha.1", "!=1.19"),
    ("2.0.0", "^1.2.3"),
    ("1.3.0", "~1.2.3"),
    ("0.3.0", "^0.2.3"),
    ("0.0.4", "^0.0.3"),
    ("1.1.0", ">1"),
    ("1.1.1", ">1.1"),
    ("1.3.0", "<=1.2"),
    ("1.2.9", "!=1.2"),
    ("1.2.9", "!=1.x"),
    ("1.5.0", "1.2 - 1.4"),
    ("1.2.4", "1.2.3"),
    ("1.0.0", "^*"),
    ("19.0.0", "18.x.x"),
    ("1.2.3-alpha.10", ">1.2.3-alpha.10.1-0"),
]

INVALID = [
    ("1.2.3", ""),
    ("1.2.3", "latest"),
    ("1.2.3", ">="),
    ("1.2.3", "1.2.3,"),
    ("1.2.3", ">=1.2.3.4"),
    ("1.2.3", "1.2 and 1.3"),
    ("1.2.3", "^^1"),
    ("1.2.3", "1 ||"),
    ("1.2.3", "1 - 2||3 - 4"),
    ("1.2.3", ">=1.2.3-01"),
    ("1.2.3", "1" * 600),
    ("1.2.3", "||".join(["1"] * 40)),
    ("1.2.3", "1" + "   1" * 60 + " !"),
    ("", ">=1"),
    ("one", ">=1"),
    ("1.2.3.4", ">=1"),
    ("1.2.3-", ">=1"),
    ("1.2.3-01", ">=1"),
    ("99999999999999999999", ">=1"),
    ("1.2.3\n", ">=1"),
]


@pytest.mark.parametrize(("version", "constraint"), HOLDS)
def test_a_version_in_the_range(version, constraint):
    assert satisfies(version, constraint)


@pytest.mark.parametrize(("version", "constraint"), FAILS)
def test_a_version_outside_of_the_range(version, constraint):
    assert not satisfies(version, constraint)


@pytest.mark.parametrize(("version", "constraint"), INVALID)
def test_what_cannot_be_read_is_refused_at_once(version, constraint):
    with pytest.raises(ValueError, match="version"):
        satisfies(version, constraint)


def test_the_message_names_the_part_that_cannot_be_read():
    with pytest.raises(ValueError, match=r"`>=1\.2 foo` is not a version constraint: cannot read `foo`"):
        satisfies("1.2.3", ">=1.2 foo")
    with pytest.raises(ValueError, match=r"`one` is not a version such as 1\.2\.3"):
        satisfies("one", ">=1.2")


def test_versions_are_ordered_as_semantic_versioning_orders_them():
    pre_releases = ["alpha", "alpha.1", "alpha.beta", "beta.2", "beta.11", "rc.1"]
    texts = ["0.9", *(f"1.0.0-{pre}" for pre in pre_releases), "1.0.0", "1.0.1", "1.10"]
    parsed = [Version.parse(text) for text in texts]
    assert all(lower < higher for lower, higher in pairwise(parsed))
    assert Version.parse("v1.2") == Version.parse("1.2.0+build")
    assert hash(Version.parse("v1.2")) == hash(Version.parse("1.2.0"))
    assert str(Version.parse("v1.2-rc.1")) == "1.2.0-rc.1"
