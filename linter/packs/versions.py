"""A pack as it was at an earlier version, computed from what its rules say about their own history.

A pin fixes the rules of a pack, which of them are recommended, their severities and the defaults of their parameters. It
does not bring back mistakes that have been mended since.
"""

from __future__ import annotations

import re
from dataclasses import replace

from linter.errors import UsageError
from linter.packs.rule import Pack, Rule

_PIN = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){0,2}")


def release(version: str) -> tuple[int, ...]:
    """The numbers of a version or pin, for comparison."""
    return tuple(map(int, version.split(".")))


def is_pin(text: str) -> bool:
    """Whether this is written as a pin: `1`, `1.2` or `1.2.3`."""
    return _PIN.fullmatch(text) is not None


def is_newer(version: str, pin: str) -> bool:
    """Whether a version came after a pin. `1.2` stands for the newest 1.2.x, `1` for the newest 1.x.y."""
    wanted = release(pin)
    return release(version)[: len(wanted)] > wanted


def versions_of(pack: Pack) -> list[str]:
    """The versions of a pack that its files tell of, oldest first: those in which rules came or changed, and its own."""
    told = {pack.version}
    for rule in (*pack.rules, *pack.later):
        told.update((rule.since, *(change["version"] for change in rule.changes)))
    return sorted(told, key=release)


def pinned(pack: Pack, pin: str) -> Pack:
    """The pack as of a version.

    Raises UsageError for a pin newer than the pack or older than its first version, naming the versions there are.
    """
    versions = versions_of(pack)
    known = f"the versions of {pack.name} are {', '.join(versions)}" if len(versions) > 1 else f"its only version is {versions[0]}"
    if not is_pin(pin):
        raise UsageError(f"`{pin}` is no version of the pack {pack.name}: write {_short(pack.version)}, for instance; {known}")
    if is_newer(pin, pack.version):
        raise UsageError(f"{pack.name} cannot be pinned to {pin}, which is newer than what is installed; {known}")
    if is_newer(versions[0], pin):
        raise UsageError(f"{pack.name} cannot be pinned to {pin}, which is older than its first version; {known}")
    rules = [rule_at(rule, pin) for rule in (*pack.rules, *pack.later)]
    return replace(
        pack,
        rules=tuple(rule for rule in rules if not is_newer(rule.since, pin)),
        later=tuple(replace(rule, default=False) for rule in rules if is_newer(rule.since, pin)),
        pin=pin,
    )


def rule_at(rule: Rule, pin: str) -> Rule:
    """The rule with every change that came after a pin undone; one that came after it altogether stays as it is."""
    if is_newer(rule.since, pin):
        return rule
    severity, default, params = rule.severity, rule.default, dict(rule.params)
    for change in sorted(rule.changes, key=lambda change: release(change["version"]), reverse=True):
        if is_newer(change["version"], pin):
            severity = change.get("severity", severity)
            default = change.get("default", default)
            params |= {name: {**params[name], "default": before} for name, before in change.get("params", {}).items()}
    return replace(rule, severity=severity, default=default, params=params)


def _short(version: str) -> str:
    return version.rpartition(".")[0]
