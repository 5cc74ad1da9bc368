"""The releases of Kubernetes and other systems that a repository is judged for."""

from __future__ import annotations

import re
from functools import lru_cache

from linter.model import DesiredState

Release = tuple[int, int]
"""Major and minor number: (1, 34)."""

NEWEST_MINOR = 99
"""The minor version where no target is stated: newer than all that anything asks for."""

_VERSION = re.compile(r"v?(\d{1,6})\.(\d{1,6})(?:\D.*)?", re.DOTALL)


@lru_cache(maxsize=64)
def release_of(version: str | None) -> Release | None:
    """Major and minor number of a version ("1.34", "v1.34.2"); None for None and for what is no version."""
    match = _VERSION.fullmatch(version) if version is not None else None
    return (int(match[1]), int(match[2])) if match is not None else None


def minor_of(version: str | None) -> int | None:
    """The minor number of a version of Kubernetes, 34 for "1.34"; None for None and for what is no version 1."""
    release = release_of(version)
    return release[1] if release is not None and release[0] == 1 else None


def minor_version(state: DesiredState) -> int:
    """The minor version of the Kubernetes that is targeted, such as 34; NEWEST_MINOR if none is stated."""
    minor = minor_of(state.targets.get("kubernetes"))
    return NEWEST_MINOR if minor is None else minor
