"""Which annotation prefixes are read by the ExternalDNS instances of a state.

ExternalDNS 0.22 changed its default prefix from `external-dns.alpha.kubernetes.io/` to `external-dns.kubernetes.io/`
and reads no other; `--annotation-prefix` sets one, and `--enable-legacy-annotation-prefix` adds the older one.
With several instances, as for split-horizon DNS, several prefixes are live.

Sources: docs/advanced/split-horizon.md and docs/flags.md of kubernetes-sigs/external-dns, pull requests 5889 and 6424.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from linter.externaldns.annotations import ALPHA_PREFIX, PREFIX
from linter.externaldns.instances import Instance, instances
from linter.model import DesiredState, Resource

_FIRST_WITH_NEW_PREFIX = (0, 22)


@dataclass(frozen=True, slots=True)
class Prefixes:
    """The live prefixes, or None if nobody can tell; why, in words; and the controller that says so, if it is here."""

    live: frozenset[str] | None
    reason: str
    resource: Resource | None = None

    @property
    def known(self) -> bool:
        return self.live is not None


def live_prefixes(state: DesiredState) -> Prefixes:
    """The prefixes that the instances of this state read; without an instance, those of the target version."""
    return state.derive(_live_prefixes)


def recognized_prefixes(state: DesiredState) -> tuple[str, ...]:
    """Every prefix under which a key may be one of ExternalDNS: both defaults, and those that instances are given."""
    return state.derive(_recognized_prefixes)


def default_prefix(version: str) -> str | None:
    """The prefix that a version of ExternalDNS reads if no flag sets another; None for what is no version."""
    found = re.match(r"v?([0-9]{1,9})\.([0-9]{1,9})", version)
    if found is None:
        return None
    return PREFIX if (int(found[1]), int(found[2])) >= _FIRST_WITH_NEW_PREFIX else ALPHA_PREFIX


def _live_prefixes(state: DesiredState) -> Prefixes:
    target = state.targets.get("external-dns")
    found = instances(state)
    if not found:
        prefix = default_prefix(target) if target else None
        if prefix is None:
            return Prefixes(None, "no instance of ExternalDNS is in this state")
        return Prefixes(frozenset({prefix}), f"ExternalDNS {target}, the target version, reads `{prefix}`")
    live: set[str] = set()
    for instance in found:
        read = _read_by(instance, state, target)
        if read is None:
            return Prefixes(None, f"the version of ExternalDNS in {instance.resource} cannot be told", instance.resource)
        live |= read
    first = found[0]
    if len(found) > 1:
        reason = f"the {len(found)} instances of ExternalDNS here read {', '.join(f'`{prefix}`' for prefix in sorted(live))}"
    elif first.flag("annotation-prefix") is not None:
        reason = f"{first.resource} is told to read `{first.flag('annotation-prefix')}`"
    else:
        reason = f"{first.resource} runs ExternalDNS {first.version or target}, which reads `{min(live)}`"
    return Prefixes(frozenset(live), reason, first.resource)


def _read_by(instance: Instance, state: DesiredState, target: str | None) -> set[str] | None:
    given = instance.flag("annotation-prefix")
    if given is not None:
        if state.is_opaque(given) or not given.endswith("/") or "$(" in given:
            return None
        read = {given}
    else:
        if not instance.readable:
            return None
        version = instance.version or target
        prefix = default_prefix(version) if version else None
        if prefix is None:
            return None
        read = {prefix}
    if instance.is_on("enable-legacy-annotation-prefix"):
        read.add(ALPHA_PREFIX)
    return read


def _recognized_prefixes(state: DesiredState) -> tuple[str, ...]:
    given = {
        value for instance in instances(state) for value in instance.values("annotation-prefix") if value.endswith("/") and len(value) > 1
    }
    return (PREFIX, ALPHA_PREFIX, *sorted(given - {PREFIX, ALPHA_PREFIX}))


def filter_texts(state: DesiredState) -> str:
    """The annotation and label filters of every instance, one a line: a key named there has a purpose of its own."""
    return state.derive(_filter_texts)


def _filter_texts(state: DesiredState) -> str:
    names = ("annotation-filter", "label-filter", "fqdn-template", "target-template", "gateway-label-filter")
    return "\n".join(value for instance in instances(state) for name in names for value in instance.values(name))


_LOOK_ALIKE = re.compile(r"external[-_.]?dns(\.(alpha|beta|stable|v1))*(\.(kubernetes|k8s)\.io|\.io)?")


def resembles_prefix(domain: str) -> bool:
    """Whether the domain of a key, without the slash, is one that an author mistook for a prefix of ExternalDNS."""
    lowered = domain.lower()
    if _LOOK_ALIKE.fullmatch(lowered):
        return True
    if "dns" not in lowered or not lowered.endswith(".io"):
        return False
    from difflib import SequenceMatcher

    return any(SequenceMatcher(None, lowered, prefix[:-1]).ratio() > 0.93 for prefix in (PREFIX, ALPHA_PREFIX))
