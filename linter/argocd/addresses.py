"""Addresses of repositories: which of them name the same one, and how messages show them.

Argo CD compares addresses as text, with small letters, without `.git` and with `git@host:path` read as `ssh://`. Whether an
address means the repository that is being linted is a wider question: people clone over SSH what Argo CD reads over HTTPS.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SCP = re.compile(r"(?:(?P<user>[^/:@]*)@)?(?P<host>\[[^\]]*\]|[^/:@\[\]]+):(?P<path>[^\\].*)")
_PORT = re.compile(r":\d*\Z")

# Hosts that offer a repository under several names. Source: the documentation of each.
_SAME_HOST: Final = {
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
    "ssh.dev.azure.com": "dev.azure.com",
    "vs-ssh.visualstudio.com": "dev.azure.com",
}
_AZURE = "dev.azure.com"


@lru_cache(maxsize=4096)
def same_repository_key(address: str) -> str:
    """What all addresses of one repository have in common: host and path; "" if `address` is none.

    Scheme, user, port, a trailing slash, `.git` and the case of letters make no difference.
    """
    address = address.strip()
    scheme = _SCHEME.match(address)
    if scheme is not None:
        host, _, path = address[scheme.end() :].partition("/")
        host = host.rpartition("@")[2]
        if scheme[0].lower() == "file://":
            host = ""
    elif (scp := _SCP.fullmatch(address)) is not None:
        host, path = scp["host"], scp["path"]
    elif address.startswith(("/", ".", "~")):
        host, path = "", address
    else:
        # A registry, which Argo CD wants without a scheme.
        host, _, path = address.partition("/")
    path = unquote(path.partition("?")[0].partition("#")[0]).strip("/").lower()
    host = _PORT.sub("", host.lower())
    host = _SAME_HOST.get(host, host)
    path = path.removesuffix(".git").rstrip("/")
    if host == _AZURE:
        path = _azure_path(path)
    return f"{host}/{path}" if path else host


def _azure_path(path: str) -> str:
    """`v3/ORGANISATION/PROJECT/REPOSITORY` over SSH is `ORGANISATION/PROJECT/_git/REPOSITORY` over HTTPS."""
    parts = path.split("/")
    if parts[0] == "v3" and len(parts) == 4:
        return f"{parts[1]}/{parts[2]}/_git/{parts[3]}"
    return path


def is_oci(address: str) -> bool:
    """Whether Argo CD takes the address for that of an OCI artifact; then `chart` has no effect."""
    return address.startswith("oci://")


_COMMIT = re.compile(r"[0-9A-Fa-f]{7,40}")
_VERSION = re.compile(r"[A-Za-z0-9/_-]*?v?\d+(?:\.(?:\d+|[xX*]))+(?:[-+][0-9A-Za-z.-]+)?")
_RANGE = re.compile(r"[<>=!^~].*\d.*|\*|\d+(?:\.[xX*])+")


def names_fixed_revision(revision: str) -> bool:
    """Whether a `targetRevision` is a commit, a tag or a range of versions, and not a branch, which may be the tree at hand."""
    revision = revision.strip()
    if revision.startswith("refs/"):
        return revision.startswith("refs/tags/")
    if _COMMIT.fullmatch(revision):
        # A branch may be called `feedbed`; without any digit it hardly is a commit.
        return any(character.isdecimal() for character in revision)
    return _VERSION.fullmatch(revision) is not None or _RANGE.fullmatch(revision) is not None


def folder_of_reference(reference: str, folders: Mapping[str, str]) -> str | None:
    """Where the content of a remote Kustomize reference is in this tree; None if `folders` does not hold its repository.

    `folders` maps the keys of repositories (`same_repository_key`) to folders of this tree. A reference is the address of a
    repository, perhaps with a path in it and a revision behind `?ref=`; `//` may stand between the two.
    Source: the documentation of Kustomize, "Remote Targets".
    """
    if not folders:
        return None
    plain = reference.partition("?")[0]
    scheme = _SCHEME.match(plain)
    start = scheme.end() if scheme is not None else 0
    address, doubled, path = plain[start:].partition("//")
    candidates = [(plain[:start] + address, path)] if doubled else []
    if not doubled:
        steps = address.split("/")
        candidates = [(plain[:start] + "/".join(steps[:count]), "/".join(steps[count:])) for count in range(len(steps), 1, -1)]
    for repository, inside in candidates:
        folder = folders.get(same_repository_key(repository))
        if folder is not None:
            return posixpath.normpath(posixpath.join(folder, inside)) if inside else folder
    return None
