from collections.abc import Iterator
from typing import Any

from linter.externaldns.annotations import ALPHA_PREFIX, PREFIX, SOURCE_TYPES, is_known_suffix
from linter.externaldns.keys import Key, dns_keys
from linter.externaldns.prefixes import live_prefixes
from linter.model import DesiredState, Node, Related, Repository, Resource, Violation

_Use = tuple[Resource, Key, DesiredState]


def check(node: Node, repository: Repository, params: dict[str, Any]) -> Iterator[Violation]:
    uses: dict[str, list[_Use]] = {PREFIX: [], ALPHA_PREFIX: []}
    for state in repository.states:
        if live_prefixes(state).known:
            continue
        for resource in state.resources:
            keys = [
                key for key in dns_keys(resource, state) if key.prefix in uses and key.on in SOURCE_TYPES and is_known_suffix(key.suffix)
            ]
            if not keys:
                continue
            prefixes = {key.prefix for key in keys}
            if len(prefixes) == 1:
                uses[keys[0].prefix].append((resource, keys[0], state))
            else:
                yield from _disagreements(resource, keys)
    if not uses[PREFIX] or not uses[ALPHA_PREFIX]:
        return
    minority, majority = sorted(uses, key=lambda prefix: (len(uses[prefix]), prefix == PREFIX))
    together = {state.name for _, _, state in uses[minority]} & {state.name for _, _, state in uses[majority]}
    example, example_key, _ = uses[majority][0]
    others = "1 other object uses" if len(uses[majority]) == 1 else f"{len(uses[majority])} other objects use"
    for resource, key, state in uses[minority]:
        yield Violation(
            key.route,
            f"{resource} uses the prefix `{minority}`, and {others} `{majority}`; a running ExternalDNS reads one of them",
            resource=resource,
            related=(Related("the other prefix", example, example_key.route),),
            # Clusters that are upgraded one after the other differ for a while.
            severity="warning" if state.name in together else "info",
        )


def _disagreements(resource: Resource, keys: list[Key]) -> Iterator[Violation]:
    """Suffixes that an object carries under both prefixes with different values."""
    first: dict[tuple[str, str], Key] = {}
    # The older prefix is the one that goes.
    for key in sorted(keys, key=lambda key: key.prefix == ALPHA_PREFIX):
        other = first.setdefault((key.on, key.suffix), key)
        if other is not key and other.value != key.value:
            yield Violation(
                key.route,
                f"{resource} says `{key.value}` under `{key.prefix}` and `{other.value}` under `{other.prefix}` for `{key.suffix}`",
                resource=resource,
                related=(Related("the other value", resource, other.route),),
                fix="Give both keys the same value while you migrate.",
            )
