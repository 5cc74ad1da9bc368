from collections.abc import Iterator
from typing import Any

from linter.externaldns.annotations import ALPHA_PREFIX, PREFIX, SOURCE_TYPES, is_known_suffix
from linter.externaldns.keys import carriers
from linter.externaldns.prefixes import live_prefixes
from linter.model import DesiredState, Node, Related, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    prefixes = live_prefixes(state)
    live = prefixes.live
    if live is None:
        return
    # Where only custom prefixes are live, an instance with the default one may run outside the repository.
    certain = bool(live & {PREFIX, ALPHA_PREFIX})
    for resource, keys in carriers(state):
        read = {(key.on, key.suffix) for key in keys if key.prefix in live}
        dead = [
            key
            for key in keys
            if key.prefix not in live and key.on in SOURCE_TYPES and is_known_suffix(key.suffix) and (key.on, key.suffix) not in read
        ]
        if not dead:
            continue
        count = f" and {len(dead) - 1} more" if len(dead) > 1 else ""
        yield Violation(
            dead[0].route,
            f"nothing reads `{dead[0].name}`{count} of {resource}: {prefixes.reason}",
            resource=resource,
            related=(Related("the controller", prefixes.resource, ("metadata",)),) if prefixes.resource is not None else (),
            fix=f"Write the keys under {' or '.join(f'`{prefix}`' for prefix in sorted(live))}.",
            severity="error" if certain else "warning",
        )
