"""Image references: `registry.example.com:5000/team/web:1.4.2@sha256:…`, taken apart as container runtimes do.

Source: the Go module github.com/distribution/reference (`ParseNormalizedNamed`), which the kubelet uses; "Images" in the
documentation of Kubernetes for the pull policy that follows from a tag.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from linter.wording import shown

DEFAULT_REGISTRY = "docker.io"
_MAX_NAME = 255

_DOMAIN = re.compile(
    r"(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][-a-zA-Z0-9]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][-a-zA-Z0-9]*[a-zA-Z0-9]))*"
    r"|\[[a-fA-F0-9:]+\])(?::[0-9]+)?\Z"
)
_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*\Z")
_TAG = re.compile(r"[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}\Z")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}\Z")
_DIGITS_OF = {"sha256": 64, "sha384": 96, "sha512": 128}
_IDENTIFIER = re.compile(r"[a-f0-9]{64}\Z")


class ImageReference(NamedTuple):
    """An image: its registry ("docker.io" if none is written), repository, tag and digest ("" where there is none)."""

    registry: str
    repository: str
    tag: str
    digest: str

    @property
    def moves(self) -> bool:
        """Whether it stands for the newest image of its repository: no digest, and no tag or the tag `latest`."""
        return not self.digest and self.tag in ("", "latest")


@lru_cache(maxsize=4096)
def parse_image(text: str) -> ImageReference | str:
    """The parts of an image reference, or what is wrong with it as the end of a sentence."""
    if _IDENTIFIER.match(text):
        return "64 hexadecimal digits are the id of an image, which cannot be pulled"
    if "://" in text:
        return f"an image is written without `{text.partition('://')[0]}://`"
    rest, at, digest = text.partition("@")
    if at and (problem := _digest_problem(digest)) is not None:
        return problem
    slash = rest.rfind("/")
    colon = rest.rfind(":")
    tag = ""
    if colon > slash:
        rest, tag = rest[:colon], rest[colon + 1 :]
        if not tag:
            return "nothing stands behind the `:`"
        if not _TAG.match(tag):
            return f"the tag `{tag}` {_strange_tag(tag)}"
    first, separator, path = rest.partition("/")
    # What the runtime takes for a registry: a host name with a dot or a port, `localhost`, or anything in capitals.
    if separator and ("." in first or ":" in first or first == "localhost" or first.lower() != first):
        registry, repository = first, path
        if not _DOMAIN.match(registry):
            return f"`{registry}` is no address of a registry"
        registry = DEFAULT_REGISTRY if registry == "index.docker.io" else registry
    else:
        registry, repository = DEFAULT_REGISTRY, rest
    if not repository:
        return "it names no repository"
    for component in repository.split("/"):
        if not _COMPONENT.match(component):
            return _component_problem(component)
    if registry == DEFAULT_REGISTRY and "/" not in repository:
        repository = f"library/{repository}"
    if len(repository) > _MAX_NAME:
        return f"its name has more than {_MAX_NAME} characters"
    return ImageReference(registry, repository, tag, digest)


def _digest_problem(digest: str) -> str | None:
    algorithm, colon, digits = digest.partition(":")
    if not colon:
        return "a digest is written `@sha256:` and 64 hexadecimal digits"
    wanted = _DIGITS_OF.get(algorithm)
    if wanted is not None and len(digits) != wanted:
        return f"a digest by {algorithm} has {wanted} hexadecimal digits, and this has {len(digits)}"
    if wanted is None or not _DIGEST.match(digest) or digits != digits.lower():
        return f"`{shown(digest)}` is no digest"
    return None


def _strange_tag(tag: str) -> str:
    if len(tag) > 128:
        return f"has {len(tag)} characters, and 128 are allowed"
    if tag[0] in ".-":
        return "cannot begin with `.` or `-`"
    found = next(character for character in tag if not re.match(r"[-A-Za-z0-9_.]", character))
    return f"holds {'a space' if found == ' ' else f'`{found}`'}; letters, digits, `-`, `_` and `.` are allowed"


def _component_problem(component: str) -> str:
    if not component:
        return "it has an empty part between or beside its slashes"
    if component != component.lower():
        return f"`{component}` has upper-case letters, and the name of a repository has none"
    found = re.search(r"[^-a-z0-9._]", component)
    if found is not None:
        return f"`{component}` holds {'a space' if found[0] == ' ' else f'`{found[0]}`'}"
    return f"`{component}` must begin and end with a letter or a digit, with single separators between"
