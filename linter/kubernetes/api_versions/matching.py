"""Whether an apiVersion and a kind belong together, for what claims to be built into Kubernetes.

Sources: the OpenAPI documents of Kubernetes 1.25 to 1.37, and the validation of CustomResourceDefinitions
(k8s.io/apiextensions-apiserver): the group of a custom kind has at least one dot, so that a group without one is built in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, NamedTuple

from linter.kubernetes.api_versions.built_in import KUBERNETES_APIS
from linter.kubernetes.api_versions.changes import words
from linter.kubernetes.kinds import BUILT_IN_GROUPS, split_api_version
from linter.kubernetes.schemas.table import load, versions_of
from linter.kubernetes.targets import Release, minor_of


class _Gone(NamedTuple):
    api_version: str
    removed: Release
    note: str


_VERSION = re.compile(r"v[1-9]\d*(?:(?:alpha|beta)[1-9]\d*)?\Z")
# Groups whose kinds are known to the last one; in the others a CustomResourceDefinition may add some.
_CLOSED = frozenset({"apps", "autoscaling", "batch", "policy"})
# Kinds that other programs write with the apiVersion of the core group: kubeconfigs, and the first versions of OpenShift.
_NOT_OURS = frozenset({"Config", "List", "Status", "Template", "Route", "Project", "Build", "User", "Group", "Identity"})


class ApiVersionProblem(NamedTuple):
    """What is wrong with an apiVersion or a kind (`key`), as a sentence, and what to write."""

    key: Literal["apiVersion", "kind"]
    message: str
    fix: str


@lru_cache(maxsize=4096)
def api_version_problem(api_version: str, kind: str, kubernetes: str | None) -> ApiVersionProblem | None:
    """What is wrong with an apiVersion and a kind in a version of Kubernetes ("1.34"; None if unknown). None if they fit
    together, and for everything that an add-on or another program may know."""
    known = load().kind(api_version, kind)
    if known is not None:
        minor = minor_of(kubernetes)
        if minor is None or known.span.first <= minor or minor < load().span.first:
            return None
        message = f"`{api_version}` {kind} needs Kubernetes 1.{known.span.first}, and the target is {kubernetes}"
        return ApiVersionProblem("apiVersion", message, _older(api_version, kind, minor))
    if (api_version, kind) in KUBERNETES_APIS:
        return None
    group, version = split_api_version(api_version)
    if group in BUILT_IN_GROUPS or group == "extensions":
        return _in_group(api_version, group, version, kind, kubernetes)
    return _near_group(api_version, group, kind, kubernetes)


def _in_group(api_version: str, group: str, version: str, kind: str, kubernetes: str | None) -> ApiVersionProblem | None:
    """For a group that exists, of which nobody knows this version or this kind."""
    if kind.endswith("List") and _versions(group, kind.removesuffix("List")):
        return None
    if here := _best(group, kind, kubernetes):
        if not _VERSION.match(version):
            message = f"`{api_version}` is no apiVersion: {kind} is in `{here}`"
        else:
            message = f"`{api_version}` does not exist: {kind} is in `{here}`"
        return ApiVersionProblem("apiVersion", message, f"Write `apiVersion: {here}`.")
    if group == "" and kind in _NOT_OURS:
        return None
    if gone := _gone(group, kind):
        message = f"`{api_version}` has no kind {kind}: it was in `{gone.api_version}` and is gone since Kubernetes {words(gone.removed)}"
        return ApiVersionProblem("apiVersion", message, f"{gone.note}." if gone.note else "Delete it.")
    if elsewhere := _elsewhere(kind, kubernetes):
        message = f"`{api_version}` has no kind {kind}: it belongs to `{elsewhere}`"
        return ApiVersionProblem("apiVersion", message, f"Write `apiVersion: {elsewhere}`.")
    if near := _near(kind, _kinds_of(group), 0.8):
        return _misspelt(api_version, kind, near, _best(group, near, kubernetes) or api_version)
    if near := _near(kind, _all_kinds(), 0.9):
        return _misspelt(api_version, kind, near, _elsewhere(near, kubernetes) or api_version)
    if group not in _CLOSED:
        return None
    kinds = ", ".join(sorted(_kinds_of(group)))
    return ApiVersionProblem(
        "kind", f"`{api_version}` has no kind `{kind}`", f"Write one of its kinds ({kinds}), or the apiVersion of yours."
    )


def _near_group(api_version: str, group: str, kind: str, kubernetes: str | None) -> ApiVersionProblem | None:
    """For a group that is none of Kubernetes' own, but looks like one, of a kind that is."""
    actual = next((known for known in _all_kinds() if known.casefold() == kind.casefold()), None)
    right = _elsewhere(actual, kubernetes) if actual is not None else None
    if actual is None or right is None:
        return None
    theirs = split_api_version(right)[0]
    if "." in group and group.removesuffix(".k8s.io") != theirs and not _near(group, [theirs], 0.88):
        return None
    if not group and "/" not in api_version:
        return None
    message = f"`{api_version}` is no group of Kubernetes: {actual} belongs to `{right}`"
    fix = f"Write `apiVersion: {right}`" + (f" and `kind: {actual}`." if actual != kind else ".")
    return ApiVersionProblem("apiVersion", message, fix)


def _gone(group: str, kind: str) -> _Gone | None:
    """A kind that the group had, and that nothing has replaced."""
    for change in KUBERNETES_APIS.values():
        if (
            change.kind == kind
            and split_api_version(change.api_version)[0] == group
            and not change.successors
            and change.removed is not None
        ):
            return _Gone(change.api_version, change.removed, change.note)
    return None


def _misspelt(api_version: str, kind: str, near: str, right: str) -> ApiVersionProblem:
    message = f"`{api_version}` has no kind `{kind}`: did you mean `{near}`?"
    also = f" and `apiVersion: {right}`" if right != api_version else ""
    return ApiVersionProblem("kind", message, f"Write `kind: {near}`{also}.")


def _older(api_version: str, kind: str, minor: int) -> str:
    group, _ = split_api_version(api_version)
    older = next((version for version, (first, last) in _versions(group, kind).items() if first <= minor <= last), None)
    if older is None:
        return "Leave it out, or raise the target once every cluster has that version."
    return f"Write `apiVersion: {_joined(group, older)}` as long as there are clusters with an older version."


def _best(group: str, kind: str, kubernetes: str | None) -> str | None:
    """The apiVersion to use for a kind of a group in a version of Kubernetes; None if the group has no such kind."""
    versions = _versions(group, kind)
    minor = minor_of(kubernetes)
    served = [version for version, (first, last) in versions.items() if minor is None or first <= minor <= last]
    best = next(iter(served or versions), None)
    return _joined(group, best) if best is not None else None


def _elsewhere(kind: str, kubernetes: str | None) -> str | None:
    """The apiVersion of a kind, whichever group it is in; None for one that no group has."""
    groups = sorted(_groups().get(kind, ()), key=lambda group: (group == "events.k8s.io", group))
    return next((found for group in groups if (found := _best(group, kind, kubernetes))), None)


def _near(word: str, known: Iterable[str], cutoff: float) -> str | None:
    by_case = {entry.casefold(): entry for entry in known}
    if len(word) < 3 or len(word) > 80:
        return None
    if word.casefold() in by_case:
        return by_case[word.casefold()]
    from difflib import get_close_matches

    found = get_close_matches(word.casefold(), by_case, 1, cutoff)
    return by_case[found[0]] if found else None


def _joined(group: str, version: str) -> str:
    return f"{group}/{version}" if group else version


@lru_cache(maxsize=1024)
def _versions(group: str, kind: str) -> dict[str, tuple[int, int]]:
    return versions_of(group, kind)


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[str]]:
    """The groups that have a kind of this name."""
    found: dict[str, set[str]] = {}
    for entry in load().kinds():
        found.setdefault(entry.kind, set()).add(split_api_version(entry.api_version)[0])
    return {kind: frozenset(groups) for kind, groups in found.items()}


@lru_cache(maxsize=1)
def _all_kinds() -> frozenset[str]:
    return frozenset(_groups())


@lru_cache(maxsize=64)
def _kinds_of(group: str) -> frozenset[str]:
    return frozenset(kind for kind, groups in _groups().items() if group in groups)
