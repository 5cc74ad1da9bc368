from collections.abc import Iterator
from typing import Any

from linter.externaldns.keys import carriers
from linter.model import DesiredState, Node, Violation


def check(node: Node, state: DesiredState, params: dict[str, Any]) -> Iterator[Violation]:
    for resource, keys in carriers(state):
        for key in keys:
            if key.suffix != "ingress-hostname-source" or (key.text or "").lower() != "annotation-only":
                continue
            named = [other for other in keys if other.suffix == "hostname" and other.prefix == key.prefix]
            if all(other.text is not None and not other.text.strip() for other in named):
                yield Violation(
                    key.route,
                    f"{resource} takes its names from the annotation `{key.prefix}hostname` only, and has none",
                    resource=resource,
                )
