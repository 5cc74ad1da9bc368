"""Globs of directory sources and of value files."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.argocd.globs import compile_glob
from linter.argocd.value_files import compile_value_glob, is_glob, scheme_of, split_ref


# What Go's library answers, asked with these patterns.
@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.yaml", "apps/web.yaml", True),
        ("*.yaml", "apps/web.yml", False),
        ("{*.yml,*.yaml}", "web.yml", True),
        ("{*.yml,*.yaml}", "deep/er/web.yaml", True),
        ("apps/*", "apps/a/b.yaml", True),
        ("apps/?.yaml", "apps/a.yaml", True),
        ("apps/?.yaml", "apps/ab.yaml", False),
        ("a?b", "a/b", True),
        ("[ab].yaml", "b.yaml", True),
        ("[!ab].yaml", "b.yaml", False),
        ("[a-c].yaml", "b.yaml", True),
        ("[!a-c].yaml", "d.yaml", True),
        ("[^a].yaml", "^.yaml", True),
        (r"\*.yaml", "*.yaml", True),
        (r"\*.yaml", "a.yaml", False),
        ("{a,{b,c}}.yaml", "c.yaml", True),
        ("{a,b", "b", True),
        ("a,b", "a,b", True),
        ("a}", "a}", True),
        ("**/web.yaml", "x/web.yaml", True),
        ("**/web.yaml", "web.yaml", False),
        ("{config/*,crds/**}", "crds/x/y.yaml", True),
        ("", "a", False),
    ],
)
def test_directory_globs_match_as_gobwas_does(pattern: str, path: str, expected: bool):
    assert compile_glob(pattern).match(path) is expected


@pytest.mark.parametrize("pattern", ["[a-z0-9].yaml", "[", "[]", "[!]", "[ab", "[z-a]", "[a-", "{" * 50])
def test_patterns_that_argo_cd_cannot_read(pattern: str):
    with pytest.raises(ValueError, match=r"."):
        compile_glob(pattern)


@given(st.text("ab*?/.{},", max_size=8), st.text("ab/.", max_size=8))
def test_a_glob_without_sets_agrees_with_a_regular_expression(pattern: str, path: str):
    regex, depth = "", 0
    for character in pattern:
        if character == "{":
            regex, depth = regex + "(?:", depth + 1
        elif character == "}" and depth:
            regex, depth = regex + ")", depth - 1
        elif character == "," and depth:
            regex += "|"
        else:
            regex += {"*": ".*", "?": "."}.get(character, re.escape(character))
    assert compile_glob(pattern).match(path) is (re.fullmatch(regex + ")" * depth, path, re.DOTALL) is not None)


def test_a_hostile_pattern_takes_no_longer_than_its_length():
    before = time.process_time()
    assert not compile_glob("*a" * 200 + "b").match("a" * 2000)
    assert not compile_value_glob("{*a,*aa}" * 30 + "b").match("a" * 2000)
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("values/*.yaml", "values/a.yaml", True),
        ("values/*.yaml", "values/x/a.yaml", False),
        ("values/**/*.yaml", "values/a.yaml", True),
        ("values/**/*.yaml", "values/x/y/a.yaml", True),
        ("values/**", "values", True),
        ("values/**", "values/x/y", True),
        ("values/**", "values2", False),
        ("**", "a/b", True),
        ("**/prod.yaml", "prod.yaml", True),
        ("**/prod.yaml", "xprod.yaml", False),
        ("a**b", "axb", True),
        ("a**b", "ax/b", False),
        ("values-?.yaml", "values-/.yaml", False),
        ("values-[a-z0-9].yaml", "values-7.yaml", True),
        ("values-[^a-c].yaml", "values-b.yaml", False),
        ("values-[!x].yaml", "values-y.yaml", True),
        ("values-[!x].yaml", "values-/.yaml", False),
        ("{a,b/c}/*.yaml", "b/c/d.yaml", True),
        (r"a\*.yaml", "a*.yaml", True),
    ],
)
def test_globs_of_value_files_match_as_doublestar_does(pattern: str, path: str, expected: bool):
    assert compile_value_glob(pattern).match(path) is expected


@pytest.mark.parametrize("pattern", ["values-[.yaml", "[]a]", "{a*", "a*}", "a*\\"])
def test_globs_of_value_files_that_cannot_be_read(pattern: str):
    with pytest.raises(ValueError, match=r"."):
        compile_value_glob(pattern)


def test_kinds_of_paths():
    assert scheme_of("https://example.com/v.yaml") == "https"
    assert scheme_of("secrets+gpg://x") == "secrets+gpg"
    assert scheme_of("a/b:c.yaml") is None
    assert split_ref("$values/prod/a.yaml") == ("values", "prod/a.yaml")
    assert split_ref("values.yaml") is None
    assert is_glob("a?.yaml")
    assert is_glob("a[b].yaml")
    assert not is_glob("{a,b}.yaml")
