"""Globs over repository-relative paths: what they match, and what they must not."""

import pytest

from linter.globs import Globs, match_exactly, match_name, matches, normalise


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("apps/web.yaml", "apps/web.yaml"),
        ("apps", "apps/web.yaml"),
        ("apps/", "apps/shop/web.yaml"),
        ("/apps", "apps/web.yaml"),
        ("./apps", "apps/web.yaml"),
        (".", "apps/web.yaml"),
        ("**", "apps/web.yaml"),
        ("*", "apps/web.yaml"),  # the pattern names the directory apps
        ("*.yaml", "web.yaml"),
        ("charts/*", "charts/shop"),
        ("charts/*", "charts/shop/templates/web.yaml"),
        ("charts/*/templates", "charts/shop/templates/web.yaml"),
        ("**/tests", "charts/shop/tests/job.yaml"),
        ("**/tests", "tests/job.yaml"),
        ("**/*.json", "a.json"),
        ("**/*.json", "a/b/c.json"),
        ("clusters/prod/**", "clusters/prod/apps/web.yaml"),
        ("clusters/prod/**", "clusters/prod"),
        ("clusters/**/web.yaml", "clusters/web.yaml"),
        ("clusters/**/web.yaml", "clusters/a/b/web.yaml"),
        ("a**b", "axxb"),
        ("web-?.yaml", "web-1.yaml"),
        ("web-[12].yaml", "web-2.yaml"),
        ("web-[!12].yaml", "web-3.yaml"),
        ("web-[^12].yaml", "web-3.yaml"),
        ("web-[a-c].yaml", "web-b.yaml"),
        ("web-[]].yaml", "web-].yaml"),
        ("web[.yaml", "web[.yaml"),
        ("a+b(c).yaml", "a+b(c).yaml"),
        ("new\nline/*", "new\nline/x.yaml"),
        ("a[&&b]c", "a&c"),
    ],
)
def test_matches(pattern, path):
    assert Globs([pattern]).match(path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("apps", "apps-old/web.yaml"),
        ("apps", "clusters/apps/web.yaml"),
        ("*.yaml", "apps/web.yaml"),
        ("charts/*/templates", "charts/group/shop/templates/web.yaml"),
        ("**/tests", "charts/my-tests/job.yaml"),
        ("clusters/prod/**", "clusters/production/web.yaml"),
        ("clusters/**/web.yaml", "clusters/a/web.yml"),
        ("a**b", "a/b"),
        ("web-?.yaml", "web-12.yaml"),
        ("a?b", "a/b"),
        ("a[!x]b", "a/b"),
        ("a[.-0]b", "a/b"),  # a range that holds the separator
        ("web-[!12].yaml", "web-1.yaml"),
        ("web-[z-a].yaml", "web-b.yaml"),
        ("a.yaml", "axyaml"),
        ("Apps", "apps/web.yaml"),
    ],
)
def test_does_not_match(pattern, path):
    assert not Globs([pattern]).match(path)


def test_a_single_pattern():
    assert matches("charts/*", "charts/shop/templates/web.yaml")
    assert not matches("charts/*", "apps/web.yaml")


def test_several_patterns_are_asked_as_one():
    globs = Globs(["docs", "**/vendor"])
    assert globs
    assert globs.match("docs/a.yaml")
    assert globs.match("charts/vendor/a.yaml")
    assert not globs.match("apps/a.yaml")


def test_no_pattern_matches_nothing():
    assert not Globs()
    assert not Globs().match("")
    assert not Globs().match("apps/a.yaml")


def test_equality_is_that_of_the_patterns():
    assert Globs(["a", "b"]) == Globs(("a", "b"))
    assert Globs(["a"]) != Globs(["b"])
    assert len({Globs(["a"]), Globs(["a"])}) == 1


def test_an_exact_match_does_not_cover_what_lies_below():
    assert match_exactly("charts/*", "charts/shop")
    assert match_exactly("./charts/shop/", "charts/shop")
    assert not match_exactly("charts/*", "charts/group/shop")
    assert match_exactly("charts/**", "charts/group/shop")
    assert match_exactly(".", ".")


def test_names_are_no_paths():
    assert match_name(["web-*"], "web-1")
    assert match_name(["networking.istio.io/*"], "networking.istio.io/Gateway")
    assert match_name(["*"], "a/b")
    assert match_name([], "anything")
    assert not match_name(["web-*", "api"], "api-2")


@pytest.mark.parametrize(("pattern", "expected"), [("/", "."), ("./a//b/", "a/b"), (".", "."), ("a/./b", "a/b"), ("**", "**")])
def test_normalise(pattern, expected):
    assert normalise(pattern) == expected
