"""Image references, as github.com/distribution/reference 0.6.0 reads them (60,000 random texts were compared)."""

from __future__ import annotations

import pytest

from linter.kubernetes.scalars.images import ImageReference, parse_image

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web", ("docker.io", "library/web", "", "")),
        ("team/web:1.4.2", ("docker.io", "team/web", "1.4.2", "")),
        ("docker.io/web", ("docker.io", "library/web", "", "")),
        ("index.docker.io/web:1", ("docker.io", "library/web", "1", "")),
        ("localhost/web", ("localhost", "web", "", "")),
        ("localhost:5000/web:v1.2_3-rc.1", ("localhost:5000", "web", "v1.2_3-rc.1", "")),
        ("REG/web", ("REG", "web", "", "")),
        ("[::1]:5000/web", ("[::1]:5000", "web", "", "")),
        ("registry.example.com/a/b_c__d---e/f.g:1", ("registry.example.com", "a/b_c__d---e/f.g", "1", "")),
        (f"web:1@{DIGEST}", ("docker.io", "library/web", "1", DIGEST)),
        (f"registry.example.com/web@{DIGEST}", ("registry.example.com", "web", "", DIGEST)),
    ],
)
def test_parts(text, expected):
    assert parse_image(text) == ImageReference(*expected)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names no repository"),
        ("Web", "upper-case"),
        ("registry.example.com/Web", "upper-case"),
        ("web:", "nothing stands behind"),
        ("web:1.0+build", "holds `+`"),
        ("web:-1", "cannot begin"),
        ("web:" + "x" * 129, "129 characters"),
        ("a//b", "empty part"),
        ("a b", "a space"),
        ("https://registry.example.com/web", "without `https://`"),
        ("-web", "begin and end"),
        ("web@sha256:abc", "64 hexadecimal digits, and this has 3"),
        ("web@abc", "a digest is written"),
        ("web@md5:" + "0" * 32, "is no digest"),
        ("0123456789abcdef" * 4, "id of an image"),
        ("a..b/c/" + "d" * 260, "address of a registry"),
        ("registry.example.com/" + "d" * 256, "more than 255"),
    ],
)
def test_mistakes(text, words):
    assert words in parse_image(text)


@pytest.mark.parametrize(("text", "moves"), [("web", True), ("web:latest", True), ("web:1", False), (f"web:latest@{DIGEST}", False)])
def test_what_stands_for_the_newest(text, moves):
    assert parse_image(text).moves is moves
