"""The levels of the Pod Security Standards, and which of them a Namespace demands of its pods."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from linter.kubernetes.pod_security import baseline, restricted
from linter.kubernetes.pod_security.breaches import Breach, Level, Standard, found_by
from linter.kubernetes.targets import minor_of
from linter.model import DesiredState, PodTemplate, mapping

Mode = Literal["enforce", "audit", "warn"]

LEVELS: tuple[Level, ...] = ("privileged", "baseline", "restricted")
PREFIX = "pod-security.kubernetes.io/"
VERSION = re.compile(r"v1\.(0|[1-9][0-9]{0,8})\Z")
# The newest version of the policy.
NEWEST = 37


class Demand(NamedTuple):
    """What a Namespace demands: a level, the minor version of its policy, and what happens to a pod that breaks it."""

    mode: Mode
    level: Level
    minor: int


def breaches(pod: PodTemplate, level: Level, minor: int) -> Iterator[Breach]:
    """Everything that a pod does and a level forbids, in version 1.`minor` of the policy."""
    if level == "privileged":
        return
    replaced: set[str | None] = set()
    if level == "restricted":
        replaced = {standard.replaces for standard in restricted.STANDARDS if standard.since <= minor}
        yield from _breaches(pod, restricted.STANDARDS, minor, "restricted")
    yield from _breaches(pod, tuple(each for each in baseline.STANDARDS if each.name not in replaced), minor, "baseline")


def _breaches(pod: PodTemplate, standards: tuple[Standard, ...], minor: int, level: str) -> Iterator[Breach]:
    for standard in standards:
        if standard.since <= minor:
            for route, message in found_by(standard, pod, minor):
                yield Breach(f"{level}-{standard.name}", route, message)


def policy_minor(kubernetes: str | None) -> int:
    """The minor version of the policy that a cluster of this version ("1.34", None if unknown) applies as `latest`."""
    minor = minor_of(kubernetes)
    return NEWEST if minor is None else min(minor, NEWEST)


def demanded_level(state: DesiredState, namespace: str) -> str | None:
    """The level that a Namespace of this state enforces, as it is written; None if it says nothing or is not declared here."""
    found = state.get("Namespace", "", namespace)
    level = mapping(found.metadata.get("labels")).get(f"{PREFIX}enforce") if found is not None else None
    return level if isinstance(level, str) else None


def demands(state: DesiredState, namespace: str) -> tuple[Demand, ...]:
    """What the labels of a Namespace in this state demand of its pods, the strictest consequence first.

    As the admission controller reads them: a level that it does not know counts as *restricted* for `enforce` and as
    *privileged* for the others, an unknown version as `latest`, and who enforces a level is also warned of it.
    """
    found = state.get("Namespace", "", namespace)
    labels = mapping(found.metadata.get("labels")) if found is not None else {}
    latest = policy_minor(state.targets.get("kubernetes"))
    demanded: list[Demand] = []
    for mode in ("enforce", "warn", "audit"):
        level = labels.get(f"{PREFIX}{mode}")
        if not isinstance(level, str) or state.is_opaque(level):
            continue
        known: Level = next((each for each in LEVELS if each == level), "restricted" if mode == "enforce" else "privileged")
        version = labels.get(f"{PREFIX}{mode}-version")
        pinned = VERSION.match(version) if isinstance(version, str) else None
        if known != "privileged":
            demanded.append(Demand(mode, known, min(int(pinned[1]), latest) if pinned else latest))
    return tuple(demanded)
